"""Static files are asked for once, and pages and files travel compressed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from console.static_files import FOLDER, StaticFiles

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def hashed(browser: FlaskClient, name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    match = re.search(rf'"(/static/{re.escape(stem)}\.[0-9a-f]{{12}}\.{suffix})"', browser.get("/signin").text)
    assert match, name
    return match[1]


def test_a_file_under_the_hash_of_its_content_is_kept_for_a_year(browser: FlaskClient) -> None:
    answer = browser.get(hashed(browser, "qihang.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (FOLDER / "qihang.css").read_bytes()


def test_another_content_has_another_address(tmp_path: Path) -> None:
    def name(text: str) -> str:
        (tmp_path / "a.css").write_text(text)
        return StaticFiles(tmp_path).hashed_name("a.css")

    assert name("a{}") == name("a{}") != name("b{}")


def test_a_plain_name_is_kept_for_an_hour_and_a_wrong_hash_is_no_file(browser: FlaskClient) -> None:
    assert browser.get("/static/qihang.css").headers["Cache-Control"] == "public, max-age=3600"
    missing = browser.get("/static/qihang.000000000000.css")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")
    assert browser.get("/static/../settings.py").status_code == 404


def test_text_is_compressed_for_whoever_takes_gzip_and_for_nobody_else(browser: FlaskClient) -> None:
    address = hashed(browser, "vendor/bootstrap/bootstrap.min.css")
    plain, packed = browser.get(address), browser.get(address, headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 5
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert browser.get(address, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data


def test_what_has_not_changed_is_not_sent_again(browser: FlaskClient) -> None:
    tag = browser.get("/static/qihang.css", headers=GZIP).headers["ETag"]
    assert browser.get("/static/qihang.css", headers={**GZIP, "If-None-Match": tag}).status_code == 304


def test_a_page_is_compressed_each_time_to_another_length(browser: FlaskClient) -> None:
    answers = [browser.get("/signin", headers=GZIP) for _ in range(12)]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert all('name="password"' in gzip.decompress(answer.data).decode() for answer in answers)
    assert len({len(answer.data) for answer in answers}) > 3
    assert "Content-Encoding" not in browser.get("/signin").headers


def test_every_file_has_a_type(app: Flask, browser: FlaskClient) -> None:
    for path in FOLDER.rglob("*.*"):
        kind = browser.get(f"/static/{path.relative_to(FOLDER).as_posix()}").mimetype
        assert kind != "application/octet-stream", path
