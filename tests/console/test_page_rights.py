"""Every page and form of the console, asked by nobody and by every post, about its own unit and another: it opens, and
shows S1's things, exactly where the rules say.  The services behind it are the real ones, each on its store: on
PostgreSQL everybody's rights are compared, and pages opened by few (docs/decisions/0239)."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from chassis.process.settings import SERVICES
from services.assessment.scores.scoreboard import ShownScores
from services.registry import rights
from services.registry.rights import Right, Subject, has_somewhere, may
from tests.console.conftest import components_of, csrf
from tests.services.test_route_rights import (
    AUTHOR,
    CALLS,
    OF_AUTHOR,
    OF_UNIT,
    PEOPLE,
    STORES,
    UNITS,
    party,
    routes_of,
)  # fmt: skip
from tests.support.console_pages import (
    ANYBODY,
    FIRST,
    NOBODY,
    OPEN,
    OPENED,
    PAGES,
    Page,
    expected,
    happened,
)
from tests.support.processes import wait_until
from tests.support.swept_console import NO_OVERVIEW, District

pytestmark = pytest.mark.endurance

CAST = (NOBODY, FIRST, "operator", *PEOPLE)
FEW = ("operator", "P-clerk-S1", "P-clerk-S2")
EXISTING = re.compile(rf"\b(?:{'|'.join((*UNITS, *PEOPLE))})\b")
"""Units and people of the district."""
ON_SQLITE = pytest.mark.parametrize("district", ["sqlite"], indirect=True)
"""What no store has to do with."""
SHOWN: tuple[tuple[str, str, Right, Subject], ...] = (
    ("/history?table=units&id=S1", 'class="panel-title">单位<span class="id">S1', rights.SEE_ROW, OF_UNIT),
    (
        f"/history?table=people&id={AUTHOR}",
        f'class="panel-title">任职<span class="id">{AUTHOR}',
        rights.SEE_ROW,
        OF_AUTHOR,
    ),
    ("/articles", 'href="/articles/article?article=A1"', rights.SEE_PUBLICITY, OF_UNIT),
    ("/videos", ">微课</a>", rights.SEE_PUBLICITY, OF_UNIT),
    ("/anthologies", '<span class="id">第 1 版</span>', rights.SEE_PUBLICITY, OF_UNIT),
)
"""Pages that many may open, what of S1 stands there, and the right that it takes."""


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
        candidates = functools.partial(result.open, "operator", "GET", "/commendation/commendation.xlsx", {})
        wait_until(lambda: candidates()[0] == 200, 60, "candidates, which are calculated in the background")
        yield result
        result.close()


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """Method and rule of every page, form and route of the console."""
    rules = app.url_map.iter_rules()
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def rights_of(who: str) -> frozenset[str]:
    return frozenset(right.name for right in rights.RIGHTS if has_somewhere(party(who), right))


OF_OTHER_RIGHTS = (NOBODY, FIRST, "operator", *{rights_of(who): who for who in reversed(PEOPLE)}.values())
"""Of people with the same rights one.  The guard of a page reads these alone, and
test_the_console_knows_everybody_s_rights has everybody's compared."""


def asked_by(district: District, page: Page) -> Iterator[str]:
    """Everybody where something is named that is there, otherwise one of each set of rights; on PostgreSQL a few, among
    them one to whom it opens, so that each of its statements is tried."""
    if not district.postgresql:
        named = EXISTING.search(" ".join((page.path, *page.form.values())))
        yield from CAST if named else OF_OTHER_RIGHTS
        return
    yield from FEW
    if not any(expected(page, who, party) == OPENED for who in FEW):
        yield next(who for who in CAST if expected(page, who, party) == OPENED)


@ON_SQLITE
def test_every_page_and_form_is_sorted(district: District) -> None:
    pages = {(method, rule) for method, rule in rules_of(district.app) if not rule.startswith("/s/")}
    assert pages == set(PAGES), "a page or form that no sweep knows, or one that is no more"


def test_the_console_knows_everybody_s_rights(district: District) -> None:
    """By whom a page is opened is judged by these alone, whatever store they were read from."""
    wrong = []
    for who in PEOPLE:
        asked = district.browser(who).get("/s/participation/api/me")
        answered = set(json.loads(asked.text)["rights"])
        if answered != rights_of(who):
            wrong.append((who, answered))
    assert not wrong


def test_every_page_and_form_opens_exactly_to_those_whom_the_rules_name(district: District) -> None:
    wrong = []
    for (method, rule), page in PAGES.items():
        for who in asked_by(district, page):
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
    for who in FEW if district.postgresql else ("operator", *PEOPLE):
        browser = district.browser(who)
        for path, words, right, subject in SHOWN:
            if (words in browser.get(path).text) != may(party(who), right, subject):
                wrong.append((path, words, who))
    assert not wrong


@ON_SQLITE
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


@ON_SQLITE
def test_no_form_is_taken_without_the_token_of_its_page(district: District) -> None:
    taken = []
    for method, rule in sorted(set(PAGES) - {("POST", "/signin")}):
        if method == "POST":
            for who in ("operator", "P-clerk-S1", "P-campaign_office-B1"):
                browser = district.browser(who)
                status = browser.post(PAGES[method, rule].path or rule, data=PAGES[method, rule].form).status_code
                forged = browser.post(rule, data={**PAGES[method, rule].form, "csrf": "forged"}).status_code
                taken += [(rule, who)] * ((status, forged) != (400, 400))
    assert not taken
    for who in ("operator", "P-clerk-S1", "P-campaign_office-B1"):
        assert district.browser(who).get("/account").status_code == 200, "and the session is as it was"


def test_another_s_session_is_not_ended_and_is_as_unknown_as_none(district: District) -> None:
    district.browser("P-other")
    theirs = components_of(district.app).sessions.open_sessions("P-other")[0].session_id
    browser = district.browser("P-clerk-S1")
    answers = [browser.post("/account/sessions/end", data={"session": name, "csrf": csrf(browser, "/account/password")})
               for name in (theirs, "none")]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].text == answers[1].text
    assert components_of(district.app).sessions.open_sessions("P-other")


@ON_SQLITE
def test_routes_of_accounts_take_no_session(district: District) -> None:
    wrong = []
    for method, rule in rules_of(district.app):
        if rule.startswith("/s/console/"):
            for who in CAST:
                browser, token = district.browser_and_token(who)
                headers = {"X-CSRF-Token": token} if who != NOBODY else {}
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
            for who in FEW if district.postgresql else ("operator", *PEOPLE):
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
