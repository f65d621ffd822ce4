"""Makes bundles in the background, and adds the log's proof to each: its event, and the signed head of the log
there."""

import contextlib
import json
import secrets
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import structlog

from chassis.events.canonical_json import instant
from chassis.process import file_readers
from chassis.process.greenlets import Wakeup
from chassis.process.problems import Problem
from chassis.process.subprocesses import Limits, ProcessFailed
from chassis.process.tokens import Actor, Signer
from chassis.store.database import Store
from chassis.store.schema import events
from chassis.store.signed_heads import ZONE, SignedHead
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.bundle import preview
from services.participation.bundle.contents import contents_of, name_of, of_semester
from services.participation.bundle.domain import BUNDLES, RecordBundle
from services.participation.bundle.inspection import inspection_of
from services.participation.evidence.handlers import subject_of
from services.registry import rights

MAKE: Final = "services.participation.bundle.make_bundle"
LIMITS: Final = Limits(memory=320 << 20, cpu_seconds=900)
SECONDS: Final = 1800.0
KEPT_SECONDS: Final = 7 * 24 * 3600
_log = structlog.get_logger(__name__)


class Bundles:
    """The bundles of this service: a folder for each, kept for a week."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, folder: Path, evidence: Path, signer: Signer,
        clock: Callable[[], datetime], fonts: str,
    ) -> None:  # fmt: skip
        self._store, self._units_of_work, self._folder, self._evidence = store, units_of_work, folder, evidence
        self._signer, self._clock, self._fonts = signer, clock, fonts
        self.wakeup = Wakeup()

    def begin(self, unit_id: str, semester: str, actor: Actor, correlation: str) -> str:
        """Order a bundle; returns its id, or that of an identical order that is not completed.  Problem 403, 404."""
        with self._store.reading() as connection:
            acting = rights.require(actor, rights.MAKE_BUNDLE, subject_of(connection, unit_id))
            of_semester(connection, unit_id, semester)
            name = name_of(connection, unit_id)
        for kept in self._stored_bundles(unit_id):
            if (kept["semester"], kept["state"]) == (semester, "queued"):
                self.wakeup.set()
                return str(kept["bundle_id"])
        bundle_id = f"{self._clock().date():%Y%m%d}-{secrets.token_hex(8)}"
        order = {"unit_id": unit_id, "unit": name, "semester": semester, "actor": str(acting),
                 "ordered_at": instant(self._clock()), "correlation": correlation}  # fmt: skip
        (self._folder / bundle_id).mkdir(parents=True)
        (self._folder / bundle_id / "order.json").write_text(json.dumps(order), encoding="utf-8")
        self.wakeup.set()
        return bundle_id

    def state(self, bundle_id: str, actor: Actor) -> str:
        """queued, ready or failed.  Problem 403, 404."""
        return _state_of(self._folder_of(bundle_id, actor))

    def file(self, bundle_id: str, actor: Actor) -> tuple[Path, str]:
        """The path of the zip, and its name for people.  Problem 403, 404, 409."""
        folder = self._folder_of(bundle_id, actor)
        if _state_of(folder) != "ready":
            raise Problem(409, "not_ready", "资料包还没有生成。")
        order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
        return folder / "bundle.zip", f"一校一档 {order.get('unit') or order['unit_id']} {order['semester']}.zip"

    def overview(self, unit_id: str, semester: str, actor: Actor, today: date) -> dict[str, Any]:
        """Units and semesters to choose from; for a unit the contents that its bundle would have (default: the newest
        semester) and the kept bundles.  Problem 403, 404."""
        with self._store.reading() as connection:
            if unit_id:
                rights.require(actor, rights.MAKE_BUNDLE, subject_of(connection, unit_id))
            semesters = preview.semesters_until(connection, today)
            semester = semester or next((each["semester"] for each in semesters), "")
            shown = bool(unit_id and semester)
            return {
                "units": preview.units_for(connection, actor), "semesters": semesters, "semester": semester,
                "contents": preview.counts_of(connection, unit_id, semester) if shown else [],
                "bundles": self._stored_bundles(unit_id) if unit_id else [],
            }  # fmt: skip

    def inspection(self, unit_id: str, semester: str, actor: Actor, today: date) -> dict[str, Any]:
        """What an inspector sees, of one unit or of all of theirs.  Problem 403, 404."""
        with self._store.reading() as connection:
            if unit_id:
                rights.require(actor, rights.INSPECT, subject_of(connection, unit_id))
            return inspection_of(connection, actor, unit_id, semester, today, self._stored_bundles)

    def _stored_bundles(self, unit_id: str) -> list[dict[str, Any]]:
        """The kept bundles of a unit, the latest order first."""
        bundles: list[dict[str, Any]] = []
        for file in self._folder.glob("*-*/order.json"):
            with contextlib.suppress(FileNotFoundError, ValueError):  # removed meanwhile, or being written
                order = json.loads(file.read_text(encoding="utf-8"))
                if order["unit_id"] == unit_id:
                    bundles.append(_bundle_summary(file.parent, order))
        return sorted(bundles, key=lambda each: (each["ordered_at"], each["bundle_id"]), reverse=True)

    def erase(self) -> int:
        """Remove all bundles, since any may contain a file of an erased person; returns how many."""
        folders = list(self._folder.glob("*-*"))
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        return len(folders)

    def make_all(self) -> None:
        """Make the ordered bundles, and remove those older than a week."""
        for folder in sorted(self._folder.glob("*-*")):
            if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
            elif not (folder / "bundle.zip").exists() and not (folder / "failed").exists():
                try:
                    self._write_bundle(folder)
                except (ProcessFailed, Problem, OSError, KeyError) as error:
                    _log.error("bundle not made", bundle=folder.name, error=repr(error)[:500])
                    (folder / "failed").touch()

    def _write_bundle(self, folder: Path) -> None:
        order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
        with self._store.reading() as connection:
            contents = contents_of(connection, order["unit_id"], order["semester"])
        contents |= {"made_at": instant(self._clock()), "folder": str(self._evidence), "fonts": self._fonts}
        draft = folder / "draft.part"
        out = file_readers.read_file(MAKE, str(draft), given=json.dumps(contents).encode(), limits=LIMITS,
                                     seconds=SECONDS)  # fmt: skip
        with self._units_of_work.begin(order["actor"], order["correlation"]) as unit_of_work:
            command = RecordBundle(folder.name, order["unit_id"], order["semester"], **json.loads(out))
            # after a crash behind the event: a zip made again is another bundle
            if not unit_of_work.execute(BUNDLES, command):
                raise Problem(409, "made_before", "资料包在生成时中断，请重新生成。")
        with zipfile.ZipFile(draft, "a") as bundle:
            bundle.writestr(
                "proof.json", json.dumps(self._proof(f"bundle-{folder.name}"), ensure_ascii=False, indent=1)
            )
        draft.replace(folder / "bundle.zip")

    def _proof(self, stream: str) -> dict[str, Any]:
        """The event, the hash before it, and the signed head of the log at that point."""
        with self._store.reading() as connection:
            (event,) = connection.execute(sa.select(events).where(events.c.stream == stream)).mappings()
            before = (events.c.partition == event["partition"], events.c.position == event["position"] - 1)
            previous = connection.execute(sa.select(events.c.hash).where(*before)).scalar() or ""
        day = self._clock().astimezone(ZONE).date().isoformat()
        head = SignedHead(self._signer.district, "participation", event["partition"], event["position"], event["hash"],
                          self._store.epoch, day)  # fmt: skip
        signed = asdict(head) | {"signature": self._signer.sign(head.content).hex()}
        return {"event": dict(event), "previous": previous, "head": signed, "public_key": self._signer.public_pem()}

    def _folder_of(self, bundle_id: str, actor: Actor) -> Path:
        folder = self._folder / bundle_id
        if not all(part.isalnum() for part in bundle_id.split("-")) or not (folder / "order.json").exists():
            raise rights.MAKE_BUNDLE.absent(actor, Problem(404, "unknown_bundle", "没有这个资料包，或已过期。"))
        order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
        with self._store.reading() as connection:
            rights.require(actor, rights.MAKE_BUNDLE, subject_of(connection, order["unit_id"]))
        return folder


def _state_of(folder: Path) -> str:
    return "ready" if (folder / "bundle.zip").exists() else "failed" if (folder / "failed").exists() else "queued"


def _bundle_summary(folder: Path, order: dict[str, Any]) -> dict[str, Any]:
    """A bundle as listed.  Raises FileNotFoundError if it was removed meanwhile."""
    state = _state_of(folder)
    size = (folder / "bundle.zip").stat().st_size if state == "ready" else 0
    return {"bundle_id": folder.name, "semester": order["semester"], "state": state, "bytes": size,
            "ordered_at": order.get("ordered_at", ""), "actor": order["actor"]}  # fmt: skip
