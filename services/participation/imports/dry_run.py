"""Dry runs of imports: the same decisions, against the log and what the dry run itself has accepted so far; nothing is
written but a temporary file."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from chassis.events.definition import Event
from chassis.process.problems import Problem
from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import LEDGER, decide_unreserved, groups_of, in_order
from services.participation.batch.handlers import rivals
from services.participation.campaign.queries import rules_of
from services.participation.domain import Decision, Ledger, Row, streams_of, subjects_of
from services.participation.domain.ledger import claims_of, streams_behind
from services.participation.domain.rows import CorrectionRow
from services.participation.imports.accepted_rows import FILE, AcceptedRows
from services.participation.imports.domain import (
    DecidedRows,
    ImportProgress,
    PartProgress,
    SpooledRows,
    count_outcomes,
    decide_lines,
)
from services.participation.imports.kept_dry_runs import KeptDryRun, keep
from services.participation.imports.value_reading import read_values

MOST = 8
"""The most concurrent dry runs in one process."""
IDLE_SECONDS, LONGEST_SECONDS = 600.0, 3600.0
"""A dry run is dropped if its files do not arrive and nobody asks for it for IDLE_SECONDS, or if it is not done after
LONGEST_SECONDS.  Finished ones are kept with their files (kept_dry_runs.py)."""
REFUSED = "refused.jsonl"


class DecidedBatch(NamedTuple):
    """Parts with the outcomes of their rows, and the notes on them."""

    parts: list[tuple[SpooledRows, DecidedRows, Sequence[Decision]]]
    notes: list[list[Any]]


class DryRun:
    """The progress of a dry run, and the rows it has accepted."""

    def __init__(self, progress: ImportProgress, units_of_work: UnitsOfWork, folder: Path) -> None:
        self.progress = progress
        self.begun_at = self.asked_at = time.monotonic()
        self._units_of_work, self._folder = units_of_work, folder
        self._accepted = AcceptedRows(folder / FILE)
        self._move(progress)

    def begin_deciding(self, parts: list[PartProgress]) -> None:
        self._move(replace(self.progress, parts=parts))

    def end(self, stopped: str = "") -> None:
        self._move(replace(self.progress, finished=not stopped, stopped=stopped))
        self._accepted.forget()

    def decide(self, batch: Sequence[SpooledRows]) -> DecidedBatch:
        """The outcomes that the rows of these parts would have."""
        # nothing is appended, so the transaction writes nothing
        with self._units_of_work.begin("dry-run") as unit_of_work:
            rules = rules_of(unit_of_work, self.progress.campaign)
            ledger = _Batch(unit_of_work, self._accepted)
            parts, notes = read_values(unit_of_work, batch, rules, self._accepted, unit_id=self.progress.unit_id,
                                       load=lambda _, rows: ledger.load_named(rows))  # fmt: skip
            lines = [line for spooled in parts for line in spooled.lines]
            decisions = decide_lines(lines, lambda rows: decide_unreserved(
                rows, lambda others: self._decisions(ledger, others, rules)))  # fmt: skip
        result = DecidedBatch([], notes)
        for spooled in parts:
            own, decisions = decisions[: len(spooled.lines)], decisions[len(spooled.lines) :]
            result.parts.append((spooled, count_outcomes(spooled, own), own))
        self._store_refusals([decided for _, decided, _ in result.parts])
        return result

    def _move(self, progress: ImportProgress) -> None:
        keep(self._folder, KeptDryRun(progress))
        self.progress = progress

    def _store_refusals(self, decided: Sequence[DecidedRows]) -> None:
        with (self._folder / REFUSED).open("a", encoding="utf-8") as out:
            for item in decided:
                for line, column, code in item.refused:
                    text = json.dumps([item.progress.name, int(line), column, code], ensure_ascii=False)
                    out.write(f"{text}\n")
        known = {item.progress.number: item.progress for item in decided}
        parts = [known.get(part.number, part) for part in self.progress.parts or ()]
        self._move(replace(self.progress, parts=parts))

    def _decisions(self, batch: "_Batch", rows: Sequence[Row], rules: Campaign | None) -> list[Decision]:
        batch.load_named(rows)
        batch.load_keys(rows)
        batch.load_rivals(rows)
        outcomes = []
        for group in groups_of(rows):
            if isinstance(row := group[0], CorrectionRow):
                batch.load_rivals([row])
                batch.load(streams_behind(row, batch.ledger))
            outcomes.append(LEDGER.decide(batch.ledger, group, rules, batch.key_of, False, self.progress.late_entry))
            batch.fold(LEDGER.events_of(outcomes[-1]))
        self._accepted.add(batch.fresh, batch.ledger, batch.keys)
        return in_order(rows, outcomes)


def refused_rows_in(folder: Path, after: int, limit: int) -> list[dict[str, object]]:
    """The refused rows of the dry run in this folder, after the first `after`."""
    if not (folder / REFUSED).exists():
        return []
    result: list[dict[str, object]] = []
    with (folder / REFUSED).open(encoding="utf-8") as kept:
        for seq, text in enumerate(kept, 1):
            if len(result) == limit:
                break
            if seq > after:
                file, line, column, code = json.loads(text)
                result.append({"seq": seq, "file": file, "line": line, "column": column, "code": code})
    return result


class _Batch:
    """A ledger of everything that a batch refers to: from the log, advanced by the dry run."""

    def __init__(self, unit_of_work: UnitOfWork, accepted: AcceptedRows) -> None:
        self._unit_of_work, self._accepted = unit_of_work, accepted
        self.ledger, self._loaded = Ledger(), set[str]()
        self.keys: dict[str, bytes] = {}
        self.fresh: list[Event] = []

    def key_of(self, subject: str) -> bytes:
        return self._accepted.key_of(subject, self.keys)

    def load(self, streams: Iterable[str]) -> None:
        missing = set(streams) - self._loaded
        if missing:
            self.ledger.fold(self._unit_of_work.load(missing))
            self.ledger.fold(self._accepted.load(missing))
            self._loaded |= missing

    def load_named(self, rows: Sequence[Row]) -> Ledger:
        """The ledger with everything that the rows refer to, and what the rows that they correct refer to."""
        self.load(name for row in rows for name in streams_of(row))
        for row in rows:
            if isinstance(row, CorrectionRow):
                self.load(streams_behind(row, self.ledger))
        return self.ledger

    def load_keys(self, rows: Sequence[Row]) -> None:
        """Load the existing keys of the persons that the rows are about."""
        subjects = {subject for row in rows for subject in subjects_of(row, self.ledger)}
        self.keys.update(subject_keys.existing_keys(self._unit_of_work.connection, subjects))

    def load_rivals(self, rows: Sequence[Row]) -> None:
        """Load the rows with the same claims as these rows."""
        claims = {claim for row in rows for claim in claims_of(row, self.ledger)}
        known = rivals(self._unit_of_work.query, rows, self.ledger)
        self.load([*known, *(self._accepted.claimants(claims) if claims else ())])

    def fold(self, events: Sequence[Event]) -> None:
        self.ledger.fold(events)
        self.fresh += events


class DryRuns:
    """The unfinished dry runs of this process."""

    def __init__(self) -> None:
        self._all: dict[str, DryRun] = {}

    def add(self, run: DryRun) -> None:
        self._all[run.progress.import_id] = run

    def require_room(self) -> None:
        """Problem 503 if there are MOST: none is dropped for another."""
        if len(self.open()) >= MOST:
            raise Problem(503, "busy", f"正在进行的试导入已有 {MOST} 个，请稍后再试。")

    def get(self, import_id: str) -> DryRun | None:
        if run := self._all.get(import_id):
            run.asked_at = time.monotonic()
        return run

    def open(self) -> list[DryRun]:
        """The unfinished ones; finished ones are released."""
        self._all = {name: run for name, run in self._all.items() if run.progress.is_open}
        return list(self._all.values())

    def ids(self) -> list[str]:
        return list(self._all)

    def forget(self, import_id: str) -> None:
        self._all.pop(import_id, None)

    def forget_old(self) -> list[str]:
        """Drop those whose files do not arrive, or that take too long; returns their ids."""
        now = time.monotonic()
        old = [run.progress.import_id for run in self.open()
               if (run.progress.parts is None and now - run.asked_at > IDLE_SECONDS)
               or now - run.begun_at > LONGEST_SECONDS]  # fmt: skip
        for name in old:
            del self._all[name]
        return old
