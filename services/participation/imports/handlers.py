"""Use cases of imports: accept files, report progress and the outcomes of rows.

The work is done by job.py.  Progress is recorded as an event in the transaction of the rows, so an interrupted import
continues where it stopped, and each row keeps its first outcome."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from chassis.events.canonical_json import canonical
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportStarted
from services.participation.campaign.queries import rules_in_force, rules_of
from services.participation.domain.messages import column_label
from services.participation.domain.people_messages import sentence_for_people
from services.participation.imports.catalogue import heading
from services.participation.imports.domain import IF_ANY, TABLES, ImportProgress, PartProgress
from services.participation.imports.dry_run import DryRun, DryRuns, refused_rows_in
from services.participation.imports.dry_run_handlers import KeptDryRuns
from services.participation.imports.file_owner import for_unit, may_see, units_of
from services.participation.imports.job import ImportJob
from services.participation.imports.kept_dry_runs import KeptDryRun, find_kept
from services.participation.imports.queries import (
    began_at,
    find_import,
    import_list,
    latest_of_same,
    refused_rows_of,
)
from services.participation.imports.spool import Spool
from services.participation.imports.spool_erasure import erase_person
from services.participation.imports.workbook_back import Texts, Workbook, make_workbook
from services.participation.publishers.queries import read_publishers
from services.participation.roster.queries import applied_before, applied_roster
from services.registry import rights

ADVANCE_SECONDS = 1.0


@dataclass(frozen=True)
class ImportRequest:
    """The order of an import: [file, SHA-256, size, table or ''] of each file.  May be empty: `late_entry` (补录): why
    its records are entered late; `campaign`: an earlier one whose rules apply; `source`: the outside system that owns
    them; `unit_id`: the unit whose file it is."""

    manifest: list[list[str]]
    dry_run: bool = False
    late_entry: str = ""
    campaign: str = ""
    source: str = ""
    unit_id: str = ""


class Imports:
    """The imports of this service."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, spool: Spool, dry_runs: DryRuns, job: ImportJob
    ) -> None:
        self._store, self._units_of_work, self._spool, self._dry_runs = store, units_of_work, spool, dry_runs
        self.job = job
        self.dry_runs = KeptDryRuns(spool, dry_runs, self._import_checked)

    def begin_import(self, wanted: ImportRequest, actor: Actor, correlation: str) -> tuple[str, bool]:
        """Returns the id, and whether an import of the same files continues: one that is unfinished, or whose end
        nobody has seen.  The owner is given by the caller or their post.  Problem 403, 404, 409, 422, 503."""
        special = bool(wanted.late_entry or wanted.campaign or wanted.source)
        acting, unit_id = for_unit(self._store, actor, wanted.unit_id, special)
        wanted = replace(wanted, unit_id=unit_id)
        if len({name for name, *_ in wanted.manifest}) < len(wanted.manifest):
            raise Problem(422, "bad_body", "每个文件只能出现一次。", column="files")
        manifest = sorted(wanted.manifest, key=_place)
        text = canonical(manifest)
        with self._units_of_work.begin(acting, correlation) as unit_of_work:
            self._judge(unit_of_work, wanted)
            source = self._source(unit_of_work, wanted.source)
            given = (text, wanted.late_entry, wanted.campaign, source, wanted.unit_id)
            known = None if wanted.dry_run else latest_of_same(unit_of_work.connection, *given)
            if known is not None and (known.is_open or self._spool.is_unseen(known.import_id)):
                return known.import_id, True
            digest = hashlib.sha256(f"{given}{unit_of_work.now}{wanted.dry_run}".encode()).hexdigest()[:10]
            import_id = self._free_id(unit_of_work, f"{unit_of_work.now[:10].replace('-', '')}-{digest}")
            if wanted.dry_run:
                self._begin_dry_run(import_id, manifest, wanted, str(acting), unit_of_work.now)
            else:
                listed = tuple(map(tuple, manifest))
                unit_of_work.append(ImportStarted(import_id, listed, *given[1:]))
        return import_id, False

    def require(self, actor: Actor, import_id: str) -> Actor:
        """The caller, acting by the post that lets them see this import.  Problem 403, 404."""
        try:
            progress = self._progress(import_id)
        except Problem as unknown:
            raise rights.IMPORT_FILES.absent(actor, unknown) from None
        return may_see(actor, progress.unit_id)

    def files_needed(self, import_id: str) -> list[dict[str, Any]]:
        """The files that must still be uploaded.  Problem 404."""
        progress = self._progress(import_id)
        needed = set(self._spool.files_needed(progress))
        return [{"name": name, "needed": name in needed} for name in progress.files]

    def upload_file(self, import_id: str, name: str, chunks: Iterable[bytes]) -> None:
        """Store a file's bytes durably; they are read in the background.  Problem 404, 409."""
        progress = self._progress(import_id)
        if name not in progress.files:
            raise Problem(404, "unknown_file", f"本次导入没有登记 {name}。")
        number = progress.files.index(name)
        self._spool.receive(import_id, number, name, progress.manifest[number][1], chunks)
        self.job.wake()

    def advance_import(self, import_id: str) -> dict[str, Any]:
        """The progress after at most a second, or at the end.  Problem 409 if files are missing; other problems that
        stop the import."""
        limit = time.monotonic() + ADVANCE_SECONDS
        progress = self._progress(import_id)
        if progress.is_open and (needed := self._spool.files_needed(progress)):
            raise Problem(409, "file_needed", f"请先上传 {needed[0]}。", column=needed[0])
        self.job.wake()
        while progress.is_open and (left := limit - time.monotonic()) > 0:
            self.job.moved.wait(left)
            progress = self._progress(import_id)
            if progress.is_open and (fault := self.job.faults.get(import_id)):
                raise fault
        return self.show_import(import_id)

    def show_import(self, import_id: str) -> dict[str, Any]:
        """The progress of the import by part.  Problem 404."""
        progress, kept = self._progress(import_id), self._find_dry_run(import_id)
        if progress.finished:
            self._spool.mark_seen(import_id)
        return {
            "dry_run": kept is not None, "confirmed": kept.confirmed if kept else "",
            "import_id": import_id, "state": self._state(progress), "finished": not progress.is_open,
            "actor": progress.actor, "started_at": progress.started_at, "finished_at": progress.finished_at,
            "late_entry": progress.late_entry, "campaign": progress.campaign, "source": progress.source,
            "unit_id": progress.unit_id, "undone_at": progress.undone_at, "uploads": progress.files,
            "files_read": self._spool.files_read(progress),
            "fault": self._spool.fault_of(import_id) if progress.stopped else "",
            "files": [self._part_progress(import_id, part) for part in progress.parts or ()],
            "positions": self._positions(),
        }  # fmt: skip

    def list_imports(self, actor: Actor, before: str, limit: int) -> list[dict[str, Any]]:
        """The imports that the caller may see and the rosters applied, latest first, that began before `before`."""
        own = units_of(actor)
        with self._store.reading() as connection:
            place = None
            if before:
                roster = applied_roster(connection, before)
                place = (roster.at if roster else began_at(connection, before), before)
            rows = import_list(connection, place, limit, own)
            rosters = applied_before(connection, place, limit, own)
        listed = [*map(self._with_state, rows), *rosters]
        return sorted(listed, key=lambda row: (row["started_at"], row["import_id"]), reverse=True)[:limit]

    def list_dry_runs(self, actor: Actor) -> list[dict[str, Any]]:
        """The recent dry runs that the caller may see, latest first."""
        return self.dry_runs.listed(actor, self._state)

    def refused_rows(self, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Refused rows after the first `after`, each with a message.  Problem 404."""
        progress = self._progress(import_id)
        if self._find_dry_run(import_id):
            rows: list[dict[str, Any]] = refused_rows_in(self._spool.folder_of(import_id), after, limit)
        else:
            with self._store.reading() as connection:
                rows = refused_rows_of(connection, import_id, after, limit)
        values = self._spool.refused_values.of_rows(import_id, {(row["file"], row["line"]) for row in rows})
        tables = {part.name: part.table for part in progress.parts or ()}
        return [row | _refusal_response(row, tables.get(row["file"], ""), values.get((row["file"], row["line"]), ""))
                for row in rows]  # fmt: skip

    def notes(self, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Notes of the reader after the first `after`.  Problem 404."""
        self._progress(import_id)
        notes = self._spool.notes.of_import(import_id, after, limit)
        return [note | {"label": column_label(note["column"])} for note in notes]

    def workbook(self, import_id: str, name: str) -> Workbook:
        """An uploaded file with the outcomes of its rows.  Problem 404, 409, 410, 422, 503."""
        texts = Texts(lambda after, limit: self.refused_rows(import_id, after, limit),
                      lambda after, limit: self.notes(import_id, after, limit))  # fmt: skip
        return make_workbook(self._spool, self._progress(import_id), name, texts)

    def erase_rows_of(self, person_id: str) -> int:
        """Empty the spooled rows of an erased person; returns how many."""
        return erase_person(self._spool, person_id)

    def _judge(self, unit_of_work: UnitOfWork, wanted: ImportRequest) -> None:
        if wanted.campaign and rules_of(unit_of_work, wanted.campaign) is None:
            raise Problem(404, "unknown_campaign", f"没有启动过编号为 {wanted.campaign[:40]} 的活动方案。")
        if rules_in_force(unit_of_work) is None:
            raise Problem(409, "no_campaign", "还没有启动活动方案，请先执行 qihang campaign launch。")

    def _source(self, unit_of_work: UnitOfWork, name: str) -> str:
        """The source with this name: one of a registered system, or the system's first.  Problem 404."""
        if not name:
            return ""
        publishers = read_publishers(unit_of_work.connection)
        if publishers.owner_of(name) and not name.endswith("*"):
            return name
        if known := publishers.named(name):
            whole = [source for source in known.rights.sources if not source.endswith("*")]
            return whole[0] if whole else f"{known.rights.sources[0][:-1]}import"
        raise Problem(404, "unknown_source", f"没有接入系统名为 {name[:40]}，或以它为来源。", column="source")

    def _free_id(self, unit_of_work: UnitOfWork, import_id: str) -> str:
        """An unused id, in case two imports begin at the same instant."""
        number = 0
        candidate = import_id
        while self._find_dry_run(candidate) or find_import(unit_of_work.connection, candidate):
            number += 1
            candidate = f"{import_id}-{number}"
        return candidate

    def _begin_dry_run(
        self, import_id: str, manifest: list[list[str]], wanted: ImportRequest, actor: str, now: str
    ) -> None:  # fmt: skip
        self._dry_runs.require_room()
        progress = ImportProgress(import_id, manifest, False, None, wanted.late_entry, wanted.campaign, wanted.source,
                                  actor=actor, started_at=now, unit_id=wanted.unit_id)  # fmt: skip
        self._dry_runs.add(DryRun(progress, self._units_of_work, self._spool.folder_of(import_id)))

    def _progress(self, import_id: str) -> ImportProgress:
        if run := self._dry_runs.get(import_id):
            return run.progress
        if kept := self._find_dry_run(import_id):
            return kept.progress
        with self._store.reading() as connection:
            progress = find_import(connection, import_id)
        if progress is None:
            raise Problem(404, "unknown_import", f"没有编号为 {import_id[:40]} 的导入。")
        return progress

    def _import_checked(self, checked: ImportProgress, actor: Actor, correlation: str) -> tuple[str, bool]:
        """The import of what a dry run checked, which then gets its files."""
        return self.begin_import(ImportRequest(checked.manifest, False, checked.late_entry, checked.campaign,
                                               checked.source, checked.unit_id), actor, correlation)  # fmt: skip

    def _find_dry_run(self, import_id: str) -> KeptDryRun | None:
        return find_kept(self._spool.folder, import_id)

    def _positions(self) -> list[str]:
        """The positions of the whole log, which include what the import appended."""
        with self._store.reading() as connection:
            heads = event_log.read_heads(connection)
        return [f"participation/{head.partition}/{head.position}" for head in heads if head.position]

    def _state(self, progress: ImportProgress) -> str:
        if not progress.is_open:
            return progress.stopped or "finished"
        if self._spool.files_needed(progress):
            return "uploading"
        return "reading" if progress.parts is None else "deciding"

    def _with_state(self, row: dict[str, Any]) -> dict[str, Any]:
        listed = {name: value for name, value in row.items() if name not in ("read", "stopped")}
        is_open = not row["finished_at"]
        return listed | {"state": self._state(self._progress(row["import_id"])) if is_open
                         else row["stopped"] or "finished"}  # fmt: skip

    def _part_progress(self, import_id: str, part: PartProgress) -> dict[str, Any]:
        size = self._spool.size(import_id, part.number)
        return {"file": part.name, "kind": part.table, "upload": part.file, "total": part.total, "rows": part.rows,
                "accepted": part.accepted, "unchanged": part.unchanged, "refused": part.refused,
                "done_bytes": part.done_bytes, "bytes": part.done_bytes if size is None else size}  # fmt: skip


def _place(file: list[str]) -> tuple[int, str]:
    """Sort key: files whose table is known come in the order of tables, the others after them by name."""
    name, _, _, table = file
    table = table.strip(IF_ANY) or (name.rpartition(".")[0] or name).lower()
    return (TABLES.index(table) if table in TABLES else len(TABLES), name)


def _refusal_response(row: dict[str, Any], table: str, value: str) -> dict[str, str]:
    """The refused value, and what to do."""
    column = row["column"]
    label = heading(table, column)
    text = sentence_for_people(row["code"], column, value, label=label)
    return {"message": text, "value": value, "label": label or column_label(column)}
