"""My account (我的账号): posts, sessions with device and place, and the change of one's password."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, passwords
from console.components import components
from console.device import device_label
from console.guard import ANYBODY, signed_in
from console.local_times import ZONE
from console.own_password import LONGEST_PASSWORD, own_password_objection
from console.registry import WORDS, own_service
from console.users import User

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in(ANYBODY)
def own_account(user: User) -> ResponseReturnValue:
    return render_template(
        "account.html",
        account=components().accounts.account(user.account_id),
        sessions=components().sessions.open_sessions(user.account_id),
        second_step=components().second_steps.of(user.account_id),
        message="密码已修改，其他设备上的登录已退出。" if request.args.get("changed") else "",
        service=None if user.is_operator else own_service(user),
        labels=labels,
        words=WORDS,
        local_time=local_time,
    )


@blueprint.post("/account/sessions/end")
@signed_in(ANYBODY)
def end_session(user: User) -> ResponseReturnValue:
    session_id = request.form.get("session", "")
    if not components().sessions.end_one(user.account_id, session_id):
        abort(404)
    components().security_log.write("session_ended", user.account_id, session=session_id)
    return redirect(url_for("account.own_account"), 303)


@blueprint.post("/account/sessions/end-all")
@signed_in(ANYBODY)
def end_all_sessions(user: User) -> ResponseReturnValue:
    """Everywhere, here too."""
    components().sessions.end_all(user.account_id)
    components().security_log.write("sessions_ended", user.account_id)
    return redirect(url_for("signin.form"), 303)


@blueprint.get("/account/password")
@signed_in(ANYBODY, before_change=True)
def password_form(user: User) -> ResponseReturnValue:
    return _form(user, "", 200)


@blueprint.post("/account/password")
@signed_in(ANYBODY, before_change=True)
def change_password(user: User) -> ResponseReturnValue:
    old, new = (request.form.get(name, "")[:LONGEST_PASSWORD] for name in ("old", "new"))
    parts = components()
    if objection := own_password_objection(user, old, "password_change_failed", "原来的密码不正确。"):
        return _form(user, objection.message, objection.status)
    if message := _objection(user, old, new):
        return _form(user, message, 422)
    changed_at = parts.accounts.change_password(user.account_id, new)
    parts.security_log.write("password_changed", user.account_id)
    device = device_label(request.headers.get("User-Agent", ""))
    parts.sessions.start(
        user.account_id, request.remote_addr or "", device, changed_at, user.signed_in_by
    )  # a new token
    target = url_for("pages.home") if user.must_change else url_for("account.own_account", changed=1)
    return redirect(target, 303)


def _objection(user: User, old: str, new: str) -> str:
    """Why the new password will not do; empty: it will."""
    if new != request.form.get("again", "")[:LONGEST_PASSWORD]:
        return "两次输入的新密码不一样。"
    if new == old or (user.must_change and passwords.code_as_typed(new) == passwords.code_as_typed(old)):
        return "新密码和原来的一样，请换一个。"
    return passwords.weakness(new, user.account_id, user.sign_in_name, user.profile.name)


def _form(user: User, message: str, status: int) -> tuple[str, int]:
    page = render_template("password.html", message=message, must_change=user.must_change, shortest=passwords.SHORTEST)
    return page, status


def local_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, ZONE).strftime("%Y-%m-%d %H:%M")
