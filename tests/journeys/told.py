"""Who should have been told what, once more: brute force over the sample's files, with a calendar written by hand.

Shares nothing with services/notifications; what is owed is said by the engine that scoring.md's results hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from duties.asks import OutstandingAsk
from duties.outstanding import Outstanding
from tests.domain.duties.sample_district import District, rows
from tests.support.mail_server import Mail

DAY = timedelta(days=1)
REST = {date(2022, 12, 31), *(date(2023, 1, n) for n in (1, 2, 21, 22, 23, 24, 25, 26, 27))}
WORKED = {date(2023, 1, 28), date(2023, 1, 29)}
STEPS = {"clerk": 1, "head": 3, "office": 6, "campaign-office": 10}
HEADINGS = {"soon": "即将到期", "today": "请在今天完成", "over": "逾期未完成", "raised": "督查问题"}


class Line(NamedTuple):
    """A line of a letter as a checker sees it: under which heading, of which duty and due day, for how many."""

    heading: str
    title: str
    due: str
    many: int


def works(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in REST)


def shifted(day: date, working_days: int) -> date:
    """So many working days later (or earlier)."""
    step = DAY if working_days > 0 else -DAY
    while working_days:
        day += step
        working_days -= (1 if step > timedelta() else -1) * works(day)
    return day


class Expected:
    """Tells day by day, and remembers what it told."""

    def __init__(self, learnt: date) -> None:
        self.district, self.learnt = District(), learnt
        self.units = {row["unit_id"]: row for row in rows("units.csv")}
        self.titles = {duty.id: duty.title for duty in self.district.campaign.duties}
        self.told: set[tuple[str, ...]] = set()

    def on(self, day: date) -> dict[str, set[Line]]:
        """Recipient -> the lines of the letter of that day."""
        ask = OutstandingAsk(day.toordinal())
        counts: dict[tuple[str, str, str, str], int] = {}
        fresh = set()
        for one in self.district.reckon([ask]).outstanding(ask):
            for recipient, stage in self._told_of(one, day):
                inside = recipient.startswith(("clerk", "head", "person"))
                unit = "" if recipient == "campaign-office" else one.unit_id
                key = (recipient, stage, one.duty, one.period, unit, one.person_id if inside else "")
                if key not in self.told:
                    fresh.add(key)
                    place = (recipient, stage, self._title(one), date.fromordinal(one.due).isoformat())
                    counts[place] = counts.get(place, 0) + 1
        for key, place in self._findings(day):
            if key not in self.told:
                fresh.add(key)
                counts[place] = counts.get(place, 0) + 1
        for finding in rows("findings.csv"):
            since = max(date.fromisoformat(finding["found_on"]), self.learnt)
            for level in ("clerk", "head"):
                key = (f"{level}-{finding['unit_id']}", "raised", finding["finding_id"])
                if since <= day <= since + 10 * DAY and key not in self.told:
                    fresh.add(key)
                    counts[key[0], "raised", "督查问题", finding["deadline"]] = 1
        self.told |= fresh
        lines: dict[str, set[Line]] = {}
        for (recipient, stage, title, due), many in counts.items():
            lines.setdefault(recipient, set()).add(Line(HEADINGS[stage], title, due, many))
        return lines

    def _findings(self, day: date) -> Iterable[tuple[tuple[str, ...], tuple[str, str, str, str]]]:
        """Deadlines of findings that are known and open climb as due days do."""
        for row in rows("findings.csv"):
            open_still = not row["rectified_on"] or date.fromisoformat(row["rectified_on"]) > day
            if not row["deadline"] or not open_still or date.fromisoformat(row["found_on"]) > day:
                continue
            due = date.fromisoformat(row["deadline"]).toordinal()
            owed = Outstanding(0, "", row["unit_id"], "", "finding", due, 0, 1, False)
            for recipient, stage in self._told_of(owed, day):
                ref = row["finding_id"] if recipient.startswith(("clerk", "head")) else ""
                unit = "" if recipient == "campaign-office" else row["unit_id"]
                yield (recipient, stage, ref, unit, row["deadline"]), (recipient, stage, "督查问题", row["deadline"])

    def _told_of(self, one: Outstanding, day: date) -> Iterable[tuple[str, str]]:
        due, last = date.fromordinal(one.due), date.fromordinal(one.due)
        while not works(last):
            last -= DAY
        owner = f"person-{one.person_id}" if one.person_id else f"clerk-{one.unit_id}"
        stages = [("over", shifted(due, 1)), ("today", last), ("soon", shifted(last, -3))]
        told = [(owner, next(((stage, since) for stage, since in stages if since <= day), None))]
        for level, step in STEPS.items():
            recipient = self._post(level, one.unit_id)
            if recipient and recipient != owner and shifted(due, step) <= day:
                told.append((recipient, ("over", shifted(due, step))))
        return [(who, found[0]) for who, found in told if found and found[1] >= day - 10 * DAY]

    def _post(self, level: str, unit_id: str) -> str:
        unit = self.units[unit_id]
        if level == "campaign-office":
            return level
        if level != "office":
            return f"{level}-{unit_id}"
        above = {"school": unit["liaison_id"], "kindergarten": unit["liaison_id"], "office": "O01", "secondary": "O01"}
        office = above.get(unit["kind"], "")
        return f"office-{office}" if office and office != unit_id else ""

    def _title(self, one: Outstanding) -> str:
        if one.period == "once":
            return self.titles[one.duty]
        year, _, part = one.period.partition("-")
        words = {"autumn": "年秋季学期", "spring": "年春季学期"}.get(part)
        words = words or (f"年第{part[1:]}季度" if part.startswith("Q") else f"年{int(part)}月" if part else "年")
        return f"{self.titles[one.duty]}（{year}{words}）"


def read(mail: Mail) -> set[Line]:
    """The lines of a mail's text."""
    found, heading = set(), ""
    for line in mail.text.splitlines():
        if line.startswith("【"):
            heading = line.strip("【】")
        elif line.startswith("  · "):
            found.add(_line(heading, line, mail.to))
    return found


def _line(heading: str, text: str, to: str) -> Line:
    if text.startswith("  · 督查问题（"):
        return Line(heading, "督查问题", "", 1)
    match = re.fullmatch(r"  · (.+?)，(?:截止日|整改期限) (\d+)年(\d+)月(\d+)日(.*)", text)
    assert match, text
    title, year, month, day, rest = match.groups()
    due = f"{year}-{int(month):02}-{int(day):02}"
    if to.startswith("campaign-office"):
        return Line(heading, title, due, int(re.findall(r"共 (\d+) 项", rest)[0]))
    if to.startswith("office"):
        return Line(heading, title, due, sum(int(n or "1") for n in re.findall(r"[：、][^、 ]+(?: (\d+) 项)?", rest)))
    people = re.findall(r"：(\d+) 人（", rest)
    return Line(heading, title, due, int(people[0]) if people else 1)
