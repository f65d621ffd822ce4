"""HTTP client of the services: raw responses for the gateway, JSON for the pages.

It never repeats a request: a body that was streamed is gone, and whoever waits at a page can ask again."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests

from console import service_calls
from console.outages import Outages
from console.settings import Settings
from console.tokens import issue_token
from console.users import User
from console.watched_call import NoAnswer, Reply, ask

CONNECT_SECONDS = 3.0
READ_SECONDS = 120.0
PAGE_SECONDS = 8.0
"""Of a service that lives; one that shows no sign of life is given up long before (watched_call.py)."""


@dataclass(frozen=True)
class ServiceResponse:
    """A service's response to a page: a JSON object, or a problem with status, code and detail."""

    body: dict[str, Any]
    status: int
    code: str = ""
    detail: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


_AWAY = ServiceResponse({}, 502, "service_away", "服务没有答复")


class ServiceClient:
    """Shared by all threads: every call has a session and a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.outages = Outages()

    def forward(
        self, method: str, url: str, headers: Mapping[str, str], body: Iterable[bytes] | bytes | None
    ) -> requests.Response:
        """The open response, its body not read yet and not decoded."""
        return _send(method, url, headers, READ_SECONDS, data=body, stream=True)

    def get_json(self, user: User, service: str, path: str, **query: str | None) -> ServiceResponse:
        """A GET on behalf of the signed-in user."""
        given = {name: value for name, value in query.items() if value}
        return self._json(user, "GET", service, path, params=given)

    def read_whole(self, user: User, service: str, path: str, **query: str) -> ServiceResponse:
        """A GET that may take as long as a download."""
        return self._json(user, "GET", service, path, READ_SECONDS, params=query)

    def get_after(self, user: User, service: str, path: str, positions: str, **query: str) -> ServiceResponse:
        """A GET that waits until the service has applied these positions (`X-Qihang-After`)."""
        return self._json(user, "GET", service, path, READ_SECONDS, params=query, after=positions)

    def post_json(
        self, user: User, service: str, path: str, body: Mapping[str, Any], *, slow: bool = False
    ) -> ServiceResponse:
        """A POST on behalf of the signed-in user; `slow`: it may take as long as a download."""
        return self._json(user, "POST", service, path, READ_SECONDS if slow else PAGE_SECONDS, json=body)

    def send_as(self, user: User, token: str, service: str, path: str, body: Mapping[str, Any]) -> ServiceResponse:
        """A POST with a token that the user handed in for this one request, in place of the console's."""
        more = {"Authorization": f"Bearer {token}"}
        return self._json(user, "POST", service, path, READ_SECONDS, more=more, json=body)

    def delete_json(self, user: User, service: str, path: str) -> ServiceResponse:
        """A DELETE on behalf of the signed-in user."""
        return self._json(user, "DELETE", service, path)

    def send_file(
        self, user: User, method: str, service: str, path: str, body: Iterable[bytes] | bytes,
        more: Mapping[str, str] | None = None, **query: str,
    ) -> ServiceResponse:  # fmt: skip
        """A file by pieces (console/file_forms.py), as long as it takes; `more`: headers."""
        headers = {"Content-Type": "application/octet-stream", **(more or {})}
        given = {name: value for name, value in query.items() if value}
        return self._json(user, method, service, path, READ_SECONDS, more=headers, data=body, params=given)

    def fetch_file(self, user: User, service: str, path: str, target: Path, **query: str) -> ServiceResponse:
        """A file into `target`, with its `disposition` as the body; or the problem."""
        address = self._settings.peers.get(service, "")
        given = {name: value for name, value in query.items() if value}
        try:
            answer = _send("GET", address + path, self._headers(user), READ_SECONDS, params=given, stream=True)
            if not answer.ok:
                body = answer.json()
                return ServiceResponse(body, answer.status_code, str(body.get("code")), str(body.get("detail") or ""))
            with target.open("wb") as file:
                for piece in answer.iter_content(1 << 16):
                    file.write(piece)
        except (requests.RequestException, ValueError):
            return _AWAY
        return ServiceResponse({"disposition": answer.headers.get("Content-Disposition", "")}, answer.status_code)

    def post_text(self, user: User, service: str, path: str, text: bytes, content_type: str) -> ServiceResponse:
        """A POST of a file's text on behalf of the signed-in user."""
        return self._json(user, "POST", service, path, READ_SECONDS, data=text, more={"Content-Type": content_type})

    def post_for_text(self, user: User, service: str, path: str, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """A POST whose answer is a text: its status and bytes; 502 and 504 as of a page."""
        return self._text(user, "POST", service, path, json=body)

    def read_text(self, user: User, service: str, path: str, **query: str) -> tuple[int, bytes]:
        """A GET of a text: its status and bytes; 502 and 504 as of a page."""
        return self._text(user, "GET", service, path, params=query)

    def _text(self, user: User, method: str, service: str, path: str, **request: Any) -> tuple[int, bytes]:
        address = self._settings.peers.get(service)
        if address is None:
            return 502, b""
        try:
            response = _send(method, address + path, self._headers(user), PAGE_SECONDS, **request)
        except requests.RequestException as error:
            return (504 if isinstance(error, requests.Timeout) else 502), b""
        return response.status_code, response.content

    def put_json(self, user: User, service: str, path: str, body: Mapping[str, Any]) -> ServiceResponse:
        """A PUT on behalf of the signed-in user."""
        return self._json(user, "PUT", service, path, json=body)

    def download(self, user: User, service: str, path: str, target: Path) -> int:
        """A file, as the service sends it, into `target`.  The status; 502 and 504 as of a page."""
        address = self._settings.peers.get(service)
        if address is None:
            return 502
        try:
            response = _send("GET", address + path, self._headers(user), READ_SECONDS, stream=True)
            with target.open("wb") as file:
                for piece in response.iter_content(1 << 16):
                    file.write(piece)
        except requests.RequestException as error:
            return 504 if isinstance(error, requests.Timeout) else 502
        return response.status_code

    def _headers(self, user: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue_token(self._settings.signing_key, self._settings.district, user)}"}

    def _json(
        self, user: User, method: str, service: str, path: str, read_seconds: float = PAGE_SECONDS, after: str = "",
        more: Mapping[str, str] | None = None, **request: Any
    ) -> ServiceResponse:  # fmt: skip
        address = self._settings.peers.get(service)
        if address is None:
            return ServiceResponse({}, 502, "service_away", "没有配置这个服务")
        headers = {**self._headers(user), **(more or {}), **({"X-Qihang-After": after} if after else {})}
        known_away = self.outages.is_away(service) or service_calls.met_outage()
        began = time.perf_counter()
        try:
            if "data" in request:
                reply = _file_sent(method, address + path, headers, read_seconds, **request)
            else:
                reply = ask(method, address + path, headers, read_seconds, known_away=known_away, **request)
            value = reply.json() if reply.content else {}
        except NoAnswer as none:
            result = ServiceResponse({}, 504, "service_slow", "服务答复太慢") if none.slow else _AWAY
        except ValueError:
            result = _AWAY
        else:
            body = value if isinstance(value, dict) else {}
            result = ServiceResponse(
                body, reply.status_code, str(body.get("code") or ""), str(body.get("detail") or "")
            )
        self._write_down(service, path, began, result.status)
        return result

    def _write_down(self, service: str, path: str, began: float, status: int) -> None:
        if status == _AWAY.status:
            self.outages.found_away(service)
        else:
            self.outages.answered(service)
        beginning = "/".join(path.split("/")[:3])
        service_calls.add(service_calls.Call(service, beginning, time.perf_counter() - began, status))


def _file_sent(method: str, url: str, headers: Mapping[str, str], read_seconds: float, **request: Any) -> Reply:
    """The answer to a body that is read from a file, by pieces.  NoAnswer."""
    try:
        response = _send(method, url, headers, read_seconds, **request)
        return Reply(response.status_code, response.content)
    except requests.RequestException as error:
        raise NoAnswer(slow=isinstance(error, requests.Timeout)) from None


def _send(method: str, url: str, headers: Mapping[str, str], read_seconds: float, **request: Any) -> requests.Response:
    with requests.Session() as session:
        # No proxy, .netrc, cookie or default header of the console may mix with what the caller sent.
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        return session.request(
            method, url, headers={**headers, "Connection": "close"}, allow_redirects=False,
            timeout=(CONNECT_SECONDS, read_seconds), **request,
        )  # fmt: skip
