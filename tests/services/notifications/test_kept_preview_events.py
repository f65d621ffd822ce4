"""Each kind of event after which a day's digests say something else: the preview that is kept says it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from chassis.events.definition import Event
from contracts.articles import (
    ArticleDrafted,
    ArticleStopped,
    ArticleTakenDown,
    ReadingReturned,
    TakeDownDisproved,
    TakeDownFailed,
    TakeDownOrdered,
)
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
    CampaignClosed,
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
from contracts.publicity import (
    AnthologyCompiled,
    AnthologyTakenDown,
    ReviewerAssigned,
    ReviewerReleased,
    WorkMarked,
    WorkReturned,
    WorkRevised,
)
from duties.days import day_of
from services.notifications.calendar.handlers import set_calendar_day
from services.notifications.digests.digest_cache import KeptDay
from tests.services.notifications.previews import decided_whole, kept_digests
from tests.services.notifications.random_changes import DAY
from tests.services.notifications.subject import OPERATOR, Subject, record, school, teacher, unit

AT, TODAY = f"{DAY}T00:00:00.000000Z", "2022-12-05"
MENDED: dict[str, Any] = {"voided": False, "correction_id": "", "correction_reason": ""}
BOOK = record("R1", "book_issue", "2022-12-01", "X1", "P1")
FREED = ExemptionGranted("E1", "P1", "", "book", "once", "d", "", "xue")
RAISED = FindingReported("F1", "X1", "O3", TODAY, "2022-12-09", "1", "", "d", "xue")
SCORED = SheetReported("S1", "X1", "O3", "2022-Q4", "depth", "20", TODAY, "d", "xue")
ASKED = ReviewerAssigned("W1", "P2", TODAY, "r", "")
BACK = WorkReturned("W2", "P1", "X1", "unit", "", TODAY, "")
DRAFT = ArticleDrafted("A1", "X1", "district", "x", (), (), "c", 9, 0, TODAY)
EDITION = AnthologyCompiled("N1", "X1", "2022-autumn", 1, 1, "unit", "x", (), (), "c", 9, AT)
READ = ReadingReturned("article", "A1", "first", "P2", "", TODAY)
ORDER = TakeDownOrdered("A2", "X1", "hand", "", AT)
STORIES: dict[str, Sequence[Event]] = {
    "record": (
        BOOK,
        RecordWithdrawn("R1", AT, "d"),
        replace(BOOK, record_id="R2"),
        RecordCorrected(**asdict(BOOK) | {"record_id": "R2", "person_id": "P2"}, columns=("person_id",), **MENDED),
        RecordCorrected(**asdict(BOOK) | {"record_id": "R2", "person_id": "P2"}, columns=("*",),
                        **MENDED | {"voided": True}),
    ),
    "exemption": (
        FREED,
        ExemptionCorrected(**asdict(FREED) | {"person_id": "P2"}, columns=("person_id",), **MENDED),
        ExemptionCorrected(**asdict(FREED) | {"person_id": "P2"}, columns=("*",), **MENDED | {"voided": True}),
    ),
    "finding": (
        RAISED,
        FindingAnswered("F1", "X1", "O3", "", TODAY, "", ()),
        FindingReturned("F1", "X1", TODAY, ""),
        FindingCorrected(**asdict(RAISED) | {"unit_id": "X2"}, columns=("unit_id",), **MENDED),
        FindingCorrected(**asdict(RAISED) | {"unit_id": "X2", "deadline": "2022-12-08"}, columns=("deadline",),
                         **MENDED),
        RectificationReported("F1", TODAY),
    ),
    "sheet": (
        SCORED,
        SheetCorrected(**asdict(SCORED) | {"points": "21"}, columns=("points",), **MENDED),
        SheetCorrected(**asdict(SCORED) | {"points": "21", "unit_id": "X2"}, columns=("unit_id",), **MENDED),
    ),
    "membership": (
        teacher("P3"),
        MembershipCorrected(**asdict(teacher("P3")), columns=("*",), **MENDED | {"voided": True}),
        MembershipCorrected(**asdict(teacher("P3")), columns=("*",), **MENDED),
        MembershipEnded("P3", "X1", "2015-09-01", "2022-11-15"),
    ),
    "review": (
        ASKED,
        WorkMarked("W1", "P2", {}, "80", TODAY),
        replace(ASKED, work_id="W3"),
        replace(BACK, work_id="W3"),
        WorkRevised("W3", "P1", "text", "c", 9, TODAY, "author", ""),
        ReviewerReleased("W3", "P2", "office", TODAY),
        replace(ASKED, work_id="W4"),
        PersonErased("P2"),
    ),
    "article": (
        DRAFT, READ, DRAFT, ORDER, ArticleTakenDown("A2", "X1", "hand", "", AT),
        TakeDownFailed("A2", "X1", "1", "", AT, AT), ArticleStopped("A2", ""),
        TakeDownDisproved("A2", "X1", AT), EDITION, replace(READ, subject="anthology", subject_id="N1"),
        AnthologyTakenDown("N1", "X1", 1, "", AT),
    ),
    "unit": (
        UnitRelated("X1", "", "", "O4", "2022-12-01"),
        UnitCorrected(**asdict(school("X2")) | {"kind": "office"}, columns=("kind",), **MENDED),
        UnitClosed("X1", "2022-12-02"),
        CampaignClosed("xue", DAY),
    ),
}  # fmt: skip
LATER = "2022-12-09"
"""When offices are told of what was due on 30 November."""
SILENT = (DRAFT, EDITION)
"""These alone say nothing to anybody."""


@pytest.mark.parametrize("story", STORIES)
def test_each_event_that_changes_the_digests_changes_those_that_are_kept(tmp_path: Path, story: str) -> None:
    subject = Subject(tmp_path / "data").launches()
    subject.receives(unit("O4", "教研室", "office"), teacher("P1"), teacher("P2", "X2"))
    day = LATER if story == "unit" else DAY
    kept, before = KeptDay(subject.runtime.store, day_of(day)), decided_whole(subject, tmp_path, day)
    assert kept_digests(subject, kept) == before
    for event in STORIES[story]:
        after = decided_whole(subject.receives(event), tmp_path, day)
        assert kept_digests(subject, kept) == after, event
        assert (after != before) != (event in SILENT and before == after), f"or it proves nothing: {event}"
        before = after
    subject.close()


def test_a_day_of_the_calendar_changes_what_is_kept(tmp_path: Path) -> None:
    subject = Subject(tmp_path / "data").launches().receives(teacher("P1"))
    kept = KeptDay(subject.runtime.store, day_of(DAY))
    before = kept_digests(subject, kept)
    set_calendar_day(subject.service.units_of_work, OPERATOR, TODAY, "rest", "")
    assert kept_digests(subject, kept) == decided_whole(subject, tmp_path) != before
    subject.close()
