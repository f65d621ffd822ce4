"""Two-step sign-in (两步验证) of one's own account: set up by QR code, recovery codes, removal.

Secret and recovery codes are in the answer to the form that made them, once; no address shows them again."""

import pyotp
import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from console.account_pages import local_time
from console.components import components
from console.guard import ANYBODY, signed_in
from console.own_password import own_password_objection
from console.second_steps import AlreadyOn
from console.users import User

blueprint = Blueprint("second_step", __name__)
ISSUER = "启航"
LONGEST_CODE = 40
FAILURE = "second_step_change_failed"


@blueprint.get("/account/second-step")
@signed_in(ANYBODY, before_second_step=True)
def own_second_step(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post("/account/second-step/begin")
@signed_in(ANYBODY, before_second_step=True)
def begin(user: User) -> ResponseReturnValue:
    """Asks for the password: with an unattended browser nobody puts a code of theirs before the owner."""
    if not components().second_steps.is_available:
        return _page(user, status=404)
    if objection := own_password_objection(user, request.form.get("password", ""), FAILURE):
        return _page(user, objection.message, objection.status)
    try:
        secret = components().second_steps.begin(user.account_id)
    except AlreadyOn:
        return redirect(url_for("second_step.own_second_step"), 303)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.sign_in_name, issuer_name=ISSUER)
    picture = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, omitsize=True, light="#fff", svgclass="qr", title="二维码"
    )
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("second_step_begin.html", picture=Markup(picture), secret=groups, message="")  # noqa: S704 - the library's SVG


@blueprint.post("/account/second-step/confirm")
@signed_in(ANYBODY, before_second_step=True)
def confirm(user: User) -> ResponseReturnValue:
    if user.has_second_step or not components().second_steps.is_available:
        return redirect(url_for("second_step.own_second_step"), 303)
    typed = request.form.get("code", "")[:LONGEST_CODE]
    codes = components().second_steps.confirm(user.account_id, typed, user.session_id)
    if not codes:
        message = "验证码不正确，请等下一个验证码再试；没有扫到二维码的，请重新开始。"
        return render_template("second_step_begin.html", picture="", secret="", message=message), 422
    components().security_log.write("second_step_added", user.account_id)
    return render_template("recovery_codes.html", codes=codes, is_new=True)


@blueprint.post("/account/second-step/codes")
@signed_in(ANYBODY)
def renew_codes(user: User) -> ResponseReturnValue:
    if objection := own_password_objection(user, request.form.get("password", ""), FAILURE):
        return _page(user, objection.message, objection.status)
    codes = components().second_steps.renew_codes(user.account_id)
    if not codes:
        return redirect(url_for("second_step.own_second_step"), 303)
    components().security_log.write("recovery_codes_renewed", user.account_id)
    return render_template("recovery_codes.html", codes=codes, is_new=False)


@blueprint.post("/account/second-step/remove")
@signed_in(ANYBODY)
def remove(user: User) -> ResponseReturnValue:
    if objection := own_password_objection(user, request.form.get("password", ""), FAILURE):
        return _page(user, objection.message, objection.status)
    if components().second_steps.remove(user.account_id):
        components().security_log.write("second_step_removed", user.account_id)
    return redirect(url_for("second_step.own_second_step"), 303)


def _page(user: User, message: str = "", status: int = 200) -> tuple[str, int]:
    steps = components().second_steps
    page = render_template("second_step.html", message=message, second_step=steps.of(user.account_id),
                           is_available=steps.is_available, is_missing=steps.is_missing(user),
                           local_time=local_time)  # fmt: skip
    return page, status
