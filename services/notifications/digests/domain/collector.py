"""Gathers one digest per recipient and day from what subjects owe, one subject at a time; persons' are handed out at
once, those of posts are kept until all subjects were seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duties.days import Day, iso
from duties.outstanding import Outstanding
from duties.reminders import LEVELS
from duties.subjects import Finding, SheetRow
from services.notifications.domain.items import FINDING, RETURN, SHEET, DigestItem, ReturnedSubmission
from services.notifications.domain.line import UNIT_LEVELS, EscalationPath, recipient_level
from services.notifications.domain.stages import RAISED, RETURNED, SCORED, Stages


class Digest(NamedTuple):
    """What one recipient is told on one day; `unit_id` is the unit in whose name, empty above units."""

    recipient: str
    unit_id: str
    items: list[DigestItem]


class _Owed(NamedTuple):
    what: str
    period: str
    ref: str
    unit_id: str
    person_id: str
    due: Day
    note: str


@dataclass
class DigestCollector:
    """`was_told(recipient, item key)` says whether they were told before; `lines` are those of units in service."""

    stages: Stages
    lines: Mapping[str, EscalationPath]
    was_notified: Callable[[str, str], bool]
    learnt_on: Callable[[int], Day] = lambda _: 0
    _posts: dict[str, dict[str, DigestItem]] = field(default_factory=dict)
    _units: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def person(
        self, person_id: str, unit_id: str, owed: Iterable[Outstanding], returned: Iterable[ReturnedSubmission] = ()
    ) -> Digest | None:
        """What a person is told; `unit_id` is where they serve on the day, empty when nowhere: then they are not told
        themselves, and their former unit still is."""
        mine = []
        for entry in owed:
            item = self._climb(_of(entry), bool(unit_id))
            if item is not None:
                mine.append(item)
        for back in returned if unit_id else ():
            item, since = self._returned(unit_id, back)
            if self.stages.is_fresh(since) and not self.was_notified(f"person-{person_id}", item.key):
                mine.append(item)
        return Digest(f"person-{person_id}", unit_id, mine) if mine else None

    def unit(self, owed: Iterable[Outstanding]) -> None:
        for item in owed:
            self._climb(_of(item))

    def findings(self, unit_id: str, findings: Iterable[Finding]) -> None:
        """A finding is told to the unit once it is known, and climbs from its deadline on (domain.md, 督查)."""
        for finding in findings:
            if finding.rectified_on is not None and finding.rectified_on <= self.stages.day:
                continue
            if finding.found_on > self.stages.day:
                continue
            if finding.deadline is not None:
                self._climb(_Owed(FINDING, "", finding.finding_id, unit_id, "", finding.deadline, ""))
            due = "" if finding.deadline is None else iso(finding.deadline)
            since = max(finding.found_on, self.learnt_on(finding.recorded_at))
            self._notice(unit_id, DigestItem(RAISED, FINDING, "", finding.finding_id, unit_id, "", due, "1", "", ""), since)

    def sheet(self, unit_id: str, rows: Iterable[SheetRow]) -> None:
        """What was scored on the unit's quarter sheet is told to the unit alone (a unit sees its own score)."""
        for row in rows:
            if row.assessed_on > self.stages.day:
                continue
            note = str(row.points) if row.points.denominator == 1 else f"{float(row.points):g}"
            item = DigestItem(SCORED, SHEET, row.quarter, row.item, unit_id, "", "", "1", "", note)
            self._notice(unit_id, item, max(row.assessed_on, self.learnt_on(row.recorded_at)))

    def returned(self, unit_id: str, returned: Iterable[ReturnedSubmission]) -> None:
        """What went back is told to the clerk, and the unit's own to its head too; a work's author is told as a
        person."""
        for item in returned:
            self._notice(unit_id, *self._returned(unit_id, item), ("clerk",) if item.person_id else ("clerk", "head"))

    def _returned(self, unit_id: str, entry: ReturnedSubmission) -> tuple[DigestItem, Day]:
        since = max(entry.day, self.learnt_on(entry.learnt_at))
        ref = f"{entry.subject} {entry.subject_id}"
        item = DigestItem(RETURNED, RETURN, iso(entry.day), ref, unit_id, entry.person_id, "", "1", iso(since), entry.by)
        return item, since

    def posts(self) -> Iterator[Digest]:
        """What every clerk, head and office is told, offices first."""
        for recipient in sorted(self._posts, key=_from_above):
            items = [self._counted(recipient, item) for item in self._posts[recipient].values()]
            yield Digest(recipient, items[0].unit_id if recipient_level(recipient) in UNIT_LEVELS else "", items)

    def _counted(self, recipient: str, item: DigestItem) -> DigestItem:
        units = self._units.get((recipient, item.key))
        return item if units is None else item._replace(note=str(len(units)))

    def _climb(self, owed: _Owed, told_themselves: bool = False) -> DigestItem | None:
        """Tells every level that has been reached; answers the person's own item."""
        own, first = None, "person" if owed.person_id else "clerk"
        for level in LEVELS:
            recipient = self._recipient(level, owed, told_themselves)
            told = self.stages.reached(owed.due, level, level == first) if recipient else None
            if recipient is None or told is None:
                continue
            item = _shaped(owed, level, told.stage, told.since)
            if self.was_notified(recipient, item.key):
                continue
            if level == "person":
                own = item
            else:
                self._add(recipient, item, owed.unit_id)
        return own

    def _recipient(self, level: str, owed: _Owed, told_themselves: bool) -> str | None:
        if level == "person":
            return f"person-{owed.person_id}" if told_themselves else None
        line = self.lines.get(owed.unit_id)
        return line.recipient(level) if line else None

    def _notice(self, unit_id: str, item: DigestItem, since: Day, levels: Sequence[str] = ("clerk", "head")) -> None:
        line = self.lines.get(unit_id)
        if line is None or not self.stages.is_fresh(since):
            return
        for level in levels:
            recipient = line.recipient(level)
            if recipient and not self.was_notified(recipient, item.key):
                self._add(recipient, item._replace(since=iso(since)), unit_id)

    def _add(self, recipient: str, item: DigestItem, unit_id: str) -> None:
        mine = self._posts.setdefault(recipient, {})
        before = mine.get(item.key)
        mine[item.key] = item if before is None else before._replace(quantity=str(before.number + item.number))
        if not item.unit_id:
            self._units.setdefault((recipient, item.key), set()).add(unit_id)


def _of(outstanding: Outstanding) -> _Owed:
    note = f"{outstanding.counted}/{outstanding.needed}" if outstanding.needed > 1 else ""
    return _Owed(
        outstanding.duty, outstanding.period, "", outstanding.unit_id, outstanding.person_id, outstanding.due, note
    )


def _shaped(owed: _Owed, level: str, stage: str, since: Day) -> DigestItem:
    """No name leaves the unit, and above the offices no unit's either: counts only (domain.md)."""
    inside = level in UNIT_LEVELS
    return DigestItem(
        stage, owed.what, owed.period, owed.ref if inside else "",
        "" if level == "campaign_office" else owed.unit_id, owed.person_id if inside else "",
        iso(owed.due), "1", iso(since), owed.note if inside else "",
    )  # fmt: skip


def _from_above(recipient: str) -> tuple[int, str]:
    order = ("campaign", "office", "head", "clerk")
    return order.index(recipient.partition("-")[0]), recipient
