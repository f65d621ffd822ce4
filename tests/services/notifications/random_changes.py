"""Random changes of a small district that may concern what a day's digests say."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from chassis.events.definition import Event
from contracts.articles import ArticleDrafted, ArticleTakenDown, ReadingReturned, TakeDownOrdered
from contracts.corrections import (
    ExemptionCorrected,
    FindingCorrected,
    MembershipCorrected,
    RecordCorrected,
    SheetCorrected,
    UnitCorrected,
)
from contracts.findings import FindingAnswered, FindingReturned
from contracts.participation import (
    CampaignAmended,
    ExemptionGranted,
    FindingReported,
    MembershipEnded,
    PersonErased,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
    UnitClosed,
    UnitRelated,
)
from contracts.publicity import ReviewerAssigned, ReviewerReleased, WorkMarked, WorkReturned, WorkRevised
from services.notifications.calendar.handlers import set_calendar_day
from tests.services.notifications.subject import CAMPAIGN, OPERATOR, Subject, record, school, teacher, unit
from tests.support.campaigns import document_of

DAY = "2022-12-06"
DAYS = ("2022-11-08", "2022-11-28", "2022-11-30", "2022-12-01", "2022-12-05")
UNITS = ("X1", "X2", "X3", "X4")
PEOPLE = tuple(f"P{number}" for number in range(8))
RULES = CAMPAIGN.replace("record: book_issue", "record: book_issue, joiners_days: 10") + (
    "  - {id: notes, title: 学习笔记, who: {roles: [teacher]}, every: month, count: 2, record: note}\n"
    "notifications: {repeat_days: 2, steps: {person: 1, clerk: 1, head: 2, office: 2, campaign_office: 3}}\n"
)


class District:
    """Random changes of a small district, each of which may concern what a day's digests say."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject, self._chance, self._number = subject, random.Random(seed), 0
        self._records: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._serves = {person: teacher(person, self._any(UNITS)) for person in PEOPLE[:6]}
        subject.receives(CampaignAmended("xue", 2, document_of(RULES.encode())), school("X3", "第3小学"))
        subject.receives(school("X4", "第4小学"), *self._serves.values())

    def _any(self, names: Any) -> Any:
        return self._chance.choice(list(names))

    def _new(self, letter: str) -> str:
        self._number += 1
        return f"{letter}{self._number}"

    def change(self) -> None:
        event = self._any(self._changes())()
        if isinstance(event, Event):
            self.subject.receives(event)

    def _changes(self) -> list[Callable[[], Event | None]]:
        often: list[Callable[[], Event | None]] = [
            self._record, self._record, self._record, self._withdrawn, self._corrected, self._finding, self._finding,
            self._of_finding, self._of_finding, self._sheet, self._exemption, self._returned, self._returned,
            self._review, self._review, self._joins, self._leaves, self._void, self._void, self._article, self._tick,
        ]  # fmt: skip
        return often * 4 + [self._liaison, self._calendar, self._erased, self._closed, self._corrected_unit]

    def _record(self) -> Event:
        kind, name = self._any(("book_issue", "note", "note", "video", "talk")), self._new("R")
        of_unit = kind == "video"
        event = record(name, kind, self._any(DAYS), self._any(UNITS), "" if of_unit else self._any(PEOPLE))
        self._records[name] = asdict(event)
        return event

    def _withdrawn(self) -> Event | None:
        return RecordWithdrawn(self._any(self._records), "2022-12-05T00:00:00.000000Z", "w") if self._records else None

    def _corrected(self) -> Event | None:
        if not self._records:
            return None
        name = self._any(self._records)
        row, column = self._records[name], self._any(("unit_id", "person_id", "occurred_at", "record", "*"))
        if column == "unit_id":
            row["unit_id"] = self._any(UNITS)
        elif column == "person_id":
            row["person_id"] = self._any(PEOPLE)
        elif column == "record":
            row["kind"] = self._any(("book_issue", "note", "video"))
        elif column == "occurred_at":
            row |= {"day": self._any(DAYS), "unit_id": self._any(UNITS), "unit_given": ""}
        return RecordCorrected(**row, voided=column == "*", columns=(column,), correction_id="", correction_reason="")

    def _finding(self) -> Event:
        name = self._new("F")
        event = FindingReported(name, self._any(UNITS), "O3", self._any(DAYS), self._any(("", *DAYS)), "1", "", "d",
                                "xue")  # fmt: skip
        self._rows[name] = asdict(event)
        return event

    def _of_finding(self) -> Event | None:
        findings = [name for name in self._rows if name.startswith("F")]
        if not findings:
            return None
        row = self._rows[self._any(findings)]
        name, unit_id = row["finding_id"], row["unit_id"]
        match self._any(("answered", "returned", "rectified", "corrected", "moved", "void")):
            case "answered":
                return FindingAnswered(name, unit_id, "O3", "", "2022-12-05", "", ())
            case "returned":
                return FindingReturned(name, unit_id, "2022-12-05", "")
            case "rectified":
                row["rectified_on"] = "2022-12-05"
                return RectificationReported(name, "2022-12-05")
            case "corrected":
                row["deadline"], column, voided = self._any(DAYS), "deadline", False
            case "moved":
                row["unit_id"], column, voided = self._any(UNITS), "unit_id", False
            case _:
                column, voided = "*", True
        return FindingCorrected(**row, voided=voided, columns=(column,), correction_id="", correction_reason="")

    def _sheet(self) -> Event:
        sheets = [name for name in self._rows if name.startswith("S")]
        if sheets and self._chance.random() < 0.4:
            row, column = self._rows[self._any(sheets)], self._any(("points", "unit_id", "*"))
            row |= {"points": "21"} if column == "points" else {"unit_id": self._any(UNITS)} if column != "*" else {}
            return SheetCorrected(**row, voided=column == "*", columns=(column,), correction_id="",
                                  correction_reason="")  # fmt: skip
        name = self._new("S")
        event = SheetReported(name, self._any(UNITS), "O3", "2022-Q4", "depth", "20", self._any(DAYS), "d", "xue")
        self._rows[name] = asdict(event)
        return event

    def _exemption(self) -> Event:
        known = [name for name in self._rows if name.startswith("E")]
        if known and self._chance.random() < 0.4:
            row, column = self._rows[self._any(known)], self._any(("duty", "person_id", "unit_id", "*"))
            if column == "duty":
                row["duty"] = self._any(("book", "video"))
            elif column == "person_id":
                row |= {"person_id": self._any(PEOPLE), "unit_id": ""}
            elif column == "unit_id":
                row |= {"person_id": "", "unit_id": self._any(UNITS)}
            return ExemptionCorrected(**row, voided=column == "*", columns=(column,), correction_id="",
                                      correction_reason="")  # fmt: skip
        name, of_person = self._new("E"), self._chance.random() < 0.5
        event = ExemptionGranted(name, self._any(PEOPLE) if of_person else "", "" if of_person else self._any(UNITS),
                                 "book" if of_person else "video", "once" if of_person else "2022-11", "d", "",
                                 "xue")  # fmt: skip
        self._rows[name] = asdict(event)
        return event

    def _returned(self) -> Event:
        work, day = self._any(("W1", "W2", "W3")), self._any(DAYS)
        if self._chance.random() < 0.4:
            return WorkRevised(work, "P1", "text", "c", 9, day, "author", "")
        return WorkReturned(work, self._any(PEOPLE), self._any(UNITS), "reviewer", "P7", day, "")

    def _review(self) -> Event:
        work, person = self._any(("W1", "W2", "W3")), self._any(PEOPLE)
        match self._any(("asked", "asked", "marked", "released")):
            case "marked":
                return WorkMarked(work, person, {}, "80", "2022-12-05")
            case "released":
                return ReviewerReleased(work, person, "office", "2022-12-05")
            case _:
                return ReviewerAssigned(work, person, self._any(DAYS), "r", self._any(("", *DAYS)))

    def _article(self) -> Event:
        name, at = self._any(("A1", "A2")), f"{self._any(DAYS)}T00:00:00.000000Z"
        match self._any(("drafted", "returned", "ordered", "gone")):
            case "drafted":
                return ArticleDrafted(name, self._any(UNITS), "district", "x", (), (), "c", 9, 0, "2022-12-01")
            case "returned":
                return ReadingReturned("article", name, "second", "P7", "x", self._any(DAYS))
            case "ordered":
                return TakeDownOrdered(name, self._any(UNITS), "hand", "x", at)
            case _:
                return ArticleTakenDown(name, "X1", "hand", "x", at)

    def _joins(self) -> Event | None:
        """Whoever serves nowhere yet: a person's memberships never overlap."""
        new = [person for person in PEOPLE if person not in self._serves]
        if not new:
            return None
        since = self._any(("2022-11-20", "2022-11-25", "2022-12-02"))
        self._serves[new[0]] = replace(teacher(new[0], self._any(UNITS)), since=since)
        return self._serves[new[0]]

    def _leaves(self) -> Event:
        known = self._serves[self._any(self._serves)]
        until = self._any(("2022-11-28", *DAYS[1:]))
        self._serves[known.person_id] = replace(known, until=until)
        return MembershipEnded(known.person_id, known.unit_id, known.since, until)

    def _void(self) -> Event:
        """Void or restored, or of another role, so that nothing is owed or again."""
        known = self._serves[self._any(self._serves)]
        column = self._any(("*", "role"))
        known = replace(known, role=self._any(("other", "teacher"))) if column == "role" else known
        self._serves[known.person_id] = known
        return MembershipCorrected(**asdict(known), voided=column == "*" and self._chance.random() < 0.6,
                                   columns=(column,), correction_id="", correction_reason="")  # fmt: skip

    def _tick(self) -> None:
        """A day before is decided, and sent or not."""
        self.subject.at(self._any(("2022-12-01T09:00", "2022-12-02T09:00", "2022-12-05T09:00"))).tick()

    def _liaison(self) -> Event:
        return UnitRelated(self._any(UNITS), "", "", self._any(("O3", "O4")), "2022-12-01")

    def _calendar(self) -> None:
        set_calendar_day(self.subject.service.units_of_work, OPERATOR, "2022-12-02", self._any(("rest", "usual")), "")

    def _erased(self) -> Event:
        return PersonErased(self._any(PEOPLE[4:]))

    def _closed(self) -> Event:
        return UnitClosed("X4", self._any(DAYS))

    def _corrected_unit(self) -> Event:
        known = asdict(unit("X3", "第3小学", self._any(("school", "office"))))
        return UnitCorrected(**known, voided=False, columns=("kind",), correction_id="", correction_reason="")
