"""Sign-in by an OpenID Connect provider: whom it names comes in if they have an account, what is not as it must be is
refused, and without the provider people sign in by password."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console import oidc
from console.app import create_app
from console.settings import BadSettings, OidcSettings, Settings, from_environ
from tests.console.conftest import OWN_PASSWORD, components_of, csrf, person_with, sign_in, subject
from tests.console.test_second_step import KEY, Clock, code, set_up, type_code
from tests.support.fake_gateway import Answer, FakeGateway
from tests.support.oidc_provider import CLIENT, SECRET, OidcProvider

CALLBACK = "https://qihang.example/signin/oidc/callback"
AWAY, FAILED = "暂时没有答复，请用账号和密码登录", "登录没有成功"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    result = OidcProvider(CALLBACK)
    yield result
    result.close()


@pytest.fixture
def settings(settings: Settings, provider: OidcProvider) -> Settings:
    known = OidcSettings(provider.issuer, CLIENT, SECRET, CALLBACK)
    return replace(settings, oidc=known, second_step_keys=(KEY,))


@pytest.fixture
def app(settings: Settings, services: FakeGateway) -> Flask:
    services.on("GET", "/api/inboxes/.*", {"messages": []})
    services.on("GET", "/api/me", lambda call: {
        "subject": subject(call), "name": "王小明" if subject(call) == "P00007" else "", "posts": [], "rights": []
    })  # fmt: skip
    app = create_app(settings)
    components_of(app).accounts.create(["P00001"])
    return app


def leave(browser: FlaskClient, **query: str) -> str:
    """Where the sign-in page's link leads."""
    answer = browser.get("/signin/oidc", query_string=query)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def come_back(browser: FlaskClient, address: str) -> Any:
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def signed_in(browser: FlaskClient, provider: OidcProvider, person_id: str = "P00001", **query: str) -> Any:
    return come_back(browser, provider.authorize(leave(browser, **query), person_id))


def reasons(app: Flask) -> list[str]:
    entries = components_of(app).security_log.entries(event="signin_failed")
    return [entry.detail["reason"] for entry in reversed(entries)]


