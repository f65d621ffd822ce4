"""Clerks, heads, people and leaders come in with a password of their own, see their pages, ask in their own role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from console.accounts import UnknownName, user_of
from console.app import create_app
from console.settings import Settings
from tests.console.conftest import PASSWORD, csrf, sign_in
from tests.support.fake_gateway import Call, FakeGateway

ACCESS = "/s/console/api/access"
PAGES = ("/scoreboard", "/inbox", "/anthologies", "/reports", "/campaign", "/history", "/reminders", "/status")
SEES = {
    "operator": {"/scoreboard", "/anthologies", "/reports", "/campaign", "/history", "/reminders", "/status"},
    "clerk-X007": {"/inbox", "/anthologies", "/history"},
    "head-X007": {"/inbox", "/anthologies", "/history"},
    "person-P00077": {"/inbox", "/history"},
    "leader-wang": {"/scoreboard", "/anthologies", "/reports", "/campaign", "/history"},
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
    object.__setattr__(settings, "access_file", tmp_path / "access.json")
    return key


@pytest.fixture
def app(settings: Settings, services: FakeGateway, operator_key: Ed25519PrivateKey) -> Flask:
    for path in ("/api/scoreboard", "/api/anthologies", "/api/articles", "/api/preview", "/api/inboxes", "/api/status"):
        services.on("GET", path, {"units": [], "windows": [], "levels": {}, "working_day": True})
    services.on("GET", "/api/inboxes/.*", {"messages": []})
    return create_app(settings)


def bearer(key: Any, roles: tuple[str, ...] = ("operator",), **more: Any) -> dict[str, str]:
    claims = {"iss": "operator", "sub": "operator", "aud": "demo", "roles": list(roles), "exp": 4_000_000_000} | more
    return {"Authorization": f"Bearer {jwt.encode(claims, key, algorithm='EdDSA')}"}


def create_accounts(app: Flask, key: Ed25519PrivateKey, *names: str, renew: bool = False) -> dict[str, str]:
    answer = app.test_client().post(ACCESS, json={"names": names, "renew": renew}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return {account["name"]: account["password"] for account in answer.json["accounts"]}  # type: ignore[index]


def signed_in(app: Flask, name: str, password: str) -> FlaskClient:
    browser = app.test_client()
    assert sign_in(browser, name, password).status_code == 303
    return browser


@pytest.mark.parametrize("name", SEES)
def test_everybody_sees_the_pages_of_their_role_and_a_menu_of_no_others(
    app: Flask, operator_key: Ed25519PrivateKey, name: str
) -> None:
    password = PASSWORD if name == "operator" else create_accounts(app, operator_key, name)[name]
    browser = signed_in(app, name, password)
    assert {page for page in PAGES if browser.get(page).status_code == 200} == SEES[name]
    assert {page for page in PAGES if browser.get(page).status_code == 403} == set(PAGES) - SEES[name]
    menu = browser.get(browser.get("/").location).text
    assert {page for page in PAGES if f'href="{page}"' in menu} == SEES[name]


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("clerk-X007", ("clerk-X007", ["clerk"], ["X007"])),
        ("head-X007", ("head-X007", ["head"], ["X007"])),
        ("person-P00077", ("P00077", ["person"], [])),
    ],
)
def test_services_are_asked_in_the_role_and_of_the_unit_of_who_signed_in(
    app: Flask, services: FakeGateway, operator_key: Ed25519PrivateKey, key: Ed25519PrivateKey, name: str, claims: Any
) -> None:
    browser = signed_in(app, name, create_accounts(app, operator_key, name)[name])
    browser.get("/inbox")
    page = services.calls[-1]
    assert page.path == f"/api/inboxes/{name}"
    browser.get("/s/notifications/api/inboxes")
    for call in (page, services.calls[-1]):
        assert token_claims(call, key) == claims
    before = len(services.calls)
    assert browser.post("/s/publicity/api/works/W1/select", json={}).status_code == 403
    assert len(services.calls) == before  # without the page's CSRF token nothing is passed on
    services.on("POST", "/api/works/W1/select", {})
    browser.post("/s/publicity/api/works/W1/select", json={}, headers={"X-CSRF-Token": csrf(browser, "/inbox")})
    assert token_claims(services.calls[-1], key) == claims


def token_claims(call: Call, key: Ed25519PrivateKey) -> Any:
    token = call.headers["authorization"].removeprefix("Bearer ")
    result = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], audience="demo")
    return result["sub"], result["roles"], result["units"]


def test_an_account_is_given_once_and_its_password_is_kept_nowhere(
    app: Flask, operator_key: Ed25519PrivateKey, settings: Settings
) -> None:
    first = create_accounts(app, operator_key, "clerk-X007", "head-X007")
    assert set(first) == {"clerk-X007", "head-X007"} and len(set(first.values())) == 2
    assert create_accounts(app, operator_key, "clerk-X007", "clerk-X008").keys() == {"clerk-X008"}
    kept = settings.access_file.read_text()
    assert not any(secret in kept for secret in first.values())
    assert settings.access_file.stat().st_mode & 0o077 == 0
    second_app = create_app(settings)
    assert signed_in(second_app, "clerk-X007", first["clerk-X007"]).get("/inbox").status_code == 200
    listed = second_app.test_client().get(ACCESS, headers=bearer(operator_key)).json
    assert [account["name"] for account in listed["accounts"]] == ["clerk-X007", "clerk-X008", "head-X007"]  # type: ignore[index]


def test_a_new_password_or_none_ends_the_sessions_of_the_old_one_alone(
    app: Flask, operator_key: Ed25519PrivateKey
) -> None:
    given = create_accounts(app, operator_key, "clerk-X007", "head-X007")
    clerk, head = (signed_in(app, name, password) for name, password in given.items())
    fresh = create_accounts(app, operator_key, "clerk-X007", "clerk-X009", renew=True)
    assert set(fresh) == {"clerk-X007"}
    assert (clerk.get("/inbox").status_code, head.get("/inbox").status_code) == (302, 200)
    assert sign_in(app.test_client(), "clerk-X007", given["clerk-X007"]).status_code == 401
    assert app.test_client().delete(f"{ACCESS}/head-X007", headers=bearer(operator_key)).status_code == 204
    assert head.get("/inbox").status_code == 302
    assert sign_in(app.test_client(), "head-X007", given["head-X007"]).status_code == 401
    assert app.test_client().delete(f"{ACCESS}/head-X007", headers=bearer(operator_key)).status_code == 422


def test_only_the_operator_s_own_token_gives_accounts(
    app: Flask, operator_key: Ed25519PrivateKey, key: Ed25519PrivateKey
) -> None:
    body = {"names": ["clerk-X007"]}
    browser = signed_in(app, "operator", PASSWORD)
    token = {"X-CSRF-Token": csrf(browser, "/status")}
    refused = [
        browser.post(ACCESS, json=body, headers=token),
        app.test_client().post(ACCESS, json=body, headers=bearer(key, iss="console")),
        app.test_client().post(ACCESS, json=body, headers=bearer(key)),
        app.test_client().post(ACCESS, json=body, headers=bearer(operator_key, roles=())),
        app.test_client().post(ACCESS, json=body, headers=bearer(operator_key, aud="other")),
        app.test_client().post(ACCESS, json=body, headers=bearer(operator_key, exp=1)),
        app.test_client().post(ACCESS, json=body),
    ]
    assert {answer.status_code for answer in refused} == {401}


@pytest.mark.parametrize("name", ["operator", "boss-X1", "clerk-", "clerk-../x", "person-P 1", "", "head-" + "x" * 65])
def test_other_names_have_no_account(app: Flask, operator_key: Ed25519PrivateKey, name: str) -> None:
    answer = app.test_client().post(ACCESS, json={"names": [name]}, headers=bearer(operator_key))
    assert answer.status_code == 422
    assert sign_in(app.test_client(), name, "x").status_code == 401


@pytest.mark.parametrize("body", [[], {"names": []}, {"names": "clerk-X1"}, {"names": [1]}, {}])
def test_a_body_that_is_none_is_reported(app: Flask, operator_key: Ed25519PrivateKey, body: Any) -> None:
    assert app.test_client().post(ACCESS, json=body, headers=bearer(operator_key)).status_code == 422


def test_a_name_says_whose_it_is() -> None:
    assert user_of("clerk-X007").units == ("X007",)
    with pytest.raises(UnknownName):
        user_of("inspector-X007")
