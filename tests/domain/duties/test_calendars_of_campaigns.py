"""scoring.md 2: semesters that repeat, preparation, bounds and due days of duties, who comes later."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from duties.campaign import Campaign
from duties.days import day_of, iso
from duties.problems import CampaignProblems
from tests.domain.duties.given import District, campaign, data, deed, duty, of_teachers, post, unit

AUTUMN = {"id": "autumn", "start": "09-01", "end": "02-01", "due": "12-31"}
SPRING = {"id": "spring", "start": "02-01", "end": "09-01", "due": "07-10"}
LONG = "2099-06-30"


def semesters(*entries: dict[str, str]) -> Campaign:
    return campaign(duty(every="semester"), semesters=list(entries))


def codes(**sections: Any) -> set[str]:
    with pytest.raises(CampaignProblems) as caught:
        campaign(**sections)
    return {problem.code for problem in caught.value.problems}


def codes_of_duty(**keys: Any) -> set[str]:
    with pytest.raises(CampaignProblems) as caught:
        campaign(duty(**keys))
    return {problem.code for problem in caught.value.problems}


def test_a_semester_repeats_every_year_and_ends_in_the_next_one_where_its_end_is_not_after_its_start() -> None:
    table = semesters(AUTUMN, SPRING).semesters
    semester = table.named("2041-autumn")
    assert semester is not None
    assert (iso(semester.start), iso(semester.end), iso(semester.due)) == ("2041-09-01", "2042-02-01", "2041-12-31")
    assert [item.id for item in table.between(day_of("2042-01-31"), day_of("2042-09-01"))] == [
        *("2041-autumn", "2042-spring", "2042-autumn"),
    ]
    assert table.named("2041-summer") is None


def test_a_written_out_semester_replaces_the_repeated_one_of_its_id() -> None:
    late = {"id": "2023-spring", "start": "2023-02-15", "end": "2023-09-01", "due": "2023-07-20"}
    table = semesters(AUTUMN, SPRING, late).semesters
    assert table.containing(day_of("2023-02-10")) is None
    assert [iso(item.start) for item in table.between(day_of("2023-01-01"), day_of("2024-03-01"))] == [
        *("2022-09-01", "2023-02-15", "2023-09-01", "2024-02-01"),
    ]


@pytest.mark.parametrize(("year", "last"), [(2023, "2023-02-27"), (2024, "2024-02-28")])
def test_the_29_of_february_is_the_28th_in_other_years(year: int, last: str) -> None:
    winter = {"id": "winter", "start": "01-01", "end": "02-29", "due": "02-01"}
    semester = semesters(winter).semesters.named(f"{year}-winter")
    assert semester is not None
    assert iso(semester.end - 1) == last


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([AUTUMN, SPRING | {"start": "01-31"}], "semester_overlap"),
        (
            [AUTUMN, {"id": "extra", "start": "2023-01-31", "end": "2023-05-01", "due": "2023-03-01"}],
            "semester_overlap",
        ),
        ([AUTUMN | {"due": "02-01"}], "semester_due"),
        ([AUTUMN | {"due": "2022-12-31"}], "bad_month_day"),
        ([AUTUMN | {"id": "Q1"}], "semester_id"),
    ],
)
def test_a_table_of_repeated_semesters_is_judged(entries: list[dict[str, str]], code: str) -> None:
    assert code in codes(semesters=entries)


def test_once_duties_are_owed_from_the_day_of_preparation() -> None:
    rules = campaign(duty(every="once", due="2022-10-31"), prepares_on="2022-10-08")
    assert District(rules).outstanding("2022-10-07") == []
    assert District(rules).outstanding("2022-10-08") == [("forum", "once", "X1", "", "2022-10-31")]
    assert District(rules).base("2022-11", "2022-11-30") == 0
    assert "prepares_too_late" in codes(prepares_on="2022-11-02")


def test_a_duty_is_owed_in_periods_that_begin_within_its_bounds() -> None:
    rules = campaign(duty(**{"from": "2022-12-01", "until": "2023-02-01"}))
    owed = [period for _, period, *_ in District(rules).outstanding("2023-05-31")]
    assert owed == ["2022-12", "2023-01"]
    assert rules.period_exists(rules.duties[0], "2022-11")


def test_a_year_duty_is_due_on_its_day_and_not_owed_where_that_was_before_preparation() -> None:
    rules = campaign(duty(every="year", due_on="03-31", due_days=2), prepares_on="2022-10-08")
    assert District(rules).outstanding("2023-12-31") == [("forum", "2023", "X1", "", "2023-04-02")]
    assert District(rules).base("2023-04", "2023-04-30") == 0


def test_a_duty_may_count_in_the_window_of_its_periods_last_day_once_it_is_due() -> None:
    district = District(campaign(duty(due_days=5, counts_in="period"))).unit(deed("2022-12-03", period="2022-11"))
    assert district.base("2022-11", "2022-12-04") is None
    assert district.base("2022-11", "2022-12-05") == 100
    assert district.base("2022-12", "2022-12-31") is None


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"due_on": "03-31"}, "due_on_of_another_cadence"),
        ({"every": "year", "due_on": "02-30"}, "bad_month_day"),
        ({"joiners_days": 5}, "joiners_of_another_cadence"),
        ({"every": "once", "due": "2022-11-30", "counts_in": "period"}, "counts_in_of_once"),
        ({"from": "2023-01-01", "until": "2023-01-01"}, "until_too_early"),
        ({"report_days": -1}, "out_of_range"),
        ({"counts_in": "due"}, "not_a_choice"),
    ],
)
def test_keys_of_a_duty_are_judged(keys: dict[str, Any], code: str) -> None:
    assert code in codes_of_duty(**keys)


class TestJoiners:
    keys: ClassVar[dict[str, Any]] = {"every": "once", "due": "2022-11-30", "late_days": 10, "joiners_days": 30}
    teachers = campaign(of_teachers(**keys))

    def test_a_person_who_comes_later_owes_it_so_many_days_after(self) -> None:
        district = District(self.teachers).person(posts=[post(start="2023-03-01")])
        assert district.outstanding("2023-02-28") == []
        assert district.outstanding("2023-03-01") == [("note", "once", "X1", "P1", "2023-03-31")]
        assert district.base("2023-02", LONG) is None
        assert district.base("2023-03", LONG) == 0

    @pytest.mark.parametrize(
        ("day", "base"), [("2022-12-24", 100), ("2023-03-31", 100), ("2023-04-10", 50), ("2023-04-11", 0)]
    )
    def test_lateness_counts_from_the_own_due_day(self, day: str, base: int) -> None:
        district = District(self.teachers).person(deed(day, "note"), posts=[post(start="2023-03-01")])
        assert district.base("2023-03", LONG) == base

    def test_a_role_of_the_duty_is_what_makes_a_joiner(self) -> None:
        posts = [post(role="other", end="2023-03-01"), post(start="2023-03-01")]
        assert District(self.teachers).person(posts=posts).outstanding(LONG)[0][-1] == "2023-03-31"

    def test_who_left_before_the_own_due_day_owes_nothing(self) -> None:
        posts = [post(start="2023-03-01", end="2023-03-31")]
        assert District(self.teachers).person(posts=posts).outstanding(LONG) == []

    def test_who_was_in_service_on_the_due_day_does_not_join_again(self) -> None:
        posts = [post(end="2022-12-01"), post("X2", start="2023-03-01")]
        owed = District(self.teachers, unit("X1"), unit("X2")).person(posts=posts).outstanding(LONG)
        assert owed == [("note", "once", "X1", "P1", "2022-11-30")]

    def test_a_unit_that_opens_later_joins_before_the_campaign_closes(self) -> None:
        late = unit(opened="2023-02-01")
        assert District(campaign(duty(**self.keys)), late).outstanding(LONG)[0][-1] == "2023-03-03"
        assert District(campaign(duty(**self.keys), closes_on="2023-02-01"), late).outstanding(LONG) == []

    def test_bounds_ask_the_own_due_day(self) -> None:
        rules = campaign(of_teachers(**self.keys, **{"from": "2023-01-01"}))
        district = District(rules).person(name="P1").person(name="P2", posts=[post(start="2023-03-01")])
        assert [row[3] for row in district.outstanding(LONG)] == ["P2"]


class TestReportedInTime:
    rules = campaign(duty(report_days=5))

    @pytest.mark.parametrize(
        ("reported", "base"),
        [(None, 100), ("2022-12-05", 100), ("2022-12-06", 50), ("2022-12-15", 50), ("2022-12-16", 0)],
    )
    def test_work_counts_as_it_was_reported(self, reported: str | None, base: int) -> None:
        day = None if reported is None else day_of(reported)
        assert District(self.rules).unit(deed("2022-11-20", reported_on=day)).base("2022-11", LONG) == base

    def test_defaults_may_ask_it_of_every_duty(self) -> None:
        rules = Campaign.from_data(data(defaults={**data()["defaults"], "report_days": 0}))
        assert District(rules).unit(deed("2022-11-20", reported_on=day_of("2022-12-01"))).base("2022-11", LONG) == 50
