"""scoring.md 3: which records count, on time or late, as of a day and as known at an instant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from duties.days import day_of
from duties.report_requests import OutstandingRequest
from duties.subjects import Record
from tests.domain.duties.given import (
    District,
    campaign,
    deed,
    duty,
    of_teachers,
    post,
    unit,
)

FAR = "2024-06-30"


def credit(record: Record, keys: dict[str, Any], window: str = "2022-11", as_of: str = FAR) -> Fraction | None:
    base = District(campaign(duty(**keys))).unit(record).base(window, as_of)
    return None if base is None else Fraction(base) / 100


@pytest.mark.parametrize(
    ("day", "worth"),
    [
        ("2022-11-01", 1),
        ("2022-11-30", 1),
        ("2022-12-01", Fraction(1, 2)),
        ("2022-12-10", Fraction(1, 2)),
        ("2022-12-11", 0),
        ("2022-10-31", 1),
    ],
)
def test_a_named_month_counts_early_on_time_and_late(day: str, worth: Fraction) -> None:
    assert credit(deed(day, period="2022-11"), {}) == worth


@pytest.mark.parametrize(("day", "worth"), [("2022-11-30", 1), ("2022-12-01", 0), ("2022-10-31", 0)])
def test_a_record_that_names_no_period_belongs_to_the_one_of_its_day(day: str, worth: int) -> None:
    assert credit(deed(day), {}) == worth


def test_a_record_of_no_existing_period_counts_for_none() -> None:
    assert credit(deed("2022-11-10", period="2022-10"), {}) == 0


@pytest.mark.parametrize(("day", "worth"), [("2023-01-31", Fraction(1, 2)), ("2023-02-01", 0), ("2022-12-31", 1)])
def test_late_work_of_a_semester_counts_until_its_end_whatever_its_late_days(day: str, worth: Fraction) -> None:
    record = deed(day, period="2022-autumn")
    assert credit(record, {"every": "semester", "late_days": 0}, "2022-autumn") == worth
    assert credit(record, {"every": "semester", "late_days": 90}, "2022-autumn") == worth


@pytest.mark.parametrize(("day", "worth"), [("2023-02-09", 1), ("2023-02-10", 0)])
def test_work_of_a_semester_whose_due_lies_past_its_end_counts_on_time_only(day: str, worth: int) -> None:
    keys = {"every": "semester", "due_days": 40}
    assert credit(deed(day, period="2022-autumn"), keys, "2023-spring", "2023-05-31") == worth


def test_every_record_of_a_once_duty_belongs_to_it() -> None:
    keys = {"every": "once", "due": "2022-11-30"}
    assert credit(deed("2020-01-01"), keys) == 1
    assert credit(deed("2022-12-05"), keys) == Fraction(1, 2)


def test_a_duty_sets_its_own_late_days_and_credit() -> None:
    keys = {"late_days": 20, "late_credit": "1/3"}
    assert credit(deed("2022-12-20", period="2022-11"), keys) == Fraction(1, 3)
    assert credit(deed("2022-12-21", period="2022-11"), keys) == 0


def test_due_days_move_the_due_day() -> None:
    assert credit(deed("2022-12-05", period="2022-11"), {"due_days": 5}, "2022-12", "2022-12-30") == 1
    assert credit(deed("2022-12-06", period="2022-11"), {"due_days": 5}, "2022-12", "2022-12-30") == Fraction(1, 2)


def test_the_first_of_the_order_are_counted() -> None:
    """By the moment, then by the id as text; of two needed, one is late."""
    records = [
        deed("2022-12-05", record_id="b", period="2022-11"),
        deed("2022-11-20", record_id="c", period="2022-11"),
        deed("2022-12-05", record_id="a", period="2022-11", evidence=True),
    ]
    result = District(campaign(duty(count=2))).unit(*records).scores("2022-11", FAR)["X1"]
    assert (result.base, result.completion, result.on_time, result.evidence) == (75, 1, Fraction(1, 2), Fraction(1, 2))


def test_an_unfinished_instance_earns_its_share() -> None:
    result = District(campaign(duty(count=3))).unit(deed("2022-11-20")).scores("2022-11", FAR)["X1"]
    assert (result.base, result.completion, result.on_time) == (Fraction(100, 3), 0, Fraction(1, 3))


def test_more_than_enough_is_worth_no_more() -> None:
    records = [deed("2022-11-20", record_id=f"R{n}") for n in range(5)]
    assert District(campaign()).unit(*records).scores("2022-11", FAR)["X1"].on_time == 1


def test_required_evidence_lets_the_next_record_count() -> None:
    records = [deed("2022-11-20", record_id="a"), deed("2022-12-02", record_id="b", period="2022-11", evidence=True)]
    assert District(campaign(duty(evidence="required"))).unit(*records).base("2022-11", FAR) == 50


def test_a_persons_record_counts_whatever_unit_it_names() -> None:
    district = District(campaign(of_teachers()), unit("X1"), unit("X2"))
    district.person(deed("2022-12-01", "note")._replace(unit_id="X2"), posts=[post("X1")])
    assert district.base("2022-autumn", FAR) == 100


def test_a_units_duty_does_not_count_a_persons_kind() -> None:
    district = District(campaign(of_teachers())).unit(deed("2022-12-01", "note")).person()
    assert district.base("2022-autumn", FAR) == 0


class TestDistinctContent:
    district = District(campaign(duty(distinct="content")))

    def test_the_same_file_counts_once(self) -> None:
        again = deed("2022-12-05", record_id="R2", content="AB")
        self.district.unit(deed("2022-11-05", content="ab"), again)
        assert self.district.base("2022-11", FAR) == 100
        assert self.district.base("2022-12", FAR) == 0

    def test_no_content_is_the_same_as_no_other(self) -> None:
        self.district.unit(deed("2022-11-05"), deed("2022-12-05", record_id="R2"))
        assert self.district.base("2022-12", FAR) == 100

    def test_an_earlier_one_of_no_period_or_without_effect_hides_too(self) -> None:
        self.district.unit(deed("2022-10-05", content="a"), deed("2022-11-05", record_id="R2", content="a"))
        assert self.district.base("2022-11", FAR) == 0

    def test_two_of_one_moment_are_distinguished_by_id(self) -> None:
        both = [deed("2022-11-30", record_id=name, period="2022-11", content="a") for name in "ab"]
        self.district.unit(both[1]._replace(evidence=True), both[0])
        assert self.district.scores("2022-11", FAR)["X1"].evidence == 0

    def test_where_local_days_run_back_the_as_of_day_decides(self) -> None:
        """A clock put back over midnight: the later moment has the earlier day, and stands alone until the next."""
        district = District(campaign(duty(distinct="content", count=2, every="quarter")))
        first, second = deed("2022-12-30", content="a"), deed("2022-12-29", record_id="R2", hour=40, content="a")
        district.unit(first, second._replace(evidence=True), deed("2022-12-28", record_id="R0", content="b"))
        request = OutstandingRequest(day_of("2022-12-29"))
        assert district.calculate(request).outstanding(request) == []
        result = district.scores("2022-Q4", "2022-12-31")["X1"]
        assert (result.completion, result.evidence) == (1, 0)
        district.unit(first, second)
        assert district.scores("2022-Q4", "2022-12-31")["X1"].on_time == Fraction(1, 2)


def test_where_local_days_run_back_no_more_than_enough_is_counted() -> None:
    records = [deed("2022-11-12", record_id="a"), deed("2022-11-11", record_id="b", hour=40)]
    result = District(campaign()).unit(*records).scores("2022-11", FAR)["X1"]
    assert (result.completion, result.on_time) == (1, 1)


def test_a_record_does_not_exist_before_its_day() -> None:
    district = District(campaign()).unit(deed("2022-11-20"))
    assert len(district.outstanding("2022-11-19")) == 1
    assert district.outstanding("2022-11-20") == []
