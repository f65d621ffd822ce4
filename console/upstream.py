"""Calls to the services: opened raw for the gateway, and as JSON for the pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from console.accounts import Who
from console.settings import Settings
from console.tokens import mint

CONNECT_SECONDS = 3.0
READ_SECONDS = 120.0
PAGE_SECONDS = 8.0


@dataclass(frozen=True)
class Said:
    """A service's answer to a page: its JSON, or a problem in words."""

    body: dict[str, Any]
    status: int
    code: str = ""
    detail: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Upstream:
    """One way to every service, shared by all threads: every call has a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def open(
        self, method: str, url: str, headers: Mapping[str, str], body: Iterable[bytes] | bytes | None
    ) -> requests.Response:
        """The open answer, its body not read yet and not decoded."""
        with requests.Session() as session:
            # No proxy, .netrc or cookie of ours may mix with what the caller sent.
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.headers.clear()
            return session.request(
                method,
                url,
                headers={**headers, "Connection": "close"},
                data=body,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )

    def ask(self, user: Who, service: str, path: str, **query: str | None) -> Said:
        """A GET on behalf of a person who is signed in."""
        address = self._settings.peers.get(service)
        if address is None:
            return Said({}, 502, "service_away", "没有配置这个服务")
        token = mint(self._settings.signing_key, self._settings.district, user)
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    address + path,
                    params={name: value for name, value in query.items() if value},
                    headers={"Authorization": f"Bearer {token}", "Connection": "close"},
                    allow_redirects=False,
                    timeout=(CONNECT_SECONDS, PAGE_SECONDS),
                )
                value = answer.json()
        except requests.Timeout:
            return Said({}, 504, "service_slow", "服务答复太慢")
        except (requests.RequestException, ValueError):
            return Said({}, 502, "service_away", "服务没有答复")
        body = value if isinstance(value, dict) else {}
        return Said(body, answer.status_code, str(body.get("code") or ""), str(body.get("detail") or ""))
