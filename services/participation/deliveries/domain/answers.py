"""The meaning of a webhook's answer for the event that was sent, and the time of the next attempt.  Pure."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

ATTEMPTS_OF_EVENT: Final = 10
"""The most attempts at an event that its receiver rejects; then it is given up and the next one follows."""
AWAY_SECONDS: Final = 3 * 24 * 3600
"""The time without success after which a receiver is sent nothing more until an operator resumes it."""
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_ASKED_PAUSE = 1, 600, 24 * 3600
OF_THE_RECEIVER: Final = frozenset({401, 402, 403, 404, 405, 407, 408, 415, 421, 425, 429, 502, 503, 504})
"""Statuses about the receiver, not the event: any other event would be answered the same now."""


class Verdict(Enum):
    """The consequence for what was sent."""

    DELIVERED = "it was taken"
    LATER = "the receiver takes nothing now: the same again, until it does"
    REFUSED = "the receiver does not take this event: again some times, then it is given up"
    GONE = "the receiver wants nothing any more"


@dataclass(frozen=True)
class ClassifiedAnswer:
    """`pause`: seconds that the receiver asked to wait; 0: none."""

    verdict: Verdict
    code: str = ""
    detail: str = ""
    pause: int = 0


def judge_answer(status: int, retry_after: str = "") -> ClassifiedAnswer:
    """`retry_after`: the header in seconds; dates are ignored."""
    code, pause = f"http_{status}", _seconds(retry_after)
    if 200 <= status < 300:
        return ClassifiedAnswer(Verdict.DELIVERED)
    if status == 410:
        return ClassifiedAnswer(Verdict.GONE, code)
    if status < 400 or status in OF_THE_RECEIVER:
        return ClassifiedAnswer(Verdict.LATER, "redirected" if 300 <= status < 400 else code, pause=pause)
    return ClassifiedAnswer(Verdict.REFUSED, code, pause=pause)


def pause_after(attempts: int, share: int, asked: int = 0) -> int:
    """Milliseconds until the next attempt after so many consecutive failures: exponential, half of it random (`share`:
    0 to 1000), at least what the receiver asked for."""
    whole = min(LONGEST_PAUSE, FIRST_PAUSE << min(attempts - 1, 20)) * 1000
    return max(whole // 2 + whole // 2 * share // 1000, min(asked, LONGEST_ASKED_PAUSE) * 1000)


def _seconds(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
