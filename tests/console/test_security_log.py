"""Refusals and personal data stand in the security log with who asked; a loop of them does not fill it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from flask import Flask

from chassis.process import tokens
from console.app import create_app
from console.security_log import MOST_REPEATED, REPEATED_SECONDS, SecurityLog
from console.settings import Settings
from tests.console.conftest import components_of, csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

PERSONAL = (
    "participation/api/people?unit_id=X1", "participation/api/history/people/P1",
    "participation/api/imports/I1/refused", "participation/feed/0", "assessment/api/duties/people",
    "assessment/api/reports/R1/individuals.csv", "publicity/api/works", "publicity/api/works/W1/text",
    "publicity/api/anthologies/A1/docx", "publicity/api/articles/A1/package", "notifications/api/contacts",
    "notifications/api/inboxes/person-P2", "participation/api/./x/../people", "publicity/feed/0",
    "notifications/api/verify/rows",
)  # fmt: skip


def written(app: Flask, event: str) -> list[tuple[str, str]]:
    """Actor and what, the newest first."""
    return [(entry.actor, entry.detail["what"]) for entry in components_of(app).security_log.entries(event=event)]


def test_a_page_that_is_refused_stands_in_the_log_once(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    assert [browser.get("/status").status_code for _ in range(5)] == [403] * 5
    browser.get("/scoreboard?window=2023")
    assert written(app, "refused") == [("P00077", "/scoreboard"), ("P00077", "/status")]


def test_what_a_service_refuses_stands_in_the_log_with_its_method(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/inboxes", problem(403, "not_allowed"))
    services.on("POST", "/api/campaign", problem(403, "not_allowed"))
    browser = person_with(app, services, "P00077")
    assert browser.get("/s/notifications/api/inboxes?of=secret").status_code == 403
    token = {"X-CSRF-Token": csrf(browser, "/account")}
    assert browser.post("/s/participation/api/campaign", json={}, headers=token).status_code == 403
    expected = [("P00077", "POST participation/api/campaign"), ("P00077", "GET notifications/api/inboxes")]
    assert written(app, "refused") == expected


@pytest.mark.parametrize("path", PERSONAL)
def test_personal_data_that_is_handed_out_stands_in_the_log(app: Flask, services: FakeGateway, path: str) -> None:
    services.on("GET", "/.*", {"some": "body"})
    browser = person_with(app, services, "P00077")
    answer = browser.get(f"/s/{path}")
    assert answer.status_code == 200 and answer.json == {"some": "body"}
    ((actor, what),) = written(app, "export")
    assert actor == "P00077" and what.startswith("GET ") and what.partition("?")[2] == path.partition("?")[2]


def test_names_that_are_asked_by_post_are_an_export_and_a_deed_about_a_work_is_none(
    app: Flask, services: FakeGateway
) -> None:
    services.on("POST", "/.*", {})
    browser = person_with(app, services, "P00077")
    token = {"X-CSRF-Token": csrf(browser, "/account")}
    for path in ("participation/api/names", "publicity/api/works/W1/consent"):
        assert browser.post(f"/s/{path}", json={}, headers=token).status_code == 200
    assert written(app, "export") == [("P00077", "POST participation/api/names")]


def test_answers_without_persons_and_failures_are_no_exports(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/people", Answer(404, {}))
    services.on("GET", "/api/scoreboard", {})
    browser = person_with(app, services, "P00077")
    browser.get("/s/participation/api/people")
    browser.get("/s/assessment/api/scoreboard")
    assert written(app, "export") == [] == written(app, "refused")


def test_a_loop_of_refusals_at_many_addresses_does_not_fill_the_store(app: Flask) -> None:
    log = SecurityLog(components_of(app).store, lambda: now)
    now = 1_700_000_000.0
    for number in range(3 * MOST_REPEATED):
        log.write_once("refused", "P1", f"/page/{number}")
    log.write_once("refused", "P2", "/page/1")
    assert len(log.entries(event="refused")) == MOST_REPEATED + 1
    now += REPEATED_SECONDS
    log.write_once("refused", "P1", "/page/1")
    assert len(log.entries(event="refused")) == MOST_REPEATED + 2


def test_what_a_command_with_a_token_of_its_own_exports_is_named_with_the_token_s_owner(
    app: Flask, services: FakeGateway
) -> None:
    services.on("GET", "/api/people", {"people": []})
    services.on("GET", "/api/contacts", problem(401, "bad_token"))
    token = jwt.encode({"iss": "operator", "sub": "operator"}, "x" * 32, algorithm="HS256")
    browser = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.get("/s/participation/api/people?unit_id=X1", headers=headers).status_code == 200
    assert browser.get("/s/notifications/api/contacts", headers=headers).status_code == 401
    assert written(app, "export") == [("operator:operator", "GET participation/api/people?unit_id=X1")]
    entries = components_of(app).security_log.entries()
    assert not [entry for entry in entries if token in str(entry)]


def test_a_replaced_key_stands_in_the_log_at_both_its_steps_and_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "trusted"
    for issuer in ("console", "operator"):
        tokens.make_keys(tmp_path / f"{issuer}.key", folder / f"{issuer}.pem")
    monkeypatch.setattr("console.key_watch.SECONDS", 0)
    app = create_app(replace(settings, trusted_keys=folder))

    def seen(application: Flask = app) -> list[tuple[str, int]]:
        for _ in range(2):
            assert application.test_client().get("/livez").status_code == 200
        entries = components_of(application).security_log.entries(event="keys_changed")
        assert {(entry.actor, entry.address) for entry in entries} == {("installation", "")}
        return [(entry.detail["issuer"], len(entry.detail["keys"].split())) for entry in reversed(entries)]

    assert seen() == [("console", 1), ("operator", 1)]
    public, old = folder / "console.pem", (folder / "console.pem").read_bytes()
    tokens.make_keys(tmp_path / "fresh.key", tmp_path / "fresh.pem")
    public.write_bytes(old + (tmp_path / "fresh.pem").read_bytes())
    assert seen()[2:] == [("console", 2)]
    restarted = create_app(replace(settings, trusted_keys=folder))
    public.write_bytes((tmp_path / "fresh.pem").read_bytes())
    assert seen(restarted)[3:] == [("console", 1)], "also what was done while it was away, and nothing twice"
    public.unlink()
    assert seen(restarted)[4:] == [("console", 0)]
