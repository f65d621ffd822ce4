"""What stands between the official figures of a frozen window and the present ones, unit by unit, and what made it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from chassis.store.event_log import read_heads
from duties.days import iso
from duties.report_requests import AwardRequest, ReportRequest, ScoreRequest
from duties.result_files import UNIT_SCORES, UNITS_AWARDED, commended_rows, score_rows
from duties.score_calculation import ScoreCalculation
from services.assessment.freezes.change_events import ChangeEvent, admission_event, campaign_events, events_of
from services.assessment.freezes.effects import Reading, RowName, Rows, changed_rows, rows_that_matter
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.freezes.row_versions import (
    ROW_TABLES,
    Version,
    official_row,
    position_of,
    present_row,
    versions_of,
)
from services.assessment.reports.result_files import write_file
from services.assessment.scores.calculation import calculate
from services.assessment.scores.queries import FactsAsKnown
from services.registry.versions import instant_of

_OWN = ("records", "exemptions", "findings", "sheets")
Versions = dict[RowName, list[Version]]
"""All versions of rows."""
_POOL = ("kind", "opened_on", "closed_on", "tags")


FILE = "differences.csv"
COLUMNS = ("what", "window", "as_of", "unit_id", "official", "present", "figures", "table", "id", "event", "position",
           "recorded_at", "actor", "reason")  # fmt: skip


@dataclass
class UnitDifference:
    """A unit whose official figures are not the present ones.  `official` and `present`: its score, or of awards its
    status; `figures`: all that differ, by name, as shown.  No events: other units moved it."""

    what: str
    window: str
    as_of: str
    unit_id: str
    official: str
    present: str
    figures: dict[str, tuple[str, str]]
    events: list[ChangeEvent] = field(default_factory=list)


def local_minute(recorded_at: str, zone: tzinfo) -> str:
    """An instant of the log as people read it, with its offset."""
    return moment(recorded_at).astimezone(zone).isoformat(timespec="minutes")


def write_differences(differences: Iterable[UnitDifference], folder: Path) -> None:
    """A line an event; a unit that other units moved has one line, without an event."""
    blank = ("",) * len(COLUMNS[7:])
    rows = (
        [item.what, item.window, item.as_of, item.unit_id, item.official, item.present, ";".join(item.figures), *cells]
        for item in differences
        for cells in [event[: len(blank)] for event in item.events] or [blank]
    )
    write_file(folder / FILE, COLUMNS, rows)


class Differences:
    """The differences of one frozen window."""

    def __init__(
        self, connection: Connection, frozen: FrozenWindow, official: FactsAsKnown, present: FactsAsKnown
    ) -> None:
        self._connection, self._frozen = connection, frozen
        self._official, self._present = official, present
        self._known_at = instant_of(frozen.known_at)
        self._admitted = {item.position: item for item in frozen.admitted}
        self._partitions = len(read_heads(connection))

    def of_request(
        self, request: ReportRequest, official: ScoreCalculation, present: ScoreCalculation
    ) -> list[UnitDifference]:
        """Unit by unit, in the order of their ids; `official` and `present` answer the request."""
        match request:
            case ScoreRequest():
                what, score = "score", request
                lines = _different(_scores(request, official), _scores(request, present), "score")
            case AwardRequest():
                what, score = "award", request.score(official.campaign)
                lines = _different(_awards(request, official), _awards(request, present), "status")
            case _:
                return []
        result = [UnitDifference(what, self._frozen.window, iso(score.as_of), *line) for line in lines]
        self._explain(result, score)
        return result

    def _explain(self, differences: Sequence[UnitDifference], request: ScoreRequest) -> None:
        if not differences:
            return
        readings = Reading(self._official, request), Reading(self._present, request)
        rules = self._changed_rules(request)
        decisions = self._decisions()
        for item in differences:
            official, present, versions = self._rows_about(item.unit_id)
            names = _names_that_matter(item.unit_id, readings, official, present)
            events = [event for name in names for event in self._events(name, versions[name])]
            for name, changes in decisions.items():
                if any(version.unit_id == item.unit_id and version.year == _year(request) for version in changes):
                    events += self._events(name, changes)
            if item.unit_id in rules:
                events += campaign_events(self._connection, self._official.campaign.id, self._known_at)
            item.events = sorted(set(events), key=lambda event: (event.recorded_at, event.position))

    def _changed_rules(self, request: ScoreRequest) -> set[str]:
        """The units whose official figures would be others by the present rules."""
        if self._official.campaign == self._present.campaign:
            return set()
        before = calculate(self._official, [request])
        after = calculate(self._official.under(self._present.campaign), [request])
        return {unit_id for unit_id, *_ in _different(_scores(request, before), _scores(request, after), "score")}

    def _rows_about(self, unit_id: str) -> tuple[Rows, Rows, Versions]:
        """The rows of the unit and of all who ever served in it, as official and as present, with their versions."""
        member = ROW_TABLES["people"].table.c
        people = sa.select(member.person_id).where(member.unit_id == unit_id)
        every: Versions = {}
        for name, item in ROW_TABLES.items():
            columns, conditions = item.table.c, []
            if name in ("units", *_OWN):
                conditions.append(columns.unit_id == unit_id)
            if name in ("people", "records", "exemptions"):
                conditions.append(columns.person_id.in_(people))
            if conditions:
                query = sa.select(*(columns[column] for column in item.ids)).where(sa.or_(*conditions)).distinct()
                every |= self._versions(name, query)
        return self._read(every, official=True), self._read(every, official=False), every

    def _versions(self, table: str, keys: sa.Select[Any]) -> Versions:
        named = [tuple(row) for row in self._connection.execute(keys)]
        every = versions_of(self._connection, ROW_TABLES[table], named)
        return {(table, key): versions for key, versions in every.items()}

    def _read(self, every: Versions, official: bool) -> Rows:
        result = {}
        for (table, key), versions in every.items():
            item = ROW_TABLES[table]
            row = (official_row(item, versions, self._known_at, self._admitted, self._partitions) if official
                   else present_row(versions))  # fmt: skip
            if row is not None and getattr(row, "campaign", "") in ("", self._official.campaign.id):
                result[table, key] = row
        return result

    def _decisions(self) -> Versions:
        """The decisions that the two readings have differently; they are few."""
        every = self._versions("decisions", sa.select(ROW_TABLES["decisions"].table.c.decision_id).distinct())
        changed = set(changed_rows(self._read(every, official=True), self._read(every, official=False)))
        return {name: versions for name, versions in every.items() if name in changed}

    def _events(self, name: RowName, versions: Iterable[Version]) -> Iterator[ChangeEvent]:
        """What became of the row since the freeze and was not admitted; else its admission, which waives its day."""
        item, row_name = ROW_TABLES[name[0]], ROW_TABLES[name[0]].row_name(name[1])
        later = [position_of(item, version, self._partitions) for version in versions
                 if version.known_from > self._known_at]  # fmt: skip
        left_out = [position for position in later if position not in self._admitted]
        yield from events_of(self._connection, row_name, left_out)
        if not left_out:
            admitted = [position_of(item, version, self._partitions) for version in versions]
            yield from (admission_event(row_name, self._admitted[at]) for at in admitted if at in self._admitted)


def _names_that_matter(unit_id: str, readings: tuple[Reading, Reading], official: Rows, present: Rows) -> set[RowName]:
    before, after = readings
    result = rows_that_matter(
        _of_unit(official, unit_id), _of_unit(present, unit_id),
        lambda rows: before.of_unit(unit_id, rows), lambda rows: after.of_unit(unit_id, rows),
    )  # fmt: skip
    unit = "units", (unit_id,)
    if _pool_cells(official.get(unit)) != _pool_cells(present.get(unit)):
        result.add(unit)
    changed = changed_rows(official, present)
    rows_of = [official.get(name) or present.get(name) for name in changed]
    for person_id in sorted({getattr(row, "person_id", "") for row in rows_of} - {""}):
        result |= rows_that_matter(
            _of_person(official, person_id), _of_person(present, person_id),
            lambda rows, of=person_id: before.of_person(of, unit_id, rows),
            lambda rows, of=person_id: after.of_person(of, unit_id, rows),
        )  # fmt: skip
    return result


def _of_unit(rows: Rows, unit_id: str) -> Rows:
    return {name: row for name, row in rows.items() if name[0] in _OWN and row.unit_id == unit_id}


def _of_person(rows: Rows, person_id: str) -> Rows:
    return {name: row for name, row in rows.items() if getattr(row, "person_id", "") == person_id}


def _pool_cells(row: Any) -> list[Any] | None:
    """What of a unit ranks, bands and pools ask beside its score."""
    return row and [getattr(row, name) for name in _POOL]


def _year(request: ScoreRequest) -> int:
    return int(request.window) if request.window.isdigit() else 0


Figures = dict[str, dict[str, str]]
"""Figures as they are shown, by unit and name."""


def _scores(request: ScoreRequest, calculation: ScoreCalculation) -> Figures:
    rows = score_rows(request, calculation.scores(request))
    return _figures(UNIT_SCORES, rows, ("window", "as_of"))


def _awards(request: AwardRequest, calculation: ScoreCalculation) -> Figures:
    return _figures(UNITS_AWARDED, commended_rows(calculation.commended(request)), ("year",))


def _figures(header: Sequence[str], rows: Iterable[Sequence[str]], without: Sequence[str]) -> Figures:
    result = {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        result[cells.pop("unit_id")] = {name: cell for name, cell in cells.items() if name not in without}
    return result


def _different(
    official: Figures, present: Figures, main: str
) -> Iterator[tuple[str, str, str, dict[str, tuple[str, str]]]]:
    """Units with their main figure and those that the two show differently; an empty figure: none."""
    for unit_id in sorted(official.keys() | present.keys()):
        before, after = official.get(unit_id, {}), present.get(unit_id, {})
        pairs = {name: (before.get(name, ""), after.get(name, "")) for name in before | after}
        if figures := {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}:
            yield unit_id, before.get(main, ""), after.get(main, ""), figures
