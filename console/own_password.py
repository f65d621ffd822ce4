"""Asks for the password again before what an unattended browser must not do; guessing it is slowed as at sign-in."""

from dataclasses import dataclass

from flask import request

from console.components import components
from console.throttle import Attempt
from console.users import User

LONGEST_PASSWORD = 256


@dataclass(frozen=True)
class Objection:
    """Why it was not accepted, in words, with the status of the page that says so."""

    message: str
    status: int


def own_password_objection(user: User, password: str, failure: str, wrong: str = "密码不正确。") -> Objection | None:
    """None: it is the user's password.  `failure`: what the security log calls a wrong one."""
    parts = components()
    attempt = Attempt(user.sign_in_name, request.remote_addr or "", f"change-{user.account_id}")
    if seconds := parts.throttle.take(attempt):
        return Objection(f"尝试次数太多，请在 {seconds} 秒后再试。", 429)
    if not parts.accounts.verify_own(user.account_id, password[:LONGEST_PASSWORD]):
        parts.security_log.write(failure, user.account_id)
        return Objection(wrong, 422)
    parts.throttle.give_back(attempt)
    return None
