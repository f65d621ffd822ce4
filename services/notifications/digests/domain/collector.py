"""Collects one digest per recipient and day from what subjects owe, one subject at a time: a person's digest is
returned at once, those of posts are kept until all subjects were added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duties.days import Day, day_of, iso
from duties.outstanding import Outstanding
from duties.reminders import LEVELS
from services.notifications.digests.domain.items import FINDING, RETURN, SHEET, DigestItem
from services.notifications.obligations.domain import (
    ANSWERED,
    PUBLIC_ARTICLE,
    REVIEW,
    SENT_BACK,
    Finding,
    ReturnedSubmission,
    SheetRow,
)
from services.notifications.rules.escalation import UNIT_LEVELS, EscalationPath, recipient_level
from services.notifications.rules.stages import (
    CHECK_LATE,
    RAISED,
    RETURNED,
    REVIEW_LATE,
    SCORED,
    TAKE_DOWN,
    TO_CHECK,
    TO_REVIEW,
    Stages,
)


class Digest(NamedTuple):
    """What one recipient is told on one day; `unit_id` is the recipient's unit, empty above units."""

    recipient: str
    unit_id: str
    items: list[DigestItem]


class _Obligation(NamedTuple):
    topic: str
    period: str
    reference: str
    unit_id: str
    person_id: str
    due: Day
    note: str


