"""Along the line and by the steps: person, clerk, head, office, campaign office; names inside the unit only."""

from __future__ import annotations

from fractions import Fraction

import pytest

from duties.days import day_of
from duties.reminders import Reminders, Steps
from services.notifications.obligations.domain import Finding, ReturnedSubmission, SheetRow
from services.notifications.rules.escalation import Unit, supervisor_of
from tests.domain.notifications.given import At, owed


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-11-24", {}),
        ("2022-11-25", {"person-P1": ["due_soon notes"]}),  # a Friday: three working days before Wednesday 30
        ("2022-11-29", {"person-P1": ["due_soon notes"]}),  # not told before, so told now
        ("2022-11-30", {"person-P1": ["due_today notes"]}),
        ("2022-12-01", {"person-P1": ["overdue notes"], "clerk-X1": ["overdue notes"]}),
        ("2022-12-02", {"person-P1": ["overdue notes"], "clerk-X1": ["overdue notes"]}),
    ],
)
def test_a_person_is_notified_first_and_the_clerk_when_it_is_overdue(day: str, expected: dict[str, list[str]]) -> None:
    assert At(day).person("P1", owed("notes", "2022-11-30", person_id="P1")).messages == expected


def test_the_line_climbs_by_working_days() -> None:
    due = owed("discussion-day", "2022-11-30")
    levels = {
        day: sorted(At(day).unit(due).messages) for day in ("2022-12-01", "2022-12-05", "2022-12-08", "2022-12-14")
    }
    assert levels == {
        "2022-12-01": ["clerk-X1"],
        "2022-12-05": ["clerk-X1", "head-X1"],
        "2022-12-08": ["clerk-X1", "head-X1", "office-O3"],
        "2022-12-14": ["campaign-office", "head-X1", "office-O3"],  # the clerk's own day is past catching up
    }


def test_nobody_is_notified_twice_of_the_same_stage() -> None:
    due = owed("notes", "2022-11-30", person_id="P1")
    (first,) = At("2022-11-25").person("P1", due).digests["person-P1"]
    assert At("2022-11-29", ("person-P1", first.identity)).person("P1", due).messages == {}
    assert At("2022-11-30", ("person-P1", first.identity)).person("P1", due).messages == {
        "person-P1": ["due_today notes"]
    }


def test_what_is_due_on_a_rest_day_is_notified_on_the_working_day_before() -> None:
    due = owed("summary", "2022-12-31", person_id="P1")
    assert At("2022-12-30").person("P1", due).messages == {"person-P1": ["due_today summary"]}
    assert At("2023-01-03").person("P1", due).messages["person-P1"] == ["overdue summary"]


def test_a_day_worked_by_exchange_counts() -> None:
    due = owed("video", "2023-01-20")
    assert At("2023-01-28").unit(due).messages == {"clerk-X1": ["overdue video"]}


def test_history_that_is_imported_reminds_nobody() -> None:
    assert At("2023-06-01").person("P1", owed("notes", "2022-11-30", person_id="P1")).messages == {}


def test_names_stay_in_the_unit_and_units_below_the_campaign_office() -> None:
    at = At("2022-12-14", reminders=Reminders(catch_up_days=30))
    for person_id, unit_id in (("P1", "X1"), ("P2", "X1"), ("P3", "X2")):
        at.person(person_id, owed("notes", "2022-11-30", unit_id, person_id), serves=unit_id)
    digests = at.digests
    assert [(item.person_id, item.quantity) for item in digests["clerk-X1"]] == [("P1", "1"), ("P2", "1")]
    assert [(item.unit_id, item.person_id, item.quantity) for item in digests["office-O3"]] == [
        ("X1", "", "2"), ("X2", "", "1"),
    ]  # fmt: skip
    (above,) = digests["campaign-office"]
    assert (above.unit_id, above.person_id, above.quantity, above.note) == ("", "", "3", "2")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-12-14", "overdue"),  # the tenth working day after the due day
        ("2022-12-20", "overdue"),
        ("2022-12-21", "repeated"),  # five working days later
        ("2022-12-27", "repeated"),
        ("2022-12-28", "repeated"),
        ("2023-06-01", "repeated"),
    ],
)
def test_at_the_top_of_the_line_it_is_repeated_until_it_is_done(day: str, expected: str) -> None:
    at = At(day, reminders=Reminders(repeat_days=5)).unit(owed("video", "2022-11-30"))
    assert at.messages["campaign-office"] == [f"{expected} video"]
    assert not any("repeated" in words for who in at.messages if who != "campaign-office" for words in at.messages[who])


def test_each_repetition_is_notified_once() -> None:
    due, reminders = owed("video", "2022-11-30"), Reminders(repeat_days=5)
    (first,) = At("2022-12-21", reminders=reminders).unit(due).digests["campaign-office"]
    notified = ("campaign-office", first.identity)
    again = [day for day in ("2022-12-21", "2022-12-27", "2022-12-28")
             if "campaign-office" in At(day, notified, reminders=reminders).unit(due).messages]  # fmt: skip
    assert again == ["2022-12-28"]


