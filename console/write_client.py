"""Writing on behalf of the signed-in user: what a service refused comes back at the fields of the form, and the pages
that are read next wait for what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, session

from console.components import components
from console.service_client import ServiceResponse
from console.users import User

AFTER = "after"
"""Member of the session: positions of the last write, sent with the reads of the next page."""
AWAY = "服务没有答复，填写的内容还在，请稍后再提交一次。"


@dataclass(frozen=True)
class WriteResult:
    """What became of a write.  `message`: the refusal in words; `field_errors`: by the name of a field."""

    response: ServiceResponse
    message: str = ""
    field_errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.response.ok

    @property
    def status(self) -> int:
        """That of the page which shows the form again."""
        return 200 if self.ok else 502 if self.response.status >= 500 else 422


def write(user: User, service: str, path: str, body: Mapping[str, Any], *, success_message: str = "") -> WriteResult:
    """POST to a service.  `success_message`: shown on the next page when it was done."""
    return outcome_of(components().services.post_json(user, service, path, body), success_message)


def write_text(
    user: User, service: str, path: str, text: bytes, content_type: str, *, success_message: str = ""
) -> WriteResult:
    """POST of a file's text to a service."""
    return outcome_of(components().services.post_text(user, service, path, text, content_type), success_message)


def outcome_of(response: ServiceResponse, success_message: str = "") -> WriteResult:
    """What became of a write: the next page waits for its positions and shows the message, or it was refused."""
    if not response.ok:
        return refusal_of(response)
    if positions := response.body.get("positions"):
        session[AFTER] = ",".join(map(str, positions))[:2000]
    if success_message:
        flash(success_message, "done")
    return WriteResult(response)


def refusal_of(response: ServiceResponse) -> WriteResult:
    """The problem of a service, at the field that it names or for the whole form."""
    if response.status >= 500:
        return WriteResult(response, AWAY)
    problems = response.body.get("errors")
    errors = {} if not isinstance(problems, Sequence) else {
        str(each.get("column") or ""): str(each.get("message") or "") for each in problems if isinstance(each, Mapping)
    }  # fmt: skip
    message = response.detail or "没有保存，请检查后再提交。"
    if column := str(response.body.get("column") or ""):
        errors.setdefault(column, message)
    return WriteResult(response, message, {name: text for name, text in errors.items() if name})


def positions_written() -> str:
    """Of the user's last write, once: the page after it reads with `X-Qihang-After`."""
    return str(session.pop(AFTER, ""))
