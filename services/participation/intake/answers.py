"""Answers for senders that evaluate only the HTTP status, as generic senders of events do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from werkzeug.wrappers import Response

from chassis.http.response_check import NOTHING_MORE
from chassis.intake.cloudevents import Receipt
from chassis.process.problems import Problem

PREFERENCE: Final = "outcome=status"
_WAITING, _DECIDED = 202, 200


def preferences(prefer: str) -> frozenset[str]:
    """The preferences in `Prefer` (RFC 7240), such as `outcome=status`."""
    asked = (each.partition(";")[0].replace(" ", "").replace('"', "").lower() for each in prefer.split(","))
    return frozenset(asked)


def answer_by_status(receipts: Sequence[Receipt], result: Mapping[str, Any], *, least: bool) -> Response:
    """For a single report 422 if refused (a problem that contains the receipt), 202 if pending; otherwise 200.
    `least`: no body for a single report that is not refused, for senders that take a body in the answer for an
    event."""
    only = receipts[0] if len(receipts) == 1 else None
    applied = PREFERENCE
    if only is not None and only.outcome == "refused":
        answer = Problem(422, only.code, only.message, column=only.column, **result).response()
    else:
        status = _WAITING if only is not None and only.outcome == "waiting" else _DECIDED
        text = json.dumps(result, ensure_ascii=False)
        answer = Response(text, status=status, content_type="application/json")
        if least and only is not None:
            answer = Response(b"", status=status)
            del answer.headers["Content-Type"]
            applied = f"{PREFERENCE}, {NOTHING_MORE}"
    answer.headers["Preference-Applied"] = applied
    return answer
