"""What a sender is answered that looks at the status alone, as generic senders of events do."""

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
    """What `Prefer` (RFC 7240) asks for, such as `outcome=status`."""
    asked = (each.partition(";")[0].replace(" ", "").replace('"', "").lower() for each in prefer.split(","))
    return frozenset(asked)


def answer_by_status(receipts: Sequence[Receipt], result: Mapping[str, Any], *, least: bool) -> Response:
    """Of a single report: 422 refused (a problem that has the receipt too), 202 waiting.  Others: 200.  `least`: of a
    single one that is not refused nothing but the status, for senders that take a body for an event in answer."""
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
