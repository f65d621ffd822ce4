"""Sign-in and sign-out, of the operator and of whom the operator gave an account."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.wiring import parts

pages = Blueprint("signin", __name__)


@pages.get("/signin")
def form() -> ResponseReturnValue:
    if parts().sessions.user():
        return redirect(_next())
    return _page("", 200)


@pages.post("/signin")
def sign_in() -> ResponseReturnValue:
    sessions, throttle = parts().sessions, parts().throttle
    address = request.remote_addr or ""
    if not sessions.csrf_given(request):
        return _page("页面已过期，请再登录一次。", 400)
    if seconds := throttle.wait(address):
        page = current_app.make_response(_page(f"尝试次数太多，请在 {seconds} 秒后再试。", 429))
        page.headers["Retry-After"] = str(seconds)
        return page
    user, password = request.form.get("user", "").strip(), request.form.get("password", "")
    if not parts().accounts.matches(user, password):
        throttle.failed(address)
        return _page("账号或密码不正确。", 401)
    throttle.succeeded(address)
    sessions.begin(user)
    return redirect(_next(), 303)


@pages.post("/signout")
def sign_out() -> ResponseReturnValue:
    if not parts().sessions.csrf_given(request):
        return _page("页面已过期，请再试一次。", 400)
    parts().sessions.end()
    return redirect(url_for("signin.form"), 303)


def _page(message: str, status: int) -> tuple[str, int]:
    return render_template("signin.html", message=message, next=_next()), status


def _next() -> str:
    """Where to go after sign-in: a path of ours, never another site."""
    asked = request.values.get("next", "")
    ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if ours else url_for("pages.home")
