"""The preview that is kept between looks equals a whole decision after whatever came, and a look after one changed row
decides nobody else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.process.worker_process import WorkerProcess
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
from duties.days import day_of
from services.notifications.calendar.handlers import set_calendar_day
from services.notifications.digests import changes, preview
from services.notifications.digests.decision import write_digests
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.digests.kept_day import KeptDay, Renewal
from services.notifications.subscriptions import PROJECTIONS
from services.participation.campaign.file import load
from tests.services.notifications.subject import CAMPAIGN, OPERATOR, Subject, record, school, teacher, unit
from tests.support.mail_server import MailServer

DAY = "2022-12-06"
DAYS = ("2022-11-08", "2022-11-28", "2022-11-30", "2022-12-01", "2022-12-05")
UNITS = ("X1", "X2", "X3", "X4")
PEOPLE = tuple(f"P{number}" for number in range(8))
RULES = CAMPAIGN.replace("record: book_issue", "record: book_issue, joiners_days: 10") + (
    "  - {id: notes, title: 学习笔记, who: {roles: [teacher]}, every: month, count: 2, record: note}\n"
    "notifications: {repeat_days: 2, steps: {person: 1, clerk: 1, head: 2, office: 2, campaign_office: 3}}\n"
)
ANEW = {
    "participation.campaign_launched", "participation.campaign_amended", "participation.campaign_closed",
    "participation.unit_registered", "participation.unit_closed", "participation.unit_related",
    "participation.unit_corrected", "participation.person_erased", "notifications.calendar_imported",
    "notifications.calendar_day_set",
}  # fmt: skip
"""After these everything is decided anew."""


class District:
    """Random changes of a small district, each of which may concern what a day's digests say."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject, self._chance, self._number = subject, random.Random(seed), 0
        self._records: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._serves = {person: teacher(person, self._one(UNITS)) for person in PEOPLE[:6]}
        subject.receives(CampaignAmended("xue", 2, load(RULES.encode())), school("X3", "第3小学"))
        subject.receives(school("X4", "第4小学"), *self._serves.values())

    def _one(self, names: Any) -> Any:
        return self._chance.choice(list(names))

    def _new(self, letter: str) -> str:
        self._number += 1
        return f"{letter}{self._number}"

    def change(self) -> None:
        made = self._one(self._changes())()
        if isinstance(made, Event):
            self.subject.receives(made)

    def _changes(self) -> list[Callable[[], Event | None]]:
        often: list[Callable[[], Event | None]] = [
            self._record, self._record, self._record, self._withdrawn, self._corrected, self._finding, self._finding,
            self._of_finding, self._of_finding, self._sheet, self._exemption, self._returned, self._returned,
            self._review, self._review, self._joins, self._leaves, self._void, self._void, self._article, self._told,
        ]  # fmt: skip
        return often * 4 + [self._liaison, self._calendar, self._erased, self._closed, self._corrected_unit]

    def _record(self) -> Event:
        kind, name = self._one(("book_issue", "note", "note", "video", "talk")), self._new("R")
        of_unit = kind == "video"
        event = record(name, kind, self._one(DAYS), self._one(UNITS), "" if of_unit else self._one(PEOPLE))
        self._records[name] = asdict(event)
        return event

    def _withdrawn(self) -> Event | None:
        return RecordWithdrawn(self._one(self._records), "2022-12-05T00:00:00.000000Z", "w") if self._records else None

    def _corrected(self) -> Event | None:
        if not self._records:
            return None
        name = self._one(self._records)
        row, column = self._records[name], self._one(("unit_id", "person_id", "occurred_at", "record", "*"))
        if column == "unit_id":
            row["unit_id"] = self._one(UNITS)
        elif column == "person_id":
            row["person_id"] = self._one(PEOPLE)
        elif column == "record":
            row["kind"] = self._one(("book_issue", "note", "video"))
        elif column == "occurred_at":
            row |= {"day": self._one(DAYS), "unit_id": self._one(UNITS), "unit_given": ""}
        return RecordCorrected(**row, voided=column == "*", columns=(column,), correction_id="", correction_reason="")

    def _finding(self) -> Event:
        name = self._new("F")
        event = FindingReported(name, self._one(UNITS), "O3", self._one(DAYS), self._one(("", *DAYS)), "1", "", "d",
                                "xue")  # fmt: skip
        self._rows[name] = asdict(event)
        return event

    def _of_finding(self) -> Event | None:
        findings = [name for name in self._rows if name.startswith("F")]
        if not findings:
            return None
        row = self._rows[self._one(findings)]
        name, unit_id = row["finding_id"], row["unit_id"]
        match self._one(("answered", "returned", "rectified", "corrected", "moved", "void")):
            case "answered":
                return FindingAnswered(name, unit_id, "O3", "", "2022-12-05", "", ())
            case "returned":
                return FindingReturned(name, unit_id, "2022-12-05", "")
            case "rectified":
                row["rectified_on"] = "2022-12-05"
                return RectificationReported(name, "2022-12-05")
            case "corrected":
                row["deadline"], column, voided = self._one(DAYS), "deadline", False
            case "moved":
                row["unit_id"], column, voided = self._one(UNITS), "unit_id", False
            case _:
                column, voided = "*", True
        return FindingCorrected(**row, voided=voided, columns=(column,), correction_id="", correction_reason="")

    def _sheet(self) -> Event:
        sheets = [name for name in self._rows if name.startswith("S")]
        if sheets and self._chance.random() < 0.4:
            row, column = self._rows[self._one(sheets)], self._one(("points", "unit_id", "*"))
            row |= {"points": "21"} if column == "points" else {"unit_id": self._one(UNITS)} if column != "*" else {}
            return SheetCorrected(**row, voided=column == "*", columns=(column,), correction_id="",
                                  correction_reason="")  # fmt: skip
        name = self._new("S")
        event = SheetReported(name, self._one(UNITS), "O3", "2022-Q4", "depth", "20", self._one(DAYS), "d", "xue")
        self._rows[name] = asdict(event)
        return event

    def _exemption(self) -> Event:
        known = [name for name in self._rows if name.startswith("E")]
        if known and self._chance.random() < 0.4:
            row, column = self._rows[self._one(known)], self._one(("duty", "person_id", "unit_id", "*"))
            if column == "duty":
                row["duty"] = self._one(("book", "video"))
            elif column == "person_id":
                row |= {"person_id": self._one(PEOPLE), "unit_id": ""}
            elif column == "unit_id":
                row |= {"person_id": "", "unit_id": self._one(UNITS)}
            return ExemptionCorrected(**row, voided=column == "*", columns=(column,), correction_id="",
                                      correction_reason="")  # fmt: skip
        name, of_person = self._new("E"), self._chance.random() < 0.5
        event = ExemptionGranted(name, self._one(PEOPLE) if of_person else "", "" if of_person else self._one(UNITS),
                                 "book" if of_person else "video", "once" if of_person else "2022-11", "d", "",
                                 "xue")  # fmt: skip
        self._rows[name] = asdict(event)
        return event

    def _returned(self) -> Event:
        work, day = self._one(("W1", "W2", "W3")), self._one(DAYS)
        if self._chance.random() < 0.4:
            return WorkRevised(work, "P1", "text", "c", 9, day, "author", "")
        return WorkReturned(work, self._one(PEOPLE), self._one(UNITS), "reviewer", "P7", day, "")

    def _review(self) -> Event:
        work, person = self._one(("W1", "W2", "W3")), self._one(PEOPLE)
        match self._one(("asked", "asked", "marked", "released")):
            case "marked":
                return WorkMarked(work, person, {}, "80", "2022-12-05")
            case "released":
                return ReviewerReleased(work, person, "office", "2022-12-05")
            case _:
                return ReviewerAssigned(work, person, self._one(DAYS), "r", self._one(("", *DAYS)))

    def _article(self) -> Event:
        name, at = self._one(("A1", "A2")), f"{self._one(DAYS)}T00:00:00.000000Z"
        match self._one(("drafted", "returned", "ordered", "gone")):
            case "drafted":
                return ArticleDrafted(name, self._one(UNITS), "district", "x", (), (), "c", 9, 0, "2022-12-01")
            case "returned":
                return ReadingReturned("article", name, "second", "P7", "x", self._one(DAYS))
            case "ordered":
                return TakeDownOrdered(name, self._one(UNITS), "hand", "x", at)
            case _:
                return ArticleTakenDown(name, "X1", "hand", "x", at)

    def _joins(self) -> Event | None:
        """Whoever serves nowhere yet: a person's memberships never overlap."""
        new = [person for person in PEOPLE if person not in self._serves]
        if not new:
            return None
        since = self._one(("2022-11-20", "2022-11-25", "2022-12-02"))
        self._serves[new[0]] = replace(teacher(new[0], self._one(UNITS)), since=since)
        return self._serves[new[0]]

    def _leaves(self) -> Event:
        known = self._serves[self._one(self._serves)]
        until = self._one(("2022-11-28", *DAYS[1:]))
        self._serves[known.person_id] = replace(known, until=until)
        return MembershipEnded(known.person_id, known.unit_id, known.since, until)

    def _void(self) -> Event:
        """Void or restored, or of another role, so that nothing is owed or again."""
        known = self._serves[self._one(self._serves)]
        column = self._one(("*", "role"))
        known = replace(known, role=self._one(("other", "teacher"))) if column == "role" else known
        self._serves[known.person_id] = known
        return MembershipCorrected(**asdict(known), voided=column == "*" and self._chance.random() < 0.6,
                                   columns=(column,), correction_id="", correction_reason="")  # fmt: skip

    def _told(self) -> None:
        """A day before is decided, and sent or not."""
        self.subject.at(self._one(("2022-12-01T09:00", "2022-12-02T09:00", "2022-12-05T09:00"))).tick()

    def _liaison(self) -> Event:
        return UnitRelated(self._one(UNITS), "", "", self._one(("O3", "O4")), "2022-12-01")

    def _calendar(self) -> None:
        set_calendar_day(self.subject.service.units_of_work, OPERATOR, "2022-12-02", self._one(("rest", "usual")), "")

    def _erased(self) -> Event:
        return PersonErased("P7")

    def _closed(self) -> Event:
        return UnitClosed("X4", self._one(DAYS))

    def _corrected_unit(self) -> Event:
        known = asdict(unit("X3", "第3小学", self._one(("school", "office"))))
        return UnitCorrected(**known, voided=False, columns=("kind",), correction_id="", correction_reason="")


