"""The own mail address for reminders (消息箱, 提醒方式): a code is sent to it, typed in, and it is registered."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from console.guard import signed_in
from console.inbox_settings import chosen_box, settings_page
from console.language import words
from console.users import OWN, User
from console.write_client import WriteResult, write

LONGEST_ADDRESS, LONGEST_PROOF = 254, 2000


@signed_in(OWN, fresh=True)
def register(user: User) -> ResponseReturnValue:
    """`act`: send a code, confirm it, or remove the address that is registered."""
    box, form = chosen_box(user), request.form
    email, proof = form.get("email", "").strip()[:LONGEST_ADDRESS], form.get("proof", "")[:LONGEST_PROOF]
    match form.get("act", ""):
        case "code":
            result = _write_own_address(user, f"{box}/code", {"email": email})
            if result.ok:
                return settings_page(user, address={"email": email, "proof": str(result.response.body["proof"])})
            return settings_page(user, status=result.status, address={"email": email}, errors={"email": _words(result)})
        case "confirm":
            result = _write_own_address(
                user, box, {"code": form.get("code", "").strip()[:40], "proof": proof}, "邮箱已登记。"
            )
            if not result.ok:
                address, errors = {"email": email, "proof": proof}, {"code": _words(result)}
                return settings_page(user, status=result.status, address=address, errors=errors)
        case _:
            result = _write_own_address(user, f"{box}/remove", {}, "已不再用这个邮箱。")
            if not result.ok:
                return settings_page(user, _words(result), result.status)
    return redirect(url_for("inbox.settings", of=box), 303)


def _write_own_address(user: User, path: str, body: dict[str, str], success_message: str = "") -> WriteResult:
    return write(user, "notifications", f"/api/own-addresses/{path}", body, success_message=success_message)


def _words(result: WriteResult) -> str:
    return words(result.message)
