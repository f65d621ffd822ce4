"""Outside systems (接入系统): what each may report, what became of its reports; added, changed, given new secrets with
the operator's own token (docs/decisions/0229), which is used for that one request and kept nowhere; removed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, report_words, statement_words
from console.components import components
from console.concurrent_calls import call_all, question
from console.file_forms import takes_files
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import PUBLISHERS
from console.publisher_types import CHOSEN, LABELS, MOST, choices_of, types_of, words_of
from console.service_client import ServiceResponse
from console.subscription_progress import progress_of
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, outcome_of, refusal_of

blueprint = Blueprint("publishers", __name__)
PATH, SUBSCRIPTIONS = "/api/publishers", "/api/subscriptions"
ALL_UNITS = "all"
OUTCOMES = {"accepted": "已接收", "unchanged": "无变化", "waiting": "待关联", "refused": "未接收",
            "unauthorized": "令牌无效"}  # fmt: skip
STATE = {"accepted": "done", "unchanged": "excused", "waiting": "open", "refused": "overdue", "unauthorized": "overdue"}
CODES = {
    "not_your_source": "来源没有登记", "not_your_type": "没有登记这类事件", "not_your_unit": "不是登记的单位",
    "not_your_row": "不是该系统报送的数据", "unknown_type": "没有这样的事件类型", "missing": "必填项为空",
    "conflict": "与先到的同编号数据不同", "bad_date": "日期不对", "bad_instant": "时间不对",
    "bad_text": "含有不能使用的字符", "bad_kind": "类别不对", "bad_role": "身份不对", "bad_post": "岗位职务不对",
    "bad_number": "不是数字", "not_in_service": "当天查不到任职或单位", "unknown_unit": "没有这个单位",
    "unknown_person": "没有这个人员", "unknown_record": "没有这条填报记录",
    "unknown_record_kind": "方案中没有这种填报类型", "unknown_period": "方案中没有这个周期",
    "unknown_duty": "方案中没有这项任务", "duplicate": "与已接收的另一行重复", "overlapping": "任职时间重叠",
    "token_expired": "令牌已到期", "token_revoked": "令牌已更换或注销", "cancelled": "报送方已撤销",
    "out_of_range": "分值超出范围", "reserved_id": "编号由系统保留", "no_campaign": "活动方案还没有发布",
}  # fmt: skip
"""Why a report is refused, in short; its author has the whole sentence in the receipt."""
LIMITS = ("rows_a_minute", "bytes_a_minute")
LONGEST_TOKEN = 8000
ENDING = timedelta(days=30)
KEY_MISSING = "请选择运维令牌文件，或粘贴其中的内容。"
KEY_REFUSED = "运维令牌不对，或已过期（令牌有效 24 小时）。请重新签发后再试。"


@blueprint.get(PUBLISHERS.path)
@signed_in(PUBLISHERS.right)
def publishers(user: User) -> ResponseReturnValue:
    services = components().services
    response, subscribed = call_all(
        question(services.get_json, user, "participation", PATH),
        question(services.get_json, user, "participation", SUBSCRIPTIONS),
    )
    units = _names_of_units(user)
    return render_template(
        "publishers.html", page=PUBLISHERS, response=response, publishers=response.body.get("publishers") or [],
        subscribed=subscribed, subscriptions=subscribed.body.get("subscriptions") or [], progress_of=progress_of,
        units=units, public_type=statement_words.public_type, totals=totals, ends_soon=ends_soon, denied=denied,
        types=report_words.type_label, local_time=local_time, all_units=ALL_UNITS,
    )  # fmt: skip


@blueprint.get(f"{PUBLISHERS.path}/publisher")
@signed_in(PUBLISHERS.right)
def publisher(user: User) -> ResponseReturnValue:
    return _publisher_page(user, request.args.get("name", ""))


@blueprint.get(f"{PUBLISHERS.path}/new")
@signed_in(PUBLISHERS.right)
def new(user: User) -> ResponseReturnValue:
    return _new_page(user)


@blueprint.post(f"{PUBLISHERS.path}/new")
@takes_files(64 * 1024)
@signed_in(PUBLISHERS.right)
def add(user: User) -> ResponseReturnValue:
    """Registers one; its secrets are shown this once."""
    name = request.form.get("name", "").strip()[:63]
    result = _write_by_key(user, PATH, {"name": name, **_rights_of_form()})
    return _secrets_page(result, "接入系统已登记") if result.ok else _new_page(user, result)


@blueprint.post(f"{PUBLISHERS.path}/change")
@takes_files(64 * 1024)
@signed_in(PUBLISHERS.right)
def change(user: User) -> ResponseReturnValue:
    """What it may report from now on; its secrets stay."""
    name = request.form.get("name", "").strip()[:63]
    result = _write_by_key(user, f"{PATH}/{_segment(name)}/change", _rights_of_form())
    if not result.ok:
        return _publisher_page(user, name, result)
    flash(words("{} 的登记已变更。").format(name), "done")
    return redirect(url_for("publishers.publisher", name=name), 303)


@blueprint.post(f"{PUBLISHERS.path}/rotate")
@takes_files(64 * 1024)
@signed_in(PUBLISHERS.right)
def rotate(user: User) -> ResponseReturnValue:
    """New secrets, shown this once; the old ones end."""
    name = request.form.get("name", "").strip()[:63]
    result = _write_by_key(user, f"{PATH}/{_segment(name)}/rotate", {})
    return _secrets_page(result, "密钥已更换，旧的立即失效") if result.ok else _publisher_page(user, name, result)


@blueprint.post(f"{PUBLISHERS.path}/remove")
@signed_in(PUBLISHERS.right)
def remove(user: User) -> ResponseReturnValue:
    """It may report no more; what still waits of it is dropped.  Its name is typed."""
    name = request.form.get("name", "").strip()[:63]
    if request.form.get("typed", "").strip() != name:
        wrong = "请照写接入系统的名称，以确认注销。"
        return _publisher_page(user, name, WriteResult(NOTHING_SENT, wrong, {"typed": wrong}))
    response = components().services.delete_json(user, "participation", f"{PATH}/{_segment(name)}")
    if not response.ok:
        return _publisher_page(user, name, refusal_of(response))
    flash(words("{} 已注销，它的密码和令牌立即失效。").format(name), "done")
    return redirect(url_for("publishers.publishers"), 303)


def totals(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many by outcome, whatever the code."""
    result: dict[str, int] = {}
    for each in outcomes:
        result[each["outcome"]] = result.get(each["outcome"], 0) + int(each["count"])
    return result


