"""What holds of every district: order never matters, good work never harms, the past stays as it was reported."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from duties.campaign import Campaign
from duties.credit import CountableRecord
from duties.days import day_of
from duties.instances import Instance, PersonContribution, person_contribution
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.schedule import Schedule
from duties.score_calculation import ScoreCalculation
from duties.subjects import Exemption, Membership, Record
from tests.domain.duties.calculated_districts import a_deed, calculated, known
from tests.domain.duties.oracle_of_instances import Facts
from tests.domain.duties.small_districts import EDGES, a_record, some_facts

AS_OF = date(2023, 7, 12)
WINDOWS = ["2022-11", "2022-Q4", "2022-autumn", "2023-spring", "2022", "2023"]
SCORES = [ScoreRequest(name, AS_OF.toordinal()) for name in WINDOWS]
AWARD = AwardRequest(2022)
OPEN = OutstandingRequest(AS_OF.toordinal())
REQUESTS: list[ScoreRequest | AwardRequest | OutstandingRequest] = [*SCORES, AWARD, OPEN]
seeds = st.integers(0, 1 << 32)


def everything(calculation: ScoreCalculation) -> list[Any]:
    scores = [calculation.scores(request) for request in SCORES]
    return [*scores, calculation.commended(AWARD), calculation.individuals(AWARD), calculation.outstanding(OPEN)]


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 1000))
def test_the_order_of_input_never_matters(seed: int, order: int) -> None:
    facts = some_facts(seed)
    assert everything(calculated(facts, REQUESTS, order=order)) == everything(calculated(facts, REQUESTS))


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_asks_do_not_touch_each_other(seed: int) -> None:
    facts = some_facts(seed)
    together = calculated(facts, REQUESTS)
    for request in SCORES:
        assert calculated(facts, [request]).scores(request) == together.scores(request)
    alone = calculated(facts, [AWARD])
    assert alone.commended(AWARD) == together.commended(AWARD)
    assert alone.individuals(AWARD) == together.individuals(AWARD)
    assert calculated(facts, [OPEN]).outstanding(OPEN) == together.outstanding(OPEN)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 100))
def test_a_good_record_in_time_never_lowers_its_units_completion(seed: int, pick: int) -> None:
    facts = some_facts(seed)
    before = calculated(facts, REQUESTS)
    open_ones = [item for item in before.outstanding(OPEN) if item.due <= OPEN.as_of]
    if not open_ones:
        return
    item = open_ones[pick % len(open_ones)]
    record = next(duty["record"] for duty in facts.campaign["duties"] if duty["id"] == item.duty)
    good = {"record_id": "new", "record": record, "unit_id": item.unit_id, "person_id": item.person_id}
    day = date.fromordinal(item.due)
    good |= {"day": day, "instant": item.due * 24, "period": item.period, "content": "new", "evidence": True}
    facts.records.append(good | {"recorded": 0, "withdrawn": None})
    after = calculated(facts, REQUESTS)
    for request in SCORES:
        old = {score.unit_id: score for score in before.scores(request)}
        for score in after.scores(request):
            assert score.completion >= old[score.unit_id].completion
            assert score.on_time >= old[score.unit_id].on_time


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_report_of_the_past_stays_as_it_was(seed: int) -> None:
    """As of a day and as known at an instant: nothing that is dated or learnt later changes it."""
    known_at = 50
    facts = some_facts(seed)
    later = with_later_rows(facts, Random(seed), known_at)
    assert everything(calculated(later, REQUESTS, known_at)) == everything(calculated(facts, REQUESTS, known_at))


def with_later_rows(facts: Facts, rng: Random, known_at: int) -> Facts:
    later = deepcopy(facts)
    units = [unit["unit_id"] for unit in facts.units]
    people = sorted({row["person_id"] for row in facts.people})
    kinds = {duty["record"]: duty["every"] for duty in facts.campaign["duties"]} | {"talk": "", "visit": ""}
    for number in range(60):
        row = a_record(rng, number, kinds, units, people) | {"record_id": f"later{number}", "recorded": 99}
        if rng.random() < 0.3:
            row |= {"recorded": 0, "day": AS_OF + timedelta(days=400), "instant": (AS_OF.toordinal() + 400) * 24}
        later.records.append(row)
    for row in later.records:
        if row["withdrawn"] is None and rng.random() < 0.3:
            row["withdrawn"] = known_at + 1
    for unit in units:
        finding = {"unit_id": unit, "points": 5, "deadline": None, "rectified_on": None}
        later.findings.append(finding | {"found_on": rng.choice(EDGES), "recorded": known_at + 1})
        later.findings.append(finding | {"found_on": AS_OF + timedelta(days=1), "recorded": 0})
        sheet = {"unit_id": unit, "period": "2022-Q4", "item": "a", "points": 1}
        later.sheets.append(sheet | {"assessed_on": date(2023, 1, 1), "recorded": known_at + 1})
        later.sheets.append(sheet | {"assessed_on": AS_OF + timedelta(days=1), "recorded": 0})
    return later


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_share_kept_as_plain_rows_adds_up_to_the_same(seed: int) -> None:
    """Reckoned once over a wider schedule, stored, and added in later."""
    facts = some_facts(seed)
    campaign = Campaign.from_data(facts.campaign)
    schedule = Schedule(campaign, day_of("2024-06-30"))
    kinds = {unit["unit_id"]: unit["kind"] for unit in facts.units}
    later = calculated(Facts(**{**vars(facts), "people": []}), REQUESTS)
    for name in {row["person_id"] for row in facts.people}:
        share = person_contribution(schedule, name, *of_person(facts, name), kinds)
        rows: list[list[Any]] = [
            [*instance[:-1], [list(record) for record in instance.records]] for instance in share.instances
        ]
        again = tuple(
            Instance._make([*row[:-1], tuple(CountableRecord(*record) for record in row[-1])]) for row in rows
        )
        later.add_contribution(PersonContribution(name, share.memberships, again, share.record_counts))
    assert everything(later) == everything(calculated(facts, REQUESTS))


def of_person(facts: Facts, name: str) -> tuple[list[Membership], list[Record], list[Exemption]]:
    def own(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if row["person_id"] == name]

    posts = [
        Membership(row["unit_id"], row["role"], row["from"].toordinal(), row["to"] and row["to"].toordinal())
        for row in own(facts.people)
    ]
    exemptions = [Exemption(row["duty"], row["period"]) for row in own(facts.exemptions)]
    return posts, [a_deed(row) for row in own(facts.records) if known(row, None)], exemptions
