"""The campaign office keeps people's accounts at a page: whoever keeps them knows no password, and leaves a trace."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cli.slips import Slip, SlipFile
from console.office_accounts import MOST_AT_ONCE
from tests.console.conftest import OWN_PASSWORD, components_of, csrf, person_with, sign_in
from tests.support.fake_gateway import Answer, FakeGateway, problem

OFFICE = ("keep_accounts", "see_names", "see_units")
NAMES = {"P1": "许悦", "P2": "<b>", "P00001": "王小明"}
CODE = r"\w{4}-\w{4}-\w{4}"


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    """A browser of the campaign office, in front of a school with three people."""
    people = [{"person_id": each, "name": name} for each, name in NAMES.items()]
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小"}]})
    services.on("GET", "/api/people", {"unit_id": "X1", "unit_name": "一小", "people": people})
    services.on("POST", "/api/names", lambda call: {
        "units": {}, "people": {each: NAMES[each] for each in call.json["people"] if each in NAMES}
    })  # fmt: skip
    return person_with(app, services, "P00001", OFFICE, [("campaign_office", "B1", "教育局")])


def post(browser: FlaskClient, act: str, **form: str) -> Any:
    return browser.post(f"/accounts/{act}", data={**form, "csrf": csrf(browser, "/account")})


def of(browser: FlaskClient, person_id: str) -> str:
    return browser.get(f"/accounts/person?person={person_id}").text


def reset(browser: FlaskClient, person_id: str) -> Any:
    """As the button of the person's page sends it."""
    match = re.search(r'name="changed_at" value="([^"]+)"', of(browser, person_id))
    assert match
    return post(browser, "reset", person=person_id, changed_at=match[1])


def own_password(app: Flask, person_id: str) -> FlaskClient:
    """A browser of somebody who has set a password of their own."""
    accounts = components_of(app).accounts
    accounts.create([person_id])
    accounts.change_password(person_id, OWN_PASSWORD)
    browser = app.test_client()
    assert sign_in(browser, person_id, OWN_PASSWORD).status_code == 303
    return browser


def written(app: Flask, event: str) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.account_id, entry.address) for entry in
            components_of(app).security_log.entries(event=event)]  # fmt: skip


def test_a_unit_s_people_are_listed_with_the_state_of_their_accounts(app: Flask, office: FlaskClient) -> None:
    page = office.get("/accounts?unit=X1").text
    assert page.count("未开通</td>") == 2 and "使用中</td>" in page and "&lt;b&gt;" in page
    components_of(app).accounts.create(["P1"])
    own_password(app, "P2")
    components_of(app).accounts.disable("P2")
    page = office.get("/accounts?unit=X1").text
    assert "待首次登录" in page and "已停用" in page and "未开通" not in page
    last_sign_ins = components_of(app).security_log.last_sign_ins(NAMES)
    assert last_sign_ins.keys() == {"P2", "P00001"}
    assert written(app, "export")[0][0] == "P00001"


def test_a_search_finds_people_of_the_whole_district(office: FlaskClient, services: FakeGateway) -> None:
    matching = [{"person_id": "P1", "name": "许悦", "unit_id": "X1", "unit_name": "一小"}]
    services.on("GET", "/api/people/search", {"people": matching, "more": True})
    page = office.get("/accounts?search=许").text
    assert services.called("GET", "/api/people/search")[0].query == {"text": "许"}
    assert "许悦" in page and "一小" in page and "还有更多" in page and "开通账号" not in page


def test_slips_of_a_unit_are_shown_once_and_each_opens_the_choice_of_one_s_own_password(
    app: Flask, office: FlaskClient
) -> None:
    answer = post(office, "create", unit="X1")
    assert answer.headers["Cache-Control"] == "no-store"
    printed = re.findall(rf"登录账号</dt><dd>(.*?)</dd>.*?({CODE})</dd>", answer.text)
    assert [name for name, _ in printed] == ["p1", "p2"] and "&lt;b&gt;" in answer.text
    assert not re.search(CODE, post(office, "create", unit="X1").text)  # the same form again: nobody is left
    assert not any(code in office.get(page).text for page in ("/accounts?unit=X1", "/accounts/person?person=P1")
                   for _, code in printed)  # fmt: skip
    browser = app.test_client()
    assert sign_in(browser, "p1", printed[0][1]).status_code == 303
    assert browser.get("/inbox").location == "/account/password"
    assert written(app, "account_created") == [("P00001", "P2", "127.0.0.1"), ("P00001", "P1", "127.0.0.1")]


def test_slips_have_the_words_of_those_that_the_command_writes(app: Flask, office: FlaskClient, tmp_path: Any) -> None:
    page = post(office, "create", unit="X1").text
    sections = re.findall(r'<section class="slip">.*?</section>', page, re.S)
    file = SlipFile(tmp_path / "slips.html", "http://localhost")
    for section, name in zip(sections, ("许悦", "<b>"), strict=True):
        code, account = re.search(CODE, section), components_of(app).accounts.account("P1")
        assert code and account
        file.write([Slip(name, "一小", "p1" if name == "许悦" else "p2", code[0], account.expires_at)])
        assert words(section) == words(re.findall(r"<section>.*</section>", file_text(tmp_path), re.S)[0])


def file_text(folder: Any) -> str:
    return str((folder / "slips.html").read_text(encoding="utf-8"))


def words(section: str) -> str:
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", " ", section)))