def test_whom_the_provider_names_comes_in_and_their_session_says_how(
    app: Flask, browser: FlaskClient, provider: OidcProvider
) -> None:
    assert 'href="/signin/oidc?next=/account"' in browser.get("/signin?next=/account").text
    answer = signed_in(browser, provider, next="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    page = browser.get("/account")
    assert page.status_code == 200 and "统一身份认证" in page.text  # the slip's password was never asked for
    token = csrf(browser, "/account")
    assert browser.post("/signout", data={"csrf": token}).status_code == 303
    assert browser.get("/account").status_code == 302
    log = components_of(app).security_log.entries(event="signin")
    assert [(entry.account_id, entry.detail["by"]) for entry in log] == [("P00001", "oidc")]


def test_provider_and_keys_are_asked_once_and_a_new_key_is_fetched(app: Flask, provider: OidcProvider) -> None:
    for _ in range(2):
        assert signed_in(app.test_client(), provider).status_code == 303
    assert provider.calls.count(f"GET {DISCOVERY}") == provider.calls.count("GET /keys") == 1
    provider.rotate()
    assert signed_in(app.test_client(), provider).status_code == 303
    assert provider.calls.count("GET /keys") == 2


NOW = int(time.time())
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another"},
    "no audience": {"aud": None},
    "two audiences without azp": {"aud": [CLIENT, "another"]},
    "azp": {"azp": "another"},
    "issuer": {"iss": "https://another.example"},
    "expired": {"exp": NOW - 3600, "iat": NOW - 7200},
    "no expiry": {"exp": None},
    "of tomorrow": {"iat": NOW + 86400, "nbf": NOW + 86400, "exp": NOW + 90000},
    "access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no person": {"sub": ""},
    "person is no text": {"sub": 7},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_an_id_token_that_is_not_as_it_must_be_signs_nobody_in(
    browser: FlaskClient, provider: OidcProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = signed_in(browser, provider)
    assert answer.status_code == 401 and FAILED in answer.text
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_id_token_without_the_provider_s_signature_signs_nobody_in(
    browser: FlaskClient, provider: OidcProvider, algorithm: str
) -> None:
    provider.algorithm = algorithm
    provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    assert signed_in(browser, provider).status_code == 401


def test_an_id_token_of_a_key_that_is_not_the_provider_s_signs_nobody_in(
    browser: FlaskClient, provider: OidcProvider
) -> None:
    address, kid = provider.authorize(leave(browser), "P00001"), provider.kid
    keys = provider.answer("GET", "/keys", {}, b"")
    provider.rotate()
    provider.kid, provider.answers = kid, {"/keys": keys}
    assert come_back(browser, address).status_code == 401


def test_a_browser_that_did_not_ask_or_asked_otherwise_is_not_signed_in(
    app: Flask, browser: FlaskClient, provider: OidcProvider
) -> None:
    address = provider.authorize(leave(browser), "P00001")
    other = app.test_client()
    assert come_back(other, address).status_code == 401  # somebody else's link
    leave(other)
    assert come_back(other, address).status_code == 401  # of another request
    assert come_back(browser, address + "x").status_code == 401  # the state is wrong
    assert come_back(browser, address).status_code == 401  # and used up by that
    assert "POST /token" not in provider.calls
    assert reasons(app) == ["no_flow", "state"]


def test_a_code_signs_in_once(app: Flask, browser: FlaskClient, provider: OidcProvider) -> None:
    address = provider.authorize(leave(browser), "P00001")
    cookie = browser.get_cookie("qihang")
    assert cookie is not None
    assert come_back(browser, address).status_code == 303
    thief = app.test_client()
    thief.set_cookie("qihang", cookie.value)
    assert come_back(thief, address).status_code == 401
    assert reasons(app) == ["token_invalid_grant"]


def test_who_refuses_at_the_provider_is_not_signed_in(app: Flask, browser: FlaskClient, provider: OidcProvider) -> None:
    state = provider.authorize(leave(browser), "P00001").partition("state=")[2]
    assert come_back(browser, f"{CALLBACK}?error=access_denied&state={state}").status_code == 401
    assert reasons(app) == ["provider_access_denied"]


@pytest.mark.parametrize("person_id", ["P00002", "operator", "p00001", "P\0", "../operator"])
def test_who_has_no_account_is_not_signed_in_and_nobody_becomes_the_operator(
    app: Flask, browser: FlaskClient, provider: OidcProvider, person_id: str
) -> None:
    answer = signed_in(browser, provider, person_id)
    assert answer.status_code == 403 and "还没有账号" in answer.text
    assert reasons(app) == ["unknown_person"]


def test_a_disabled_account_stays_closed(app: Flask, browser: FlaskClient, provider: OidcProvider) -> None:
    components_of(app).accounts.disable("P00001")
    assert signed_in(browser, provider).status_code == 403


def test_by_setting_whoever_is_in_the_registry_gets_an_account_that_no_password_opens(
    settings: Settings, app: Flask, services: FakeGateway, provider: OidcProvider
) -> None:
    assert settings.oidc is not None
    app = create_app(replace(settings, oidc=replace(settings.oidc, create_accounts=True)))
    for stranger in ("P00008", "operator", "bad id"):
        assert signed_in(app.test_client(), provider, stranger).status_code == 403
    for _ in range(2):
        assert signed_in(app.test_client(), provider, "P00007").status_code == 303
    assert [entry.account_id for entry in components_of(app).security_log.entries(event="account_created")] == [
        "P00007"
    ]
    for password in ("", "P00007", "x"):
        assert sign_in(app.test_client(), "P00007", password).status_code == 401
    services.on("GET", "/api/me", Answer(503, {}))
    assert signed_in(app.test_client(), provider, "P00009").status_code == 403


def test_another_claim_may_name_the_person(settings: Settings, app: Flask, provider: OidcProvider) -> None:
    assert settings.oidc is not None
    app = create_app(replace(settings, oidc=replace(settings.oidc, person_claim="employee_number")))
    provider.claims = {"employee_number": "P00001"}
    assert signed_in(app.test_client(), provider, "8f0c").status_code == 303
    provider.claims = {}
    assert signed_in(app.test_client(), provider, "P00001").status_code == 401


def test_who_has_a_second_step_is_asked_for_it_here_too(
    app: Flask, services: FakeGateway, provider: OidcProvider
) -> None:
    clock = Clock()
    clock.now = time.time()
    components_of(app).second_steps._clock = clock
    secret, _ = set_up(person_with(app, services, "P00003"), clock, OWN_PASSWORD)
    browser = app.test_client()
    assert signed_in(browser, provider, "P00003", next="/account").location == "/signin/code?next=/account"
    assert browser.get("/account").status_code == 302
    assert type_code(browser, code(secret, clock)).status_code == 303
    assert "统一身份认证、验证码" in browser.get("/account").text


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize("fault", ["500", "no JSON", "a list", "redirect"])
def test_a_provider_that_errs_leaves_the_password_way(
    app: Flask, browser: FlaskClient, provider: OidcProvider, path: str, fault: str
) -> None:
    elsewhere = f"{provider.issuer}/elsewhere"
    answer = {"500": (500, {}, b"{}"), "no JSON": (200, {}, b"<html>"), "a list": (200, {}, b"[]"),
              "redirect": (302, {"Location": elsewhere}, b"")}[fault]  # fmt: skip
    provider.answers[path] = answer
    first = browser.get("/signin/oidc")
    last = come_back(browser, provider.authorize(first.location, "P00001")) if first.status_code == 302 else first
    assert last.status_code in (401, 503) and (AWAY in last.text or FAILED in last.text)
    assert "GET /elsewhere" not in provider.calls
    assert 'name="password"' in last.text
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"])
def test_another_host_than_the_issuer_s_is_never_asked(browser: FlaskClient, provider: OidcProvider, name: str) -> None:
    other = OidcProvider(CALLBACK)
    provider.metadata = {name: f"{other.issuer}/x"}
    first = browser.get("/signin/oidc")
    last = come_back(browser, provider.authorize(first.location, "P00001")) if first.status_code == 302 else first
    assert last.status_code == 503 and other.calls == []
    other.close()


def test_a_silent_provider_holds_few_threads_and_for_seconds_only(
    app: Flask, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "READ_SECONDS", 0.3)
    provider.open.clear()
    began = time.monotonic()
    assert app.test_client().get("/signin/oidc").status_code == 503
    assert time.monotonic() - began < 10
    limit = components_of(app).provider._few_at_once  # type: ignore[union-attr]
    for _ in range(oidc.CALLS_AT_ONCE):
        assert limit.acquire(blocking=False)
    provider.open.set()
    calls = len(provider.calls)
    assert app.test_client().get("/signin/oidc").status_code == 503 and len(provider.calls) == calls
    assert sign_in(app.test_client()).status_code == 303


def test_without_a_provider_there_is_no_link_and_no_page(settings: Settings) -> None:
    browser = create_app(replace(settings, oidc=None)).test_client()
    assert "/signin/oidc" not in browser.get("/signin").text
    assert browser.get("/signin/oidc").status_code == browser.get("/signin/oidc/callback").status_code == 404


def test_settings_are_whole_and_the_provider_is_reached_by_tls(tmp_path: Any) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 43)
    needed = {"QIHANG_DISTRICT": "d", "QIHANG_PEERS": "assessment=http://127.0.0.1:1",
              "QIHANG_SIGNING_KEY_FILE": str(key), "QIHANG_SESSION_SECRET_FILE": str(key)}  # fmt: skip
    assert from_environ({**needed, "QIHANG_OIDC_ISSUER": ""}).oidc is None
    given = {**needed, "QIHANG_OIDC_ISSUER": "https://id.example", "QIHANG_OIDC_CLIENT_ID": "q",
             "QIHANG_OIDC_CLIENT_SECRET_FILE": str(key), "QIHANG_PUBLIC_URL": "https://qihang.example/",
             "QIHANG_OIDC_PERSON_CLAIM": "employee", "QIHANG_OIDC_CREATE_ACCOUNTS": "1"}  # fmt: skip
    known = from_environ(given).oidc
    assert known == OidcSettings("https://id.example", "q", "k" * 43, CALLBACK, "employee", create_accounts=True)
    for name, value in (("QIHANG_OIDC_CLIENT_ID", ""), ("QIHANG_PUBLIC_URL", ""), ("QIHANG_PUBLIC_URL", "http://q"),
                        ("QIHANG_OIDC_ISSUER", "http://id.example")):  # fmt: skip
        with pytest.raises(BadSettings, match=name):
            from_environ({**given, name: value})
