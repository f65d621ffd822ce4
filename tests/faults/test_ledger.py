"""The ledger would notice: each way in which a number can end wrongly, seen red on a run that was made up."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.ledger import Books, Ledger, hears, reckoned
from tests.faults.numbered import Numbered, numbered
from tests.faults.outsiders import Sending

RUN, RECORD, FINDING = "n9", "record-n9-r0", "finding-n9-f0"


@pytest.fixture
def sending() -> Sending:
    """Everything was answered as it should be."""
    result = Sending(numbered(RUN, ("amqp", "http")), {}, 1.0)
    outcomes = {"applied": "accepted", "waiting": "waiting", "refused": "refused"}
    for item in all_of(result):
        if item.event is None:
            result.closed.add(item.id)
        else:
            result.heard[item.id]["receipt-1"] = outcomes[item.ends[0]]
    return result


@pytest.fixture
def books(sending: Sending) -> Books:
    """Everything is where it should be."""
    applied = [item for item in all_of(sending) if item.ends == ("applied",)]
    streams = [item.stream for item in applied]
    heard = {service: Counter(s for s in streams if hears(service, s.split("-")[0]))
             for service in ("assessment", "publicity", "notifications")}  # fmt: skip
    raised = Counter(s for s in streams if s.startswith("finding-"))
    waiting = {item.id for item in all_of(sending) if item.ends == ("waiting",)}
    quarantined = {item.id: "bad_json" for item in all_of(sending) if item.event is None}
    return Books(Counter(streams), heard, raised, waiting, quarantined, {service: {} for service in heard})


def all_of(sending: Sending) -> list[Numbered]:
    return [number for body in sending.bodies for number in body.numbers]


def closed(books: Books, sending: Sending) -> Ledger:
    return reckoned(books, sending, {})


def test_when_all_is_well_it_is_clean(books: Books, sending: Sending) -> None:
    result = closed(books, sending)
    assert result.clean
    assert dict(result.ends) == {"applied": 300, "waiting": 10, "refused": 20, "quarantined": 10}
    assert result.events == len({item.id for item in all_of(sending)}) == 340


def test_accepted_and_nowhere_is_lost(books: Books, sending: Sending) -> None:
    del books.log[RECORD]
    assert len(closed(books, sending).lost) == 1


@pytest.mark.parametrize("service", ["assessment", "notifications"])
def test_never_come_to_a_hearer_is_lost(books: Books, sending: Sending, service: str) -> None:
    del books.heard[service][RECORD]
    assert closed(books, sending).lost == [f"{RECORD} never came to {service}"]


def test_without_what_should_follow_it_is_lost(books: Books, sending: Sending) -> None:
    del books.raised[FINDING]
    assert len(closed(books, sending).lost) == 1


@pytest.mark.parametrize("where", ["log", "raised", "assessment"])
def test_two_of_one_is_twice(books: Books, sending: Sending, where: str) -> None:
    {"log": books.log, "raised": books.raised, "assessment": books.heard["assessment"]}[where][FINDING] = 2
    assert len(closed(books, sending).twice) == 1


def test_two_ends_are_twice(books: Books, sending: Sending) -> None:
    books.waiting.add(f"{RUN}-r0")
    assert len(closed(books, sending).twice) == 1


def test_accepted_by_two_receipts_is_twice(books: Books, sending: Sending) -> None:
    sending.heard[f"{RUN}-r0"]["receipt-2"] = "unchanged"
    assert closed(books, sending).clean
    sending.heard[f"{RUN}-r0"]["receipt-3"] = "accepted"
    assert len(closed(books, sending).twice) == 1


def test_without_an_answer_it_is_stuck(books: Books, sending: Sending) -> None:
    del sending.heard[f"{RUN}-r0"]
    assert closed(books, sending).stuck == [f"{RUN}-r0 has no answer"]


def test_another_end_than_the_right_one_is_wrong(books: Books, sending: Sending) -> None:
    sending.heard[f"{RUN}-w0"]["receipt-2"] = "refused"
    books.waiting.remove(f"{RUN}-w0")
    assert len(closed(books, sending).wrong) == 1
    assert reckoned(books, sending, {"waiting": "refused"}).clean


def test_aside_in_a_service_is_quarantined_with_its_reason(books: Books, sending: Sending) -> None:
    del books.heard["assessment"][RECORD]
    books.aside["assessment"][RECORD] = "handler_failed"
    result = closed(books, sending)
    assert (result.lost, result.codes["handler_failed"], result.ends["quarantined"]) == ([], 1, 11)