@pytest.fixture
def kept(subject: Subject) -> KeptDay:
    subject.receives(unit("O4", "教研室", "office"))
    return KeptDay(subject.runtime.store, day_of(DAY))


def look(subject: Subject, kept: KeptDay) -> tuple[Renewal, list[Any]]:
    with subject.runtime.store.reading() as connection:
        renewal = kept.renew(connection)
    return renewal, json.loads(json.dumps(kept.page(PreviewFilter(), 10_000).digests))


def decided_whole(subject: Subject, folder: Path) -> list[Any]:
    """Every digest in its order, as a run of the day would write it."""
    file, url = folder / "whole", subject.runtime.store.url.render_as_string(hide_password=False)
    write_digests({"database_url": url, "day": day_of(DAY), "file": str(file)})
    return [[line["recipient"], line["unit_id"], line["items"]] for line in map(json.loads, file.open())]


def test_what_is_kept_equals_a_whole_decision_after_whatever_came(
    subject: Subject, kept: KeptDay, mail: MailServer, tmp_path: Path
) -> None:
    mail.answer = lambda _to, before: "451 later" if before % 3 == 0 else "250 OK"
    district = District(subject, 1)
    assert look(subject, kept)[1] == decided_whole(subject, tmp_path) != []
    alone = 0
    for _ in range(40):
        district.change()
        renewal, digests = look(subject, kept)
        alone += renewal.people + renewal.units <= 3
        assert digests == decided_whole(subject, tmp_path)
    assert alone > 24, "nearly every change concerns one or two subjects"


