"""What a campaign warns of before it troubles anybody: a calendar that runs out, names that nothing bears."""

from typing import Any

from duties.calendar_warnings import DistrictFacts, calendar_warnings
from duties.campaign import Campaign
from duties.days import day_of

SCHOOLS = {"kinds": ["school"]}
EVERYTHING = DistrictFacts(frozenset({"school"}), frozenset(), frozenset({"teacher"}), frozenset())


def campaign(*duties: dict[str, Any], **top: Any) -> Campaign:
    usual = {
        "campaign": "xue", "version": 1, "title": "学论述", "timezone": "Asia/Shanghai", "starts_on": "2022-11-01",
        "semesters": [{"id": "2022-autumn", "start": "2022-09-01", "end": "2023-02-01", "due": "2022-12-31"},
                      {"id": "2023-spring", "start": "2023-02-01", "end": "2023-09-01", "due": "2023-07-10"}],
        "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"}, "duties": list(duties),
    }  # fmt: skip
    return Campaign.from_data({**usual, **top})


def duty(name: str, every: str, who: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"任务{name}",
        "who": who or SCHOOLS,
        "every": every,
        "count": 1,
        "record": name,
        **more,
    }


def codes(rules: Campaign, day: str, facts: DistrictFacts = EVERYTHING) -> list[tuple[str, str]]:
    return [(warning.code, warning.duty) for warning in calendar_warnings(rules, day_of(day), facts)]


FORUM = campaign(duty("forum", "semester"), duty("video", "month"))


def test_a_semester_table_that_runs_out_is_reported_sixty_days_before() -> None:
    assert codes(FORUM, "2023-07-02") == []
    assert codes(FORUM, "2023-07-03") == [("no_period_ahead", "forum")]
    assert codes(FORUM, "2024-07-03") == [("no_period_ahead", "forum")]
    (warning,) = calendar_warnings(FORUM, day_of("2023-07-03"), EVERYTHING)
    assert "任务forum" in warning.message and "2023-09-01" in warning.message and "semesters" in warning.message


def test_a_campaign_that_ends_by_then_or_has_ended_warns_of_nothing() -> None:
    ending = campaign(duty("forum", "semester"), closes_on="2023-09-01")
    assert codes(ending, "2023-08-20") == []
    assert codes(campaign(duty("forum", "semester"), closes_on="2023-10-01"), "2023-10-02") == []


def test_a_duty_that_is_meant_to_end_by_then_warns_of_nothing() -> None:
    assert codes(campaign(duty("forum", "semester", until="2023-08-01")), "2023-07-03") == []


def test_before_the_campaign_begins_its_first_period_is_asked() -> None:
    assert codes(FORUM, "2022-01-01") == []


def test_a_due_day_before_its_period_begins_is_reported() -> None:
    assert codes(campaign(duty("plan", "once", due="2022-10-31")), "2022-10-01") == [("due_before_start", "plan")]
    assert codes(campaign(duty("plan", "once", due="2022-11-01")), "2022-10-01") == []


def test_kinds_tags_and_roles_that_nobody_bears_are_reported_once_something_is_known() -> None:
    rules = campaign(duty("journal", "month", {"tags": ["research_office"]}), duty("video", "month"),
                     duty("notes", "month", {"roles": ["cadre", "teacher"]}))  # fmt: skip
    assert codes(rules, "2022-11-01", DistrictFacts()) == []
    assert codes(rules, "2022-11-01") == [("unknown_tags", "journal"), ("unknown_roles", "notes")]
    offices = DistrictFacts(kinds=frozenset({"office"}), tags=frozenset({"research_office"}))
    assert codes(rules, "2022-11-01", offices) == [("unknown_kinds", "video")]


def test_a_kind_of_record_that_nobody_has_reported_by_its_due_day_is_reported() -> None:
    rules = campaign(duty("video", "month"), records_without_duty=["visit"])
    others = DistrictFacts(records=frozenset({"note"}))
    assert codes(rules, "2022-11-30", others) == []
    assert codes(rules, "2022-12-01", others) == [("record_never_reported", "video")]
    assert codes(rules, "2022-12-31", others) == [("record_never_reported", "video"), ("record_never_reported", "")]
    assert codes(rules, "2022-12-31", DistrictFacts(records=frozenset({"video", "visit"}))) == []
