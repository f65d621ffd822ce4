"""Sign-in and sign-out, for the operator and for the accounts that the operator created."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from console.components import components

blueprint = Blueprint("signin", __name__)


@blueprint.get("/signin")
def form() -> ResponseReturnValue:
    if components().sessions.user():
        return redirect(_next())
    return _page("", 200)


@blueprint.post("/signin")
def sign_in() -> ResponseReturnValue:
    sessions, throttle = components().sessions, components().throttle
    address = request.remote_addr or ""
    if seconds := throttle.wait(address):
        page = current_app.make_response(_page(f"尝试次数太多，请在 {seconds} 秒后再试。", 429))
        page.headers["Retry-After"] = str(seconds)
        return page
    user, password = request.form.get("user", "").strip(), request.form.get("password", "")
    if not components().accounts.verify_password(user, password):
        throttle.failed(address)
        return _page("账号或密码不正确。", 401)
    throttle.succeeded(address)
    sessions.start(user)
    return redirect(_next(), 303)


@blueprint.post("/signout")
def sign_out() -> ResponseReturnValue:
    components().sessions.end()
    return redirect(url_for("signin.form"), 303)


def expired(_: CSRFError) -> tuple[str, int]:
    """A form without the session's CSRF token: the page was open for too long, or is forged."""
    return _page("页面已过期，请再试一次。", 400)


def _page(message: str, status: int) -> tuple[str, int]:
    return render_template("signin.html", message=message, next=_next()), status


def _next() -> str:
    """The path to redirect to after sign-in: of this site, never another."""
    target = request.values.get("next", "")
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local else url_for("pages.home")
