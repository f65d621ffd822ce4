"""The history of a row: the events of its stream, each as the difference to the previous row.  Pure: no store, no
keys."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from chassis.events.definition import Event, personal_fields
from chassis.events.recorded_event import RecordedEvent
from contracts import corrections, participation

ALL: Final = ("*",)
"""The columns of a void or a restoration."""

_RELATIONS: Final = ("zone_id", "community_id", "liaison_id")
_UNIT: Final = ("unit_id", "name", "kind", "tags", *_RELATIONS, "opened_on", "closed_on")
_MEMBERSHIP: Final = ("person_id", "name", "role", "unit_id", "from", "to")
_POST: Final = ("unit_id", "post", "person_id", "from", "to")
_EXEMPTION: Final = ("exemption_id", "person_id", "unit_id", "duty", "period", "reason")
_RECORD: Final = ("record_id", "record", "unit_id", "person_id", "occurred_at", "period", "title", "content_sha256",
                  "evidence")  # fmt: skip
_FINDING: Final = ("finding_id", "unit_id", "assessor_id", "found_on", "deadline", "points", "rectified_on",
            "category", "description")  # fmt: skip
_SHEET: Final = ("sheet_id", "unit_id", "assessor_id", "period", "item", "points", "assessed_on")
_DECISION: Final = ("decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on", "reason")
_WHOLE_ROWS: Final[Mapping[type[Event], tuple[str, ...]]] = {
    participation.UnitRegistered: _UNIT, corrections.UnitCorrected: _UNIT,
    participation.MembershipStarted: _MEMBERSHIP, corrections.MembershipCorrected: _MEMBERSHIP,
    participation.PostAssigned: _POST, corrections.PostCorrected: _POST,
    participation.ExemptionGranted: _EXEMPTION, corrections.ExemptionCorrected: _EXEMPTION,
    participation.RecordSubmitted: _RECORD, corrections.RecordCorrected: _RECORD,
    participation.FindingReported: _FINDING, corrections.FindingCorrected: _FINDING,
    participation.SheetReported: _SHEET, corrections.SheetCorrected: _SHEET,
    participation.DecisionSigned: _DECISION, corrections.DecisionCorrected: _DECISION,
}  # fmt: skip
_FIELD_OF: Final = {"from": "since", "to": "until", "record": "kind"}

STREAM_OF_TABLE: Final[Mapping[str, str]] = {
    "units": "unit", "people": "person", "posts": "person", "exemptions": "exemption", "records": "record",
    "withdrawals": "record", "findings": "finding", "sheets": "sheet", "decisions": "decision",
}  # fmt: skip
"""The tables whose rows have a history; a withdrawal is in that of its record."""


class Cell(NamedTuple):
    """A cell's text; if it is personal, encrypted under the key of `subject`."""

    text: str
    subject: str = ""


_NOTHING: Final = Cell("")


@dataclass(frozen=True)
class Change:
    """One column before and after an event."""

    column: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Entry:
    """One event in the history of a row; `what`: accepted, corrected, voided, restored, withdrawn, closed, related,
    ended, rectified or erased."""

    recorded: RecordedEvent
    what: str
    row: str
    changes: tuple[Change, ...] = ()
    reason: Cell = _NOTHING
    correction_id: str = ""
    late_entry: str = ""


@dataclass
class _Rows:
    """The rows of a stream after the events so far, by row id."""

    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)

    def change(self, row: str, after: Mapping[str, Cell], named: Iterable[str] = ()) -> tuple[Change, ...]:
        """Set cells of a row; returns the columns that are named or differ.  A personal text is encrypted anew each
        time, so only its being named tells that it changed."""
        before = self.cells.setdefault(row, {})
        changed = [
            Change(column, before.get(column, _NOTHING), cell)
            for column, cell in after.items()
            if column in named or _reads_differently(before.get(column, _NOTHING), cell)
        ]
        before.update(after)
        return tuple(changed)


def entries_of(table: str, row_id: str, events: Iterable[tuple[Event, RecordedEvent]]) -> list[Entry]:
    """The history of one row (or of all memberships of a person_id), in the order of events.

    `events`: those of its stream, and the erasures of the persons in it."""
    rows = _Rows()
    events = [item for item in events if _is_of_table(table, item[0])]
    entries = [entry for event, recorded in events if (entry := _entry(event, recorded, rows)) is not None]
    if table == "people" and any(entry.row.startswith(f"{row_id}/") for entry in entries):
        return entries
    own = [entry for entry in entries if entry.row in (row_id, "")]
    return own if any(entry.row for entry in own) else []


