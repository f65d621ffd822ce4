"""Accounts (账号), the page of the campaign office: who has one and in which state; it is opened, reset, disabled,
enabled, and its sessions are ended.  One-time passwords are shown once, on slips."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.account_pages import local_time
from console.accounts import Account, UnknownAccount
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import LONGEST_PATH, signed_in
from console.service_client import ServiceResponse
from console.slips import slips_page
from console.users import OPERATOR, User
from console.viewed_people import write_viewed_people

blueprint = Blueprint("office_accounts", __name__)
RIGHT = "keep_accounts"
MOST_AT_ONCE = 100
"""Accounts opened by one request: each costs a hash, some 50 ms."""
STATES = {
    "none": "未开通", "active": "使用中", "must_change": "待首次登录", "expired": "初始密码已过期",
    "disabled": "已停用",
}  # fmt: skip
DONE = {"disabled": "账号已停用，登录立即失效。", "enabled": "账号已启用，密码不变。", "ended": "已退出所有登录。"}


@blueprint.get("/accounts")
@signed_in(RIGHT)
def people(user: User) -> ResponseReturnValue:
    """The people of a unit, or those whom a search finds, with their accounts."""
    unit_id, text = (request.args.get(name, "").strip()[:80] for name in ("unit", "search"))
    get_json = components().services.get_json
    known = question(get_json, user, "participation", "/api/units")
    units, *answers = call_all(known, *_listed_people(user, unit_id, text))
    listed = answers[0] if answers else None
    lines = _lines(listed.body.get("people") or []) if listed else []
    if lines:  # whose names, by id: the text that was searched for may be a name itself
        shown = [line["person_id"] for line in lines] if text else [f"unit={unit_id}"]
        write_viewed_people(user, "GET /accounts", shown)
    return render_template(
        "office_accounts.html", units=units.body.get("units") or [], unit_id=unit_id, text=text, listed=listed,
        lines=lines, without=sum(line["state"] == "none" for line in lines), most=MOST_AT_ONCE, states=STATES,
        local_time=local_time,
    )  # fmt: skip


@blueprint.get("/accounts/person")
@signed_in(RIGHT)
def person(user: User) -> ResponseReturnValue:
    """One person's account and what can be done with it."""
    return _person_page(user, _person_id(), DONE.get(request.args.get("done", ""), ""))


@blueprint.post("/accounts/create")
@signed_in(RIGHT, fresh=True)
def create(user: User) -> ResponseReturnValue:
    """For one person, or for all of a unit who have none yet; answers with the slips."""
    unit_id = request.form.get("unit", "").strip()[:80]
    if not unit_id:
        return _create_for_person(user, _person_id())
    response = components().services.get_json(user, "participation", "/api/people", unit_id=unit_id)
    if not response.ok:
        abort(response.status)
    lines = _lines(response.body.get("people") or [])
    wanted = [line["person_id"] for line in lines if line["state"] == "none"]
    names = {line["person_id"]: line["name"] for line in lines}
    back = url_for("office_accounts.people", unit=unit_id)
    left = max(0, len(wanted) - MOST_AT_ONCE)
    return _slips(user, wanted[:MOST_AT_ONCE], names, str(response.body.get("unit_name") or ""), back, left)


@blueprint.post("/accounts/reset")
@signed_in(RIGHT, fresh=True)
def reset(user: User) -> ResponseReturnValue:
    """A new slip; the form names the password that it was made for, so that a page sent again resets nothing."""
    account, name = _of_another(user), _name_of(user, _person_id())
    if request.form.get("changed_at", "") != repr(account.changed_at):
        return _person_page(
            user, account.account_id, "密码刚刚变过，没有再重置。账号条只显示一次；没有印出来时，请再次重置。"
        )
    issued = components().accounts.reset(account.account_id)
    components().security_log.write("password_reset", account.account_id, actor=user.account_id)
    back = url_for("office_accounts.person", person=account.account_id)
    return slips_page([issued], {account.account_id: name}, "", back)


@blueprint.post("/accounts/disable")
@signed_in(RIGHT, fresh=True)
def disable(user: User) -> ResponseReturnValue:
    account = _of_another(user)
    components().accounts.disable(account.account_id)
    return _log_and_redirect(user, account, "account_disabled", "disabled")


