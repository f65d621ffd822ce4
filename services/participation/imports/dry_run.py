"""A dry run of an import: the same decisions against a ledger in memory, of which nothing is written."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import LEDGER, decide_unreserved, groups_of, in_order
from services.participation.batch.handlers import rivals
from services.participation.campaign.queries import rules_of
from services.participation.domain import Decision, Ledger, Row, streams_of, subjects_of
from services.participation.domain.ledger import streams_behind
from services.participation.domain.rows import CorrectionRow
from services.participation.imports.domain import FileProgress, ImportProgress, SpooledRows, count_outcomes
from services.participation.imports.refused_values import Place, values_at_fault


class DryRun:
    """Its progress, the refused rows as (file, line, column, code), and keys that nobody keeps."""

    def __init__(self, import_id: str, manifest: list[list[str]], units_of_work: UnitsOfWork, campaign: str) -> None:
        files = [FileProgress(name, 0, 0, 0, 0, 0, False) for name, _, _ in manifest]
        self.progress = ImportProgress(import_id, manifest, False, files, campaign=campaign)
        self.refused: list[tuple[str, str, str, str]] = []
        self.refused_values: dict[Place, str] = {}
        self._units_of_work = units_of_work
        self._ledger, self._loaded = Ledger(), set[str]()
        self._keys: dict[str, bytes] = {}

    def finish(self) -> None:
        self.progress = replace(self.progress, finished=True)

    def decide(self, current: FileProgress, rows: SpooledRows) -> None:
        """Counts what these rows of the current file would become."""
        decided = count_outcomes(current, rows, decide_unreserved([line.row for line in rows.lines], self._decisions))
        self.refused.extend((current.file, *refused) for refused in decided.refused)
        at_fault = values_at_fault(rows.lines, decided.refused)
        self.refused_values.update({(current.file, line): value for line, value in at_fault})
        files = [decided.progress if file.file == current.file else file for file in self.progress.files]
        self.progress = replace(self.progress, files=files)

    def refused_rows(self, after: int, limit: int) -> list[dict[str, object]]:
        return [
            {"seq": seq, "file": file, "line": int(line), "column": column, "code": code}
            for seq, (file, line, column, code) in enumerate(self.refused[after : after + limit], after + 1)
        ]

    def _decisions(self, rows: Sequence[Row]) -> list[Decision]:
        with self._units_of_work.begin("dry-run") as unit_of_work:  # nothing is appended, so nothing is written
            self._load(unit_of_work, [name for row in rows for name in streams_of(row)])
            subjects = {subject for row in rows for subject in subjects_of(row, self._ledger)}
            self._keys.update(subject_keys.named(unit_of_work.connection, subjects))
            self._load(unit_of_work, rivals(unit_of_work.query, rows, self._ledger))
            return self._decide(unit_of_work, rows, rules_of(unit_of_work, self.progress.campaign))

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
