"""Every page and form of the console, asked by nobody and by every post, about its own unit and another: it opens, and
shows S1's things, exactly where the rules say.  The services behind it are the real ones, each on its store."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.process.settings import SERVICES
from console.app import create_app
from console.sessions import TOKEN
from console.settings import Settings
from services.assessment.scores.scoreboard import ShownScores
from services.registry import rights
from services.registry.rights import Right, Subject, may
from tests.console.conftest import OWN_PASSWORD, PASSWORD, components_of, csrf, sign_in
from tests.services.test_route_rights import (
    AUTHOR,
    CALLS,
    OF_AUTHOR,
    OF_UNIT,
    PEOPLE,
    STORES,
    Asked,
    party,
    routes_of,
)  # fmt: skip
from tests.support.console_pages import ANYBODY, FIRST, NOBODY, OPEN, PAGES, expected, happened

CAST = (NOBODY, FIRST, "operator", *PEOPLE)
SHOWN: tuple[tuple[str, str, Right, Subject], ...] = (
    ("/history?table=units&id=S1", 'class="panel-title">单位 S1', rights.SEE_ROW, OF_UNIT),
    (f"/history?table=people&id={AUTHOR}", f'class="panel-title">任职 {AUTHOR}', rights.SEE_ROW, OF_AUTHOR),
    ("/articles", 'href="/articles/article?article=A1"', rights.SEE_PUBLICITY, OF_UNIT),
    ("/videos", ">微课</a>", rights.SEE_PUBLICITY, OF_UNIT),
    ("/anthologies", '<span class="id">第 1 版</span>', rights.SEE_PUBLICITY, OF_UNIT),
)
"""Pages that many may open, what of S1 stands there, and the right that it takes."""


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
        self._one_at_a_time = threading.Lock()  # the page of the state asks all at once
        self._tokens: dict[str, str] = {}
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
        """Signed in by the form the first time, and anew when the session has ended."""
        browser = self.app.test_client()
        if who == NOBODY:
            return browser
        if who in self._tokens:
            with browser.session_transaction() as session:
                session[TOKEN] = self._tokens[who]
            return browser
        answer = sign_in(browser, who, self._passwords[who])
        assert answer.status_code == 303, answer.text
        with browser.session_transaction() as session:
            self._tokens[who] = session[TOKEN]
        return browser

    def open(self, who: str, method: str, path: str, form: dict[str, str]) -> tuple[int, str]:
        browser = self.browser(who)
        if method == "GET":
            answer = browser.get(path)
        else:
            page = "/signin" if who == NOBODY else "/account/password"
            answer = browser.post(path, data={**form, "csrf": csrf(browser, page)})
            if answer.status_code != 403:
                self._tokens.pop(who, None)  # some forms end the session
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


@pytest.fixture(scope="module", params=STORES)
def district(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    urls = {name: postgres.create_database() for name in (*SERVICES, "console")} if postgres else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chassis.store.remote_subject_keys.RemoteKeys._from_participation",
                      lambda _, subjects: dict.fromkeys(subjects, b"k" * 32))  # fmt: skip
        patch.setattr("console.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr("services.assessment.scores.scoreboard.Scoreboard.look",
                      lambda *_: ShownScores([], ""))  # fmt: skip  # figures take a process of their own
        patch.setattr("services.assessment.scores.scoreboard.Scoreboard.overview", lambda *_: NO_OVERVIEW)
        result = District(tmp_path_factory.mktemp("pages"), urls)
        patch.setattr("console.service_client._send", result.send)
        patch.setattr("console.service_client.ask", result.send)
        yield result
        result.close()


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """Method and rule of every page, form and route of the console."""
    rules = app.url_map.iter_rules()
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def test_every_page_and_form_is_sorted(district: District) -> None:
    pages = {(method, rule) for method, rule in rules_of(district.app) if not rule.startswith("/s/")}
    assert pages == set(PAGES), "a page or form that no sweep knows, or one that is no more"


def test_every_page_and_form_opens_exactly_to_those_whom_the_rules_name(district: District) -> None:
    wrong = []
    for (method, rule), page in PAGES.items():
        for who in CAST:
            status, location = district.open(who, method, page.path or rule, page.form)
            if page.asks == OPEN and status < 500:
                continue  # for everybody: let in, signed out or not, it is answered
            if (shown := happened(status, location)) != (due := expected(page, who, party)) and not (
                (method, rule) == ("POST", "/account/sessions/end-all") and due == "opened" and status == 303
            ):
                wrong.append((method, rule, who, shown, due))
    assert not wrong


def test_a_page_shows_what_is_another_unit_s_to_nobody_but_those_whom_the_rules_name(district: District) -> None:
    wrong = []
    for who in ("operator", *PEOPLE):
        browser = district.browser(who)
        for path, words, right, subject in SHOWN:
            if (words in browser.get(path).text) != may(party(who), right, subject):
                wrong.append((path, words, who))
    assert not wrong


@pytest.mark.parametrize("box", ["clerk-S1", "head-S1", f"person-{AUTHOR}", "person-P-other", "clerk-S2"])
def test_an_inbox_is_offered_to_whoever_it_is_of(district: District, box: str) -> None:
    kind, _, name = box.partition("-")
    owners = {who for who in PEOPLE if who == name or who == f"P-{box}"}
    asked = {}
    for who in PEOPLE:
        district.asked.clear()
        assert district.browser(who).get(f"/inbox?of={box}").status_code == 200
        asked[who] = f"/api/inboxes/{box}" in district.asked
    assert {who for who, was in asked.items() if was} == owners, kind


def test_no_form_is_taken_without_the_token_of_its_page(district: District) -> None:
    taken = []
    for method, rule in sorted(set(PAGES) - {("POST", "/signin")}):
        if method == "POST":
            for who in ("operator", "P-clerk-S1", "P-campaign_office-B1"):
                browser = district.browser(who)
                status = browser.post(PAGES[method, rule].path or rule, data=PAGES[method, rule].form).status_code
                forged = browser.post(rule, data={**PAGES[method, rule].form, "csrf": "forged"}).status_code
                taken += [(rule, who)] * ((status, forged) != (400, 400))
                assert browser.get("/account").status_code == 200, "and the session is as it was"
    assert not taken


def test_another_s_session_is_not_ended_and_is_as_unknown_as_none(district: District) -> None:
    district.browser("P-other")
    theirs = components_of(district.app).sessions.open_sessions("P-other")[0].session_id
    browser = district.browser("P-clerk-S1")
    answers = [browser.post("/account/sessions/end", data={"session": name, "csrf": csrf(browser, "/account/password")})
               for name in (theirs, "none")]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].text == answers[1].text
    assert components_of(district.app).sessions.open_sessions("P-other")


def test_routes_of_accounts_take_no_session(district: District) -> None:
    wrong = []
    for method, rule in rules_of(district.app):
        if rule.startswith("/s/console/"):
            for who in CAST:
                browser = district.browser(who)
                headers = {"X-CSRF-Token": csrf(browser, "/account/password")} if who not in (NOBODY,) else {}
                answer = browser.open(
                    re.sub(r"<any[^>]*>", "json", re.sub(r"<(path:)?[a-z_]+>", "P-other", rule)),
                    method=method,
                    headers=headers,
                    json={},
                )
                wrong += [(method, rule, who, answer.status_code)] * (answer.status_code != 401)
    assert not wrong


def test_through_the_gateway_a_session_reads_exactly_what_the_rules_give_it(district: District) -> None:
    wrong = []
    for service in SERVICES:
        for route in routes_of(service):
            call = CALLS.get((route.method, route.url))
            if route.method != "GET" or call is None:
                continue
            path = re.sub(r"<(?:path|(?:any|string)\([^)]*\)):(\w+)>", r"<\1>", route.url)
            for name, value in call.path.items():
                path = path.replace(f"<{name}>", str(value))
            for who in ("operator", *PEOPLE):
                answer = district.browser(who).get(f"/s/{service}{path}?{call.query}")
                shown = bool(json.loads(answer.text).get(call.listed)) if call.listed else answer.status_code != 403
                if shown != may(party(who), call.right, call.subject):
                    wrong.append((path, who, answer.status_code, answer.text[:300]))
    assert not wrong


def test_every_page_for_whoever_is_signed_in_is_named_as_such() -> None:
    """What is open to all must be few and known: a new page without a right is looked at by a person."""
    assert {rule for (_, rule), page in PAGES.items() if page.asks == ANYBODY} == {
        "/", "/account", "/account/sessions/end", "/account/sessions/end-all", "/account/second-step",
        "/manual", "/manual/<name>", "/help/<page>",
        *(f"/account/second-step/{deed}" for deed in ("begin", "confirm", "codes", "remove")),
    }  # fmt: skip
