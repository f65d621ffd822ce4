"""Derives from a subject's own facts which recipients are to be notified of what on a day, whether or not they were
before."""

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
    CHOSEN,
    DONE,
    FILING,
    PUBLIC_ARTICLE,
    PUBLIC_VIDEO,
    READING,
    REVIEW,
    SENT_BACK,
    UNCHOSEN,
    Finding,
    ReturnedSubmission,
    SheetRow,
)
from services.notifications.rules.escalation import UNIT_LEVELS, EscalationPath
from services.notifications.rules.reminder_stages import (
    CHECK_LATE,
    CLOSED,
    DESELECTED,
    RAISED,
    RETURNED,
    REVIEW_LATE,
    SCORED,
    SELECTED,
    TAKE_DOWN,
    TO_CHECK,
    TO_READ,
    TO_REVIEW,
    ReachedStage,
    Stages,
)

_STAGES = {PUBLIC_ARTICLE: TAKE_DOWN, PUBLIC_VIDEO: TAKE_DOWN, READING: TO_READ, CHOSEN: SELECTED,
           UNCHOSEN: DESELECTED}  # fmt: skip
"""Subjects of events about a work, article or filing other than a return."""
_WITHOUT_A_DAY = frozenset({FILING, CHOSEN, UNCHOSEN})
"""Their events have an instant instead of a day: the day is the district's local day of it."""


class Notice(NamedTuple):
    """An item for a recipient; `unit_id`: the unit that the item is about; of a person's own item the one they serve
    in."""

    recipient: str
    item: DigestItem
    unit_id: str


class _Obligation(NamedTuple):
    topic: str
    period: str
    reference: str
    unit_id: str
    person_id: str
    due: Day
    note: str


class _Step(NamedTuple):
    """A level of escalation above the person; `is_top`: the highest one, which gets repetitions of overdue items."""

    level: str
    recipient: str
    is_top: bool


