"""A post handed over for a later day takes its open readings along on that day, by itself and once."""

from __future__ import annotations

import pytest

from contracts.corrections import PostCorrected
from contracts.participation import PostAssigned
from services.publicity.readings.due_hand_overs import hand_over_due_readings
from services.publicity.readings.handlers import appoint_reader
from services.publicity.readings.open_readings import open_readings
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_readers import OPERATOR

LEAVES, FOLLOWS = "S01-1", "S01-2"
DAY = "2022-12-07"  # the clock begins on the fifth


def assigned(person_id: str, since: str, until: str = "") -> PostAssigned:
    return PostAssigned("S01", "clerk", person_id, since, until, "d")


@pytest.fixture
def handed_over(bureau: Bureau) -> Bureau:
    """The office has handed the post over, for the seventh; its holder has a reading to do."""
    bureau.work("W1")
    bureau.article("A1", "W1", read=False)
    bureau.receive(assigned(LEAVES, "2022-09-01"), assigned(FOLLOWS, DAY))
    bureau.receive(PostCorrected("S01", "clerk", LEAVES, "2022-09-01", DAY, "d", False, ("to",), "", "移交"))
    appoint_reader(bureau.service.publicity, OPERATOR, "article", "A1", "first", LEAVES)
    return bureau


def readers(bureau: Bureau) -> dict[str, int]:
    """How many readings each of the two has to do, after the loop has looked."""
    hand_over_due_readings(bureau.runtime.unit_of_work)
    publicity = bureau.service.publicity
    return {who: len(open_readings(publicity, OPERATOR, "S01", who)["readings"]) for who in (LEAVES, FOLLOWS)}


def test_readings_go_over_on_the_day_and_not_before(handed_over: Bureau) -> None:
    assert readers(handed_over) == {LEAVES: 1, FOLLOWS: 0}
    handed_over.pass_time(days=2)
    assert readers(handed_over) == {LEAVES: 0, FOLLOWS: 1}
    moved = handed_over.events_of_type("reader_appointed")
    assert moved[-1].actor == "service:publicity" and len(moved) == 2
    readers(handed_over)
    assert len(handed_over.events_of_type("reader_appointed")) == 2


def test_who_is_appointed_again_after_the_day_keeps_the_reading(handed_over: Bureau) -> None:
    handed_over.pass_time(days=3)
    assert readers(handed_over) == {LEAVES: 0, FOLLOWS: 1}
    appoint_reader(handed_over.service.publicity, OPERATOR, "article", "A1", "first", LEAVES)
    assert readers(handed_over) == {LEAVES: 1, FOLLOWS: 0}


def test_a_post_that_two_went_on_with_or_nobody_moves_nothing(handed_over: Bureau) -> None:
    handed_over.receive(assigned("S01-3", DAY))
    handed_over.pass_time(days=3)
    assert readers(handed_over) == {LEAVES: 1, FOLLOWS: 0}


def test_what_the_successor_may_not_read_stays(handed_over: Bureau) -> None:
    appoint_reader(handed_over.service.publicity, OPERATOR, "article", "A1", "second", FOLLOWS)
    handed_over.pass_time(days=3)
    assert readers(handed_over) == {LEAVES: 1, FOLLOWS: 1}
    assert readers(handed_over) == {LEAVES: 1, FOLLOWS: 1}