def test_a_large_unit_is_opened_in_parts(app: Flask, office: FlaskClient, services: FakeGateway) -> None:
    people = [{"person_id": f"Q{at:03}", "name": "许"} for at in range(MOST_AT_ONCE + 1)]
    services.on("GET", "/api/people", {"unit_id": "X1", "unit_name": "一小", "people": people})
    issued: list[str] = []
    accounts = components_of(app).accounts
    accounts.create = lambda ids: issued.extend(ids) or []  # type: ignore[assignment,method-assign,func-returns-value]
    page = office.get("/accounts?unit=X1").text
    assert f"为未开通的 {MOST_AT_ONCE} 人开通账号" in page
    post(office, "create", unit="X1")
    assert len(issued) == MOST_AT_ONCE


def test_one_person_is_opened_and_nobody_whom_the_registry_does_not_know(app: Flask, office: FlaskClient) -> None:
    assert re.search(CODE, post(office, "create", person="P1").text)
    for nobody in ("P9", "operator", "", "../x"):
        assert post(office, "create", person=nobody).status_code == 404
    assert components_of(app).accounts.of(["P9"]) == {}


def test_a_password_is_reset_without_anybody_knowing_the_next_one(app: Flask, office: FlaskClient) -> None:
    theirs = own_password(app, "P1")
    page = reset(office, "P1").text
    code = re.search(CODE, page)
    assert code and "许悦" in page
    assert theirs.get("/account").location.startswith("/signin")  # their sessions ended
    assert sign_in(app.test_client(), "P1", OWN_PASSWORD).status_code == 401
    fresh = app.test_client()
    assert sign_in(fresh, "P1", code[0]).status_code == 303
    assert fresh.get("/inbox").location == "/account/password"
    assert written(app, "password_reset") == [("P00001", "P1", "127.0.0.1")]


def test_a_reset_that_is_sent_again_leaves_the_printed_slip_good(app: Flask, office: FlaskClient) -> None:
    own_password(app, "P1")
    match = re.search(r'name="changed_at" value="([^"]+)"', of(office, "P1"))
    assert match
    code = re.search(CODE, post(office, "reset", person="P1", changed_at=match[1]).text)
    again = post(office, "reset", person="P1", changed_at=match[1]).text
    assert code and not re.search(CODE, again) and "没有再重置" in again
    assert sign_in(app.test_client(), "P1", code[0]).status_code == 303


def test_an_account_is_disabled_and_enabled_and_its_sessions_ended(app: Flask, office: FlaskClient) -> None:
    theirs = own_password(app, "P1")
    assert "已登录的设备</dt><dd>1" in of(office, "P1")
    assert "已退出所有登录" in office.get(post(office, "end-sessions", person="P1").location).text
    assert theirs.get("/account").status_code == 302
    assert "账号已停用" in office.get(post(office, "disable", person="P1").location).text
    assert "停用" in sign_in(app.test_client(), "P1", OWN_PASSWORD).text
    assert "账号已启用" in office.get(post(office, "enable", person="P1").location).text
    assert sign_in(app.test_client(), "P1", OWN_PASSWORD).status_code == 303
    for event in ("sessions_ended", "account_disabled", "account_enabled"):
        assert written(app, event) == [("P00001", "P1", "127.0.0.1")]


def test_nobody_keeps_their_own_account_or_the_operator_s_here(app: Flask, office: FlaskClient) -> None:
    before = components_of(app).accounts.all()
    for act in ("reset", "disable", "enable", "end-sessions"):
        for person in ("operator", "Operator", "P00001"):
            assert post(office, act, person=person).status_code == 403
        assert post(office, act, person="P1").status_code == 404  # has none
    assert components_of(app).accounts.all() == before
    assert office.get("/account").status_code == 200
    assert written(app, "refused")[0][0] == "P00001"
    assert office.get("/accounts/person?person=operator").status_code == 404
    assert "<button" not in of(office, "P00001").partition("<main")[2]


def test_only_who_keeps_accounts_may_and_the_right_is_asked_anew(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    acts = ("create", "reset", "disable", "enable", "end-sessions")
    own_password(app, "P1")
    clerk = person_with(app, services, "P00077", ["see_publicity"])
    assert clerk.get("/accounts?unit=X1").status_code == clerk.get("/accounts/person?person=P1").status_code == 403
    assert {post(clerk, act, person="P1").status_code for act in acts} == {403}
    assert office.get("/accounts").status_code == 200  # its profile is kept for some seconds
    services.on("GET", "/api/me", {"subject": "P00001", "name": "", "posts": [], "rights": []})
    assert {post(office, act, person="P1").status_code for act in acts} == {403}
    account = components_of(app).accounts.account("P1")
    assert account and account.state(0) == "active"


def test_a_form_without_the_page_s_token_does_nothing(app: Flask, office: FlaskClient) -> None:
    own_password(app, "P1")
    assert office.post("/accounts/disable", data={"person": "P1"}).status_code == 400
    account = components_of(app).accounts.account("P1")
    assert account and not account.disabled


def test_what_the_registry_refuses_is_shown_and_opens_no_account(office: FlaskClient, services: FakeGateway) -> None:
    for answer in (problem(404, "unknown_unit", "没有这个单位"), problem(503, "busy", "稍后"), Answer(500)):
        services.on("GET", "/api/people", answer)
        page = office.get("/accounts?unit=X9")
        assert page.status_code == 200 and "暂时看不到" in page.text
        assert post(office, "create", unit="X9").status_code == answer.status
