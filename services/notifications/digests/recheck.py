"""Looks again at what a digest says at the moment of sending: what was met since is not said any more."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.runtime.service_runtime import ServiceRuntime
from duties.days import Day, day_of, iso
from services.notifications import projections, queries
from services.notifications.decision import DigestDecision
from services.notifications.domain.items import FINDING, NOT_DUTIES, RETURN, SHEET, DigestItem
from services.notifications.domain.line import CAMPAIGN_OFFICE

Place = tuple[str, str, str, str]
"""Duty (or `finding`), period (or a finding's id), unit, person: what is owed."""


class DigestRecheck:
    """Checks digests against the rows; what did not change since the decision is not looked at again."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime
        self._decided_at: tuple[Day, list[int]] | None = None
        # of a day as these cursors found it: after a restart every digest of the day is looked at again
        self._rules: tuple[tuple[Day, list[int]], DigestDecision | None] = (0, []), None

    def decided(self, day: Day, marks: list[int]) -> None:
        """The day's digests were decided from the rows of these cursors."""
        self._decided_at = (day, marks)

    def marks(self, connection: Connection) -> list[int]:
        return self.runtime.inbox.positions(connection)

    def left(self, connection: Connection, recipient: str, day: Day, items: Sequence[DigestItem]) -> list[DigestItem]:
        """The items that are still so.  The campaign office's counts stand as of the decision (docs)."""
        now = day, self.marks(connection)
        if recipient == CAMPAIGN_OFFICE or self._decided_at == now:
            return list(items)
        if self._rules[0] != now:
            campaign = queries.campaign(connection)
            self._rules = now, None if campaign is None else DigestDecision(connection, self.runtime.store, campaign, day)
        decision = self._rules[1]
        owed = self._owed(connection, decision, day, items) if decision else Counter[Place]()
        return [kept for item in items if (kept := _kept(item, owed)) is not None]

    def _owed(self, connection: Connection, decision: DigestDecision, day: Day, items: Sequence[DigestItem]) -> Counter[Place]:
        """What these items' subjects owe now: each place as such, and summed without the person or finding."""
        counter: Counter[Place] = Counter()
        store = self.runtime.store
        duties = [item for item in items if item.what not in NOT_DUTIES]
        of_persons = {duty.id for duty in decision.campaign.duties if duty.of_persons}
        people = {item.person_id for item in duties if item.person_id}
        people |= _members(
            connection, {item.unit_id for item in duties if item.what in of_persons and not item.person_id}
        )
        if people:
            for file in queries.people(connection, queries.SubjectFilter(store, sorted(people))):
                for item in decision.person(file):
                    for person_id in (item.person_id, ""):
                        counter[(item.duty, item.period, item.unit_id, person_id)] += 1
        back = sorted({item.unit_id for item in items if item.what == RETURN})
        counter.update((RETURN, f"{iso(day)} {ref}", "", "") for ref, day in queries.still_returned(connection, back))
        units = sorted({item.unit_id for item in items if not item.person_id} & decision.units.keys())
        for unit in queries.unit_files(connection, units, queries.SubjectFilter(store, units)):
            counter.update((o.duty, o.period, o.unit_id, "") for o in decision.unit(decision.units[unit.unit_id], unit))
            open_findings = [f for f in unit.findings if f.rectified_on is None or f.rectified_on > day]
            counter.update((FINDING, f.finding_id, unit.unit_id, "") for f in open_findings)
            counter.update((FINDING, f"due {f.deadline}", unit.unit_id, "") for f in open_findings)
        return counter


def _kept(item: DigestItem, owed: Counter[Place]) -> DigestItem | None:
    """The item as it is now; None when it was met."""
    if item.what == SHEET:
        return item
    if item.what == RETURN:
        return item if owed[(RETURN, f"{item.period} {item.ref}", "", "")] else None
    period = item.period
    if item.what == FINDING:
        period = item.ref or f"due {day_of(item.due)}"
    number = owed[(item.what, period, item.unit_id, item.person_id)]
    if not number:
        return None
    return item if item.ref or item.person_id else item._replace(quantity=str(number))


def _members(connection: Connection, unit_ids: set[str]) -> set[str]:
    if not unit_ids:
        return set()
    member: Any = projections.memberships.c
    return set(connection.execute(sa.select(member.person_id).where(member.unit_id.in_(unit_ids))).scalars())
