"""What the answer of a webhook means, and how long the next attempt waits."""

from __future__ import annotations

import pytest

from services.participation.deliveries.domain.answers import (
    FIRST_PAUSE,
    LONGEST_ASKED_PAUSE,
    LONGEST_PAUSE,
    Verdict,
    judge_answer,
    pause_after,
)


@pytest.mark.parametrize(
    ("verdict", "statuses"),
    [
        (Verdict.DELIVERED, (200, 201, 202, 204)),
        (Verdict.GONE, (410,)),
        (Verdict.LATER, (301, 302, 307, 401, 403, 404, 405, 408, 415, 425, 429, 502, 503, 504)),
        (Verdict.REFUSED, (400, 409, 413, 422, 451, 500, 501)),
    ],
)
def test_a_status_says_whether_the_event_or_its_receiver_is_at_fault(
    verdict: Verdict, statuses: tuple[int, ...]
) -> None:
    assert {judge_answer(status).verdict for status in statuses} == {verdict}


@pytest.mark.parametrize(("text", "seconds"), [("120", 120), (" 7 ", 7), ("", 0), ("-1", 0), ("soon", 0), ("٣", 0)])
def test_retry_after_is_whole_seconds(text: str, seconds: int) -> None:
    assert judge_answer(503, text).pause == seconds


def test_pauses_double_to_a_limit_and_a_half_of_them_is_by_chance() -> None:
    assert [pause_after(attempts, 1000) for attempts in (1, 2, 3, 4)] == [1000, 2000, 4000, 8000]
    assert pause_after(1, 0) == FIRST_PAUSE * 500
    assert pause_after(1000, 1000) == LONGEST_PAUSE * 1000
    assert pause_after(1, 1000, asked=90) == 90_000
    assert pause_after(1, 1000, asked=10**9) == LONGEST_ASKED_PAUSE * 1000
