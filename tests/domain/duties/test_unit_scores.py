"""scoring.md 4: a unit's score in a window."""

from __future__ import annotations

from fractions import Fraction

import pytest

from duties.days import day_of
from duties.report_requests import ScoreRequest, UnknownWindow
from duties.subjects import Finding, SheetRow
from tests.domain.duties.given import (
    District,
    campaign,
    deed,
    duty,
    of_teachers,
    post,
    unit,
    unit_awards,
)

SHEETS = {"sheets": {"kinds": ["school"], "share": "3/10", "items": [{"id": "a", "max": 40}, {"id": "b", "max": 60}]}}


def finding(result: str, points: str = "2", deadline: str = "", rectified: str = "") -> Finding:
    until, done = (day_of(text) if text else None for text in (deadline, rectified))
    return Finding("F1", day_of(result), Fraction(points), until, done)


def sheet(quarter: str, item: str, points: int, assessed: str) -> SheetRow:
    return SheetRow("Q1", quarter, item, Fraction(points), day_of(assessed))


def test_duties_are_weighed_and_those_without_an_instance_left_out() -> None:
    rules = campaign(duty("a", weight=1), duty("b", weight="5/2"), duty("c", weight=9, every="year"))
    assert District(rules).unit(deed("2022-11-20", "b")).base("2022-11", "2022-11-30") == Fraction(100 * 5, 7)


def test_all_instances_of_a_duty_share_its_weight() -> None:
    district = District(campaign(of_teachers(weight=3), duty(every="semester")))
    district.person(deed("2022-12-01", "note"), name="P1").person(name="P2").person(name="P3")
    assert district.base("2022-autumn", "2022-12-31") == 100 * (3 * Fraction(1, 3)) / 4


def test_a_unit_without_an_instance_has_no_score() -> None:
    assert District(campaign(), unit("X1", "office")).scores("2022-11", "2022-11-30") == {}


def test_a_void_unit_bears_no_score_though_its_people_still_owe() -> None:
    district = District(campaign(of_teachers(every="month")), unit("X1"))
    district.person(name="P1").person(name="P2", posts=[post("VOID")])
    assert set(district.scores("2022-11", "2022-11-30")) == {"X1"}
    assert [item[2] for item in district.outstanding("2022-11-30")] == ["VOID", "X1"]


@pytest.mark.parametrize(("as_of", "base"), [("2022-12-30", 100), ("2022-12-31", 50)])
def test_only_what_is_due_by_the_as_of_day_is_asked(as_of: str, base: int) -> None:
    assert District(campaign()).unit(deed("2022-11-20")).base("2022-Q4", as_of) == base


def test_a_due_day_belongs_to_the_window_that_contains_it() -> None:
    district = District(campaign(duty(due_days=5))).unit(deed("2022-12-01", period="2022-11"))
    assert district.base("2022-11", "2022-12-31") is None
    assert district.base("2022-12", "2022-12-31") == 100


def test_an_unknown_window_is_refused() -> None:
    with pytest.raises(UnknownWindow):
        District(campaign()).calculate(ScoreRequest("2022-summer", day_of("2022-12-31")))


@pytest.mark.parametrize(
    ("item", "taken"),
    [
        (finding("2022-11-30"), 2),
        (finding("2022-12-01"), 0),
        (finding("2022-11-10", deadline="2022-11-29"), 2),
        (finding("2022-11-10", deadline="2022-11-30"), 0),
        (finding("2022-11-10", rectified="2022-11-30"), 0),
        (finding("2022-11-10", rectified="2022-12-01"), 2),
        (finding("2021-01-01", points="1.5"), Fraction(3, 2)),
    ],
)
def test_a_finding_takes_points_until_it_is_rectified(item: Finding, taken: Fraction) -> None:
    """Asked long after the window: findings run to the window's last day."""
    district = District(campaign()).unit(deed("2022-11-20"), findings=[item])
    result = district.scores("2022-11", "2023-05-31")["X1"]
    assert (result.base, result.deduction, result.score) == (100, taken, 100 - taken)


def test_a_score_is_never_below_nothing() -> None:
    result = District(campaign()).unit(findings=[finding("2022-11-10")]).scores("2022-11", "2022-11-30")["X1"]
    assert (result.score, result.deduction) == (0, 2)


def test_a_sheet_has_its_share_in_the_windows_that_contain_its_quarters_last_day() -> None:
    rows = [sheet("2022-Q4", "a", 30, "2023-01-09"), sheet("2022-Q4", "b", 45, "2023-01-09")]
    district = District(campaign(**SHEETS)).unit(deed("2022-12-20"), sheets=rows)
    assert district.scores("2022-11", "2023-05-31")["X1"].sheet is None
    result = district.scores("2022-12", "2023-05-31")["X1"]
    assert (result.sheet, result.score) == (75, Fraction(7 * 100 + 3 * 75, 10))


def test_a_quarter_counts_once_every_item_is_assessed_by_the_as_of_day() -> None:
    rows = [sheet("2022-Q4", "a", 40, "2022-12-31"), sheet("2022-Q4", "b", 30, "2023-01-05")]
    rows += [sheet("2023-Q1", "a", 0, "2023-01-05")]
    district = District(campaign(**SHEETS)).unit(sheets=rows)
    assert district.scores("2022-12", "2023-01-04")["X1"].sheet is None
    assert district.scores("2022-12", "2023-01-05")["X1"].sheet == 70
    assert district.scores("2022-autumn", "2023-01-31")["X1"].sheet == 70
    assert district.scores("2023-Q1", "2023-06-01")["X1"].sheet is None


class TestRanks:
    units = (
        unit("X1"),
        unit("X2"),
        unit("X3"),
        unit("X4"),
        unit("X9", closed="2022-12-31"),
        unit("K1", "kindergarten"),
    )
    rules = campaign(duty(who={"kinds": ["school", "kindergarten"]}, every="month"), **unit_awards())

    def district(self) -> District:
        result = District(self.rules, *self.units)
        for name, days in {"X1": 0, "X2": 2, "X3": 1, "X4": 1, "X9": 1, "K1": 2}.items():
            records = [deed(f"2022-{11 + n}-20", record_id=f"R{n}") for n in range(days)]
            result.unit(*records, of=name)
        return result

    def test_equal_scores_share_the_smaller_rank_and_others_bear_none(self) -> None:
        ranks = {name: item.rank for name, item in self.district().scores("2022", "2022-12-31").items()}
        assert ranks == {"X2": 1, "X3": 2, "X4": 2, "X1": 4, "K1": None, "X9": None}
        assert list(ranks) == ["X2", "X3", "X4", "X1", "K1", "X9"]

    def test_service_is_asked_on_the_earlier_of_as_of_and_the_windows_end(self) -> None:
        assert self.district().scores("2022", "2022-12-30")["X9"].rank == 1
        assert self.district().scores("2022-autumn", "2023-06-01")["X9"].rank is None

    @pytest.mark.parametrize("window", ["2022-11", "2022-Q4"])
    def test_months_and_quarters_rank_nobody(self, window: str) -> None:
        assert {score.rank for score in self.district().scores(window, "2022-12-31").values()} == {None}


def test_people_of_a_closed_unit_still_give_it_a_score() -> None:
    district = District(campaign(of_teachers()), unit(closed="2022-11-01")).person(posts=[post()])
    assert district.base("2022-autumn", "2022-12-31") == 0
