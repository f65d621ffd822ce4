"""HTTP client of the services: raw responses for the gateway, JSON for the pages.

It never repeats a request: a body that was streamed is gone, and whoever waits at a page can ask again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from console.accounts import User
from console.settings import Settings
from console.tokens import issue_token

CONNECT_SECONDS = 3.0
READ_SECONDS = 120.0
PAGE_SECONDS = 8.0


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


class ServiceClient:
    """Shared by all threads: every call has a session and a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def forward(
        self, method: str, url: str, headers: Mapping[str, str], body: Iterable[bytes] | bytes | None
    ) -> requests.Response:
        """The open response, its body not read yet and not decoded."""
        return _send(method, url, headers, READ_SECONDS, data=body, stream=True)

    def get_json(self, user: User, service: str, path: str, **query: str | None) -> ServiceResponse:
        """A GET on behalf of the signed-in user."""
        address = self._settings.peers.get(service)
        if address is None:
            return ServiceResponse({}, 502, "service_away", "没有配置这个服务")
        headers = {"Authorization": f"Bearer {issue_token(self._settings.signing_key, self._settings.district, user)}"}
        given = {name: value for name, value in query.items() if value}
        try:
            value = (response := _send("GET", address + path, headers, PAGE_SECONDS, params=given)).json()
        except requests.Timeout:
            return ServiceResponse({}, 504, "service_slow", "服务答复太慢")
        except (requests.RequestException, ValueError):
            return ServiceResponse({}, 502, "service_away", "服务没有答复")
        body = value if isinstance(value, dict) else {}
        return ServiceResponse(body, response.status_code, str(body.get("code") or ""), str(body.get("detail") or ""))


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
