"""Who is to be told what at an instant: every level of the line, from what is owed and known at that instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.domain.duties.oracle_of_credit import CreditOracle
from tests.domain.duties.oracle_of_instances import Facts
from tests.semester.calendar import DAY, last_working_day, local, shifted
from tests.semester.letters import CHOICE, FINDING, READING, RETURN, REVIEW, SHEET
from tests.semester.publicity_log import Choice, OfPublicity, Reading, Return, Review

STEPS = {"person": 1, "clerk": 1, "head": 3, "office": 6, "campaign_office": 10}
LEVELS = tuple(STEPS)
LONG_AGO = date(1970, 1, 1)
AGAIN = "again"
"""Said again, and since which day: each time is another one; a letter does not say the day."""


class Key(NamedTuple):
    """What is told once to the same recipient."""

    stage: str
    what: str
    period: str
    due: str
    place: str


class Count(NamedTuple):
    many: int
    units: frozenset[str]


class Owed(NamedTuple):
    what: str
    period: str
    ref: str
    unit: str
    person: str
    due: date


@dataclass(frozen=True)
class Rules:
    """The section `notifications` of the campaign file, read once more; times as 08:30."""

    soon: int
    steps: dict[str, int]
    send_at: str
    quiet: tuple[str, str]
    catch_up: int
    repeat: int

    @classmethod
    def of(cls, campaign: dict[str, Any]) -> Rules:
        given = campaign.get("notifications") or {}
        quiet = given.get("quiet") or {"from": "20:00", "to": "08:00"}
        return cls(given.get("due_soon_days", 3), STEPS | given.get("steps", {}), given.get("send_at", "08:30"),
                   (quiet["from"], quiet["to"]), given.get("catch_up_days", 10),
                   given.get("repeat_days", 0))  # fmt: skip

    def is_quiet(self, time: str) -> bool:
        first, end = self.quiet
        return first <= time < end if first <= end else time >= first or time < end


Notices = dict[str, dict[Key, Count]]
"""Recipient -> what they are to be told, whether or not they were told before."""


class Expected:
    def __init__(
        self,
        facts: Facts,
        launched: date,
        publicity: OfPublicity,
    ) -> None:
        self.facts, self.rules, self.launched = facts, Rules.of(facts.campaign), launched
        self.returns, self.reviews, self.readings, self.choices = publicity
        self.oracle = CreditOracle(facts)
        self.kept: dict[tuple[date, int], Notices] = {}

    def at(self, day: date, known: int) -> Notices:
        """With what was recorded up to the instant `known`."""
        if (day, known) not in self.kept:
            self.kept[day, known] = self._notices_at(day, known)
        return self.kept[day, known]

    def _notices_at(self, day: date, known: int) -> Notices:
        result: Notices = {}
        for owed in self.owed(day, known):
            for recipient, stage, place in self._line(owed, day):
                key = Key(stage, owed.what, owed.period, owed.due.isoformat(), place)
                _add(result, recipient, key, owed.unit)
        for unit, key in self._notices(day, known):
            for recipient in (f"clerk-{unit}", f"head-{unit}"):
                _add(result, recipient, key, unit)
        for item in self.returns:
            for recipient in self._notified_of(item, day, known):
                _add(
                    result,
                    recipient,
                    Key(item.stage, RETURN, item.day.isoformat() * (item.stage == "returned"), "", item.place),
                    item.unit,
                )
        for review, key in self._reviews(day, known):
            _add(result, f"person-{review.reviewer}", key, "")
        for recipient, key in (*self._readings(day, known), *self._choices(day, known)):
            _add(result, recipient, key, "")
        return result

    def _readings(self, day: date, known: int) -> Iterator[tuple[str, Key]]:
        """The reader alone is told."""
        for item in self.readings:
            fresh = _is_open(item, known) and self._is_fresh(max(item.day, local(item.since).date()), day)
            if fresh and self.oracle.serving(item.reader, day):
                yield f"person-{item.reader}", Key("to_read", READING, "", "", f"{item.place} {item.day}")

    def _choices(self, day: date, known: int) -> Iterator[tuple[str, Key]]:
        """The author is told, and the clerk of what the district chose; no letter names the work."""
        for item in self.choices:
            chosen_on = local(item.since).date()
            if not _is_open(item, known) or not self._is_fresh(chosen_on, day):
                continue
            key = Key(item.stage, CHOICE, str(chosen_on), "", item.place)
            if self.oracle.serving(item.author, day):
                yield f"person-{item.author}", key
            if item.place.endswith(":district") and self._serves(item.unit, day):
                yield f"clerk-{item.unit}", key

    def _reviews(self, day: date, known: int) -> Iterator[tuple[Review, Key]]:
        """The reviewer alone is told: from when they were asked, and from the day after the last day instead."""
        for review in self.reviews:
            stage, since = "to_review", max(review.day, local(review.since).date())
            if review.due and review.due < day:
                stage, since = "review_late", review.due + DAY
            serving = review.is_open(known) and self.oracle.serving(review.reviewer, day)
            if serving and self._is_fresh(since, day):
                due = review.due.isoformat() if review.due else ""
                yield review, Key(stage, REVIEW, "", due, f"{review.reviewer} {review.work}")

    def _notified_of(self, item: Return, day: date, known: int) -> Iterator[str]:
        """A work's author and their clerk, or the unit's clerk and head, until it has come again."""
        open_still = item.since <= known and (not item.until or item.until > known)
        if not open_still or not self._is_fresh(max(item.day, local(item.since).date()), day):
            return
        if item.person and self.oracle.serving(item.person, day):
            yield f"person-{item.person}"
        if self._serves(item.unit, day):
            yield from (f"clerk-{item.unit}",) if item.person else (f"clerk-{item.unit}", f"head-{item.unit}")

    def owed(self, day: date, known: int) -> Iterator[Owed]:
        """What is not done as of the day, as far as its due day can matter."""
        self.oracle.known = known
        first = min(day, self.launched) if self.rules.repeat and self.launched != LONG_AGO else day
        for duty in self.oracle.c["duties"]:
            for period in self.oracle.names(duty["every"]):
                for instance in self.oracle.owners(duty, period):
                    due = instance["due"]
                    if instance["start"] > day or not first - timedelta(60) <= due <= day + timedelta(40):
                        continue
                    if len(self.oracle.counted(instance, day)) < duty["count"]:
                        yield Owed(duty["id"], period, "", instance["unit"], instance["person"], due)
        for finding in self._findings(day, known):
            if finding["deadline"]:
                yield Owed(FINDING, "", finding["finding_id"], finding["unit_id"], "", finding["deadline"])

    def _findings(self, day: date, known: int) -> Iterator[dict[str, Any]]:
        """Known and open."""
        for finding in self.facts.findings:
            righted = (
                finding["rectified_on"] and finding["rectified_recorded"] <= known and finding["rectified_on"] <= day
            )
            if finding["recorded"] <= known and finding["found_on"] <= day and not righted:
                yield finding

    def _notices(self, day: date, known: int) -> Iterator[tuple[str, Key]]:
        """Findings and marks on sheets are told to the unit when they are known."""
        result = [
            (finding, "found_on", Key("raised", FINDING, "", str(finding["deadline"] or ""), finding["finding_id"]))
            for finding in self._findings(day, known)
        ]
        result += [
            (sheet, "assessed_on", Key("scored", SHEET, sheet["period"], "", sheet["item"]))
            for sheet in self.facts.sheets
            if sheet["recorded"] <= known and sheet["assessed_on"] <= day
        ]
        for item, reported_on, key in result:
            since = max(item[reported_on], local(item["recorded"]).date())
            if self._is_fresh(since, day) and self._serves(item["unit_id"], day):
                yield item["unit_id"], key

    def _is_fresh(self, since: date, day: date) -> bool:
        return day - self.rules.catch_up * DAY <= since <= day

    def _serves(self, unit: str, day: date) -> bool:
        return self.oracle.unit_serves(self.oracle.unit[unit], day)

    def _line(self, owed: Owed, day: date) -> Iterator[tuple[str, str, str]]:
        """(recipient, stage, place) along the line upwards, each with the latest stage that it has reached."""
        first = ("person",) if owed.person else ("clerk", "head") if owed.what == FINDING else ("clerk",)
        inside = owed.person or owed.ref
        above = [level for level in LEVELS[1:] if self.rules.steps[level] and self._recipient(level, owed, day)]
        top = above[-1] if above else ""
        for level in LEVELS:
            recipient = self._recipient(level, owed, day)
            stage = self._again(owed.due, level, day) if level == top else ""
            stage = stage or self._stage(owed.due, level, level in first, day)
            if recipient and stage:
                place = {"office": owed.unit, "campaign_office": ""}.get(level, inside)
                yield recipient, stage, place

    def _stage(self, due: date, level: str, owner: bool, day: date) -> str:
        last, step = last_working_day(due), self.rules.steps[level]
        reached = [("over", shifted(due, step))] if step else []
        if owner:
            reached.append(("today", last))
            if self.rules.soon:
                reached.append(("soon", shifted(last, -self.rules.soon)))
        stage, since = next(((stage, since) for stage, since in reached if since <= day), ("", day))
        return stage if self._is_fresh(since, day) else ""

    def _again(self, due: date, level: str, day: date) -> str:
        """What is said to the top of the line again: so many working days after it was said first, and so on; not where
        that was long before the launch."""
        first = shifted(due, self.rules.steps[level])
        if not self.rules.repeat or first < self.launched - self.rules.catch_up * DAY:
            return ""
        since = first
        while shifted(since, self.rules.repeat) <= day:
            since = shifted(since, self.rules.repeat)
        return f"{AGAIN} {since}" if since > first and self._is_fresh(since, day) else ""

    def _recipient(self, level: str, owed: Owed, day: date) -> str:
        if level == "person":
            return f"person-{owed.person}" if owed.person and self.oracle.serving(owed.person, day) else ""
        if not self._serves(owed.unit, day):
            return ""
        if level == "campaign_office":
            return "campaign-office"
        return self._office(self.oracle.unit[owed.unit], day) if level == "office" else f"{level}-{owed.unit}"

    def _office(self, unit: dict[str, Any], day: date) -> str:
        """包联股室 over schools and kindergartens, 督查室 over offices and secondary units, nobody over themselves."""
        above = ""
        if unit["kind"] in ("school", "kindergarten"):
            above = unit.get("liaison_id", "")
        elif unit["kind"] in ("office", "secondary"):
            above = next((u["unit_id"] for u in self.facts.units
                          if "supervision_office" in u["tags"] and self._serves(u["unit_id"], day)), "")  # fmt: skip
        return f"office-{above}" if above and above != unit["unit_id"] and self._serves(above, day) else ""


def _is_open(item: Reading | Choice, known: int) -> bool:
    return item.since <= known and (not item.until or item.until > known)


def _add(result: Notices, recipient: str, key: Key, unit: str) -> None:
    mine = result.setdefault(recipient, {})
    before = mine.get(key, Count(0, frozenset()))
    mine[key] = Count(before.many + 1, before.units | {unit})