def test_the_top_is_the_highest_level_that_is_reminded_and_has_somebody() -> None:
    steps = Steps(campaign_office=0)
    at = At("2022-12-15", reminders=Reminders(steps=steps, repeat_days=5)).unit(owed("video", "2022-11-30"))
    assert at.messages["office-O3"] == ["repeated video"]
    assert At("2022-12-15", reminders=Reminders(steps=steps)).unit(owed("video", "2022-11-30")).messages[
        "office-O3"
    ] == ["overdue video"]


def test_what_was_overdue_long_before_the_launch_is_not_repeated() -> None:
    at = At("2023-06-01", reminders=Reminders(repeat_days=5), launched_on=day_of("2023-05-01"))
    assert at.unit(owed("video", "2022-11-30")).messages == {}


def test_a_level_can_be_left_out() -> None:
    steps = Reminders(steps=Steps(head=0, office=0), catch_up_days=60)
    assert sorted(At("2022-12-20", reminders=steps).unit(owed("video", "2022-11-30")).messages) == [
        "campaign-office", "clerk-X1",
    ]  # fmt: skip


def test_who_serves_nowhere_is_not_notified_but_their_unit_is() -> None:
    at = At("2022-12-01").person("P1", owed("notes", "2022-11-30", person_id="P1"), serves="")
    assert at.messages == {"clerk-X1": ["overdue notes"]}


def test_a_closed_unit_is_not_notified_but_a_person_who_moved_is() -> None:
    at = At("2022-12-01").person("P1", owed("notes", "2022-11-30", "X9", "P1")).unit(owed("video", "2022-11-30", "X9"))
    assert at.messages == {"person-P1": ["overdue notes"]}


def finding(deadline: str | None, rectified: str | None = None) -> Finding:
    return Finding("F1", day_of("2022-11-21"), day_of(deadline) if deadline else None,
                   day_of(rectified) if rectified else None, 0)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-11-18", {}),
        ("2022-11-21", {"clerk-X1": ["raised finding"], "head-X1": ["raised finding"]}),
        ("2022-12-02", {"clerk-X1": ["due_today finding"], "head-X1": ["due_today finding"]}),
        ("2022-12-12", {who: ["overdue finding"] for who in ("clerk-X1", "head-X1", "office-O3")}),
    ],
)  # fmt: skip
def test_a_unit_is_notified_of_a_finding_which_climbs_from_its_deadline(
    day: str, expected: dict[str, list[str]]
) -> None:
    at = At(day)
    at.collector.add_findings("X1", [finding("2022-12-02")])
    assert at.messages == expected
    if "office-O3" in expected:
        assert at.digests["office-O3"][0].reference == ""


def test_a_rectified_finding_is_notified_to_nobody() -> None:
    at = At("2022-12-12")
    at.collector.add_findings("X1", [finding("2022-12-02", "2022-12-08")])
    assert at.messages == {}


def test_a_sheet_is_notified_to_its_unit_alone() -> None:
    at = At("2023-01-05")
    at.collector.add_sheet_rows("X1", [SheetRow("S", "2022-Q4", "depth", Fraction(26), day_of("2023-01-04"), 0)])
    assert at.messages == {"clerk-X1": ["scored sheet"], "head-X1": ["scored sheet"]}
    assert at.digests["clerk-X1"][0].note == "26"


def test_who_must_revise_what_goes_back_is_notified_once_for_each_time() -> None:
    work = ReturnedSubmission("work", "W1", "P1", "reviewer", day_of("2022-12-05"), 0)
    article = ReturnedSubmission("article", "A1", "", "first", day_of("2022-12-06"), 0)

    def on(day: str, *expected: tuple[str, str], back: ReturnedSubmission = work) -> At:
        at = At(day, *expected)
        mine = at.collector.person_digest("P1", "X1", (), [back])
        at.own += [mine] if mine else []
        at.collector.add_returned("X1", [back, article])
        return at

    at = on("2022-12-06")
    assert at.messages == {
        "person-P1": ["returned returned"], "clerk-X1": ["returned returned"] * 2, "head-X1": ["returned returned"],
    }  # fmt: skip
    (mine,) = at.digests["person-P1"]
    assert (mine.period, mine.reference, mine.person_id, mine.note) == ("2022-12-05", "work W1", "P1", "reviewer")
    assert "person-P1" not in on("2022-12-07", ("person-P1", mine.identity)).messages
    again = work._replace(day=day_of("2022-12-14"))
    assert "person-P1" in on("2022-12-14", ("person-P1", mine.identity), back=again).messages
    assert on("2022-12-30").messages == {}
    assert At("2022-12-06").collector.person_digest("P1", "", (), [work]) is None


@pytest.mark.parametrize(
    ("kind", "above"),
    [("school", "O3"), ("kindergarten", "O3"), ("office", "O1"), ("secondary", "O1"), ("bureau", "")],
)
def test_who_stands_over_a_unit(kind: str, above: str) -> None:
    assert supervisor_of(Unit("U", "单位", kind, "O3", 1, None), "O1") == above


def test_nobody_stands_over_themselves() -> None:
    assert supervisor_of(Unit("O1", "督查室", "office", "", 1, None), "O1") == ""
