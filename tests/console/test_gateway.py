"""The gateway passes on what it should, nothing that it should not, and says plainly when a service is away."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from console.app import create_app
from console.gateway import BODY_LIMIT
from console.settings import Settings
from tests.console.conftest import csrf
from tests.support.fake_gateway import DROP, Answer, FakeGateway, problem

ANY = "/.*"


def code(answer: Any) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["code"]


def test_method_path_query_and_body_arrive_as_they_were_sent(browser: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", ANY, Answer(201, {"positions": ["participation/0/7"]}))
    path = "/s/participation/api/publishers/%E5%AD%A6%20%3F%23/rotate"
    answer = browser.post(path + "?a=1&b=%20x", data=b"\x00body", headers={"Authorization": "Bearer abc"})
    assert (answer.status_code, answer.json) == (201, {"positions": ["participation/0/7"]})
    (call,) = services.calls
    assert call.path == "/api/publishers/%E5%AD%A6%20%3F%23/rotate"
    assert call.query == {"a": "1", "b": " x"} and call.body == b"\x00body"
    assert call.headers["authorization"] == "Bearer abc"


def test_headers_of_one_connection_and_cookies_stay_here(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", ANY, {})
    sent = {
        "Connection": "close, X-Private",
        "X-Private": "1",
        "TE": "trailers",
        "X-Forwarded-For": "forged",
        "X-Qihang-After": "participation/0/123",
    }
    operator.get("/s/assessment/api/status", headers=sent)
    headers = services.calls[-1].headers
    assert headers["x-qihang-after"] == "participation/0/123"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert not {"cookie", "x-private", "te"} & headers.keys()


def test_a_problem_of_the_service_comes_back_as_it_is(browser: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", ANY, problem(404, "no_campaign", "还没有发布活动"))
    answer = browser.get("/s/participation/api/campaign")
    assert code(answer) == (404, "no_campaign") and "还没有发布活动" in json.loads(answer.data)["detail"]


def test_a_signed_in_browser_gets_a_short_token_of_the_console(
    operator: FlaskClient, services: FakeGateway, key: Ed25519PrivateKey
) -> None:
    services.on("GET", ANY, {})
    operator.get("/s/assessment/api/status")
    token = services.calls[-1].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], audience="demo", issuer="console")
    assert jwt.get_unverified_header(token)["kid"] == "console"
    assert (claims["sub"], claims["roles"], claims["exp"] - claims["iat"]) == ("operator", ["operator"], 300)


def test_without_token_or_session_nothing_is_added(browser: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", ANY, {})
    browser.get("/s/assessment/api/status")
    assert "authorization" not in services.calls[-1].headers


def test_a_callers_own_token_is_never_replaced(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", ANY, {})
    operator.post("/s/participation/api/intake", data=b"{}", headers={"Authorization": "Bearer mine"})
    assert services.calls[-1].headers["authorization"] == "Bearer mine"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_session_writes_only_with_the_csrf_header(operator: FlaskClient, services: FakeGateway, method: str) -> None:
    services.on("GET", "/api/scoreboard", {"units": []})
    services.on(method, ANY, {})
    token = csrf(operator, "/scoreboard")
    services.calls.clear()
    assert code(operator.open("/s/assessment/api/x", method=method)) == (403, "csrf")
    assert code(operator.open("/s/assessment/api/x", method=method, headers={"X-CSRF-Token": "no"})) == (403, "csrf")
    assert services.calls == []
    if method != "PATCH":
        given = operator.open("/s/assessment/api/x", method=method, headers={"X-CSRF-Token": token})
        assert given.status_code == 200
        assert "x-csrf-token" not in services.calls[-1].headers


def test_a_service_that_is_away_is_a_502(settings: Settings, browser: FlaskClient, services: FakeGateway) -> None:
    services.fault("/api/status", DROP)
    assert code(browser.get("/s/assessment/api/status")) == (502, "service_away")
    services.close()
    assert code(browser.get("/s/assessment/api/status")) == (502, "service_away")


def test_a_service_that_does_not_answer_in_time_is_a_504(
    browser: FlaskClient, services: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.service_client.READ_SECONDS", 0.2)
    with services.silence("/api/status"):
        assert code(browser.get("/s/assessment/api/status")) == (504, "service_slow")


def test_an_unknown_service_and_an_unsupported_method_are_problems(browser: FlaskClient) -> None:
    assert code(browser.get("/s/payroll/api/status")) == (404, "unknown_service")
    assert code(browser.open("/s/assessment/api/status", method="TRACE")) == (405, "method_not_allowed")


def test_only_an_upload_may_be_large(settings: Settings, browser: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", ANY, {})
    services.on("PUT", ANY, Answer(204, b""))
    large = b"x" * (BODY_LIMIT + 1)
    assert code(browser.post("/s/participation/api/intake", data=large)) == (413, "body_too_large")
    assert code(browser.put("/s/participation/api/imports/1/other/units.csv", data=large)) == (413, "body_too_large")
    assert code(browser.put("/s/assessment/api/imports/1/files/units.csv", data=large)) == (413, "body_too_large")
    assert services.calls == []
    assert browser.put("/s/participation/api/imports/1/files/units.csv", data=large).status_code == 204
    assert services.calls[-1].body == large
    beyond = b"x" * (settings.upload_limit + 1)
    answer = browser.put("/s/participation/api/imports/1/files/units.csv", data=beyond)
    assert code(answer) == (413, "body_too_large")


def test_cookies_of_a_service_do_not_reach_the_browser(browser: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", ANY, Answer(200, {}, headers={"Set-Cookie": "a=1", "X-Kept": "1", "Connection": "close"}))
    answer = browser.get("/s/assessment/api/status")
    assert "Set-Cookie" not in answer.headers and answer.headers["X-Kept"] == "1"


def test_what_a_service_compressed_stays_compressed(browser: FlaskClient, services: FakeGateway) -> None:
    packed = b"\x1f\x8bnot really gzip"
    services.on("GET", ANY, Answer(200, packed, "text/csv", {"Content-Encoding": "gzip"}))
    answer = browser.get("/s/assessment/api/reports/1/unit_scores.csv")
    assert answer.data == packed and answer.headers["Content-Encoding"] == "gzip"


def test_a_console_without_peers_or_secrets_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QIHANG_DISTRICT", raising=False)
    with pytest.raises(Exception, match="QIHANG_DISTRICT"):
        create_app()
