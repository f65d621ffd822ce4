"""Sign-in and sign-out: one account for a person with all their posts, or the operator's; a second step where the
account has one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from console.components import components
from console.device import device_label
from console.own_password import LONGEST_PASSWORD
from console.second_steps import RECOVERY, WRONG, NotAvailable
from console.secret_box import Unreadable
from console.sessions import PASSWORD
from console.throttle import Attempt

blueprint = Blueprint("signin", __name__)
LONGEST_NAME, LONGEST_CODE = 80, 40
SECOND_STEP_SECONDS = 300
PENDING = "pending"
MESSAGES = {
    "wrong": "账号或密码不正确。",
    "disabled": "这个账号已停用，请联系活动领导小组办公室。",
    "expired": "初始密码已过期，请联系活动领导小组办公室重新发放。",
}


@dataclass(frozen=True)
class FirstStep:
    """Who passed the first step, how, and when; between the two steps it stands in the signed cookie."""

    account_id: str
    sign_in_name: str
    changed_at: float
    by: str
    at: float


@blueprint.get("/signin")
def form() -> ResponseReturnValue:
    if components().sessions.user():
        return redirect(local_path())
    return signin_page("", 200)


@blueprint.post("/signin")
def sign_in() -> ResponseReturnValue:
    parts = components()
    name = request.form.get("user", "").strip()[:LONGEST_NAME]
    attempt = Attempt(name, request.remote_addr or "", parts.devices.device_of(request, name))
    if seconds := parts.throttle.take(attempt):
        parts.security_log.line("signin_slowed", seconds=seconds)
        return _too_many_attempts(signin_page, seconds)
    verdict = parts.accounts.verify(name, request.form.get("password", "")[:LONGEST_PASSWORD])
    if verdict.outcome != "good":
        return signin_failed(verdict.outcome, verdict.account_id)
    parts.throttle.give_back(attempt)
    return first_step_done(verdict.account_id, name, verdict.changed_at, PASSWORD, local_path())


def first_step_done(account_id: str, sign_in_name: str, changed_at: float, by: str, target: str) -> ResponseReturnValue:
    """Signs in, or asks for the second step of an account that has one."""
    first = FirstStep(account_id, sign_in_name, changed_at, by, components().accounts.now())
    if components().second_steps.of(account_id) is None:
        return _start_session(first, by, target)
    session.clear()
    session[PENDING] = asdict(first)
    return redirect(url_for("signin.code_form", next=target), 303)


@blueprint.get("/signin/code")
def code_form() -> ResponseReturnValue:
    return _code_page("", 200) if _pending_first_step() else redirect(url_for("signin.form"))


@blueprint.post("/signin/code")
def second_step() -> ResponseReturnValue:
    """Guessing codes is slowed as guessing passwords, with counts of its own: a password forgives no wrong code."""
    parts, first = components(), _pending_first_step()
    if first is None:
        return signin_page("登录已过期，请重新登录。", 401)
    device = parts.devices.device_of(request, first.sign_in_name)
    attempt = Attempt(f"second step {first.account_id}", request.remote_addr or "", device)
    if seconds := parts.throttle.take(attempt):
        parts.security_log.line("second_step_slowed", account_id=first.account_id, seconds=seconds)
        return _too_many_attempts(_code_page, seconds)
    try:
        outcome = parts.second_steps.verify(first.account_id, request.form.get("code", "")[:LONGEST_CODE])
    except (Unreadable, NotAvailable) as error:
        parts.security_log.line("second_step_unreadable", account_id=first.account_id, reason=type(error).__name__)
        return _code_page("两步验证暂时不可用，请联系运维。", 503)
    if outcome == WRONG:
        parts.security_log.write("second_step_failed", first.account_id, actor="unknown")
        return _code_page("验证码不正确，或已经用过，请等下一个验证码。", 401)
    parts.throttle.give_back(attempt)
    if outcome == RECOVERY:
        parts.security_log.write("recovery_code_used", first.account_id)
    return _start_session(first, f"{first.by}+{outcome}", local_path())


@blueprint.post("/signout")
def sign_out() -> ResponseReturnValue:
    user = components().sessions.user()
    components().sessions.end()
    if user:
        components().security_log.write("signout", user.account_id, session=user.session_id)
    return redirect(url_for("signin.form"), 303)


def expired(_: CSRFError) -> tuple[str, int]:
    """A form without the session's CSRF token: the page was open for too long, or is forged."""
    return signin_page("页面已过期，请再试一次。", 400)


def _start_session(first: FirstStep, by: str, target: str) -> ResponseReturnValue:
    parts, device = components(), device_label(request.headers.get("User-Agent", ""))
    session_id = parts.sessions.start(first.account_id, request.remote_addr or "", device, first.changed_at, by)
    if not session_id:
        return signin_failed("wrong", first.account_id)  # reset or disabled while it was looked at
    parts.security_log.write("signin", first.account_id, session=session_id, by=by)
    response = current_app.make_response(redirect(target, 303))
    parts.devices.remember(request, response, first.sign_in_name)
    return response


def _pending_first_step() -> FirstStep | None:
    """Who has yet to type a code, for five minutes."""
    kept = session.get(PENDING)
    if not isinstance(kept, dict):
        return None
    first = FirstStep(**kept)
    return first if components().accounts.now() - first.at <= SECOND_STEP_SECONDS else None


def signin_failed(reason: str, account_id: str) -> ResponseReturnValue:
    """A name that is nobody's is not written down: people type passwords there."""
    components().security_log.write("signin_failed", account_id, actor="unknown", reason=reason)
    return signin_page(MESSAGES[reason], 401)


def _too_many_attempts(page: Callable[[str, int], tuple[str, int]], seconds: int) -> ResponseReturnValue:
    wait = f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
    response = current_app.make_response(page(f"尝试次数太多，请在 {wait}后再试。", 429))
    response.headers["Retry-After"] = str(seconds)
    return response


def signin_page(message: str, status: int) -> tuple[str, int]:
    return render_template("signin.html", message=message, next=local_path(), user=None,
                           provider=components().provider), status  # fmt: skip


def _code_page(message: str, status: int) -> tuple[str, int]:
    return render_template("signin_code.html", message=message, next=local_path(), user=None), status


def local_path() -> str:
    """The path to redirect to after sign-in: of this site, never another."""
    target = request.values.get("next", "")
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_local else url_for("pages.home")
