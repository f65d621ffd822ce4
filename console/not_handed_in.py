"""Who has not yet handed in (未交名单): inside the unit only, by name; with a text for the unit's chat group."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.duties import STATES
from console.guard import LONGEST_PATH, signed_in
from console.own_units import UnitChoice, chosen_unit
from console.page_registry import NOT_HANDED_IN
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import reader

blueprint = Blueprint("not_handed_in", __name__)
UNDONE = ("open", "overdue")


@blueprint.get(NOT_HANDED_IN.path)
@signed_in(NOT_HANDED_IN.right)
def not_handed_in(user: User) -> ResponseReturnValue:
    """`duty` and `period`: one of those that people of the unit owe; without them the one that is due next."""
    asked = chosen_unit(user)
    response = _lines(user, asked)
    lines = [line for line in response.body.get("duties") or [] if line["state"] in UNDONE]
    open_duties = _by_duty(lines)
    wanted = (request.args.get("duty", "")[:80], request.args.get("period", "")[:64])
    shown = wanted if wanted in open_duties else next(iter(open_duties), None)
    names = _names(user, asked.unit_id) if shown else {}
    people = sorted(
        (names.get(line["person_id"], ""), line["person_id"], line) for line in open_duties.get(shown, []) if shown
    ) if shown else []  # fmt: skip
    return render_template(
        "not_handed_in.html", response=response, asked=asked, duties=open_duties, shown=shown, people=people,
        page=NOT_HANDED_IN, labels=labels, states=STATES, text=_chat_text(open_duties, shown, people),
    )  # fmt: skip


def _lines(user: User, asked: UnitChoice) -> ServiceResponse:
    query = {"unit_id": asked.unit_id, "window": asked.window, "as_of": asked.as_of, "known_at": asked.known_at}
    response = reader(user)("assessment", "/api/duties/people", **query)
    if response.ok:
        _write_down(user, f"GET /not-handed-in unit={asked.unit_id}")
    return response


def _by_duty(lines: list[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Duty and period -> who has not done it; what is due first comes first."""
    result: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in sorted(lines, key=lambda each: each["due"]):
        result.setdefault((line["duty"], line["period"]), []).append(line)
    return result


def _names(user: User, unit_id: str) -> dict[str, str]:
    response = components().services.get_json(user, "participation", f"/api/units/{unit_id}/people")
    return {each["person_id"]: each["name"] for each in response.body.get("people") or []}


def _chat_text(
    duties: Mapping[tuple[str, str], list[Mapping[str, Any]]], shown: tuple[str, str] | None,
    people: list[tuple[str, str, Mapping[str, Any]]],
) -> str:  # fmt: skip
    """What the clerk pastes into the unit's own group."""
    if shown is None:
        return ""
    line = duties[shown][0]
    names = "、".join(name or person_id for name, person_id, _ in people)
    period = "" if line["period"] == "once" else f"{labels.window_label(line['period'])} "
    what = f"【{period}{line['title']}】"
    return f"{what}截止日 {line['due']}，还没有收到：{names}。请尽快提交，谢谢！"


def _write_down(user: User, what: str) -> None:
    components().security_log.write_once("export", user.account_id, what[:LONGEST_PATH])