@blueprint.post("/accounts/enable")
@signed_in(RIGHT, fresh=True)
def enable(user: User) -> ResponseReturnValue:
    account = _of_another(user)
    components().accounts.enable(account.account_id)
    return _log_and_redirect(user, account, "account_enabled", "enabled")


@blueprint.post("/accounts/end-sessions")
@signed_in(RIGHT, fresh=True)
def end_sessions(user: User) -> ResponseReturnValue:
    account = _of_another(user)
    components().sessions.end_all(account.account_id)
    return _log_and_redirect(user, account, "sessions_ended", "ended")


@blueprint.errorhandler(UnknownAccount)
def unknown_account(_: UnknownAccount) -> ResponseReturnValue:
    return render_template("refused.html", status=404), 404


def _create_for_person(user: User, person_id: str) -> ResponseReturnValue:
    name = _name_of(user, person_id)
    if not name:  # of nobody in the registry, or of somebody erased
        abort(404)
    back = url_for("office_accounts.person", person=person_id)
    return _slips(user, [person_id], {person_id: name}, "", back, 0)


def _slips(
    user: User, person_ids: Sequence[str], names: dict[str, str], unit: str, back: str, left: int
) -> ResponseReturnValue:
    issued = components().accounts.create(person_ids)
    for each in issued:
        components().security_log.write("account_created", each.account_id, actor=user.account_id)
    return slips_page(issued, names, unit, back, left)


def _of_another(user: User) -> Account:
    """The account of the person that the form names; 403: the operator's or one's own, which nobody keeps here."""
    person_id = _person_id()
    if person_id.casefold() == OPERATOR or person_id == user.account_id:
        components().security_log.write_once("refused", user.account_id, f"{request.path} {person_id}"[:LONGEST_PATH])
        abort(403)
    account = components().accounts.account(person_id)
    if account is None:
        raise UnknownAccount(person_id)
    return account


def _log_and_redirect(user: User, account: Account, event: str, message: str) -> ResponseReturnValue:
    components().security_log.write(event, account.account_id, actor=user.account_id)
    return redirect(url_for("office_accounts.person", person=account.account_id, done=message), 303)


def _person_page(user: User, person_id: str, message: str) -> ResponseReturnValue:
    account = components().accounts.account(person_id)
    name = _name_of(user, person_id)
    if person_id.casefold() == OPERATOR or (not name and account is None):
        abort(404)
    latest = components().security_log.last_sign_ins([person_id])
    return render_template(
        "office_account.html", line=_line(person_id, name, account, latest),
        account=account, sessions=components().sessions.open_sessions(person_id), message=message,
        own=person_id == user.account_id, states=STATES, local_time=local_time,
    )  # fmt: skip


def _listed_people(user: User, unit_id: str, text: str) -> list[Callable[[], ServiceResponse]]:
    """The question to the registry; none: nothing was asked for."""
    get_json = components().services.get_json
    if text:
        return [question(get_json, user, "participation", "/api/people/search", text=text)]
    return [question(get_json, user, "participation", "/api/people", unit_id=unit_id)] if unit_id else []


def _lines(people_listed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each person with the state of their account and the last sign-in."""
    ids = [str(item["person_id"]) for item in people_listed]
    accounts, latest = components().accounts.of(ids), components().security_log.last_sign_ins(ids)
    return [
        item | _line(item["person_id"], item["name"], accounts.get(item["person_id"]), latest) for item in people_listed
    ]


def _line(person_id: str, name: str, account: Account | None, latest: Mapping[str, float]) -> dict[str, Any]:
    state = account.state(components().accounts.now()) if account else "none"
    return {"person_id": person_id, "name": name, "state": state, "last_sign_in": latest.get(person_id, 0.0),
            "sign_in_name": account.sign_in_name if account else ""}  # fmt: skip


def _name_of(user: User, person_id: str) -> str:
    """What the registry calls the person; empty: it knows nobody of this id, or the person was erased."""
    response = components().services.post_json(user, "participation", "/api/names", {"people": [person_id]})
    return str((response.body.get("people") or {}).get(person_id) or "")


def _person_id() -> str:
    return request.values.get("person", "").strip()[:80]