def test_a_look_after_one_changed_row_decides_its_person_or_its_unit_alone(subject: Subject, kept: KeptDay) -> None:
    District(subject, 1)
    whole = look(subject, kept)[0]
    assert (whole.people, whole.units) == (6, 6)
    assert look(subject, kept)[0] == Renewal(0, 0, 0)
    subject.receives(record("R1", "note", "2022-11-28", "X1", "P1"))
    renewal = look(subject, kept)[0]
    assert (renewal.people, renewal.units) == (1, 1) and renewal.digests <= 5
    subject.receives(UnitRelated("X1", "", "", "O4", "2022-12-01"))
    assert look(subject, kept)[0].people == 6, "who supervises a unit changes everybody's line"


def test_what_somebody_was_told_goes_out_of_the_next_look_without_a_decision(subject: Subject, kept: KeptDay) -> None:
    District(subject, 1)
    before = look(subject.tick(), kept)[1]  # too early to decide, but the calendar is known from now on
    subject.at("2022-12-05T09:00").tick()
    renewal, after = look(subject, kept)
    assert (renewal.people, renewal.units) == (0, 0) and renewal.digests > 5
    assert len(after) < len(before)


def test_a_large_district_s_day_is_kept_ready_by_a_process_that_ends_when_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = Subject(tmp_path / "data").launches()
    District(subject, 1)
    shown, day = subject.service.digest_preview, day_of(DAY)
    shown._spawn = lambda function, *given: function(*given)
    monkeypatch.setattr(preview, "WorkerProcess", WorkerProcess)
    shown.keep_ready(day)
    assert shown._workers == {}, "a small one is decided when somebody looks"
    monkeypatch.setattr(preview, "READY_FROM", 6)
    shown._rest_until = 0.0
    shown.keep_ready(day)
    worker = shown._workers[day]
    subject.receives(record("R1", "note", "2022-11-28", "X1", "P1"))
    answer = shown._decided(day, PreviewFilter(), 10)
    assert (answer["people_decided"], answer["units_decided"]) == (1, 1) and worker.is_running
    subject.rebuild()
    assert shown._decided(day, PreviewFilter(), 10)["people_decided"] == 6, "of rows made anew nothing was kept"
    monkeypatch.setattr(preview, "IDLE_SECONDS", -1.0)
    monkeypatch.setattr(preview, "READY_FROM", 100)
    shown.keep_ready(day)
    assert shown._workers == {} and not worker.is_running


def test_every_event_that_is_projected_is_known_to_concern_somebody_everybody_or_nobody() -> None:
    known = {
        *changes._NAMES_ITS_SUBJECT, *changes._CORRECTS_ITS_SUBJECT, *changes._NAMES_ITS_ROW, *changes._OF_RETURNS,
        *changes._OF_A_RECIPIENT, *changes._WITHOUT_EFFECT, *ANEW,
    }  # fmt: skip
    assert {cls.wire.rpartition(".v")[0] for cls in PROJECTIONS.subscribed} - known == set()
