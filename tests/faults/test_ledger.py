"""The ledger would notice: each way in which a number can end wrongly, seen red on a run that was made up."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.ledger import Ledger, StoredFacts, is_subscribed, ledger_from
from tests.faults.load import Load
from tests.faults.numbered_events import NumberedEvent, numbered

RUN, RECORD, FINDING = "n9", "record-n9-r0", "finding-n9-f0"


@pytest.fixture
def load() -> Load:
    """Everything was answered as it should be."""
    result = Load(numbered(RUN, ("amqp", "http")), {}, 1.0)
    outcomes = {"applied": "accepted", "waiting": "waiting", "refused": "refused"}
    for item in all_of(result):
        if item.event is None:
            result.closed.add(item.id)
        else:
            result.receipts[item.id]["receipt-1"] = outcomes[item.ends[0]]
    return result


@pytest.fixture
def facts(load: Load) -> StoredFacts:
    """Everything is where it should be."""
    applied = [item for item in all_of(load) if item.ends == ("applied",)]
    streams = [item.stream for item in applied]
    applied = {service: Counter(s for s in streams if is_subscribed(service, s.split("-")[0]))
             for service in ("assessment", "publicity", "notifications")}  # fmt: skip
    waiting = {item.id for item in all_of(load) if item.ends == ("waiting",)}
    quarantined = {item.id: "bad_json" for item in all_of(load) if item.event is None}
    return StoredFacts(Counter(streams), applied, waiting, quarantined, {service: {} for service in applied})


def all_of(load: Load) -> list[NumberedEvent]:
    return [number for body in load.bodies for number in body.numbers]


def closed(facts: StoredFacts, load: Load) -> Ledger:
    return ledger_from(facts, load, {})


def test_when_all_is_well_it_is_clean(facts: StoredFacts, load: Load) -> None:
    result = closed(facts, load)
    assert result.clean
    assert dict(result.ends) == {"applied": 300, "waiting": 10, "refused": 20, "quarantined": 10}
    assert result.events == len({item.id for item in all_of(load)}) == 340


def test_accepted_and_nowhere_is_lost(facts: StoredFacts, load: Load) -> None:
    del facts.log[RECORD]
    assert len(closed(facts, load).lost) == 1


@pytest.mark.parametrize("service", ["assessment", "notifications"])
def test_what_never_came_to_a_subscriber_is_lost(facts: StoredFacts, load: Load, service: str) -> None:
    del facts.applied[service][RECORD]
    assert closed(facts, load).lost == [f"{RECORD} never came to {service}"]


def test_a_finding_that_never_came_to_assessment_is_lost(facts: StoredFacts, load: Load) -> None:
    del facts.applied["assessment"][FINDING]
    assert closed(facts, load).lost == [f"{FINDING} never came to assessment"]


@pytest.mark.parametrize("where", ["log", "assessment"])
def test_two_of_one_is_twice(facts: StoredFacts, load: Load, where: str) -> None:
    {"log": facts.log, "assessment": facts.applied["assessment"]}[where][FINDING] = 2
    assert len(closed(facts, load).twice) == 1


def test_two_ends_are_twice(facts: StoredFacts, load: Load) -> None:
    facts.waiting.add(f"{RUN}-r0")
    assert len(closed(facts, load).twice) == 1


def test_accepted_by_two_receipts_is_twice(facts: StoredFacts, load: Load) -> None:
    load.receipts[f"{RUN}-r0"]["receipt-2"] = "unchanged"
    assert closed(facts, load).clean
    load.receipts[f"{RUN}-r0"]["receipt-3"] = "accepted"
    assert len(closed(facts, load).twice) == 1


def test_without_an_answer_it_is_stuck(facts: StoredFacts, load: Load) -> None:
    del load.receipts[f"{RUN}-r0"]
    assert closed(facts, load).stuck == [f"{RUN}-r0 has no answer"]


def test_another_end_than_the_right_one_is_wrong(facts: StoredFacts, load: Load) -> None:
    load.receipts[f"{RUN}-w0"]["receipt-2"] = "refused"
    facts.waiting.remove(f"{RUN}-w0")
    assert len(closed(facts, load).wrong) == 1
    assert ledger_from(facts, load, {"waiting": "refused"}).clean


def test_what_a_service_set_aside_is_quarantined_with_its_reason(facts: StoredFacts, load: Load) -> None:
    del facts.applied["assessment"][RECORD]
    facts.aside["assessment"][RECORD] = "handler_failed"
    result = closed(facts, load)
    assert (result.lost, result.codes["handler_failed"], result.ends["quarantined"]) == ([], 1, 11)