@dataclass
class NoticeRules:
    """The rules of one day; `paths`: of units in service; `learnt_on`: the local day of an instant."""

    stages: Stages
    paths: Mapping[str, EscalationPath]
    learnt_on: Callable[[int], Day] = lambda _: 0
    _lines: dict[str, list[_Step]] = field(default_factory=dict)
    _reached: dict[tuple[Day, str, bool, bool], ReachedStage | None] = field(default_factory=dict)
    _written: dict[Day, str] = field(default_factory=dict)

    def of_person(
        self, person_id: str, unit_id: str, owed: Iterable[Outstanding], returned: Iterable[ReturnedSubmission] = ()
    ) -> Iterator[Notice]:
        """The notices for a person's facts.  `unit_id`: where they serve on the day; empty: nowhere, so only their
        former unit is notified."""
        for outstanding in owed:
            yield from self._escalate(_obligation(outstanding), unit_id)
        for submission in returned if unit_id else ():
            item, since = self._returned_item(unit_id, submission)
            if self.stages.is_fresh(since):
                yield Notice(f"person-{person_id}", item, unit_id)

    def of_unit_duties(self, owed: Iterable[Outstanding]) -> Iterator[Notice]:
        """The notices for what units owe themselves."""
        for outstanding in owed:
            yield from self._escalate(_obligation(outstanding))

    def of_findings(self, unit_id: str, findings: Iterable[Finding]) -> Iterator[Notice]:
        """A finding is sent to the unit when it is recorded, when an answer is sent back and when it is closed, and
        escalates from its deadline on (domain.md, 督查); while an answer awaits review, the office that raised it is
        notified instead."""
        for finding in findings:
            if finding.stage == DONE:
                yield from self._of_closed(unit_id, finding)
            if finding.stage == DONE or not finding.is_open(self.stages.day):
                continue
            if finding.stage == ANSWERED:
                yield from self._of_answer(unit_id, finding)
                continue
            if finding.deadline is not None:
                yield from self._escalate(
                    _Obligation(FINDING, "", finding.finding_id, unit_id, "", finding.deadline, "")
                )
            due = "" if finding.deadline is None else self._iso(finding.deadline)
            if finding.stage == SENT_BACK:
                stage, period, day, known = RETURNED, iso(finding.stage_on), finding.stage_on, finding.stage_at
            else:
                stage, period, day, known = RAISED, "", finding.found_on, finding.learnt_at
            item = DigestItem(stage, FINDING, period, finding.finding_id, unit_id, "", due, "1", "", "")
            yield from self._of_unit(unit_id, item, max(day, self.learnt_on(known)))

    def _of_closed(self, unit_id: str, finding: Finding) -> Iterator[Notice]:
        item = DigestItem(CLOSED, FINDING, iso(finding.stage_on), finding.finding_id, unit_id, "", "", "1", "", "")
        yield from self._of_unit(unit_id, item, max(finding.stage_on, self.learnt_on(finding.stage_at)))

    def _of_answer(self, unit_id: str, finding: Finding) -> Iterator[Notice]:
        """An answer is sent to the office that raised the finding, once more if not reviewed by the stage of
        offices."""
        step = self.stages.reminders.steps.office
        stage, since = TO_CHECK, max(finding.stage_on, self.learnt_on(finding.stage_at))
        late = self.stages.working_days.after(since, step) if step else 0
        if late and late <= self.stages.day:
            stage, since = CHECK_LATE, late
        if finding.assessor_id in self.paths and self.stages.is_fresh(since):
            period = iso(finding.stage_on)
            item = DigestItem(stage, FINDING, period, finding.finding_id, unit_id, "", "", "1", iso(since), "")
            yield Notice(f"office-{finding.assessor_id}", item, unit_id)

    def of_sheet_rows(self, unit_id: str, rows: Iterable[SheetRow]) -> Iterator[Notice]:
        """Points scored on a unit's quarter sheet are sent to that unit only (a unit sees its own score)."""
        for row in rows:
            if row.assessed_on > self.stages.day:
                continue
            points = str(row.points) if row.points.denominator == 1 else f"{float(row.points):g}"
            item = DigestItem(SCORED, SHEET, row.quarter, row.item, unit_id, "", "", "1", "", points)
            yield from self._of_unit(unit_id, item, max(row.assessed_on, self.learnt_on(row.learnt_at)))

    def of_returned(self, unit_id: str, returned: Iterable[ReturnedSubmission]) -> Iterator[Notice]:
        """What was returned is sent to the clerk, and the unit's own also to its head; a work's author is notified as a
        person."""
        for submission in returned:
            item, since = self._returned_item(unit_id, submission)
            yield from self._of_unit(unit_id, item, since, ("clerk",) if submission.person_id else ("clerk", "head"))

    def _returned_item(self, unit_id: str, submission: ReturnedSubmission) -> tuple[DigestItem, Day]:
        if submission.subject == REVIEW:
            return self._review_item(unit_id, submission)
        day = self.item_day(submission)
        since = max(day, self.learnt_on(submission.learnt_at))
        reference = f"{submission.subject} {submission.subject_id}"
        stage = _STAGES.get(submission.subject, RETURNED)
        item = DigestItem(stage, RETURN, iso(day), reference, unit_id, submission.person_id, "", "1",
                          iso(since), submission.returned_by)  # fmt: skip
        return item, since

    def item_day(self, submission: ReturnedSubmission) -> Day:
        """The day that its item has."""
        is_instant = submission.subject in _WITHOUT_A_DAY
        return self.learnt_on(submission.learnt_at) if is_instant else submission.day

    def _review_item(self, unit_id: str, review: ReturnedSubmission) -> tuple[DigestItem, Day]:
        """Sent when the review is assigned, and once more after its last day."""
        due = review.returned_by
        is_late = bool(due) and day_of(due) < self.stages.day
        since = day_of(due) + 1 if is_late else max(review.day, self.learnt_on(review.learnt_at))
        stage, reference = REVIEW_LATE if is_late else TO_REVIEW, f"{REVIEW} {review.subject_id}"
        item = DigestItem(
            stage, RETURN, iso(review.day), reference, unit_id, review.person_id, due, "1", iso(since), ""
        )
        return item, since

    def _of_unit(
        self, unit_id: str, item: DigestItem, since: Day, levels: Sequence[str] = ("clerk", "head")
    ) -> Iterator[Notice]:
        path = self.paths.get(unit_id)
        if path is None or not self.stages.is_fresh(since):
            return
        for level in levels:
            recipient = path.recipient(level)
            if recipient:
                yield Notice(recipient, item._replace(since=iso(since)), unit_id)

    def _escalate(self, obligation: _Obligation, serves: str = "") -> Iterator[Notice]:
        """One notice per level reached; including the person, if they serve somewhere."""
        due, person_id = obligation.due, obligation.person_id
        shared: dict[tuple[str, Day], DigestItem] = {}  # items that are equal for several levels inside the unit
        if serves and (reached := self._reached_by(due, "person", bool(person_id), False)):
            item = shared[reached] = self._item(obligation, "person", reached)
            yield Notice(f"person-{person_id}", item, serves)
        for level, recipient, is_top in self._line(obligation.unit_id):
            is_owner = (level == "clerk" and not person_id) or (level == "head" and obligation.topic == FINDING)
            reached = self._reached_by(due, level, is_owner, is_top)
            if reached is None:
                continue
            if level not in UNIT_LEVELS:
                yield Notice(recipient, self._item(obligation, level, reached), obligation.unit_id)
                continue
            if (inside := shared.get(reached)) is None:
                inside = shared[reached] = self._item(obligation, level, reached)
            yield Notice(recipient, inside, obligation.unit_id)

    def _line(self, unit_id: str) -> list[_Step]:
        """The levels of escalation above the person that have a recipient."""
        if (line := self._lines.get(unit_id)) is None:
            path, reminded = self.paths.get(unit_id), self.stages.reminders.steps.reminded_levels
            named = [(level, path.recipient(level)) for level in LEVELS if level != "person"] if path else []
            steps = [(level, recipient) for level, recipient in named if recipient]
            top = next((level for level, _ in reversed(steps) if level in reminded), "")
            line = self._lines[unit_id] = [_Step(level, recipient, level == top) for level, recipient in steps]
        return line

    def _reached_by(self, due: Day, level: str, owner: bool, top: bool) -> ReachedStage | None:
        key = due, level, owner, top
        if key not in self._reached:
            self._reached[key] = self.stages.reached(due, level, owner, top)
        return self._reached[key]

    def _item(self, obligation: _Obligation, level: str, reached: ReachedStage) -> DigestItem:
        """The item at a level: above the unit without the person, above the offices without the unit too, as counts
        only (domain.md)."""
        inside = level in UNIT_LEVELS
        return DigestItem(
            reached.stage, obligation.topic, obligation.period, obligation.reference if inside else "",
            "" if level == "campaign_office" else obligation.unit_id, obligation.person_id if inside else "",
            self._iso(obligation.due), "1", self._iso(reached.since), obligation.note if inside else "",
        )  # fmt: skip

    def _iso(self, day: Day) -> str:
        """Cached, because many items have the same day."""
        if (text := self._written.get(day)) is None:
            text = self._written[day] = iso(day)
        return text


def _obligation(outstanding: Outstanding) -> _Obligation:
    progress = f"{outstanding.counted}/{outstanding.needed}" if outstanding.needed > 1 else ""
    return _Obligation(outstanding.duty, outstanding.period, "", outstanding.unit_id, outstanding.person_id,
                       outstanding.due, progress)  # fmt: skip
