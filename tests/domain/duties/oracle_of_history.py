"""A district's history read as known at an instant: sections 1 to 3 of scoring.md, from the page alone.

What happened is a list of acts; each is judged when it comes, and read later by whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.domain.duties.oracle import Oracle
from tests.domain.duties.oracle_of_cells import TABLES, Row, as_date, as_instant, as_number, tags_of
from tests.domain.duties.oracle_of_import import NEVER, Change, ImportOracle, Outcome
from tests.domain.duties.oracle_of_instances import Facts

REPORTED = {"record", "person_id", "occurred_at", "period", "content_sha256"}
"""The cells of a record whose last event tells when it was recorded."""


@dataclass
class Act:
    """What was recorded at an instant: a campaign version, a freeze, an admission, or rows of a table."""

    recorded_at: datetime
    kind: str
    rows: Sequence[Any]
    late_entry: str = ""


@dataclass
class History:
    """`campaign`: the rows are versions; `freeze`: windows; `admission`: (window, id of a row or a correction)."""

    acts: list[Act] = field(default_factory=list)

    def replayed(self) -> tuple[ImportOracle, list[list[Outcome]]]:
        """Every act judged in its order, each by the campaign of its day, and the outcomes of its rows."""
        book = ImportOracle({})
        outcomes: list[list[Outcome]] = []
        for act in sorted(self.acts, key=lambda act: act.recorded_at):
            if act.kind == "campaign":
                book.campaign = act.rows[-1]
            if act.kind in TABLES:
                outcomes.append(book.given(act.kind, act.rows, act.recorded_at, act.late_entry))
        return book, outcomes

    def known(self, at: datetime, admitted: Sequence[str] = ()) -> Facts:
        """The facts as known at that instant; `admitted` rows and corrections as if recorded in time."""
        versions = [act for act in self.acts if act.kind == "campaign" and act.recorded_at <= at]
        campaign = max(versions, key=lambda act: act.recorded_at).rows[-1]
        changes = [c for c in self.replayed()[0].changes if c.recorded_at <= at or c.cause in admitted]
        return facts_of(campaign, changes, admitted)

    def official(self, window: str, at: datetime) -> Facts:
        """What the window's official figures read at that instant: as frozen, with what was admitted since."""
        acts = [act for act in self.acts if act.recorded_at <= at]
        frozen = [act.recorded_at for act in acts if act.kind == "freeze" and window in act.rows]
        admitted = [cause for act in acts if act.kind == "admission" for named, cause in act.rows if named == window]
        return self.known(min(frozen), admitted) if frozen else self.known(at)


def oracle_as_known(history: History, at: datetime) -> Oracle:
    return Oracle(history.known(at))


def facts_of(campaign: dict[str, Any], changes: Sequence[Change], admitted: Sequence[str] = ()) -> Facts:
    """The rows that these changes leave."""
    rows: dict[tuple[str, str], Row] = {}
    void: set[tuple[str, str]] = set()
    reported: dict[str, Any] = {}
    zone = ZoneInfo(campaign["timezone"])
    for change in changes:
        key = change.table, change.row_id
        known_columns = TABLES[change.table] if key not in rows else change.columns
        before = rows.get(key, change.cells)
        rows[key] = before | {column: change.cells[column] for column in known_columns if column != "*"}
        (void.add if change.voided else void.discard)(key)
        if change.table == "records" and sets_report(campaign, change, rows[key]):
            asked = not change.late_entry and change.cause not in admitted and change.recorded_at != NEVER
            reported[change.row_id] = change.recorded_at.astimezone(zone).date() if asked else None
    facts = Facts(campaign)
    for (table, row_id), row in rows.items():
        if (table, row_id) not in void:
            getattr(facts, table).append(read(table, row, zone, reported.get(row_id)))
    return facts


def sets_report(campaign: dict[str, Any], change: Change, row: Row) -> bool:
    of_person = {duty["record"]: "roles" in duty["who"] for duty in campaign["duties"]}
    lines = (campaign.get("awards") or {}).get("individuals", {}).get("points", [])
    persons = of_person.get(row["record"], row["record"] in {line["record"] for line in lines})
    return bool(set(change.columns) & (REPORTED if persons else REPORTED | {"unit_id"}))


def read(table: str, row: Row, zone: ZoneInfo, reported: date | None) -> dict[str, Any]:
    """The row with dates as dates and numbers as numbers."""
    if table == "units":
        days = {"opened_on": as_date(row["opened_on"]), "closed_on": as_date(row["closed_on"])}
        return row | {"tags": tags_of(row["tags"])} | days
    if table == "people":
        return row | {"from": as_date(row["from"]), "to": as_date(row["to"])}
    if table == "exemptions" and row["person_id"] and row["unit_id"]:
        return row | {"person_id": "", "unit_id": ""}
    if table == "records":
        moment = as_instant(row["occurred_at"], zone)
        assert moment is not None
        times = {"day": moment.date(), "instant": moment, "reported": reported}
        return row | times | {"content": row["content_sha256"]}
    if table == "findings":
        days = {column: as_date(row[column]) for column in ("found_on", "deadline", "rectified_on")}
        return row | days | {"points": as_number(row["points"])}
    if table == "sheets":
        return row | {"points": as_number(row["points"]), "assessed_on": as_date(row["assessed_on"])}
    return row | {"year": int(row["year"])} if table == "decisions" else row
