"""A form with files: large ones of whoever is signed in pass by pieces, of nobody else."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from console.components import components
from console.file_forms import files_of, takes_files
from console.guard import signed_in
from tests.console.conftest import csrf, sign_in
from tests.support.fake_gateway import FakeGateway

LARGE = b"x" * 700_000


@pytest.fixture
def sender(app: Flask, services: FakeGateway) -> FlaskClient:
    @app.post("/try-files")
    @takes_files()
    @signed_in("")
    def try_files(user: Any) -> Any:
        sent = [components().services.send_file(user, "PUT", "participation", f"/api/x/{at}", file.body, of="a").status
                for at, file in enumerate(files_of("file"))]  # fmt: skip
        return jsonify([[file.name, file.size, file.sha256] for file in files_of("file")] + sent)

    @app.post("/try-few")
    @takes_files(most_bytes=100_000)
    @signed_in("")
    def try_few(user: Any) -> Any:
        return jsonify([file.name for file in files_of("file")])

    @app.post("/try-none")
    @signed_in("")
    def try_none(user: Any) -> Any:
        return jsonify([])

    services.on("PUT", "/api/x/.", {})
    return app.test_client()


def form(browser: FlaskClient, *files: tuple[bytes, str]) -> dict[str, Any]:
    return {"csrf": csrf(browser, "/account/password"), "file": [(io.BytesIO(body), name) for body, name in files]}


def test_files_go_on_as_they_came_under_names_of_their_own(sender: FlaskClient, services: FakeGateway) -> None:
    sign_in(sender)
    sent = form(sender, (LARGE, "表/一月.xlsx"), (b"", "空.csv"), (b"y", "一月.xlsx"), (b"", ""))
    answer = sender.post("/try-files", data=sent).json
    assert answer[:3] == [["一月.xlsx", 700_000, hashlib.sha256(LARGE).hexdigest()],
                          ["空.csv", 0, hashlib.sha256(b"").hexdigest()],
                          ["2_一月.xlsx", 1, hashlib.sha256(b"y").hexdigest()]]  # fmt: skip
    calls = [call for call in services.calls if call.path.startswith("/api/x/")]
    assert [call.body for call in calls] == [LARGE, b"", b"y"] and answer[3:] == [200] * 3
    assert all(call.headers["content-type"] == "application/octet-stream" for call in calls)
    assert {call.headers.get("content-length") for call in calls} == {"700000", "0", "1"} and calls[0].query == {
        "of": "a"
    }


def test_a_page_has_its_own_limit_and_others_that_of_forms(sender: FlaskClient) -> None:
    sign_in(sender)
    assert sender.post("/try-few", data=form(sender, (b"x" * 90_000, "a"))).json == ["a"]
    assert sender.post("/try-few", data=form(sender, (LARGE, "a"))).status_code == 413
    assert sender.post("/try-none", data=form(sender, (LARGE, "a"))).status_code == 413


def test_nobody_sends_more_than_a_form_without_a_session(sender: FlaskClient) -> None:
    sent = {"csrf": csrf(sender), "file": [(io.BytesIO(LARGE), "a")]}
    assert sender.post("/try-files", data=sent).status_code == 413
    sign_in(sender)
    sent = {"csrf": "forged", "file": [(io.BytesIO(LARGE), "a")]}
    assert sender.post("/try-files", data=sent).status_code == 400
