"""Dry runs of imports: the same decisions against a ledger in memory, of which nothing is written."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from chassis.process.problems import Problem
from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import LEDGER, decide_unreserved, groups_of, in_order
from services.participation.batch.handlers import rivals
from services.participation.campaign.queries import rules_of
from services.participation.domain import Decision, Ledger, Row, streams_of, subjects_of
from services.participation.domain.ledger import streams_behind
from services.participation.domain.rows import CorrectionRow
from services.participation.imports.domain import (
    DecidedRows,
    ImportProgress,
    PartProgress,
    SpooledRows,
    count_outcomes,
    decide_lines,
)
from services.participation.imports.value_reading import read_values

MOST = 8
"""At once in one process: each holds in memory what its rows become."""
IDLE_SECONDS, LONGEST_SECONDS = 600.0, 3600.0
"""A dry run is forgotten when nobody asked for it so long, and after so long in any case."""


class DecidedBatch(NamedTuple):
    """Parts with what became of their rows, and the notes on them."""

    parts: list[tuple[SpooledRows, DecidedRows, Sequence[Decision]]]
    notes: list[list[Any]]


class DryRun:
    """How far it is, and keys that nobody keeps."""

    def __init__(self, progress: ImportProgress, units_of_work: UnitsOfWork, folder: Path) -> None:
        self.progress = progress
        self.begun_at = self.asked_at = time.monotonic()
        self._units_of_work, self._refused = units_of_work, folder / "refused.jsonl"
        self._ledger, self._loaded = Ledger(), set[str]()
        self._keys: dict[str, bytes] = {}

    def begin_deciding(self, parts: list[PartProgress]) -> None:
        self.progress = replace(self.progress, parts=parts)

    def end(self, stopped: str = "") -> None:
        self.progress = replace(self.progress, finished=not stopped, stopped=stopped)
        self._ledger, self._loaded, self._keys = Ledger(), set(), {}

    def decide(self, batch: Sequence[SpooledRows]) -> DecidedBatch:
        """What the rows of these parts would become."""
        with self._units_of_work.begin("dry-run") as unit_of_work:  # nothing is appended, so nothing is written
            rules = rules_of(unit_of_work, self.progress.campaign)
            parts, notes = read_values(unit_of_work, batch, rules, self._ledger, unit_id=self.progress.unit_id,
                                       load=self._load_named)  # fmt: skip
            lines = [line for spooled in parts for line in spooled.lines]
            decisions = decide_lines(lines, lambda rows: decide_unreserved(
                rows, lambda others: self._decisions(unit_of_work, others, rules)))  # fmt: skip
        result = DecidedBatch([], notes)
        for spooled in parts:
            own, decisions = decisions[: len(spooled.lines)], decisions[len(spooled.lines) :]
            result.parts.append((spooled, count_outcomes(spooled, own), own))
        self._keep([decided for _, decided, _ in result.parts])
        return result

    def refused_rows(self, after: int, limit: int) -> list[dict[str, object]]:
        if not self._refused.exists():
            return []
        result: list[dict[str, object]] = []
        with self._refused.open(encoding="utf-8") as kept:
            for seq, text in enumerate(kept, 1):
                if len(result) == limit:
                    break
                if seq > after:
                    file, line, column, code = json.loads(text)
                    result.append({"seq": seq, "file": file, "line": line, "column": column, "code": code})
        return result

    def _keep(self, decided: Sequence[DecidedRows]) -> None:
        with self._refused.open("a", encoding="utf-8") as out:
            for item in decided:
                for line, column, code in item.refused:
                    text = json.dumps([item.progress.name, int(line), column, code], ensure_ascii=False)
                    out.write(f"{text}\n")
        known = {item.progress.number: item.progress for item in decided}
        parts = [known.get(part.number, part) for part in self.progress.parts or ()]
        self.progress = replace(self.progress, parts=parts)

    def _load_named(self, unit_of_work: UnitOfWork, rows: Sequence[Row]) -> Ledger:
        """The ledger with all that the rows name."""
        self._load(unit_of_work, [name for row in rows for name in streams_of(row)])
        for row in rows:
            if isinstance(row, CorrectionRow):
                self._load(unit_of_work, streams_behind(row, self._ledger))
        return self._ledger

    def _decisions(self, unit_of_work: UnitOfWork, rows: Sequence[Row], rules: Campaign | None) -> list[Decision]:
        self._load_named(unit_of_work, rows)
        subjects = {subject for row in rows for subject in subjects_of(row, self._ledger)}
        self._keys.update(subject_keys.named(unit_of_work.connection, subjects))
        self._load(unit_of_work, rivals(unit_of_work.query, rows, self._ledger))
        return self._decide(unit_of_work, rows, rules)

    def _load(self, unit_of_work: UnitOfWork, streams: Iterable[str]) -> None:
        fresh = set(streams) - self._loaded
        self._ledger.fold(unit_of_work.load(fresh))
        self._loaded |= fresh

    def _decide(self, unit_of_work: UnitOfWork, rows: Sequence[Row], rules: Campaign | None) -> list[Decision]:
        outcomes = []
        for group in groups_of(rows):
            if isinstance(row := group[0], CorrectionRow):
                behind = rivals(unit_of_work.query, [row], self._ledger)
                self._load(unit_of_work, [*streams_behind(row, self._ledger), *behind])
            outcomes.append(LEDGER.decide(self._ledger, group, rules, self._key_of, False, ""))
            self._ledger.fold(LEDGER.events_of(outcomes[-1]))
        return in_order(rows, outcomes)

    def _key_of(self, subject: str) -> bytes:
        return self._keys.setdefault(subject, os.urandom(32))


class DryRuns:
    """The dry runs of this process, so many at once."""

    def __init__(self) -> None:
        self._all: dict[str, DryRun] = {}

    def add(self, run: DryRun) -> None:
        """Problem 503 when there are as many as may be: none of them is ended for another."""
        if len(self._all) >= MOST and not self._make_room():
            raise Problem(503, "busy", f"正在进行的试导入已有 {MOST} 个，请稍后再试。")
        self._all[run.progress.import_id] = run

    def get(self, import_id: str) -> DryRun | None:
        if run := self._all.get(import_id):
            run.asked_at = time.monotonic()
        return run

    def open(self) -> list[DryRun]:
        return [run for run in self._all.values() if run.progress.is_open]

    def ids(self) -> list[str]:
        return list(self._all)

    def forget_old(self) -> list[str]:
        """Those that nobody asks for any more, or that take too long.  Their ids."""
        now = time.monotonic()
        old = [name for name, run in self._all.items()
               if now - run.asked_at > IDLE_SECONDS or now - run.begun_at > LONGEST_SECONDS]  # fmt: skip
        for name in old:
            del self._all[name]
        return old

    def _make_room(self) -> bool:
        """Forgets the one that ended first, unless all of them run."""
        ended = [name for name, run in self._all.items() if not run.progress.is_open]
        if ended:
            del self._all[ended[0]]
        return bool(ended)
