"""Decides a change as a whole, by the rules of its rows, against one ledger of everything that it refers to.  Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from services.participation.batch.domain import accepted_events, decide_row
from services.participation.directory.domain import Change, MembershipChange, PostChange, UnitChange, rows_of
from services.participation.domain import Accepted, Decision, Keys, Ledger, Refused, Unchanged, cells_of
from services.participation.domain.digests import readable
from services.participation.domain.states import Fact, Person

_RELATIONS: Final = ("zone_id", "community_id", "liaison_id")


def decide_change(change: Change, ledger: Ledger, keys: Keys) -> Decision:
    """All rows of a change or none: the first refusal is that of the change.  Leaves the ledger unchanged."""
    trial = Ledger()
    trial.units, trial.people = dict(ledger.units), dict(ledger.people)
    person, name = person_in(change, ledger), name_in(change, ledger, keys)
    events: list[Event] = []
    for row in rows_of(change, person, name):
        decision = decide_row(row, trial, None, keys)
        if isinstance(decision, Refused):
            return decision
        fresh = accepted_events([decision])
        trial.fold(fresh)
        events += fresh
    return Accepted(tuple(events)) if events else Unchanged()


def person_in(change: Change, ledger: Ledger) -> Person | None:
    """The person that the change is about; None if it is about a unit, or the person is not known yet."""
    return None if isinstance(change, UnitChange) else ledger.people.get(change.person_id)


def name_in(change: Change, ledger: Ledger, keys: Keys) -> str:
    """The person's name in the changed row, else in their latest membership; empty if none can be decrypted."""
    person = person_in(change, ledger)
    if person is None or isinstance(change, UnitChange):
        return ""
    own = person.membership(change.unit_id, change.since) if isinstance(change, MembershipChange) else None
    rows = [own] if own else sorted(person.memberships or person.voided, key=lambda item: item.since)
    return readable(rows[-1].name, change.person_id, keys(change.person_id)) if rows else ""


def fact_in(change: Change, ledger: Ledger) -> Fact | None:
    """The row that is changed, void or not."""
    person = person_in(change, ledger)
    match change:
        case MembershipChange():
            return person.membership(change.unit_id, change.since) if person else None
        case PostChange():
            return person.post(change.unit_id, change.post, change.since) if person else None
        case UnitChange():
            return ledger.units.get(change.unit_id)


def cells_in(change: Change, ledger: Ledger, keys: Keys) -> dict[str, str]:
    """The cells of that row in plain text; empty if there is no row."""
    fact = fact_in(change, ledger)
    if fact is None:
        return {}
    cells = cells_of(fact.row)
    return cells | {"name": name_in(change, ledger, keys)} if isinstance(change, MembershipChange) else cells


def units_named(change: Change) -> list[str]:
    """The units whose names the message and whose streams the decision needs."""
    others: Iterable[str] = ()
    if isinstance(change, MembershipChange):
        others = (change.to_unit_id,)
    elif isinstance(change, UnitChange):
        others = (change.cells.get(column, "") for column in _RELATIONS)
    return sorted({change.unit_id, *others} - {""})


def _streams(change: Change) -> Iterable[str]:
    person = [] if isinstance(change, UnitChange) else [f"person-{change.person_id}"]
    return [*person, *(f"unit-{unit_id}" for unit_id in units_named(change))]


def _events_of(decision: Decision) -> Sequence[Event]:
    return accepted_events([decision])


CHANGES: Final = Decider(
    Ledger, lambda ledger, change, keys: decide_change(change, ledger, keys), Ledger.evolve,
    streams=_streams, events_of=_events_of,
)  # fmt: skip
"""Fact: the persons' keys."""
