"""What somebody else entered and waits for the user's second hand: decisions on awards, sheets of a quarter."""

from collections.abc import Callable, Mapping, Sequence

from flask import url_for

from console import labels
from console.concurrent_calls import question
from console.language import words
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import reader

CONFIRM_DECISION, CONFIRM_SHEET = "confirm_decision", "assess_unit"


def questions(user: User) -> list[Callable[[], ServiceResponse]]:
    """None for who confirms nothing."""
    read = reader(user)
    asked = [question(read, "participation", "/api/decision-proposals")] if user.may(CONFIRM_DECISION) else []
    return asked + ([question(read, "participation", "/api/quarter-sheets")] if user.may(CONFIRM_SHEET) else [])


def steps(user: User, answers: Sequence[ServiceResponse]) -> list[Mapping[str, str]]:
    """How many wait for another than whoever entered them, and where."""
    result: list[Mapping[str, str]] = []
    proposals = [item for answer in answers for item in answer.body.get("proposals") or []]
    others = [item for item in proposals if item["status"] == "waiting" and item["proposed_by"] != user.account_id]
    for year in sorted({item["year"] for item in others}):
        count = sum(item["year"] == year for item in others)
        result.append({"title": words("{} 年度评选的决定").format(year), "what": words("{} 项").format(count),
                       "link": url_for("commendation.commendation", year=year)})  # fmt: skip
    for answer in answers:
        count = sum("confirm" in sheet["may"] for sheet in answer.body.get("sheets") or [])
        if count:
            period = str(answer.body["period"])
            title = words("{}季考核表").format(labels.window_label(period))
            link = url_for("sheets.sheets", period=period)
            result.append({"title": title, "what": words("{} 张").format(count), "link": link})
    return result
