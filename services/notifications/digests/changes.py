"""Finds whose facts changed since given positions of log and inbox, and who was notified since, so that only these are
decided anew.

If an event does not tell whom it affects, everything may have changed."""

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
"""Above this number of events deciding everything costs no more."""

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
"""Events with a unit, a person or both."""
_CORRECTS_ITS_SUBJECT: Final = {
    "participation.record_corrected",
    "participation.membership_corrected",
    "participation.exemption_corrected",
    "participation.finding_corrected",
    "participation.sheet_corrected",
}
"""The same, with the list of changed columns: if the row's owner is among them, the former owner is affected too, and
the event does not name them."""
_NAMES_ITS_ROW: Final = {
    "participation.record_withdrawn": ("record_id", records),
    "participation.rectification_reported": ("finding_id", findings),
}
"""Events about a row that do not name its unit and person; they are looked up in the row."""
_OF_RETURNS: Final = {
    *(f"participation.filing_{deed}" for deed in ("returned", "submitted", "withdrawn")),
    *(f"publicity.{name}" for name in (
        "reviewer_assigned", "reviewer_released", "work_marked", "work_returned", "work_revised", "anthology_compiled",
        "anthology_taken_down", "article_drafted", "reading_returned", "take_down_ordered", "take_down_failed",
        "take_down_disproved", "article_taken_down", "article_stopped", "consent_given", "consent_withdrawn",
        "reader_appointed", "reading_passed", "work_selected", "work_deselected", "anthology_outdated",
    )),
}  # fmt: skip
"""Events about works, articles and filings in review, reading, selection or take-down: these few rows are compared with
their former state."""
_OF_A_RECIPIENT: Final = {
    f"notifications.{name}"
    for name in ("digest_decided", "delivery_started", "delivery_succeeded", "delivery_failed", "delivery_ended",
                 "delivery_cancelled", "delivery_reopened")
}  # fmt: skip
"""Events after which a recipient counts as having been notified of more, or of less."""
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
"""Events that do not affect a day's digests.  All others (a campaign, a unit or its supervisor, the calendar, an
erasure, an event released from quarantine out of order) may change everything."""


@dataclass
class Changes:
    """The people and units whose own facts may have changed, the recipients who may have been notified, and whether
    anything returned may have changed."""

    people: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    recipients: set[str] = field(default_factory=set)
    returns: bool = False
    _rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Ids of changed rows, by the name of the id column."""

    def note(self, kind: str, text: str) -> bool:
        """Add an event; returns False if it does not tell whom it affects."""
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
        """Look up the subjects of rows that are known by id only."""
        for row_id, table in _NAMES_ITS_ROW.values():
            if ids := self._rows.pop(row_id, None):
                for row in _by_id(connection, table, row_id, ids):
                    self._add(row)
        self.people.discard("")
        self.units.discard("")


def changes_since(connection: Connection, since: Positions, now: Positions) -> Changes | None:
    """What may have changed in between; None if everything may."""
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    changes = Changes()
    for key, (_, after) in since.items():
        if now[key][1] != after and not _collect(connection, key, after, changes):
            return None
    changes.look_up(connection)
    return changes


def _collect(connection: Connection, key: str, after: int, changes: Changes) -> bool:
    """Add the events of one partition; returns False if one does not tell whom it affects."""
    source, _, partition = key.rpartition("/")
    table = events if source == "own" else inbox
    query = sa.select(table.c.type, table.c.data).where(table.c.partition == int(partition), table.c.position > after)
    if table is inbox:
        query = query.where(inbox.c.source == source)
    page = connection.execute(query.limit(MOST_EVENTS + 1)).all()
    return len(page) <= MOST_EVENTS and all(changes.note(kind.rpartition(".v")[0], data) for kind, data in page)


def _changes_whose(corrected: Mapping[str, Any]) -> bool:
    """Whether the row may have belonged to another unit or person before; a record without a unit belongs to the unit
    in which its person served on its day."""
    columns = set(corrected["columns"])
    by_day = "occurred_at" in columns and not corrected.get("unit_given", "given")
    return by_day or not columns.isdisjoint({"unit_id", "person_id"})


def _by_id(connection: Connection, table: Table, name: str, ids: Collection[str]) -> list[Mapping[str, Any]]:
    chosen = column_in(table.c[name], sorted(ids), connection.dialect.name == "postgresql")
    return [dict(row._mapping) for row in connection.execute(sa.select(table).where(chosen))]
