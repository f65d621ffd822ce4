"""A console with its four services on one kind of store in one process, and a browser for everybody: for sweeps."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.process.settings import SERVICES
from console.app import create_app
from console.settings import Settings
from tests.console.conftest import OWN_PASSWORD, PASSWORD, components_of, csrf, sign_in
from tests.services.test_route_rights import PEOPLE, Asked, routes_of
from tests.support.console_pages import FIRST, NOBODY, TO_SIGN_IN, happened


class District:
    """A console with its four services on one kind of store, and a browser for everybody."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.services = {name: Asked(name, folder / name, urls.get(name, "")) for name in SERVICES}
        key = (self.services["participation"].keys / "console.key").read_bytes()
        public = (self.services["participation"].keys / "console.pem").read_bytes()
        for asked in self.services.values():
            (asked.keys / "console.pem").write_bytes(public)
        self._maps = {name: Map([Rule(route.url, methods=[route.method], endpoint=route.name)
                                 for route in routes_of(name)]) for name in SERVICES}  # fmt: skip
        self.asked: list[str] = []
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        console = urls.get("console", f"sqlite:///{folder / 'console.db'}")
        self.settings = Settings(
            "district", {name: f"http://{name}" for name in SERVICES}, key, b"s" * 32, folder / "password",
            console, operator_must_change=False, trusted_keys=self.services["participation"].keys,
        )  # fmt: skip
        self.app = create_app(self.settings)
        self.postgresql = components_of(self.app).store.is_postgresql
        self._one_at_a_time = threading.Lock()  # the page of the state asks all at once
        self._signed_in: dict[str, tuple[str, str]] = {}  # the cookie and its token for forms
        self._unsure: set[str] = set()  # who has sent a form since: some end the session
        codes = {each.account_id: each.code for each in components_of(self.app).accounts.create([*PEOPLE, FIRST])}
        for person in PEOPLE:
            components_of(self.app).accounts.change_password(person, OWN_PASSWORD)
        self._passwords = {"operator": PASSWORD, FIRST: codes[FIRST], **dict.fromkeys(PEOPLE, OWN_PASSWORD)}

    def send(
        self, method: str, url: str, headers: dict[str, str], _seconds: float, *, params: Any = None, json: Any = None,
        data: Any = None, stream: bool = False, known_away: bool = False,
    ) -> requests.Response:  # fmt: skip
        """What the service itself answers, without a socket."""
        prepared = requests.Request(method, url, headers, params=params, json=json, data=data).prepare()
        address = urlsplit(str(prepared.url))
        self.asked.append(address.path)
        builder = EnvironBuilder(address.path, method=method, query_string=address.query, data=prepared.body or b"",
                                 headers=dict(prepared.headers))  # fmt: skip
        service = str(address.hostname)
        name, words = self._maps[service].bind("localhost").match(address.path, method)
        with self._one_at_a_time:
            answer = getattr(self.services[service].service, name)(Request(builder.get_environ()), **words)
            body = io.BytesIO(answer.get_data())
        received = urllib3.HTTPResponse(body, answer.headers.items(), answer.status_code, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(prepared, received)

    def browser(self, who: str) -> FlaskClient:
        """With the cookie of somebody who has signed in by the form, and nothing else."""
        return self.browser_and_token(who)[0]

    def browser_and_token(self, who: str, anew: bool = True) -> tuple[FlaskClient, str]:
        """`anew`: signed in again where a form may have ended the session."""
        if who not in self._signed_in or (anew and who in self._unsure):
            self._signed_in[who] = self._sign_in(who)
            self._unsure.discard(who)
        cookie, token = self._signed_in[who]
        browser = self.app.test_client()
        browser.set_cookie("qihang", cookie)
        return browser, token

    def _sign_in(self, who: str) -> tuple[str, str]:
        browser = self.app.test_client()
        if who != NOBODY:
            answer = sign_in(browser, who, self._passwords[who])
            assert answer.status_code == 303, answer.text
        token = csrf(browser, "/signin" if who == NOBODY else "/account/password")
        cookie = browser.get_cookie("qihang")
        assert cookie
        return cookie.value, token

    def open(self, who: str, method: str, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Asked once more after a new sign-in where a form before may have ended the session."""
        status, location = self._ask(who, method, path, form)
        if happened(status, location) == TO_SIGN_IN and who in self._unsure:
            del self._signed_in[who]
            status, location = self._ask(who, method, path, form)
        if method != "GET" and status != 403 and who != NOBODY:
            self._unsure.add(who)
        return status, location

    def _ask(self, who: str, method: str, path: str, form: dict[str, str]) -> tuple[int, str]:
        browser, token = self.browser_and_token(who, anew=False)
        answer = browser.get(path) if method == "GET" else browser.post(path, data={**form, "csrf": token})
        return answer.status_code, answer.location or ""

    def close(self) -> None:
        components_of(self.app).store.close()
        for asked in self.services.values():
            asked.runtime.store.close()


NO_SUMS = {"owed": 0, "done": 0, "punctual": 0, "completion": None, "on_time": None}
NO_OVERVIEW = {
    "position": "", "units": 0, "whole": NO_SUMS, "still": {"total": 0, "lines": []},
    **{part: [] for part in ("months", "duties", "kinds", "zones", "liaisons")},
    "choices": {part: [] for part in ("kinds", "zones", "liaisons", "duties")},
}  # fmt: skip
