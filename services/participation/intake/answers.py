"""What a sender is answered that looks at the status alone, as generic senders of events do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Response

from chassis.intake.cloudevents import Receipt
from chassis.process.problems import Problem

PREFERENCE = "outcome=status"
_WAITING, _DECIDED = 202, 200


def wants_status(prefer: str) -> bool:
    """Whether `Prefer` (RFC 7240) asks for it."""
    asked = (each.partition(";")[0].replace(" ", "").replace('"', "").lower() for each in prefer.split(","))
    return PREFERENCE in asked


def answer_by_status(receipts: Sequence[Receipt], result: Mapping[str, Any]) -> Response:
    """Of a single report: 422 refused (a problem that has the receipt too), 202 waiting.  Others: 200."""
    only = receipts[0] if len(receipts) == 1 else None
    if only is not None and only.outcome == "refused":
        answer = Problem(422, only.code, only.message, column=only.column, **result).response()
    else:
        status = _WAITING if only is not None and only.outcome == "waiting" else _DECIDED
        text = json.dumps(result, ensure_ascii=False)
        answer = Response(text, status=status, content_type="application/json")
    answer.headers["Preference-Applied"] = PREFERENCE
    return answer
