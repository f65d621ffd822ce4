"""Whose facts changed since the log and the inbox were at some positions, and to whom something was told, so that only
these are decided anew.

Where the events since do not tell that, everything may have changed."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.store.prepared_query import column_in
from chassis.store.row_moment import Positions
from chassis.store.schema import events, inbox
from services.notifications.obligations.projections import findings, records

MOST_EVENTS: Final = 10_000
"""With more than that since the last time, deciding everything costs no more."""

_NAMES_ITS_SUBJECT: Final = {
    "participation.record_submitted",
    "participation.membership_started",
    "participation.membership_ended",
    "participation.exemption_granted",
    "participation.finding_reported",
    "participation.sheet_reported",
    "participation.finding_answered",
    "participation.finding_returned",
    "participation.finding_closed",
}
"""Events that name their unit, their person or both."""
_CORRECTS_ITS_SUBJECT: Final = {
    "participation.record_corrected",
    "participation.membership_corrected",
    "participation.exemption_corrected",
    "participation.finding_corrected",
    "participation.sheet_corrected",
}
"""The same, with the columns that they changed: where one of them says whose the row is, it was somebody else's before,
and nothing here says whose."""
_NAMES_ITS_ROW: Final = {
    "participation.record_withdrawn": ("record_id", records),
    "participation.rectification_reported": ("finding_id", findings),
}
"""Events on a row that do not name its unit and person; the row does."""
_OF_RETURNS: Final = {
    *(f"participation.filing_{deed}" for deed in ("returned", "submitted", "withdrawn")),
    *(f"publicity.{name}" for name in (
        "reviewer_assigned", "reviewer_released", "work_marked", "work_returned", "work_revised", "anthology_compiled",
        "anthology_taken_down", "article_drafted", "reading_returned", "take_down_ordered", "take_down_failed",
        "take_down_disproved", "article_taken_down", "article_stopped", "consent_given", "consent_withdrawn",
        "reader_appointed", "reading_passed", "work_selected", "work_deselected", "anthology_outdated",
    )),
}  # fmt: skip
"""Events of what is returned, reviewed, read, chosen or to be taken down: these few rows are compared with those
before."""
_OF_A_RECIPIENT: Final = {
    f"notifications.{name}"
    for name in ("digest_decided", "delivery_started", "delivery_succeeded", "delivery_failed", "delivery_ended",
                 "delivery_cancelled", "delivery_reopened")
}  # fmt: skip
"""Events after which a recipient may have been told more, or less."""
_WITHOUT_EFFECT: Final = {
    "participation.post_assigned",
    "participation.post_corrected",
    "participation.correction_received",
    "publicity.work_nominated",
    "publicity.video_published",
    "notifications.contact_registered",
    "notifications.contact_removed",
    "notifications.preferences_set",
    "notifications.recipient_held",
    "notifications.recipient_released",
    "notifications.channel_opened",
    "notifications.channel_closed",
    "notifications.day_decided",
}
"""Events that change nothing of what a day's digests say.  All others (a campaign, a unit and who supervises it, the
calendar, an erasure, an event that an operator released out of its order) may change everything."""


@dataclass
class Changes:
    """The people and units whose own facts may have changed, the recipients who may have been told something, and
    whether something returned may have."""

    people: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    recipients: set[str] = field(default_factory=set)
    returns: bool = False
    _rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By the name of their id."""

    def note(self, kind: str, text: str) -> bool:
        """Takes an event in; False where it does not tell whom it concerns."""
        if kind in _NAMES_ITS_SUBJECT:
            self._add(json.loads(text))
        elif kind in _CORRECTS_ITS_SUBJECT:
            data = json.loads(text)
            self._add(data)
            return not _changes_whose(data)
        elif kind in _NAMES_ITS_ROW:
            row_id, _ = _NAMES_ITS_ROW[kind]
            self._rows[row_id].add(json.loads(text)[row_id])
        elif kind in _OF_A_RECIPIENT:
            self.recipients.add(json.loads(text)["recipient"])
        elif kind in _OF_RETURNS:
            self.returns = True
        else:
            return kind in _WITHOUT_EFFECT
        return True

    def _add(self, row: Mapping[str, Any]) -> None:
        self.people.add(row.get("person_id", ""))
        self.units.add(row.get("unit_id", ""))

    def look_up(self, connection: Connection) -> None:
        """Whose the rows are that only their id names; nobody's subjects are none."""
        for row_id, table in _NAMES_ITS_ROW.values():
            if ids := self._rows.pop(row_id, None):
                for row in _by_id(connection, table, row_id, ids):
                    self._add(row)
        self.people.discard("")
        self.units.discard("")


def changes_since(connection: Connection, since: Positions, now: Positions) -> Changes | None:
    """What may have changed in between; None where everything may."""
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    changes = Changes()
    for key, (_, after) in since.items():
        if now[key][1] != after and not _collect(connection, key, after, changes):
            return None
    changes.look_up(connection)
    return changes


def _collect(connection: Connection, key: str, after: int, changes: Changes) -> bool:
    """Notes what came there since; False where it does not tell whom it concerns."""
    source, _, partition = key.rpartition("/")
    table = events if source == "own" else inbox
    query = sa.select(table.c.type, table.c.data).where(table.c.partition == int(partition), table.c.position > after)
    if table is inbox:
        query = query.where(inbox.c.source == source)
    page = connection.execute(query.limit(MOST_EVENTS + 1)).all()
    return len(page) <= MOST_EVENTS and all(changes.note(kind.rpartition(".v")[0], data) for kind, data in page)


def _changes_whose(corrected: Mapping[str, Any]) -> bool:
    """Whether the row may have been another unit's or person's before; a record that names no unit is of the one where
    its person served on its day."""
    columns = set(corrected["columns"])
    by_day = "occurred_at" in columns and not corrected.get("unit_given", "given")
    return by_day or not columns.isdisjoint({"unit_id", "person_id"})


def _by_id(connection: Connection, table: Table, name: str, ids: Collection[str]) -> list[Mapping[str, Any]]:
    chosen = column_in(table.c[name], sorted(ids), connection.dialect.name == "postgresql")
    return [dict(row._mapping) for row in connection.execute(sa.select(table).where(chosen))]
