"""Sign-in and sign-out: one account for a person with all their posts, or the operator's."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from console.components import components
from console.device import device_label
from console.throttle import Attempt

blueprint = Blueprint("signin", __name__)
LONGEST_NAME, LONGEST_PASSWORD = 80, 256
MESSAGES = {
    "wrong": "账号或密码不正确。",
    "disabled": "这个账号已停用，请联系活动领导小组办公室。",
    "expired": "初始密码已过期，请联系活动领导小组办公室重新发放。",
}


@blueprint.get("/signin")
def form() -> ResponseReturnValue:
    if components().sessions.user():
        return redirect(_next())
    return _page("", 200)


@blueprint.post("/signin")
def sign_in() -> ResponseReturnValue:
    parts = components()
    name = request.form.get("user", "").strip()[:LONGEST_NAME]
    attempt = Attempt(name, request.remote_addr or "", parts.devices.device_of(request, name))
    if seconds := parts.throttle.take(attempt):
        parts.security_log.line("signin_slowed", seconds=seconds)
        return _too_many(seconds)
    verdict = parts.accounts.verify(name, request.form.get("password", "")[:LONGEST_PASSWORD])
    if verdict.outcome != "good":
        return _failed(verdict.outcome, verdict.account_id)
    parts.throttle.give_back(attempt)
    device = device_label(request.headers.get("User-Agent", ""))
    session_id = parts.sessions.start(verdict.account_id, request.remote_addr or "", device, verdict.changed_at)
    if not session_id:
        return _failed("wrong", verdict.account_id)  # reset or disabled while it was looked at
    parts.security_log.write("signin", verdict.account_id, session=session_id)
    response = current_app.make_response(redirect(_next(), 303))
    parts.devices.remember(request, response, name)
    return response


@blueprint.post("/signout")
def sign_out() -> ResponseReturnValue:
    user = components().sessions.user()
    components().sessions.end()
    if user:
        components().security_log.write("signout", user.account_id, session=user.session_id)
    return redirect(url_for("signin.form"), 303)


def expired(_: CSRFError) -> tuple[str, int]:
    """A form without the session's CSRF token: the page was open for too long, or is forged."""
    return _page("页面已过期，请再试一次。", 400)


def _failed(reason: str, account_id: str) -> ResponseReturnValue:
    """A name that is nobody's is not written down: people type passwords there."""
    components().security_log.write("signin_failed", account_id, actor="unknown", reason=reason)
    return _page(MESSAGES[reason], 401)


def _too_many(seconds: int) -> ResponseReturnValue:
    wait = f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
    response = current_app.make_response(_page(f"尝试次数太多，请在 {wait}后再试。", 429))
    response.headers["Retry-After"] = str(seconds)
    return response


def _page(message: str, status: int) -> tuple[str, int]:
    return render_template("signin.html", message=message, next=_next(), user=None), status


def _next() -> str:
    """The path to redirect to after sign-in: of this site, never another."""
    target = request.values.get("next", "")
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_local else url_for("pages.home")