def ends_soon(token_expires_at: str) -> bool:
    """Within a month: whoever has it is to be given another."""
    return bool(token_expires_at) and datetime.fromisoformat(token_expires_at) < datetime.now(UTC) + ENDING


def denied(days: Sequence[Mapping[str, Any]]) -> int:
    """Requests of the last days whose token was not honoured."""
    return sum(int(each["count"]) for each in days if each["outcome"] == "unauthorized")


def _list_publishers(user: User) -> ServiceResponse:
    return components().services.get_json(user, "participation", PATH)


def _names_of_units(user: User) -> dict[str, str]:
    """By id, in the order of the list; empty: it is not to be had, and ids are typed."""
    listed = components().services.get_json(user, "participation", "/api/units").body.get("units") or []
    return {str(unit["unit_id"]): str(unit["name"]) for unit in listed if not unit["closed_on"]}


def _write_by_key(user: User, path: str, body: Mapping[str, Any]) -> WriteResult:
    """With the operator's own token, as the form bears it: the console's may not (docs/decisions/0080)."""
    sent = request.files.get("token_file")
    raw = sent.read(LONGEST_TOKEN) if sent and sent.filename else request.form.get("token", "").encode()
    token = "".join(raw[:LONGEST_TOKEN].decode("ascii", "ignore").split())
    if not token:
        return WriteResult(NOTHING_SENT, KEY_MISSING, {"token": KEY_MISSING})
    result = outcome_of(components().services.send_as(user, token, "participation", path, body))
    if result.response.status in (401, 403):
        return WriteResult(result.response, KEY_REFUSED, {"token": KEY_REFUSED})
    return result


def _rights_of_form() -> dict[str, Any]:
    form = request.form
    things = {thing: form.get(f"type-{thing}", "") for thing in CHOSEN}
    return {
        "types": types_of(things, form.get("more", "")[:4000]),
        "units": _units_of_form() or [ALL_UNITS],
        "sources": words_of(form.get("sources", "")[:8000])[:MOST],
        "unnamed": form.get("unnamed") == "1",
        "answers": "status" if form.get("answers") == "status" else "receipts",
        **{name: _number(form.get(name, "")) for name in LIMITS},
    }


def _units_of_form() -> list[str]:
    """Those that are ticked, and ids that were typed where the list of units was not to be had."""
    ticked = [each.strip()[:LONGEST_ID] for each in request.form.getlist("unit") if each.strip()]
    return list(dict.fromkeys([*ticked, *words_of(request.form.get("units", "")[:20_000])]))


def _number(text: str) -> Any:
    """As typed where it is none: the service says so at its field."""
    text = text.strip()[:15]
    return int(text) if text.isascii() and text.isdigit() else text or 0


def _form_of(rights: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields show: what was typed, or what is registered."""
    if request.method == "POST" and "types_shown" in request.form:
        rights = _rights_of_form()
    chosen = choices_of(rights.get("types") or [])
    units = [unit for unit in rights.get("units") or [] if unit != ALL_UNITS]
    return {"things": chosen.things, "more": " ".join(chosen.more), "units": units,
            "sources": "\n".join(rights.get("sources") or []), "unnamed": bool(rights.get("unnamed")),
            "answers": rights.get("answers") or "receipts",
            **{name: rights.get(name) or "" for name in LIMITS}}  # fmt: skip


def _new_page(user: User, result: WriteResult | None = None) -> ResponseReturnValue:
    page = render_template(
        "publisher_new.html", page=PUBLISHERS, given=_form_of({}), name=request.form.get("name", ""), labels=LABELS,
        units=_names_of_units(user),
        message=result.message if result else "", errors=result.field_errors if result else {},
    )  # fmt: skip
    return page, result.status if result else 200


def _publisher_page(user: User, name: str, result: WriteResult | None = None) -> ResponseReturnValue:
    response, units = _list_publishers(user), _names_of_units(user)
    shown = next((each for each in response.body.get("publishers") or [] if each["name"] == name), None)
    if response.ok and shown is None:
        abort(404)
    page = render_template(
        "publisher.html", page=PUBLISHERS, response=response, publisher=shown, name=name, labels=LABELS,
        given=_form_of(shown or {}), units=units, outcomes=OUTCOMES, state_of=STATE, codes=CODES,
        code_label=labels.label,
        types=report_words.type_label, local_time=local_time, all_units=ALL_UNITS, ends_soon=ends_soon, denied=denied,
        message=result.message if result else "", errors=result.field_errors if result else {},
    )  # fmt: skip
    return page, result.status if result else 200


def _secrets_page(result: WriteResult, title: str) -> ResponseReturnValue:
    return render_template("publisher_secrets.html", page=PUBLISHERS, secrets=result.response.body, title=title)


def _segment(name: str) -> str:
    """404: no publisher can bear this name."""
    return quote(name, safe="") if name.strip(".") else abort(404)
