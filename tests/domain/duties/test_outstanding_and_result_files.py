"""scoring.md 7 and 8: what is outstanding, and how figures are written."""

from __future__ import annotations

from fractions import Fraction

import pytest

from duties import result_files
from duties.days import day_of
from duties.report_requests import OutstandingRequest
from duties.score_calculation import ScoreCalculation
from tests.domain.duties.given import District, campaign, deed, duty, of_teachers, post, unit


@pytest.mark.parametrize(("as_of", "periods"), [("2022-11-30", ["2022-11"]), ("2022-12-01", ["2022-11", "2022-12"])])
def test_an_instance_is_outstanding_once_its_period_has_begun(as_of: str, periods: list[str]) -> None:
    assert [row[1] for row in District(campaign()).outstanding(as_of)] == periods


def test_a_period_that_began_before_the_campaign_is_outstanding_from_its_own_first_day() -> None:
    district = District(campaign(duty(every="semester")))
    assert district.outstanding("2022-09-01")
    assert not district.outstanding("2022-08-31")


def test_a_once_duty_is_outstanding_from_the_first_day_of_the_campaign() -> None:
    district = District(campaign(duty(every="once", due="2022-10-31")))
    assert not district.outstanding("2022-10-31")
    assert district.outstanding("2022-11-01")


def test_a_due_day_in_the_future_is_judged_with_the_memberships_as_known() -> None:
    district = District(campaign(of_teachers())).person(posts=[post(end="2022-12-31")])
    assert not district.outstanding("2022-11-15")


def test_rows_stand_in_the_order_of_the_file_and_show_what_is_overdue() -> None:
    request = OutstandingRequest(day_of("2022-12-01"))
    rules = campaign(duty("z", count=2), duty("a", every="year"))
    calculation = District(rules).unit(deed("2022-11-20", "z")).calculate(request)
    assert result_files.outstanding_rows(request, calculation.outstanding(request)) == [
        ["2022-12-01", "z", "2022-11", "X1", "", "2022-11-30", "1", "2", "yes"],
        ["2022-12-01", "z", "2022-12", "X1", "", "2022-12-31", "0", "2", "no"],
        ["2022-12-01", "a", "2022", "X1", "", "2022-12-31", "0", "1", "no"],
    ]


def test_a_sink_takes_what_is_outstanding_subject_by_subject() -> None:
    request = OutstandingRequest(day_of("2022-11-30"))
    taken: list[tuple[OutstandingRequest, list[str]]] = []
    calculation = ScoreCalculation(
        campaign(),
        [unit("X1"), unit("X2")],
        [request],
        sink=lambda request, rows: taken.append((request, [row.period for row in rows])),
    )
    for item in calculation.units.values():
        calculation.add_unit(item, [])
    assert taken == [(request, ["2022-11"]), (request, ["2022-11"])]
    assert calculation.outstanding(request) == []


def test_due_today_is_not_overdue() -> None:
    request = OutstandingRequest(day_of("2022-11-30"))
    assert [item.overdue for item in District(campaign()).calculate(request).outstanding(request)] == [False]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1, 200), 2, "0.01"),
        (Fraction(1, 201), 2, "0.00"),
        (Fraction(19999, 200), 2, "100.00"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(1, 20000), 4, "0.0001"),
        (Fraction(0), 2, "0.00"),
        (Fraction(7), 4, "7.0000"),
    ],
)
def test_figures_are_rounded_half_up(value: Fraction, places: int, text: str) -> None:
    assert result_files.decimals(value, places) == text


def test_a_file_quotes_no_more_than_it_must() -> None:
    assert result_files.file_text(["a", "b"], [["1,2", 'x"y'], ["中", ""]]) == 'a,b\n"1,2","x""y"\n中,\n'
