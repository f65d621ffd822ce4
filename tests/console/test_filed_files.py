"""Files of a filing: seen small and large, put to it later, taken away with a reason."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask

from tests.console.conftest import csrf
from tests.console.fake_uploads import FakeUploads
from tests.console.test_filed_records import clerk, whole
from tests.support.fake_gateway import FakeGateway, problem

PATH = "/records/filing?filing=F-0000001"
FILES = [{"content": mark * 64, "name": f"{mark}.jpg", "media_type": "image/jpeg", "size": 9, "private": False,
          "later": mark == "b"} for mark in "ab"]  # fmt: skip
PDF = {**FILES[0], "content": "c" * 64, "name": "签到表.pdf", "media_type": "application/pdf"}


def of(services: FakeGateway, **more: Any) -> None:
    filing = whole(files=[*FILES, PDF], may=["attach"], unit_id="X1", record_id="filing-F-0000001", **more)
    services.on("GET", "/api/filings/F-0000001", filing)


def test_pictures_are_shown_small_and_lead_to_the_larger_view(app: Flask, services: FakeGateway) -> None:
    of(services)
    browser = clerk(app, services)
    page = browser.get(PATH).text
    assert f"/s/participation/api/evidence/{'a' * 64}?form=thumb" in page and "签到表.pdf" in page and "后补" in page
    assert page.count("移除的原因") == 1, "what the form itself names is taken away by a correction"
    large = browser.get(f"/records/picture?filing=F-0000001&content={'a' * 64}").text
    assert f"{'a' * 64}?form=small" in large and 'rel="next"' in large and 'rel="prev"' not in large
    assert browser.get(f"/records/picture?filing=F-0000001&content={'c' * 64}").status_code == 404


def test_a_scan_is_put_to_it_later_and_what_is_refused_says_why(app: Flask, services: FakeGateway) -> None:
    of(services)
    uploads = FakeUploads()
    uploads.attach(services)
    services.on("POST", "/api/evidence/(\\w+)/attach", {"positions": ["1-2"]})
    browser = clerk(app, services)
    form = {"csrf": csrf(browser, PATH), "filing": "F-0000001"}

    def send(name: str) -> Any:
        data = {**form, "evidence-files": (io.BytesIO(b"scan"), name)}
        return browser.post("/records/attach", data=data, content_type="multipart/form-data")

    assert send("签到表.jpg").status_code == 303
    (call,) = services.called("POST", "/api/evidence/.*/attach")
    assert call.json == {"record_id": "filing-F-0000001"} and uploads.about[f"{0:032x}"]["unit_id"] == "X1"
    assert "已补充 1 个文件" in browser.get(PATH).text

    uploads.refused["b.jpg"] = problem(413, "quota_full", "空间已满")
    assert "b.jpg：空间已满" in send("b.jpg").text
    assert "请先选择文件" in browser.post("/records/attach", data=form).text


def test_it_is_taken_away_with_a_reason_only(app: Flask, services: FakeGateway) -> None:
    of(services)
    services.on("POST", "/api/evidence/(\\w+)/detach", {"positions": []})
    browser = clerk(app, services)
    form = {"csrf": csrf(browser, PATH), "filing": "F-0000001", "content": "b" * 64, "reason": " "}
    assert "请写明移除的原因" in browser.post("/records/detach", data=form).text
    assert browser.post("/records/detach", data={**form, "reason": "传错了"}).status_code == 303
    assert services.called("POST", "/api/evidence/.*/detach")[0].json["reason"] == "传错了"
    assert browser.post("/records/detach", data={**form, "reason": "x", "content": "../x"}).status_code == 404
