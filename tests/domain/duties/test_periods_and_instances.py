"""scoring.md 2: which periods exist, when they are due, who owes them."""

from __future__ import annotations

from typing import Any

import pytest

from duties.days import day_of, iso
from duties.subjects import Exemption
from tests.domain.duties.given import (
    EVERY_KIND,
    District,
    campaign,
    deed,
    duty,
    of_teachers,
    post,
    unit,
)


def once(**keys: Any) -> dict[str, Any]:
    return duty(every="once", due="2022-10-31", **keys)


@pytest.mark.parametrize(
    ("every", "period", "exists"),
    [
        ("month", "2022-10", False),
        ("month", "2022-11", True),
        ("month", "2023-06", True),
        ("month", "2023-07", False),
        ("month", "2022-13", False),
        ("month", "2022-Q4", False),
        ("quarter", "2022-Q4", True),
        ("quarter", "2022-Q3", False),
        ("quarter", "2023-Q5", False),
        ("year", "2022", True),
        ("year", "2024", False),
        ("year", "0000", False),
        ("semester", "2022-autumn", True),
        ("semester", "2023-autumn", False),
        ("semester", "2030-spring", False),
    ],
)
def test_a_period_exists_when_it_overlaps_the_campaign(every: str, period: str, exists: bool) -> None:
    result = campaign(duty(every=every), starts_on="2022-11-15", closes_on="2023-06-10")
    assert result.period_exists(result.duties[0], period) is exists


@pytest.mark.parametrize(
    ("period", "exists"), [("2022-10", False), ("2022-11", True), ("2023-06", True), ("2023-07", False)]
)
def test_a_period_that_only_touches_the_campaign_does_not_exist(period: str, exists: bool) -> None:
    result = campaign(starts_on="2022-11-01", closes_on="2023-07-01")
    assert result.period_exists(result.duties[0], period) is exists
    assert (period in [row[1] for row in District(result).outstanding("2024-01-01")]) is exists


@pytest.mark.parametrize(
    ("day", "begun"), [("2022-08-31", []), ("2022-09-01", ["2022-autumn"]), ("2022-11-30", ["2022-autumn"])]
)
def test_a_period_begins_on_its_own_first_day(day: str, begun: list[str]) -> None:
    result = campaign(duty(every="semester"))
    assert [item.id for item in result.periods_begun(result.duties[0], day_of(day))] == begun


def test_a_once_duty_has_the_single_period_once() -> None:
    result = campaign(once())
    assert result.period_exists(result.duties[0], "once")
    assert not result.period_exists(result.duties[0], "2022")


@pytest.mark.parametrize(("day", "period"), [("2024-01-31", "2023-autumn"), ("2024-02-01", None), ("2022-08-31", None)])
def test_a_day_outside_the_table_is_in_no_semester(day: str, period: str | None) -> None:
    result = campaign(duty(every="semester"))
    assert result.period_of(result.duties[0], day_of(day)) == period


def test_an_open_ended_campaign_has_periods_for_ever() -> None:
    result = campaign()
    assert result.period_exists(result.duties[0], "9999-12")
    assert result.quarter_exists("2999-Q4")


@pytest.mark.parametrize(
    ("day", "period"),
    [("2022-10-31", None), ("2022-11-01", "2022-11"), ("2023-06-30", "2023-06"), ("2023-07-01", None)],
)
def test_a_day_falls_into_the_existing_period_that_contains_it(day: str, period: str | None) -> None:
    result = campaign(starts_on="2022-11-15", closes_on="2023-06-10")
    assert result.period_of(result.duties[0], day_of(day)) == period


@pytest.mark.parametrize(
    ("keys", "period", "due", "limit"),
    [
        ({"every": "month"}, "2023-02", "2023-02-28", "2023-03-10"),
        ({"every": "month", "due_days": 5, "late_days": 0}, "2023-02", "2023-03-05", "2023-03-05"),
        ({"every": "quarter"}, "2023-Q1", "2023-03-31", "2023-04-10"),
        ({"every": "year"}, "2022", "2022-12-31", "2023-01-10"),
        ({"every": "semester", "late_days": 999}, "2022-autumn", "2022-12-31", "2023-01-31"),
        ({"every": "semester", "due_days": 40}, "2022-autumn", "2023-02-09", "2023-02-09"),
        ({"every": "once", "due": "2022-11-30", "due_days": 2}, "once", "2022-12-02", "2022-12-12"),
    ],
)
def test_due_days_and_late_limits(keys: dict[str, Any], period: str, due: str, limit: str) -> None:
    result = campaign(duty(**keys))
    item = result.duties[0]
    when = result.period(item, period)
    assert when is not None
    assert (iso(result.due(item, when)), iso(result.late_limit(item, when))) == (due, limit)


def test_a_unit_owes_by_its_kind_or_by_a_tag() -> None:
    who = {"kinds": ["office"], "tags": ["research_office"]}
    units = [unit("A", "office"), unit("B", "secondary", tags="research_office"), unit("C", "secondary")]
    result = District(campaign(duty(who=who)), *units).outstanding("2022-11-30")
    assert [row[2] for row in result] == ["A", "B"]