@dataclass
class DigestCollector:
    """`was_notified(recipient, item identity)`: whether they were told before; `paths`: of units in service."""

    stages: Stages
    paths: Mapping[str, EscalationPath]
    was_notified: Callable[[str, str], bool]
    learnt_on: Callable[[int], Day] = lambda _: 0
    _items: dict[str, dict[str, DigestItem]] = field(default_factory=dict)  # of posts, by identity
    _counted_units: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def person_digest(
        self, person_id: str, unit_id: str, owed: Iterable[Outstanding], returned: Iterable[ReturnedSubmission] = ()
    ) -> Digest | None:
        """What a person is told.  `unit_id` is where they serve on the day; empty: nowhere, so they are not told
        themselves, but their former unit is."""
        items = []
        for outstanding in owed:
            item = self._escalate(_obligation(outstanding), notify_person=bool(unit_id))
            if item is not None:
                items.append(item)
        for submission in returned if unit_id else ():
            item, since = self._returned_item(unit_id, submission)
            if self.stages.is_fresh(since) and not self.was_notified(f"person-{person_id}", item.identity):
                items.append(item)
        return Digest(f"person-{person_id}", unit_id, items) if items else None

    def add_unit_duties(self, owed: Iterable[Outstanding]) -> None:
        """What units owe themselves."""
        for outstanding in owed:
            self._escalate(_obligation(outstanding))

    def add_findings(self, unit_id: str, findings: Iterable[Finding]) -> None:
        """A finding is told to the unit once it is known and when an answer was sent back, and escalates from its
        deadline on (domain.md, 督查); while an answer awaits its review, the office that raised it is told instead."""
        for finding in findings:
            if not finding.is_open(self.stages.day):
                continue
            if finding.stage == ANSWERED:
                self._notify_office(unit_id, finding)
                continue
            if finding.deadline is not None:
                self._escalate(_Obligation(FINDING, "", finding.finding_id, unit_id, "", finding.deadline, ""))
            due = "" if finding.deadline is None else iso(finding.deadline)
            if finding.stage == SENT_BACK:
                stage, period, day, known = RETURNED, iso(finding.stage_on), finding.stage_on, finding.stage_at
            else:
                stage, period, day, known = RAISED, "", finding.found_on, finding.learnt_at
            item = DigestItem(stage, FINDING, period, finding.finding_id, unit_id, "", due, "1", "", "")
            self._notify_unit(unit_id, item, max(day, self.learnt_on(known)))

    def _notify_office(self, unit_id: str, finding: Finding) -> None:
        """An answer is told to the office that raised the finding, and once more when it was not reviewed by the step
        of offices."""
        recipient, step = f"office-{finding.assessor_id}", self.stages.reminders.steps.office
        stage, since = TO_CHECK, max(finding.stage_on, self.learnt_on(finding.stage_at))
        late = self.stages.working_days.after(since, step) if step else 0
        if late and late <= self.stages.day:
            stage, since = CHECK_LATE, late
        period = iso(finding.stage_on)
        item = DigestItem(stage, FINDING, period, finding.finding_id, unit_id, "", "", "1", iso(since), "")
        if finding.assessor_id not in self.paths or not self.stages.is_fresh(since):
            return
        if not self.was_notified(recipient, item.identity):
            self._add(recipient, item, unit_id)

    def add_sheet_rows(self, unit_id: str, rows: Iterable[SheetRow]) -> None:
        """What was scored on the unit's quarter sheet is told to the unit alone (a unit sees its own score)."""
        for row in rows:
            if row.assessed_on > self.stages.day:
                continue
            points = str(row.points) if row.points.denominator == 1 else f"{float(row.points):g}"
            item = DigestItem(SCORED, SHEET, row.quarter, row.item, unit_id, "", "", "1", "", points)
            self._notify_unit(unit_id, item, max(row.assessed_on, self.learnt_on(row.learnt_at)))

    def add_returned(self, unit_id: str, returned: Iterable[ReturnedSubmission]) -> None:
        """What was returned is told to the clerk, and the unit's own to its head too; a work's author is told as a
        person."""
        for submission in returned:
            item, since = self._returned_item(unit_id, submission)
            self._notify_unit(unit_id, item, since, ("clerk",) if submission.person_id else ("clerk", "head"))

    def _returned_item(self, unit_id: str, submission: ReturnedSubmission) -> tuple[DigestItem, Day]:
        if submission.subject == REVIEW:
            return self._review_item(unit_id, submission)
        since = max(submission.day, self.learnt_on(submission.learnt_at))
        reference = f"{submission.subject} {submission.subject_id}"
        stage = TAKE_DOWN if submission.subject == PUBLIC_ARTICLE else RETURNED
        item = DigestItem(stage, RETURN, iso(submission.day), reference, unit_id, submission.person_id, "", "1",
                          iso(since), submission.returned_by)  # fmt: skip
        return item, since

    def _review_item(self, unit_id: str, review: ReturnedSubmission) -> tuple[DigestItem, Day]:
        """Told when it is assigned, and once more when its last day is past."""
        due = review.returned_by
        is_late = bool(due) and day_of(due) < self.stages.day
        since = day_of(due) + 1 if is_late else max(review.day, self.learnt_on(review.learnt_at))
        stage, reference = REVIEW_LATE if is_late else TO_REVIEW, f"{REVIEW} {review.subject_id}"
        item = DigestItem(
            stage, RETURN, iso(review.day), reference, unit_id, review.person_id, due, "1", iso(since), ""
        )
        return item, since

    def post_digests(self) -> Iterator[Digest]:
        """What every clerk, head and office is told, the highest first."""
        for recipient in sorted(self._items, key=_highest_first):
            items = [self._with_unit_count(recipient, item) for item in self._items[recipient].values()]
            yield Digest(recipient, items[0].unit_id if recipient_level(recipient) in UNIT_LEVELS else "", items)

    def _with_unit_count(self, recipient: str, item: DigestItem) -> DigestItem:
        units = self._counted_units.get((recipient, item.identity))
        return item if units is None else item._replace(note=str(len(units)))

    def _escalate(self, obligation: _Obligation, notify_person: bool = False) -> DigestItem | None:
        """Tells every level that has been reached; returns the person's own item."""
        own_item = None
        for level in LEVELS:
            recipient = self._recipient(level, obligation, notify_person)
            owner, top = self._is_owner(level, obligation), level == self._top_level(obligation)
            reached = self.stages.reached(obligation.due, level, owner, top) if recipient else None
            if recipient is None or reached is None:
                continue
            item = _item_for_level(obligation, level, reached.stage, reached.since)
            if self.was_notified(recipient, item.identity):
                continue
            if level == "person":
                own_item = item
            else:
                self._add(recipient, item, obligation.unit_id)
        return own_item

    @staticmethod
    def _is_owner(level: str, obligation: _Obligation) -> bool:
        """Who is told before the day: the first of the line, of a finding the head as well."""
        first_level = "person" if obligation.person_id else "clerk"
        return level == first_level or (obligation.topic == FINDING and level == "head")

    def _top_level(self, obligation: _Obligation) -> str:
        """The highest level of the line that is reminded of this; empty where only the person is."""
        levels = [level for level in self.stages.reminders.steps.reminded_levels if level != "person"]
        return next((level for level in reversed(levels) if self._recipient(level, obligation, False)), "")

    def _recipient(self, level: str, obligation: _Obligation, notify_person: bool) -> str | None:
        if level == "person":
            return f"person-{obligation.person_id}" if notify_person else None
        path = self.paths.get(obligation.unit_id)
        return path.recipient(level) if path else None

    def _notify_unit(
        self, unit_id: str, item: DigestItem, since: Day, levels: Sequence[str] = ("clerk", "head")
    ) -> None:
        path = self.paths.get(unit_id)
        if path is None or not self.stages.is_fresh(since):
            return
        for level in levels:
            recipient = path.recipient(level)
            if recipient and not self.was_notified(recipient, item.identity):
                self._add(recipient, item._replace(since=iso(since)), unit_id)

    def _add(self, recipient: str, item: DigestItem, unit_id: str) -> None:
        items = self._items.setdefault(recipient, {})
        earlier = items.get(item.identity)
        total = item.number + (earlier.number if earlier else 0)
        items[item.identity] = item if earlier is None else earlier._replace(quantity=str(total))
        if not item.unit_id:
            self._counted_units.setdefault((recipient, item.identity), set()).add(unit_id)


def _obligation(outstanding: Outstanding) -> _Obligation:
    progress = f"{outstanding.counted}/{outstanding.needed}" if outstanding.needed > 1 else ""
    return _Obligation(outstanding.duty, outstanding.period, "", outstanding.unit_id, outstanding.person_id,
                       outstanding.due, progress)  # fmt: skip


def _item_for_level(obligation: _Obligation, level: str, stage: str, since: Day) -> DigestItem:
    """No name leaves the unit, and above the offices no unit's either: counts only (domain.md)."""
    inside = level in UNIT_LEVELS
    return DigestItem(
        stage, obligation.topic, obligation.period, obligation.reference if inside else "",
        "" if level == "campaign_office" else obligation.unit_id, obligation.person_id if inside else "",
        iso(obligation.due), "1", iso(since), obligation.note if inside else "",
    )  # fmt: skip


def _highest_first(recipient: str) -> tuple[int, str]:
    order = ("campaign", "office", "head", "clerk")
    return order.index(recipient.partition("-")[0]), recipient
