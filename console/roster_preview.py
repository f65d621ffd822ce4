"""The preview of a roster, group by group: lines are ticked or chosen and applied, or a whole group; words of the file
are explained."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words, roster_words
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.import_detail import import_id_of
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import ROSTERS
from console.resumable_work import go_on, repeat_for_seconds, state_of_form
from console.roster_words import CERTAIN, GROUPS, MISSING
from console.typed_dates import date_or_empty
from console.unit_choices import DISTRICT, unit_choices
from console.users import User
from console.write_client import WriteResult, positions_written, write

PAGE, MOST_LINES = 100, 200
CHOICE = "choice:"


@signed_in(ROSTERS.right)
def preview(user: User) -> ResponseReturnValue:
    return _page(user, import_id_of(request.args.get("roster", "")))


@signed_in(ROSTERS.right, fresh=True)
def confirm(user: User) -> ResponseReturnValue:
    """Applies what is ticked or chosen, the whole group, or all groups that need no decision."""
    roster_id, before = import_id_of(request.form.get("roster", "")), state_of_form().get("selection")
    selection: Mapping[str, Any] = before if isinstance(before, dict) else _selection()
    if not selection.get("groups") and not selection.get("lines"):
        return _page(user, roster_id, "请先勾选要办理的行。", 422)
    results: list[WriteResult] = []

    def step() -> bool:
        result = write(user, "participation", f"/api/rosters/{roster_id}/confirm", selection)
        results.append(result)
        return result.ok and bool(result.response.body["left"])

    is_left, last = repeat_for_seconds(step), results[-1]
    if not last.ok:
        return _page(user, roster_id, last.message, last.status)
    if is_left:
        message = words("还有 {count} 行没有办理。").format(count=last.response.body["left"])
        fields = {"roster": roster_id, "group": request.form.get("group", "")[:20]}
        return go_on(ROSTERS, "正在办理", message, url_for("rosters.confirm"), fields, {"selection": selection})
    counts = {name: last.response.body[name] for name in ("accepted", "unchanged", "refused")}
    flash(words("这份花名册共已办理 {accepted} 人，无变化 {unchanged}，未接收 {refused}。").format(**counts),
          "refused" if counts["refused"] else "done")  # fmt: skip
    return redirect(_preview_url(roster_id), 303)


@signed_in(DISTRICT, fresh=True)
def explain_words(user: User) -> ResponseReturnValue:
    """Says which units and roles words of the file mean, from now on, and compares it again."""
    roster_id = import_id_of(request.form.get("roster", ""))
    named = zip(*(request.form.getlist(name) for name in ("column", "word", "value")), strict=False)
    meanings = [{"column": column, "word": word[:200], "value": value[:LONGEST_ID]}
                for column, word, value in named if column in ("unit_id", "role") and word and value]  # fmt: skip
    if not meanings:
        return _page(user, roster_id, "请先选择这些名称指的是什么。", 422)
    result = write(user, "participation", "/api/roster-words", {"words": meanings})
    if result.ok:
        result = write(user, "participation", f"/api/rosters/{roster_id}/compare", {})
    if not result.ok:
        return _page(user, roster_id, result.message, result.status)
    flash("已记下，以后的花名册照此办理。", "done")
    return redirect(url_for("rosters.preview", roster=roster_id), 303)


@signed_in(ROSTERS.right, fresh=True)
def compare_again(user: User) -> ResponseReturnValue:
    roster_id = import_id_of(request.form.get("roster", ""))
    result = write(user, "participation", f"/api/rosters/{roster_id}/compare", {})
    if not result.ok:
        return _page(user, roster_id, result.message, result.status)
    return redirect(url_for("rosters.preview", roster=roster_id), 303)


def _selection() -> dict[str, Any]:
    """What is confirmed, as the buttons say."""
    form, groups, lines = request.form, list[str](), dict[str, str]()
    group = form.get("group", "")
    match form.get("act", ""):
        case "certain":
            groups = [name for name in CERTAIN if form.get(f"count:{name}")]
        case "group" if group in (*CERTAIN, MISSING):
            groups = [group]
        case _:
            option = "end" if group == MISSING else "apply"
            lines = {key[:200]: option for key in form.getlist("line")[:MOST_LINES]} if group != "unsure" else {}
            chosen = ((name.removeprefix(CHOICE)[:200], value[:80]) for name, value in form.items()
                      if name.startswith(CHOICE) and value)  # fmt: skip
            lines |= dict(chosen)
    revision = form.get("revision", "")[:9]
    return {"revision": int(revision) if revision.isascii() and revision.isdecimal() and int(revision) else 1,
            "groups": groups, "lines": lines, "missing_on": date_or_empty(form.get("missing_on", ""))}  # fmt: skip


def _preview_url(roster_id: str) -> str:
    group, after = request.form.get("group", ""), request.form.get("after", "")
    return url_for("rosters.preview", roster=roster_id, group=group if group in GROUPS else None,
                   after=after if after.isascii() and after.isdecimal() and after != "0" else None)  # fmt: skip


def _page(user: User, roster_id: str, message: str = "", status: int = 200) -> ResponseReturnValue:
    asked = request.values.get("group", "")
    after = request.values.get("after", "")[:9]
    after = after if after.isascii() and after.isdecimal() else "0"
    response = _read(user, roster_id, asked if asked in GROUPS else "unchanged", after)
    if response.status in (403, 404):
        abort(response.status)
    counts: Mapping[str, int] = response.body.get("groups") or {}
    group = asked if asked in GROUPS else next((name for name in GROUPS if counts.get(name)), "unchanged")
    if response.ok and group != asked and group != "unchanged":
        response = _read(user, roster_id, group, after)
    lines = response.body.get("lines") or []
    answer = render_template(
        "roster.html", page=ROSTERS, response=response, shown=response.body, roster_id=roster_id, group=group,
        lines=lines, counts=counts, words=import_words, rosters=roster_words, message=message, after=int(after),
        next=int(after) + len(lines) if response.body.get("more") else 0, reasons=_reasons(user, roster_id, lines),
        certain=sum(counts.get(name, 0) for name in CERTAIN), explains=user.may(DISTRICT),
        units=unit_choices(user).units, missing_on=date_or_empty(request.form.get("missing_on", "")),
    )  # fmt: skip
    return answer, status


def _read(user: User, roster_id: str, group: str, after: str) -> Any:
    services, path = components().services, f"/api/rosters/{roster_id}"
    query = {"group": group, "after": after, "limit": str(PAGE)}
    components().security_log.write_once("export", user.account_id, f"GET {path}"[:LONGEST_PATH])
    if positions := positions_written():
        return services.get_after(user, "participation", path, positions, **query)
    return services.get_json(user, "participation", path, **query)


def _reasons(user: User, roster_id: str, lines: list[dict[str, Any]]) -> dict[str, str]:
    """Why lines of this page were refused, by their keys."""
    if not any(line["outcome"] == "refused" for line in lines):
        return {}
    response = components().services.get_json(user, "participation", f"/api/rosters/{roster_id}/outcomes", limit="5000")
    return {line["line"]: line["message"] for line in response.body.get("lines") or () if line["outcome"] == "refused"}
