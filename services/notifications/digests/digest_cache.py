"""A cache of the digests of one day in a process: decided completely once, then each request reads only the subjects
whose facts changed.

The digests are those of one moment of the store, and equal those of a complete decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.row_moment import Positions, positions
from duties.days import Day
from services.notifications.digests.changes import Changes, changes_since
from services.notifications.digests.decision import DigestDecision, has_ended, notified_since
from services.notifications.digests.domain.kept_digests import (
    PERSON,
    UNIT,
    DigestPage,
    KeptDigests,
    PreviewFilter,
    Subject,
)
from services.notifications.obligations import queries
from services.notifications.obligations.domain import ReturnedSubmission

MANY = 500
"""Above this number of recipients, what they were notified of is read for all at once."""


class Renewal(NamedTuple):
    """The numbers of people and units decided, and of digests rebuilt."""

    people: int
    units: int
    digests: int


class KeptDay:
    """One day of one store."""

    def __init__(self, store: Store, day: Day) -> None:
        self._store, self._day = store, day
        self._positions: Positions = {}
        self._decision: DigestDecision | None = None
        self._digests = KeptDigests()
        self._returned: dict[tuple[str, str], tuple[str, ReturnedSubmission]] = {}

    @property
    def unknown_years(self) -> Sequence[int]:
        """The years near the day that the calendar lacks."""
        stages = self._decision.stages if self._decision else None
        return stages.working_days.unknown_years(*stages.reach) if stages else ()

    def page(self, wanted: PreviewFilter, limit: int) -> DigestPage:
        """A page of the digests at the moment of the last renewal."""
        return self._digests.page(wanted, limit)

    def renew(self, connection: Connection) -> Renewal:
        """Update the digests to the moment of the connection's snapshot."""
        now = positions(connection)
        decision, self._decision = self._decision, None  # so that a renewal that fails half-way leaves nothing behind
        changes = changes_since(connection, self._positions, now) if decision else None
        if decision is None or changes is None:
            decision, result = self._decide(connection)
        else:
            result = self._take_in(connection, decision, changes)
        self._positions, self._decision = now, decision
        return result

    def _decide(self, connection: Connection) -> tuple[DigestDecision | None, Renewal]:
        self._digests, self._returned = KeptDigests(), {}
        campaign = queries.campaign_in_force(connection)
        if campaign is None or has_ended(campaign, self._day):
            return None, Renewal(0, 0, 0)
        decision = DigestDecision(connection, self._store, campaign, self._day)
        self._returned = queries.returned_by_id(connection)
        people, units = self._replace(connection, decision, None, None)
        return decision, Renewal(people, units, self._put_together(connection, decision, ()))

    def _take_in(self, connection: Connection, decision: DigestDecision, changes: Changes) -> Renewal:
        people, units = set(changes.people), set(changes.units)
        if changes.returns:
            before, self._returned = self._returned, queries.returned_by_id(connection)
            for _, (unit_id, submission) in before.items() ^ self._returned.items():
                people.add(submission.person_id)
                units.add(unit_id)
        decided = self._replace(connection, decision, sorted(people - {""}), sorted(units & decision.units.keys()))
        return Renewal(*decided, self._put_together(connection, decision, changes.recipients))

    def _replace(
        self,
        connection: Connection,
        decision: DigestDecision,
        people: Sequence[str] | None,
        units: Sequence[str] | None,
    ) -> tuple[int, int]:
        """Replace the notices of these people and units (None: all); returns their numbers."""
        decided_people = decided_units = 0
        awaited = set(people or ())
        for person in decision.notices_of_people(connection, people) if people is None or people else ():
            self._digests.replace(Subject(PERSON, person.person_id), person.notices)
            awaited.discard(person.person_id)
            decided_people += 1
        for person_id in awaited:  # all their memberships are void
            self._digests.replace(Subject(PERSON, person_id), ())
        for unit_id, notices in decision.notices_of_units(connection, units) if units is None or units else ():
            self._digests.replace(Subject(UNIT, unit_id), notices)
            decided_units += 1
        return decided_people, decided_units

    def _put_together(self, connection: Connection, decision: DigestDecision, again: Collection[str]) -> int:
        first = decision.stages.reach[0]

        def notified(recipients: Collection[str]) -> Iterable[tuple[str, str]]:
            return notified_since(connection, first, None if len(recipients) > MANY else recipients)

        return self._digests.renew(again, notified)
