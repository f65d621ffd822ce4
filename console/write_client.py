"""Writing on behalf of the signed-in user: what a service refused comes back at the fields of the form, and the pages
that are read next wait for what was written."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, session

from console.components import components
from console.language import CHARACTER, words
from console.service_client import ServiceResponse
from console.users import User

AFTER = "after"
"""Member of the session: when the user wrote last, and the positions, sent with the reads of the next pages."""
AFTER_SECONDS = 60
"""By then every service has applied it, or cannot."""
AWAY = "服务没有答复，填写的内容还在，请稍后再提交一次。"
REFUSED = "没有保存，请检查后再提交。"


OF_SCHEMAS = {
    "Missing data": "请填写。", "Field may not be null": "请填写。", "Shorter than": "请填写。",
    "Longer than": "写得太长了，最多 {}（字或项）。", "Length must be": "不能空着，最多 {}（字或项）。",
    "Not a valid date": "请填写正确的日期。", "Must be one of": "请从列出的选项里选。",
}  # fmt: skip
"""By how the sentence of a service's schema begins; the number is the last that stands in it."""
MALFORMED = "填写得不对，请检查。"
NOTHING_SENT = ServiceResponse({}, 422, "missing")
"""Of a form that the console itself sends back."""


@dataclass(frozen=True)
class WriteResult:
    """What became of a write.  `message`: the refusal in words; `field_errors`: by the name of a field; `problems`: as
    the service answered them."""

    response: ServiceResponse
    message: str = ""
    field_errors: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Mapping[str, Any]] = ()

    @property
    def ok(self) -> bool:
        return self.response.ok

    @property
    def status(self) -> int:
        """That of the page which shows the form again."""
        return 200 if self.ok else 502 if self.response.status >= 500 else 422


def write(
    user: User, service: str, path: str, body: Mapping[str, Any], *, success_message: str = "", method: str = "POST"
) -> WriteResult:
    """A write to a service.  `success_message`: shown on the next page when it was done."""
    services = components().services
    send = services.put_json if method == "PUT" else services.post_json
    return outcome_of(send(user, service, path, body), success_message)


def write_text(
    user: User, service: str, path: str, text: bytes, content_type: str, *, success_message: str = ""
) -> WriteResult:
    """POST of a file's text to a service."""
    return outcome_of(components().services.post_text(user, service, path, text, content_type), success_message)


def outcome_of(response: ServiceResponse, success_message: str = "") -> WriteResult:
    """What became of a write: the next page waits for its positions and shows the message, or it was refused."""
    if not response.ok:
        return refusal_of(response)
    remember_positions(response)
    if success_message:
        flash(success_message, "done")
    return WriteResult(response)


def remember_positions(response: ServiceResponse) -> None:
    """What is asked next waits for what this write answered."""
    if positions := response.body.get("positions"):
        session[AFTER] = f"{int(time.time())}/{','.join(map(str, positions))[:2000]}"


def refusal_of(response: ServiceResponse) -> WriteResult:
    """The problem of a service, at the field that it names or for the whole form."""
    if response.status >= 500:
        return WriteResult(response, AWAY)
    listed = response.body.get("problems")
    problems = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, Sequence) else []
    errors: dict[str, str] = {}
    for each in problems:
        errors.setdefault(str(each.get("field") or ""), str(each.get("message") or ""))
    if isinstance(listed, Mapping):
        errors = {str(name): _in_words(text) for name, text in listed.items()}
    message = response.detail if CHARACTER.search(response.detail) else next(iter(errors.values()), REFUSED)
    if column := str(response.body.get("column") or ""):
        errors.setdefault(column, message)
    return WriteResult(response, message, {name: text for name, text in errors.items() if name}, problems)


def _in_words(sentences: Any) -> str:
    """Of what a schema has against a field the first."""
    while isinstance(sentences, Mapping | list):
        sentences = next(iter(sentences.values() if isinstance(sentences, Mapping) else sentences), "")
    text = next((text for begun, text in OF_SCHEMAS.items() if str(sentences).startswith(begun)), MALFORMED)
    return words(text).format(*re.findall(r"\d+", str(sentences))[-1:] or [""])


def positions_written() -> str:
    """Of the user's last write, while it is young: pages after it read with `X-Qihang-After`."""
    written_at, _, positions = str(session.get(AFTER, "")).partition("/")
    young = written_at.isdecimal() and time.time() - int(written_at) <= AFTER_SECONDS
    if not young:
        session.pop(AFTER, None)
    return positions if young else ""


def reader(user: User) -> Callable[..., ServiceResponse]:
    """GET of a service that waits for what the user wrote last; where that does not come, it answers what is there.
    Threads may use it."""
    services, positions = components().services, positions_written()

    def read(service: str, path: str, **query: str | None) -> ServiceResponse:
        given = {name: value for name, value in query.items() if value}
        if positions:
            response = services.get_after(user, service, path, positions, **given)
            if response.status != 503:
                return response
        return services.get_json(user, service, path, **given)

    return read