def _is_of_table(table: str, event: Event) -> bool:
    """Memberships and posts share a stream."""
    is_post = isinstance(event, participation.PostAssigned | corrections.PostCorrected)
    return is_post == (table == "posts") or isinstance(event, participation.PersonErased)


def persons_of(events: Iterable[Event]) -> set[str]:
    """Every person in these events."""
    return {name for event in events if (name := getattr(event, "person_id", ""))}


def _reads_differently(before: Cell, after: Cell) -> bool:
    return not (before.subject or after.subject) and before.text != after.text


def _entry(event: Event, recorded: RecordedEvent, rows: _Rows) -> Entry | None:
    if (columns := _WHOLE_ROWS.get(type(event))) is not None:
        return _whole_row(event, recorded, columns, rows)
    match event:
        case participation.UnitClosed():
            changes = rows.change(event.unit_id, {"closed_on": Cell(event.closed_on)})
            return Entry(recorded, "closed", event.unit_id, changes)
        case participation.UnitRelated():
            given = {name: Cell(getattr(event, name)) for name in _RELATIONS if getattr(event, name)}
            since = Change("since", _NOTHING, Cell(event.since))
            return Entry(recorded, "related", event.unit_id, (*rows.change(event.unit_id, given, given), since))
        case participation.MembershipEnded():
            row = _membership_id(event)
            return Entry(recorded, "ended", row, rows.change(row, {"to": Cell(event.until)}))
        case participation.RecordWithdrawn():
            withdrawn = Change("withdrawn_at", _NOTHING, Cell(event.withdrawn_at))
            return Entry(recorded, "withdrawn", event.record_id, (withdrawn,), Cell(event.reason, event.person_id))
        case participation.RectificationReported():
            changes = rows.change(event.finding_id, {"rectified_on": Cell(event.rectified_on)})
            return Entry(recorded, "rectified", event.finding_id, changes)
        case participation.PersonErased():
            return Entry(recorded, "erased", "", (Change("person_id", _NOTHING, Cell(event.person_id)),))
    return None


def _whole_row(event: Any, recorded: RecordedEvent, columns: tuple[str, ...], rows: _Rows) -> Entry:
    match columns:
        case _ if columns is _MEMBERSHIP:
            row = _membership_id(event)
        case _ if columns is _POST:
            row = f"{event.unit_id}/{event.post}/{event.person_id}/{event.since}"
        case _:
            row = str(getattr(event, columns[0]))
    cells = dict(_cells(event, columns))
    correcting = getattr(event, "columns", None)
    if correcting is None:
        given = [column for column, cell in cells.items() if cell.text]
        return Entry(recorded, "accepted", row, rows.change(row, cells, given),
                     late_entry=getattr(event, "late_entry", ""))  # fmt: skip
    what = "voided" if event.voided else "restored" if correcting == ALL else "corrected"
    subject = dict(personal_fields(type(event))).get("correction_reason")
    reason = Cell(event.correction_reason, getattr(event, subject) if subject else "")
    entry = Entry(recorded, what, row, rows.change(row, cells, correcting), reason, event.correction_id)
    return replace(entry, changes=()) if what == "voided" else entry


def _membership_id(event: Any) -> str:
    return f"{event.person_id}/{event.unit_id}/{event.since}"


def _cells(event: Any, columns: tuple[str, ...]) -> Iterator[tuple[str, Cell]]:
    """The row in the form of its file, as far as the event has it: older records lack the given unit and the instant as
    written."""
    subjects = dict(personal_fields(type(event)))
    of_record = columns is _RECORD
    for column in columns:
        name = _FIELD_OF.get(column, column)
        if of_record and column == "unit_id" and event.occurred_at:
            name = "unit_given"
        text = str(getattr(event, name, ""))
        if of_record and column == "occurred_at":
            text = event.occurred_at or event.done_at
        elif column == "tags":
            text = event.tags_given or ";".join(event.tags)
        yield column, Cell(text, str(getattr(event, subjects[name])) if name in subjects else "")