@pytest.mark.parametrize(
    ("opened", "closed", "owes"),
    [
        ("2022-11-30", "", True),
        ("2022-12-01", "", False),
        ("2010-01-01", "2022-11-30", False),
        ("2010-01-01", "2022-12-01", True),
    ],
)
def test_a_unit_owes_when_it_is_in_service_on_the_due_day(opened: str, closed: str, owes: bool) -> None:
    result = District(campaign(), unit(opened=opened, closed=closed)).outstanding("2022-11-30")
    assert bool(result) is owes


def test_an_exempt_unit_owes_nothing_in_that_period_alone() -> None:
    district = District(campaign()).unit(exempt=[Exemption("forum", "2022-11")])
    assert [row[1] for row in district.outstanding("2022-12-31")] == ["2022-12"]


def test_a_pause_frees_its_kinds_in_its_periods() -> None:
    both = duty(who={"kinds": ["school", "kindergarten"]})
    pause = {"duties": ["forum"], "kinds": ["school"], "periods": ["2022-11"]}
    district = District(campaign(both, pauses=[pause]), unit("X1"), unit("K1", "kindergarten"))
    assert [row[1:3] for row in district.outstanding("2022-12-01")] == [
        ("2022-11", "K1"),
        ("2022-12", "K1"),
        ("2022-12", "X1"),
    ]


def test_a_pause_asks_the_kind_of_a_persons_unit_of_the_due_day() -> None:
    pause = {"duties": ["note"], "kinds": ["school"], "periods": ["2022-autumn"]}
    district = District(campaign(of_teachers(), pauses=[pause]), unit("X1"), unit("K1", "kindergarten"))
    district.person(name="P1", posts=[post("K1", end="2022-12-31"), post("X1", start="2022-12-31")])
    district.person(name="P2", posts=[post("X1", end="2022-12-31"), post("K1", start="2022-12-31")])
    assert district.outstanding("2022-12-31") == [("note", "2022-autumn", "K1", "P2", "2022-12-31")]


def test_a_persons_instance_belongs_to_the_unit_of_the_due_day() -> None:
    posts = [post("X1", end="2022-12-31"), post("X2", start="2022-12-31")]
    district = District(campaign(of_teachers()), unit("X1"), unit("X2")).person(posts=posts)
    assert [row[2:4] for row in district.outstanding("2022-12-31")] == [("X2", "P1")]


def test_only_the_role_of_the_due_day_is_asked() -> None:
    posts = [post(role="other", end="2022-12-31"), post(role="teacher", start="2022-12-31")]
    assert District(campaign(of_teachers())).person(posts=posts).outstanding("2022-12-31")
    assert not District(campaign(of_teachers())).person(posts=posts[:1]).outstanding("2022-12-31")
    assert not District(campaign(of_teachers())).person(posts=[post(role="other")]).outstanding("2022-12-31")


@pytest.mark.parametrize(("start", "owes"), [("2022-11-01", True), ("2022-11-02", False)])
def test_a_person_owes_from_the_least_service_on(start: str, owes: bool) -> None:
    """2022-09-01 to 2022-12-31 are 122 days, of which 61 are needed: a period counts from its own first day."""
    result = District(campaign(of_teachers())).person(posts=[post(start=start)]).outstanding("2022-12-31")
    assert bool(result) is owes


def test_days_in_any_unit_and_role_add_up() -> None:
    posts = [post("X1", "other", "2022-10-02", "2022-11-02"), post("X2", start="2022-12-02")]
    assert District(campaign(of_teachers()), unit(), unit("X2")).person(posts=posts).outstanding("2022-12-31")
    posts[0] = posts[0]._replace(to=posts[0].from_ + 30)
    assert not District(campaign(of_teachers()), unit(), unit("X2")).person(posts=posts).outstanding("2022-12-31")


def test_a_once_duty_asks_no_least_service() -> None:
    book = of_teachers(every="once", due="2022-11-30", min_service=1)
    assert District(campaign(book)).person(posts=[post(start="2022-11-30")]).outstanding("2022-11-30")
    assert not District(campaign(book)).person(posts=[post(start="2022-12-01")]).outstanding("2022-12-01")


def test_an_exempt_person_owes_nothing_and_a_person_is_not_exempt_from_a_units_duty() -> None:
    both = campaign(of_teachers(), duty())
    district = District(both).person(exempt=[Exemption("note", "2022-autumn"), Exemption("forum", "2022-11")])
    district.unit(exempt=[Exemption("note", "2022-autumn")])
    assert [row[0] for row in district.outstanding("2022-11-30")] == ["forum"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_whom_a_duty_does_not_name_owes_nothing(kind: str) -> None:
    result = District(campaign(duty(who={"kinds": [kind]})), unit(kind="office")).outstanding("2022-11-30")
    assert bool(result) is (kind == "office")


def test_owing_keeps_the_real_due_day_before_the_campaign() -> None:
    late_opened = District(campaign(once()), unit(opened="2022-11-01"))
    assert not late_opened.outstanding("2022-11-01")
    assert late_opened.base("2022-11", "2022-11-30") is None


def test_a_due_day_before_the_campaign_falls_into_its_first_window() -> None:
    district = District(campaign(once())).unit(deed("2022-10-20"))
    assert district.base("2022-11", "2022-11-30") == 100
    assert district.base("2022-10", "2022-11-30") is None
    assert district.base("2022-11", "2022-10-31") is None


def test_lateness_keeps_the_real_due_day_before_the_campaign() -> None:
    assert District(campaign(once())).unit(deed("2022-11-01")).base("2022-11", "2022-11-30") == 50
