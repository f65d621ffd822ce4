"""A fictitious personnel office: 300 people of twenty units over six months, written as it exports them (.xlsx), and a
plain model of who serves where.  It knows nothing of the product: what it says is what the book must come to."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field, replace
from datetime import date

from openpyxl import Workbook

MONTHS = tuple(date(2022, 11, 1).replace(year=2022 + (10 + at) // 12, month=(10 + at) % 12 + 1) for at in range(6))
UNITS = {f"S{number:02}": f"第{number}小学" for number in range(1, 21)}
CALLED = {"S03": "三小（本部）", "S11": "第十一小学 （东校区）"}
"""What the personnel office calls some of them."""
ROLES = {"teacher": ("教师", "专任教师"), "cadre": ("干部", "管理人员"), "other": ("其他", "工勤")}
FAMILY, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高",
    ("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳"),
)


@dataclass(frozen=True)
class Job:
    """Where a person serves from when."""

    name: str
    role: str
    unit: str
    since: date
    until: date | None = None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Office:
    """What is so; `dates`: whether it exports the days of service."""

    dates: bool
    random: random.Random
    people: dict[str, list[Job]] = field(default_factory=dict)
    twice: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Who stands in the export twice, from some month on: the other unit, where they do not serve, and role."""
    on_leave: set[str] = field(default_factory=set)
    """Who serves and is not listed this month."""
    reused: set[str] = field(default_factory=set)
    """Numbers of people who left that were given to somebody new."""
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name and unit of whom the last export listed."""
    counts: dict[str, int] = field(default_factory=dict)

    def name(self) -> str:
        return self.random.choice(FAMILY) + self.random.choice(GIVEN)

    def unit(self, but: str = "") -> str:
        return self.random.choice([unit for unit in UNITS if unit != but])

    def state(self, day: date) -> dict[str, tuple[str, str, str]]:
        """Who serves where on that day: name, role, unit."""
        return {person: (job.name, job.role, job.unit) for person, jobs in self.people.items() for job in jobs
                if job.on(day)}  # fmt: skip

    def begin(self, day: date) -> None:
        for number in range(300):
            role = self.random.choice(["teacher"] * 8 + ["cadre", "other"])
            since = date(2015 + number % 7, 9, 1) if self.dates else day
            self.people[f"{number + 1:05}"] = [Job(self.name(), role, self.unit(), since)]

    def month(self, day: date) -> None:
        """Every kind of change, each of several persons, on the first of the month or, where days are exported, on
        days before it."""
        working = [person for person, jobs in self.people.items() if jobs[-1].on(day) and jobs[-1].since < day]
        gone = [person for person, jobs in self.people.items() if jobs[-1].until and jobs[-1].until < self.day(day)]
        self.random.shuffle(working)
        for person in [name for name in working if name not in self.twice][-3:]:
            last = self.people[person][-1]
            self.twice[person] = (self.unit(last.unit), last.role)
        self.on_leave = set(working[:3])
        working = working[3:]
        for kind, many in (("move", 6), ("role", 4), ("rename", 3), ("leave", 5), ("both", 2)):
            for _ in range(many):
                self.change(kind, working.pop(0), day)
        for person in gone[:2]:
            last = self.people[person][-1]
            self.start(person, last.name, last.role, self.unit(), day)
            self.count("return")
        for person in gone[2:3]:
            self.start(person, "诸葛若兰", "teacher", self.unit(), day)
            self.reused.add(person)
        for at in range(5):
            namesake = self.people[working[at]][-1].name if at < 2 else self.name()
            self.start(f"{len(self.people) + 1:05}", namesake, "teacher", self.unit(), day)
            self.count("join")

    def day(self, day: date) -> date:
        """A day on which a change happens that the file of this day shows."""
        if not self.dates:
            return day
        return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, self.random.randint(3, 28))

    def change(self, kind: str, person: str, day: date) -> None:
        self.count(kind)
        jobs = self.people[person]
        last, on = jobs[-1], self.day(day)
        if kind == "rename":
            jobs[-1] = replace(last, name=last.name[0] + "晓" + last.name[-1])
            return
        jobs[-1] = replace(last, until=on)
        role = {"teacher": "cadre", "cadre": "other", "other": "teacher"}[last.role]
        if kind == "move":
            jobs.append(replace(last, unit=self.unit(last.unit), since=on))
        elif kind == "role":
            jobs.append(replace(last, role=role, since=on))
        elif kind == "both":
            jobs.append(replace(last, unit=self.unit(last.unit), role=role, name=last.name[0] + "新", since=on))

    def start(self, person: str, name: str, role: str, unit: str, day: date) -> None:
        self.people.setdefault(person, []).append(Job(name, role, unit, self.day(day)))

    def count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1


def export(office: Office, day: date) -> bytes:
    """The month's file: a title, a header, ids as numbers that show five digits, names of two characters with a blank,
    a total below; some rows without an id, where name and unit say who it is."""
    book = Workbook()
    sheet = book.active
    days = ["任职起", "任职止"] if office.dates else []
    sheet.append([f"全区教育系统人员花名册（{day.year}年{day.month}月）"])
    sheet.append(["序号", "工号", "姓名", "性别", "岗位", "单位", *days])
    rows = [
        (person, job)
        for person, jobs in sorted(office.people.items())
        for job in jobs[-1:]
        if job.on(day) and person not in office.on_leave
    ]
    names = [(job.name, job.unit) for _, job in rows]
    for at, (person, job) in enumerate(rows, 1):
        nameless = at % 37 == 0 and office.shown.get(person) == (job.name, job.unit) and person not in office.twice
        nameless = nameless and names.count((job.name, job.unit)) == 1
        for unit, role in [(job.unit, job.role), *([office.twice[person]] if person in office.twice else [])]:
            sheet.append([at, None if nameless else int(person), spaced(job.name), "女", called(role, at),
                          CALLED.get(unit, UNITS[unit]), *([job.since] if days else [])])  # fmt: skip
            sheet.cell(sheet.max_row, 2).number_format = "00000"
    sheet.append(["合计", len(rows)])
    office.shown = {person: (job.name, job.unit) for person, job in rows}
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def spaced(name: str) -> str:
    return " ".join(name) if len(name) == 2 else name


def called(role: str, at: int) -> str:
    return ROLES[role][at % 2]
