"""What a learning platform sent (学习记录): what became a record, what became none and why, by verb, activity and
account; mapped again after the campaign's file changed.  Nobody is named here."""

from collections import Counter
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, statement_words
from console.components import components
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import PUBLISHERS
from console.publishers import CODES
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import outcome_of

blueprint = Blueprint("learning_statements", __name__)
PATH = "/api/xapi"
LONGEST_NAME = 63
SHOWN = 100
"""Rows of a table: the most first; the command lists all."""


@blueprint.get(f"{PUBLISHERS.path}/statements")
@signed_in(PUBLISHERS.right)
def statements(user: User) -> ResponseReturnValue:
    return _page(user, _name(request.args.get("name", "")))


@blueprint.post(f"{PUBLISHERS.path}/statements/replay")
@signed_in(PUBLISHERS.right)
def replay(user: User) -> ResponseReturnValue:
    """Maps again what became no record, some thousands at once; what is left goes on from there."""
    name, after = _name(request.form.get("name", "")), request.form.get("after", "")[:18]
    body = {"publisher": name, "after": int(after) if after.isascii() and after.isdigit() else 0}
    result = outcome_of(components().services.post_json(user, "participation", f"{PATH}/replay", body))
    if not result.ok:
        return _page(user, name, result.message), result.status
    done = result.response.body
    text = words("看了 {} 条：{} 条成为填报记录，{} 条待关联，{} 条未接收，{} 条仍没有对应。")
    flash(text.format(*(done[key] for key in ("looked_at", "recorded", "waiting", "refused", "unmapped"))), "done")
    return redirect(url_for("learning_statements.statements", name=name, after=done["next"] or None), 303)


def _page(user: User, name: str, message: str = "") -> str:
    response = components().services.get_json(user, "participation", f"{PATH}/unmapped", publisher=name)
    groups, kinds = response.body.get("groups") or [], response.body.get("kinds") or []
    return render_template(
        "learning_statements.html", page=PUBLISHERS, response=response, name=name, message=message,
        groups=groups[:SHOWN], kinds=kinds[:SHOWN], more=max(len(groups) - SHOWN, 0), totals=_totals(response),
        by_reason=_by_reason(groups), words_of=statement_words, codes=CODES, code_label=labels.label,
        local_time=local_time, after=request.args.get("after", "")[:18], shows_all=not name,
    )  # fmt: skip


def _totals(response: ServiceResponse) -> dict[str, int]:
    """How many of each state; `unmapped` and `voided` are counted too."""
    kinds: list[dict[str, Any]] = response.body.get("kinds") or []
    result = Counter[str]()
    for each in kinds:
        result[each["state"]] += each["count"]
        result["voided"] += each["voided"]
    result["unmapped"] = sum(each["count"] for each in response.body.get("groups") or [])
    return dict(result)


def _by_reason(groups: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Code, words and how many, the most first."""
    counted, reasons = Counter[str](), {each["code"]: each["reason"] for each in groups}
    for each in groups:
        counted[each["code"]] += each["count"]
    return [(code, reasons[code], count) for code, count in counted.most_common()]


def _name(text: str) -> str:
    return text.strip()[:LONGEST_NAME]
