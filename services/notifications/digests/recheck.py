"""Checks before sending which items of a digest still apply: what was settled since the decision is not sent."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from chassis.messaging.inbox import Inbox
from chassis.store.database import Store
from duties.days import Day, day_of, iso
from duties.outstanding import Outstanding
from services.notifications.digests.decision import DigestDecision
from services.notifications.digests.domain.items import FINDING, NOT_DUTIES, RETURN, SHEET, DigestItem
from services.notifications.obligations import queries
from services.notifications.obligations.domain import ANSWERED, DONE, SENT_BACK, Finding
from services.notifications.rules.escalation import CAMPAIGN_OFFICE
from services.notifications.rules.reminder_stages import CHECK_LATE, CLOSED, RETURNED, TO_CHECK


class _Obligation(NamedTuple):
    """What is owed.  `topic`: a duty, `finding` or `returned`; `period` may be a finding's id.  `due` of a duty: a
    person who joins later owes the same duty of a period by another day."""

    topic: str
    period: str
    unit_id: str
    person_id: str
    due: str = ""


class DigestRecheck:
    """Checks digests against the rows, unless no event was received since the day was decided."""

    def __init__(self, store: Store, inbox: Inbox) -> None:
        self._store, self._inbox = store, inbox
        self._decided_at: tuple[Day, list[int]] | None = None
        # for a day at these cursors; after a restart every digest of the day is checked again
        self._cached: tuple[tuple[Day, list[int]], DigestDecision | None] = (0, []), None

    def mark_decided(self, day: Day, inbox_positions: list[int]) -> None:
        """Record that the day's digests were decided from the rows at these cursors."""
        self._decided_at = (day, inbox_positions)

    def inbox_positions(self, connection: Connection) -> list[int]:
        return self._inbox.positions(connection)

    def remaining_items(
        self, connection: Connection, recipient: str, day: Day, items: Sequence[DigestItem]
    ) -> list[DigestItem]:
        """The items that still apply.  The campaign office's counts stay as decided (docs/notifications.md)."""
        now = day, self.inbox_positions(connection)
        if recipient == CAMPAIGN_OFFICE or self._decided_at == now:
            return list(items)
        if self._cached[0] != now:
            campaign = queries.campaign_in_force(connection)
            decision = None if campaign is None else DigestDecision(connection, self._store, campaign, day)
            self._cached = now, decision
        decision = self._cached[1]
        owed = self._owed_now(connection, decision, day, items) if decision else Counter[_Obligation]()
        return [remaining for item in items if (remaining := _with_remaining(item, owed)) is not None]

    def _owed_now(
        self, connection: Connection, decision: DigestDecision, day: Day, items: Sequence[DigestItem]
    ) -> Counter[_Obligation]:
        """The current obligations of the items' subjects: each by itself, and summed without the person or finding."""
        owed = self._owed_by_people(connection, decision, items)
        returned_units = sorted({item.unit_id for item in items if item.topic == RETURN})
        for each in queries.still_returned(connection, returned_units):
            day_of_item = iso(decision.rules.item_day(each))
            owed[_Obligation(RETURN, f"{day_of_item} {each.subject} {each.subject_id}", "", "")] += 1
        units = sorted({item.unit_id for item in items if not item.person_id} & decision.units.keys())
        chosen = queries.SubjectFilter(self._store, decision.campaign.id, units)
        for facts in queries.facts_of_units(connection, units, chosen):
            unit = decision.units[facts.unit_id]
            owed.update(_of_duty(outstanding, "") for outstanding in decision.owed_by_unit(unit, facts))
            for finding in facts.findings:
                owed.update(_of_finding(finding, unit.unit_id) if finding.is_open(day) or finding.stage == DONE else ())
        return owed

    def _owed_by_people(
        self, connection: Connection, decision: DigestDecision, items: Sequence[DigestItem]
    ) -> Counter[_Obligation]:
        duties = [item for item in items if item.topic not in NOT_DUTIES]
        personal = {duty.id for duty in decision.campaign.duties if duty.of_persons}
        counted_units = {item.unit_id for item in duties if item.topic in personal and not item.person_id}
        people = {item.person_id for item in duties if item.person_id} | queries.members_of(connection, counted_units)
        owed = Counter[_Obligation]()
        if people:
            wanted = queries.SubjectFilter(self._store, decision.campaign.id, sorted(people))
            for facts in queries.facts_of_people(connection, wanted):
                for outstanding in decision.owed_by_person(facts):
                    for person_id in (outstanding.person_id, ""):
                        owed[_of_duty(outstanding, person_id)] += 1
        return owed


def _of_duty(outstanding: Outstanding, person_id: str) -> _Obligation:
    return _Obligation(outstanding.duty, outstanding.period, outstanding.unit_id, person_id, iso(outstanding.due))


def _of_finding(finding: Finding, unit_id: str) -> list[_Obligation]:
    """The obligation of the unit, by the finding and by its deadline; or of the office that raised it while that is to
    act."""
    named = f"{finding.stage} {iso(finding.stage_on)} {finding.finding_id}" if finding.stage else ""
    of_unit = [] if finding.stage in (ANSWERED, DONE) else [finding.finding_id, f"due {finding.deadline}"]
    return [_Obligation(FINDING, name, unit_id, "") for name in (named, *of_unit) if name]


def _reference_of(item: DigestItem) -> str:
    """The finding as named by `_of_finding`."""
    turn = {TO_CHECK: ANSWERED, CHECK_LATE: ANSWERED, RETURNED: SENT_BACK, CLOSED: DONE}.get(item.stage)
    if turn:
        return f"{turn} {item.period} {item.reference}"
    return item.reference or f"due {day_of(item.due)}"


def _with_remaining(item: DigestItem, owed: Counter[_Obligation]) -> DigestItem | None:
    """The item with the current quantity; None if it is settled."""
    if item.topic == SHEET:
        return item
    if item.topic == RETURN:
        return item if owed[_Obligation(RETURN, f"{item.period} {item.reference}", "", "")] else None
    period, due = item.period, item.due
    if item.topic == FINDING:
        period, due = _reference_of(item), ""
    number = owed[_Obligation(item.topic, period, item.unit_id, item.person_id, due)]
    if not number:
        return None
    return item if item.reference or item.person_id else item._replace(quantity=str(number))
