"""Translates a chosen option of a roster's line into rows, and decides them as a whole.  Pure.

The rows are such as any file or event could report; the same rules decide them (scoring.md 1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from services.participation.batch.domain import accepted_events, decide_row
from services.participation.domain import Accepted, Decision, Keys, Ledger, Refused, Row, Unchanged
from services.participation.domain.digests import readable
from services.participation.domain.rows import MembershipEndedRow, MembershipRow, ReportedCorrection
from services.participation.domain.states import Person
from services.participation.roster.domain.lines import Option, Service

CHANGED_SINCE: Final = "changed_since"
"""Why an option is not applied: the person's memberships were changed after the preview."""


@dataclass(frozen=True)
class ApplyOption:
    """The option of the line `key`, chosen when the registry was as in `book`; `reason`: for its corrections."""

    key: str
    option: Option
    book: tuple[Service, ...]
    reason: str


def decide_option(command: ApplyOption, ledger: Ledger, keys: Keys) -> Decision:
    """All rows of an option or none: the first refusal is the line's.  Leaves the ledger unchanged."""
    person_id = command.option.person_id
    kept = ledger.people.get(person_id)
    if memberships_of(kept, person_id, keys) != tuple(sorted(command.book)):
        return Refused("person_id", CHANGED_SINCE)
    decisions: list[Decision] = []
    for row in rows_of(command, kept):
        decision = decide_row(row, ledger, None, keys)
        decisions.append(decision)
        if isinstance(decision, Refused):
            break
        ledger.fold(accepted_events([decision]))
    if kept is None:
        ledger.people.pop(person_id, None)
    else:
        ledger.people[person_id] = kept
    if decisions and isinstance(decisions[-1], Refused):
        return decisions[-1]
    events = tuple(accepted_events(decisions))
    return Accepted(events) if events else Unchanged()


def memberships_of(person: Person | None, person_id: str, keys: Keys) -> tuple[Service, ...]:
    """All memberships that are not void, in plain text, ordered."""
    if person is None or not person.memberships:
        return ()
    key = keys(person_id)
    return tuple(sorted(
        Service(item.unit_id, item.since, item.until, item.role, readable(item.name, person_id, key))
        for item in person.memberships
    ))  # fmt: skip


def rows_of(command: ApplyOption, person: Person | None) -> list[Row]:
    """The rows that change `before` into `after`, and what follows."""
    then = command.option.then
    following = _beginning_rows(command.option.person_id, then, person, command.reason) if then else []
    return [*_rows_of_change(command, person), *following]


def _rows_of_change(command: ApplyOption, person: Person | None) -> list[Row]:
    option, reason = command.option, command.reason
    person_id, before, after = option.person_id, option.before, option.after
    if before == after:
        return []
    if before is None or after is None:
        return [
            *_ending_rows(person_id, before, reason),
            *(_beginning_rows(person_id, after, person, reason) if after else []),
        ]
    if (before.unit_id, before.since) == (after.unit_id, after.since):
        return _amendment_rows(person_id, before, after, reason)
    others = [item for item in command.book if item != before and item.since < after.since and item.overlaps(after)]
    ends: list[Row] = [MembershipEndedRow(person_id, item.unit_id, item.since, after.since) for item in others]
    return [*ends, *_making_room(person_id, before, after, reason), *_beginning_rows(person_id, after, person, reason)]


def _ending_rows(person_id: str, before: Service | None, reason: str) -> list[Row]:
    return [_void_row(person_id, before, reason)] if before else []


def _making_room(person_id: str, before: Service, after: Service, reason: str) -> list[Row]:
    """End the membership on the day on which the next begins; one that would not have lasted a day is voided."""
    if after.since <= before.since:
        return [_void_row(person_id, before, reason)]
    if before.until and before.until <= after.since:
        return []
    return [MembershipEndedRow(person_id, before.unit_id, before.since, after.since)]


def _amendment_rows(person_id: str, before: Service, after: Service, reason: str) -> list[Row]:
    """The same membership with other cells; if only its end differs, an end as any system reports it."""
    changes = {"name": (before.name, after.name), "role": (before.role, after.role)}
    changed = tuple((column, new) for column, (old, new) in changes.items() if old != new)
    rows: list[Row] = []
    if changed:
        rows.append(_correction("membership_corrected", person_id, after, changed, reason))
    if after.until != before.until:
        rows.append(MembershipEndedRow(person_id, after.unit_id, after.since, after.until))
    return rows


def _beginning_rows(person_id: str, after: Service, person: Person | None, reason: str) -> list[Row]:
    """A void membership of that unit and day is restored: its id cannot be used for another."""
    known = person.membership(after.unit_id, after.since) if person else None
    if known is None or not known.voided:
        return [MembershipRow(person_id, after.name, after.role, after.unit_id, after.since, after.until)]
    cells = (("name", after.name), ("role", after.role), ("to", after.until))
    return [
        _correction("membership_restored", person_id, after, (), reason),
        _correction("membership_corrected", person_id, after, cells, reason),
    ]


def _void_row(person_id: str, service: Service, reason: str) -> Row:
    return _correction("membership_voided", person_id, service, (), reason)


def _correction(kind: str, person_id: str, service: Service, changes: tuple[tuple[str, str], ...], reason: str) -> Row:
    return ReportedCorrection(kind, (person_id, service.unit_id, service.since), changes, reason)


def _streams(command: ApplyOption) -> Iterable[str]:
    named = [item for item in (command.option.after, command.option.then) if item]
    units = {item.unit_id for item in (*command.book, *named)}
    return [f"person-{command.option.person_id}", *(f"unit-{unit_id}" for unit_id in sorted(units))]


def _events_of(decision: Decision) -> Sequence[Event]:
    return accepted_events([decision])


OPTIONS: Final = Decider(
    Ledger, lambda ledger, command, keys: decide_option(command, ledger, keys), Ledger.evolve,
    streams=_streams, events_of=_events_of,
)  # fmt: skip
"""Decides options against one ledger of their persons and units.  Fact: the persons' keys."""
