"""A person signs in once with their own account, has all their posts, and sees the pages that follow from them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from console.app import create_app
from console.settings import Settings
from tests.console.conftest import LEADER, OWN_PASSWORD, PASSWORD, components_of, csrf, person_with, sign_in
from tests.support.fake_gateway import DROP, Call, FakeGateway

ACCOUNTS = "/s/console/api/accounts"
PAGES = ("/scoreboard", "/inbox", "/anthologies", "/reports", "/campaign", "/history", "/reminders", "/accounts",
         "/posts", "/status")  # fmt: skip
CLERK = ("see_publicity", "publish_for_unit", "see_duties")
OFFICE = (*LEADER, "run_reminders", "publish_for_unit", "see_names", "keep_accounts", "enter_facts", "keep_posts")
SEES = {
    CLERK: {"/inbox", "/anthologies", "/history"},
    (): {"/inbox", "/history"},
    LEADER: {"/inbox", "/scoreboard", "/anthologies", "/reports", "/campaign", "/history"},
    OFFICE: set(PAGES) - {"/status"},
}


@pytest.fixture
def operator_key(settings: Settings, tmp_path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "operator.pem").write_bytes(public)
    object.__setattr__(settings, "trusted_keys", tmp_path / "trusted")
    return key


@pytest.fixture
def app(settings: Settings, services: FakeGateway, operator_key: Ed25519PrivateKey) -> Flask:
    for path in (
        "/api/scoreboard",
        "/api/anthologies",
        "/api/articles",
        "/api/preview",
        "/api/inboxes",
        "/api/status",
        "/api/posts",
    ):
        services.on("GET", path, {"units": [], "windows": [], "levels": {}, "working_day": True})
    services.on("GET", "/api/inboxes/.*", {"messages": []})
    return create_app(settings)


def bearer(key: Any, roles: tuple[str, ...] = ("operator",), **more: Any) -> dict[str, str]:
    claims = {"iss": "operator", "sub": "operator", "aud": "demo", "roles": list(roles), "exp": 4_000_000_000} | more
    return {"Authorization": f"Bearer {jwt.encode(claims, key, algorithm='EdDSA')}"}


def create(app: Flask, key: Ed25519PrivateKey, *person_ids: str) -> dict[str, str]:
    answer = app.test_client().post(ACCOUNTS, json={"person_ids": person_ids}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return {account["account_id"]: account["code"] for account in answer.json["accounts"]}  # type: ignore[index]


def call(app: Flask, key: Ed25519PrivateKey, path: str, body: Any = None) -> Any:
    return app.test_client().post(f"{ACCOUNTS}/{path}", json=body or {}, headers=bearer(key))


def change(browser: FlaskClient, old: str, new: str, again: str | None = None) -> Any:
    form = {"old": old, "new": new, "again": new if again is None else again}
    return browser.post("/account/password", data={**form, "csrf": csrf(browser, "/account/password")})


def with_code(app: Flask, person_id: str, code: str) -> FlaskClient:
    browser = app.test_client()
    answer = sign_in(browser, person_id, code)
    assert answer.status_code == 303, answer.text
    return browser


@pytest.mark.parametrize("rights", SEES)
def test_everybody_sees_the_pages_of_their_rights_and_a_menu_of_no_others(
    app: Flask, services: FakeGateway, rights: tuple[str, ...]
) -> None:
    browser = person_with(app, services, "P00077", rights)
    assert {page for page in PAGES if browser.get(page).status_code == 200} == SEES[rights]
    assert {page for page in PAGES if browser.get(page).status_code == 403} == set(PAGES) - SEES[rights]
    menu = browser.get(browser.get("/").location).text
    assert {page for page in PAGES if f'href="{page}"' in menu} == SEES[rights]


def test_the_operator_sees_all_but_what_is_a_person_s_own(operator: FlaskClient, app: Flask) -> None:
    assert {page for page in PAGES if operator.get(page).status_code == 200} == set(PAGES) - {"/inbox"}


def test_services_are_asked_as_the_person_and_judge_by_posts(
    app: Flask, services: FakeGateway, key: Ed25519PrivateKey
) -> None:
    posts = [("clerk", "X007", "七小"), ("head", "X008", "八小"), ("inspector", "X009", "九小")]
    browser = person_with(app, services, "P00077", CLERK, posts)
    page = browser.get("/inbox").text
    assert inboxes_asked(services)[1] == "/api/inboxes/person-P00077"
    assert "填报员 七小" in page and "主要负责人 八小" in page and "九小" not in page
    browser.get("/inbox?of=clerk-X007")
    assert inboxes_asked(services)[1] == "/api/inboxes/clerk-X007"
    browser.get("/inbox?of=clerk-X001")
    own = {f"/api/inboxes/{each}" for each in ("person-P00077", "clerk-X007", "head-X008")}
    assert inboxes_asked(services) == (own, "/api/inboxes/person-P00077")
    browser.get("/s/notifications/api/inboxes")
    assert token_claims(services.calls[-1], key) == ("P00077", ["person"], [])
    before = len(services.calls)
    assert browser.post("/s/publicity/api/works/W1/select", json={}).status_code == 403
    assert len(services.calls) == before  # without the page's CSRF token nothing is passed on


def inboxes_asked(services: FakeGateway) -> tuple[set[str], str]:
    """All, and which of them was asked last for what it holds, not only for what is new."""
    calls = [call for call in services.calls if call.path.startswith("/api/inboxes/")]
    return {call.path for call in calls}, [call.path for call in calls if "limit" not in call.query][-1]


def token_claims(call: Call, key: Ed25519PrivateKey) -> Any:
    token = call.headers["authorization"].removeprefix("Bearer ")
    result = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], audience="demo")
    return result["sub"], result["roles"], result["units"]


def test_while_the_registry_is_away_a_person_has_what_every_person_has(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077", LEADER)
    components_of(app).profiles._kept.clear()
    services.fault("/api/me", DROP, DROP, DROP)
    assert browser.get("/inbox").status_code == 200
    page = browser.get("/scoreboard")
    assert page.status_code == 503 and "填报服务已断开，截至 " in page.text


def test_the_first_password_opens_nothing_but_its_own_change(
    app: Flask, services: FakeGateway, operator_key: Ed25519PrivateKey
) -> None:
    code = create(app, operator_key, "P00077")["P00077"]
    browser = with_code(app, "p00077", f" {code.upper().replace('-', ' ')}")
    for page in ("/", "/inbox", "/account"):
        assert browser.get(page).location == "/account/password", page
    before = len(services.calls)
    assert browser.get("/s/notifications/api/inboxes").status_code == 403
    assert len(services.calls) == before
    assert change(browser, code, OWN_PASSWORD).location == "/"
    services.on("GET", "/api/me", {"subject": "P00077", "name": "", "posts": [], "rights": []})
    assert browser.get("/inbox").status_code == 200
    assert sign_in(app.test_client(), "P00077", code).status_code == 401
    assert sign_in(app.test_client(), "P00077", OWN_PASSWORD).status_code == 303


def test_a_first_password_that_was_not_used_in_time_is_worth_nothing(
    app: Flask, operator_key: Ed25519PrivateKey
) -> None:
    code = create(app, operator_key, "P00077")["P00077"]
    accounts = components_of(app).accounts
    now = accounts.now()
    accounts._clock = lambda: now + 15 * 24 * 3600
    answer = sign_in(app.test_client(), "P00077", code)
    assert answer.status_code == 401 and "初始密码已过期" in answer.text
    assert [account.state(accounts.now()) for account in accounts.all()] == ["expired", "active"]


def test_a_reset_ends_sessions_and_old_password_and_nobody_knows_the_new_one(
    app: Flask, services: FakeGateway, operator_key: Ed25519PrivateKey
) -> None:
    browser, other = person_with(app, services, "P00077"), person_with(app, services, "P00078")
    code = call(app, operator_key, "P00077/reset").json["code"]
    assert (browser.get("/inbox").status_code, other.get("/inbox").status_code) == (302, 200)
    assert sign_in(app.test_client(), "P00077", OWN_PASSWORD).status_code == 401
    assert with_code(app, "P00077", code).get("/inbox").location == "/account/password"
    assert call(app, operator_key, "P00079/reset").status_code == 422


def test_an_account_is_disabled_enabled_renamed_and_removed(
    app: Flask, services: FakeGateway, operator_key: Ed25519PrivateKey
) -> None:
    browser = person_with(app, services, "P00077")
    assert call(app, operator_key, "P00077/disable").status_code == 204
    assert browser.get("/inbox").status_code == 302
    answer = sign_in(app.test_client(), "P00077", OWN_PASSWORD)
    assert answer.status_code == 401 and "已停用" in answer.text
    assert call(app, operator_key, "P00077/enable").status_code == 204
    assert call(app, operator_key, "P00077/name", {"sign_in_name": "Wangxm"}).status_code == 204
    assert sign_in(app.test_client(), "wangXM", OWN_PASSWORD).status_code == 303
    assert sign_in(app.test_client(), "P00077", OWN_PASSWORD).status_code == 401
    create(app, operator_key, "P00078")
    for taken in ("wangxm", "p00077", "operator", "x", "a b", ""):
        assert call(app, operator_key, "P00078/name", {"sign_in_name": taken}).status_code == 422, taken
    remove = app.test_client().delete(f"{ACCOUNTS}/P00077", headers=bearer(operator_key))
    assert remove.status_code == 204
    assert sign_in(app.test_client(), "wangxm", OWN_PASSWORD).status_code == 401
    assert app.test_client().delete(f"{ACCOUNTS}/operator", headers=bearer(operator_key)).status_code == 422


def test_an_account_is_given_once_and_its_password_is_kept_nowhere(
    app: Flask, operator_key: Ed25519PrivateKey, settings: Settings, tmp_path: Path
) -> None:
    first = create(app, operator_key, "P00077", "P00078")
    assert set(first) == {"P00077", "P00078"} and len(set(first.values())) == 2
    assert create(app, operator_key, "P00077", "P00079").keys() == {"P00079"}
    sign_in(app.test_client(), password=PASSWORD)
    files = list(tmp_path.glob("console.db*"))
    kept = b"".join(path.read_bytes() for path in files)
    for secret in (*first.values(), *(code.replace("-", "") for code in first.values()), PASSWORD):
        assert secret.encode() not in kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    second_app = create_app(settings)
    assert with_code(second_app, "P00077", first["P00077"])
    listed = second_app.test_client().get(ACCOUNTS, headers=bearer(operator_key)).json
    assert [(item["account_id"], item["state"]) for item in listed["accounts"]] == [  # type: ignore[index]
        ("P00077", "must_change"), ("P00078", "must_change"), ("P00079", "must_change"), ("operator", "active")
    ]  # fmt: skip


def test_the_operator_s_installed_password_must_be_changed_unless_the_installation_is_a_demonstration(
    settings: Settings, services: FakeGateway
) -> None:
    object.__setattr__(settings, "operator_must_change", True)
    app = create_app(settings)
    browser = app.test_client()
    assert sign_in(browser).status_code == 303
    assert browser.get("/status").location == "/account/password"
    assert change(browser, PASSWORD, OWN_PASSWORD).status_code == 303
    assert browser.get("/status").status_code == 200
    restarted = create_app(settings)  # the file is as it was: it is not taken again
    assert sign_in(restarted.test_client()).status_code == 401
    assert sign_in(restarted.test_client(), password=OWN_PASSWORD).status_code == 303


def test_only_the_operator_s_own_token_gives_accounts(
    app: Flask, operator_key: Ed25519PrivateKey, key: Ed25519PrivateKey
) -> None:
    browser = app.test_client()
    sign_in(browser)
    token = {"X-CSRF-Token": csrf(browser, "/status")}
    headers = [token, bearer(key, iss="console"), bearer(key), bearer(operator_key, roles=()),
               bearer(operator_key, aud="other"), bearer(operator_key, exp=1), {}]  # fmt: skip
    for sent in headers:
        client = browser if sent is token else app.test_client()
        assert client.post(ACCOUNTS, json={"person_ids": ["P1"]}, headers=sent).status_code == 401
        assert client.post(f"{ACCOUNTS}/operator/reset", headers=sent).status_code == 401
        assert client.get("/s/console/api/security-log", headers=sent).status_code == 401


def test_the_code_on_the_slip_is_no_password_of_one_s_own(app: Flask, operator_key: Ed25519PrivateKey) -> None:
    code = create(app, operator_key, "P00077")["P00077"]
    browser = with_code(app, "P00077", code)
    answer = change(browser, code.replace("-", ""), code)
    assert answer.status_code == 422 and "和原来的一样" in answer.text


@pytest.mark.parametrize("name", ["operator", "Operator", "", "../x", "P 1", "x" * 65, "=P1"])
def test_other_names_have_no_account(app: Flask, operator_key: Ed25519PrivateKey, name: str) -> None:
    answer = app.test_client().post(ACCOUNTS, json={"person_ids": [name]}, headers=bearer(operator_key))
    assert answer.status_code == 422


@pytest.mark.parametrize("body", [[], {"person_ids": []}, {"person_ids": "P1"}, {"person_ids": [1]}, {}])
def test_a_body_that_is_none_is_reported(app: Flask, operator_key: Ed25519PrivateKey, body: Any) -> None:
    assert app.test_client().post(ACCOUNTS, json=body, headers=bearer(operator_key)).status_code == 422


def test_guessing_the_old_password_in_an_open_browser_is_slowed(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    statuses = [change(browser, "guess", "长河落日圆，大漠孤烟直").status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    assert change(browser, OWN_PASSWORD, "长河落日圆，大漠孤烟直").status_code == 429
