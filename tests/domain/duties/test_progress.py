"""How far a unit or a person is: the same figures as the whole report's, and the records that make them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duties.campaign import Campaign
from duties.days import day_of
from duties.outstanding import Outstanding
from duties.progress import DutyProgress, PersonProgress, ProgressPlan, UnitProgress, person_progress
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.subjects import Exemption, Membership
from tests.domain.duties.calculated_districts import a_deed, a_unit, assessed, calculated
from tests.domain.duties.given import campaign, deed, duty, of_teachers, post, unit
from tests.domain.duties.oracle_of_instances import Facts
from tests.domain.duties.small_districts import some_facts

seeds = st.integers(0, 1 << 32)
WINDOWS = st.sampled_from(["2022-11", "2022-Q4", "2022-autumn", "2023-spring", "2022", "2023"])
DAYS = st.integers(day_of("2022-10-20"), day_of("2024-01-20"))
NOTHING: tuple[Any, ...] = ()


def unit_of(facts: Facts, plan: ProgressPlan, unit_id: str) -> UnitProgress:
    kinds = {row["unit_id"]: row["kind"] for row in facts.units}
    row = next(row for row in facts.units if row["unit_id"] == unit_id)
    progress = UnitProgress(plan, a_unit(row), kinds)
    progress.add_unit(records(facts, "unit_id", unit_id), exempt(facts, unit_id), *assessed(facts, unit_id, None))
    for person_id in {row["person_id"] for row in facts.people if row["unit_id"] == unit_id}:
        progress.add_person(person_id, posts(facts, person_id), records(facts, "person_id", person_id),
                            exempt(facts, person_id))  # fmt: skip
    return progress


def person_of(facts: Facts, plan: ProgressPlan, person_id: str) -> PersonProgress:
    kinds = {row["unit_id"]: row["kind"] for row in facts.units}
    return person_progress(plan, person_id, posts(facts, person_id), records(facts, "person_id", person_id),
                           exempt(facts, person_id), kinds)  # fmt: skip


def records(facts: Facts, column: str, name: str) -> list[Any]:
    return [a_deed(row) for row in facts.records if row[column] == name and row.get("withdrawn") is None]


def posts(facts: Facts, person_id: str) -> list[Membership]:
    rows = (row for row in facts.people if row["person_id"] == person_id)
    return [Membership(row["unit_id"], row["role"], row["from"].toordinal(), row["to"] and row["to"].toordinal())
            for row in rows]  # fmt: skip


def exempt(facts: Facts, name: str) -> list[Exemption]:
    rows = (row for row in facts.exemptions if (row["person_id"] or row["unit_id"]) == name)
    return [Exemption(row["duty"], row["period"]) for row in rows]


def not_done(progress: list[DutyProgress]) -> set[tuple[Any, ...]]:
    return {(item.duty.id, item.instance.period, item.instance.unit_id, item.instance.person_id, item.instance.due,
             len(item.records), item.state == "overdue") for item in progress if item.state in ("open", "overdue")
            }  # fmt: skip


def as_progress(rows: list[Outstanding]) -> set[tuple[Any, ...]]:
    return {(item.duty, item.period, item.unit_id, item.person_id, item.due, item.counted, item.overdue)
            for item in rows}  # fmt: skip


def is_over(rules: Campaign, row: tuple[Any, ...], as_of: int) -> bool:
    """Whether it was due before 2023 and nothing that is done or reported now can count for it."""
    duty, period = rules.duty_by_id[row[0]], rules.period(rules.duty_by_id[row[0]], row[1])
    assert period is not None
    moved = row[4] - rules.due(duty, period)
    year = day_of("2023-01-01"), day_of("2023-12-31")
    day = max(period.end - 1 if duty.counts_in_period else row[4], rules.starts_on)
    return not year[0] <= day <= year[1] and rules.late_limit(duty, period) + moved + (duty.report_days or 0) < as_of


@settings(max_examples=25, deadline=None)
@given(seeds, WINDOWS, DAYS)
def test_a_units_score_and_its_parts_are_those_of_the_whole_report(seed: int, window: str, as_of: int) -> None:
    facts, request = some_facts(seed), ScoreRequest(window, as_of)
    rules = Campaign.from_data(facts.campaign)
    plan = ProgressPlan(rules, request)
    whole = {item.unit_id: item for item in calculated(facts, [request]).scores(request)}
    for row in facts.units:
        progress = unit_of(facts, plan, row["unit_id"])
        score, expected = progress.score(), whole.get(row["unit_id"])
        assert (score is None) == (expected is None)
        if score and expected:
            shown = ("base", "sheet", "deduction", "score", "completion", "on_time", "evidence")
            assert [getattr(score, name) for name in shown] == [getattr(expected, name) for name in shown]
            assert sum(part.points for part in progress.parts()) == expected.base
            assert sum(part.most for part in progress.parts()) == 100


@settings(max_examples=25, deadline=None)
@given(seeds, DAYS)
def test_what_is_not_done_is_what_the_whole_report_calls_outstanding(seed: int, as_of: int) -> None:
    facts, request = some_facts(seed), OutstandingRequest(as_of)
    rules = Campaign.from_data(facts.campaign)
    plan = ProgressPlan(rules, ScoreRequest("2023", as_of))
    whole = as_progress(calculated(facts, [request]).outstanding(request))
    expected = {row for row in whole if not is_over(rules, row, as_of)}
    for row in facts.units:
        progress = unit_of(facts, plan, row["unit_id"])
        assert not_done(progress.own + progress.people) == {item for item in expected if item[2] == row["unit_id"]}
    for person_id in {row["person_id"] for row in facts.people}:
        duties = person_of(facts, plan, person_id).duties
        assert not_done(duties) == {item for item in expected if item[3] == person_id}


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_a_persons_points_are_those_of_the_whole_report(seed: int) -> None:
    facts, award = some_facts(seed), AwardRequest(2023)
    rules = Campaign.from_data(facts.campaign)
    plan = ProgressPlan(rules, ScoreRequest("2023", award.as_of(rules)), award)
    for item in calculated(facts, [award]).individuals(award):
        assert person_of(facts, plan, item.person_id).points == item.points


@settings(max_examples=25, deadline=None)
@given(seeds, WINDOWS, DAYS)
def test_the_records_named_are_as_many_as_are_counted(seed: int, window: str, as_of: int) -> None:
    facts = some_facts(seed)
    plan = ProgressPlan(Campaign.from_data(facts.campaign), ScoreRequest(window, as_of))
    known = {row["record_id"]: row for row in facts.records}
    for person_id in {row["person_id"] for row in facts.people}:
        for item in person_of(facts, plan, person_id).duties:
            counted = item.instance.counted(as_of)
            assert len(item.records) == counted.on_time + counted.late
            assert sum(record.on_time for record in item.records) == counted.on_time
            for record in item.records:
                assert known[record.record_id]["person_id"] == person_id
                assert known[record.record_id]["record"] == item.duty.record


def progress_of(rules: Campaign, *deeds: Any, window: str = "2022", as_of: str, exempted: Any = ()) -> UnitProgress:
    progress = UnitProgress(ProgressPlan(rules, ScoreRequest(window, day_of(as_of))), unit(), {"X1": unit().kind})
    progress.add_unit(deeds, exempted, NOTHING, NOTHING)
    return progress


def states(progress: list[DutyProgress]) -> list[tuple[str, str]]:
    return [(item.instance.period, item.excuse or item.state) for item in progress]


@pytest.mark.parametrize(("as_of", "state"), [("2022-11-30", "open"), ("2022-12-01", "overdue")])
def test_what_is_not_done_is_open_until_its_due_day_and_then_overdue(as_of: str, state: str) -> None:
    assert states(progress_of(campaign(), as_of=as_of).own)[0] == ("2022-11", state)


@pytest.mark.parametrize(("day", "state"), [("2022-11-30", "done"), ("2022-12-02", "late")])
def test_what_is_done_is_late_when_a_counted_record_is(day: str, state: str) -> None:
    rules = campaign(duty(late_days=5))
    progress = progress_of(rules, deed(day, period="2022-11"), as_of="2022-12-31")
    assert states(progress.own)[0] == ("2022-11", state)


def test_an_exempted_instance_is_shown_as_such_and_scores_nothing() -> None:
    progress = progress_of(campaign(), as_of="2022-11-30", exempted=[Exemption("forum", "2022-11")])
    assert states(progress.own) == [("2022-11", "exempted")]
    assert progress.score() is None


def test_a_pause_excuses_the_kinds_that_it_names() -> None:
    pause = {"duties": ["forum"], "kinds": ["school"], "periods": ["2022-11"], "reason": "x"}
    progress = progress_of(campaign(pauses=[pause]), as_of="2022-12-02")
    assert states(progress.own) == [("2022-11", "paused"), ("2022-12", "open")]


def test_what_is_over_and_done_is_not_shown_in_the_next_window() -> None:
    rules = campaign(duty(late_days=40))
    progress = progress_of(rules, deed("2022-11-05"), window="2023", as_of="2023-01-05")
    assert states(progress.own) == [("2022-12", "overdue"), ("2023-01", "open")]


def test_a_unit_shows_of_a_person_what_is_owed_under_it() -> None:
    plan = ProgressPlan(campaign(of_teachers(every="month")), ScoreRequest("2022", day_of("2022-12-31")))
    progress = UnitProgress(plan, unit("X1"), {"X1": "school", "X2": "school"})
    progress.add_person("P1", [post("X1", end="2022-12-01"), post("X2", start="2022-12-01")], NOTHING, NOTHING)
    assert states(progress.people) == [("2022-11", "overdue")]
    assert progress.score() is not None
    assert progress.parts()[0].credit == Fraction(0)
