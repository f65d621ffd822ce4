"""Translates a change of a membership, a post or a unit into rows.  Pure.

The rows are such as any file or event could report; the same rules decide them (scoring.md 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.participation.domain import Row
from services.participation.domain.rows import (
    MembershipEndedRow,
    MembershipRow,
    PostRow,
    ReportedCorrection,
    UnitClosedRow,
    UnitRelatedRow,
    UnitRow,
)
from services.participation.domain.states import Person

REASONS: Final[Mapping[str, str]] = {
    "typing": "录入错误", "notice": "组织人事通知", "document": "补齐材料", "renamed": "本人改名", "other": "其他",
}  # fmt: skip
"""Why a fact is corrected: code -> prefix of the reason in words."""
MEMBERSHIP_CHANGES: Final = ("join", "leave", "transfer", "correct", "void", "restore")
POST_CHANGES: Final = ("assign", "end", "correct", "void", "restore")
UNIT_CHANGES: Final = ("register", "relate", "close", "correct", "void", "restore")
WITH_REASON: Final = frozenset({"correct", "void", "restore"})
UNIT_CELLS: Final = (
    "name", "kind", "tags", "zone_id", "community_id", "liaison_id", "opened_on", "closed_on",
)  # fmt: skip
"""The cells of a unit except its id, in the order of the file."""


@dataclass(frozen=True)
class MembershipChange:
    """A change of the membership of `person_id` in `unit_id` from `since`; `join` creates it.  `day`: the first day of
    what is new (transfer) or no longer valid (end); `new_since`, `until`, `name`, `role`: the new values; in a
    correction None keeps a value."""

    change: str
    person_id: str
    unit_id: str
    since: str
    day: str = ""
    to_unit_id: str = ""
    name: str | None = None
    role: str | None = None
    until: str | None = None
    new_since: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class PostChange:
    """The same for a post."""

    change: str
    unit_id: str
    post: str
    person_id: str
    since: str
    day: str = ""
    until: str | None = None
    new_since: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class UnitChange:
    """The same for a unit; `cells`: the new ones, by the columns of units.csv."""

    change: str
    unit_id: str
    cells: Mapping[str, str]
    day: str = ""
    reason: str = ""


Change = MembershipChange | PostChange | UnitChange


def reason_of(code: str, text: str) -> str:
    """The reason as stored."""
    words = " ".join(text.split())
    return "：".join(filter(None, (REASONS.get(code, ""), words)))


def rows_of(change: Change, person: Person | None, name: str = "") -> list[Row]:
    """The rows in the order of decision.  `person`: as in the ledger; `name`: in plain text."""
    match change:
        case MembershipChange():
            return _rows_of_membership(change, person, name)
        case PostChange():
            return _rows_of_post(change, person)
        case UnitChange():
            return _rows_of_unit(change)


def _rows_of_membership(change: MembershipChange, person: Person | None, name: str) -> list[Row]:
    ids = (change.person_id, change.unit_id, change.since)
    known = person.membership(change.unit_id, change.since) if person else None
    role = known.row.role if known else ""
    match change.change:
        case "join":
            begun = MembershipRow(change.person_id, change.name or "", change.role or "", change.unit_id, change.since,
                                  change.until or "")  # fmt: skip
            return _beginning_rows(begun, person, change.reason)
        case "leave":
            return [MembershipEndedRow(*ids, change.day)]
        case "transfer":
            unit_id, role = change.to_unit_id or change.unit_id, change.role or role
            begun = MembershipRow(change.person_id, name, role, unit_id, change.day, "")
            return [MembershipEndedRow(*ids, change.day), *_beginning_rows(begun, person, change.reason)]
        case "correct":
            until = known.row.to if known else ""
            after = MembershipRow(
                change.person_id,
                _or_unchanged(change.name, name),
                _or_unchanged(change.role, role),
                change.unit_id,
                _or_unchanged(change.new_since, change.since),
                _or_unchanged(change.until, until),
            )
            if after.from_ != change.since:  # the day is part of the row's id, so another row takes its place
                return [
                    _correction("membership_voided", ids, {}, change.reason),
                    *_beginning_rows(after, person, change.reason),
                ]
            cells = {"name": after.name, "role": after.role, "to": after.to}
            before = {"name": name, "role": role, "to": until}
            changed = {column: cell for column, cell in cells.items() if cell != before[column]}
            return [_correction("membership_corrected", ids, changed, change.reason)]
    return [_correction(f"membership_{_PAST[change.change]}", ids, {}, change.reason)]


def _rows_of_post(change: PostChange, person: Person | None) -> list[Row]:
    ids = (change.unit_id, change.post, change.person_id, change.since)
    known = person.post(change.unit_id, change.post, change.since) if person else None
    match change.change:
        case "assign":
            return _assignment_rows(PostRow(*ids, _or_unchanged(change.until, "")), person, change.reason)
        case "end":
            return [_correction("post_corrected", ids, {"to": change.day}, change.reason)]
        case "correct":
            until = _or_unchanged(change.until, known.row.to if known else "")
            if change.new_since not in (None, change.since):
                after = PostRow(change.unit_id, change.post, change.person_id, change.new_since or "", until)
                return [
                    _correction("post_voided", ids, {}, change.reason),
                    *_assignment_rows(after, person, change.reason),
                ]
            return [_correction("post_corrected", ids, {"to": until}, change.reason)]
    return [_correction(f"post_{_PAST[change.change]}", ids, {}, change.reason)]


def _rows_of_unit(change: UnitChange) -> list[Row]:
    given, ids = change.cells, (change.unit_id,)
    match change.change:
        case "register":
            return [UnitRow(change.unit_id, *[given.get(column, "") for column in UNIT_CELLS])]
        case "relate":
            zone, community, liaison = (given.get(f"{each}_id", "") for each in ("zone", "community", "liaison"))
            return [UnitRelatedRow(change.unit_id, zone, community, liaison, change.day)]
        case "close":
            return [UnitClosedRow(change.unit_id, change.day)]
        case "correct":
            return [_correction("unit_corrected", ids, given, change.reason)]
    return [_correction(f"unit_{_PAST[change.change]}", ids, {}, change.reason)]


_PAST: Final = {"void": "voided", "restore": "restored"}


def _or_unchanged(given: str | None, before: str) -> str:
    return before if given is None else given


def _beginning_rows(after: MembershipRow, person: Person | None, reason: str) -> list[Row]:
    """A void membership of that unit and day is restored: its id cannot be used for another."""
    known = person.membership(after.unit_id, after.from_) if person else None
    if known is None or not known.voided:
        return [after]
    ids = (after.person_id, after.unit_id, after.from_)
    cells = {"name": after.name, "role": after.role, "to": after.to}
    return [_correction("membership_restored", ids, {}, reason or _AGAIN),
            _correction("membership_corrected", ids, cells, reason or _AGAIN)]  # fmt: skip


def _assignment_rows(after: PostRow, person: Person | None, reason: str) -> list[Row]:
    known = person.post(after.unit_id, after.post, after.from_) if person else None
    if known is None or not known.voided:
        return [after]
    ids = (after.unit_id, after.post, after.person_id, after.from_)
    return [_correction("post_restored", ids, {}, reason or _AGAIN),
            _correction("post_corrected", ids, {"to": after.to}, reason or _AGAIN)]  # fmt: skip


_AGAIN: Final = "重新登记"


def _correction(kind: str, ids: tuple[str, ...], changes: Mapping[str, str], reason: str) -> Row:
    return ReportedCorrection(kind, ids, tuple(changes.items()), reason)
