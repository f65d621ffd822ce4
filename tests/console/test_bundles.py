"""一校一档: unit and semester are chosen, what will be in the bundle stands by task, it is made once, downloaded by the
gateway, and the page says how it is checked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.bundles import size_words
from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

UNIT, ID = ("clerk", "X1", "一小"), "20230201-0123456789abcdef"
RIGHTS = ("make_bundle",)
UNITS = [{"unit_id": "X1", "name": "一小"}, {"unit_id": "X2", "name": "二小"}]
SEMESTERS = [{"semester": "2022-autumn", "from": "2022-09-01", "to": "2023-01-31"},
             {"semester": "2022-spring", "from": "2022-02-16", "to": "2022-07-31"}]  # fmt: skip
PART = {"kind": "study_session", "duty": "集中学习", "records": 5, "with_files": 3, "files": 7, "bytes": 3 << 20}
PATH = "/api/bundles"


def bundle(state: str, size: int = 0) -> dict[str, Any]:
    return {"bundle_id": ID, "semester": "2022-autumn", "state": state, "bytes": size, "actor": "clerk:P00001@X1",
            "ordered_at": "2023-02-01T01:00:00.000000Z"}  # fmt: skip


def overview(**more: Any) -> dict[str, Any]:
    return {"units": UNITS[:1], "semesters": SEMESTERS, "semester": "2022-autumn", "contents": [PART], "bundles": [],
            **more}  # fmt: skip


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", PATH, overview())
    return person_with(app, services, "P00001", RIGHTS, posts=[UNIT])


def test_what_will_be_in_it_stands_there_before_it_is_made(clerk: FlaskClient, services: FakeGateway) -> None:
    page = clerk.get("/bundles").text
    assert "集中学习" in page and "3.0 MB" in page and "2022 年秋季学期" in page and "2022-09-01 — 2023-01-31" in page
    assert "qihang bundle verify FILE.zip" in page and "已生成的资料包" not in page
    assert "<select" in page and 'name="unit" required' not in page  # of one unit there is nothing to choose
    assert services.called("GET", PATH)[-1].query == {"unit_id": "X1"}
    clerk.get("/bundles?unit=X1&semester=2022-spring")
    assert services.called("GET", PATH)[-1].query == {"unit_id": "X1", "semester": "2022-spring"}


def test_one_is_made_and_the_page_waits_for_it(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", PATH, Answer(201, {"bundle_id": ID, "state": "queued"}))
    form = {"csrf": csrf(clerk, "/bundles"), "unit": "X1", "semester": "2022-autumn"}
    answer = clerk.post("/bundles", data=form)
    assert (answer.status_code, answer.location) == (303, "/bundles?unit=X1&semester=2022-autumn#made")
    assert services.called("POST", PATH)[-1].json == {"unit_id": "X1", "semester": "2022-autumn"}
    services.on("GET", PATH, overview(bundles=[bundle("queued")]))
    page = clerk.get(answer.location).text
    assert 'hx-trigger="every 2s"' in page and '<noscript><meta http-equiv="refresh"' in page and "/file" not in page
    services.on("GET", PATH, overview(bundles=[bundle("ready", 5 << 20)]))
    page = clerk.get("/bundles").text
    assert f'href="/s/participation/api/bundles/{ID}/file" download' in page and "5.0 MB" in page
    assert "2023-02-01 09:00" in page and "本人" in page and "hx-trigger" not in page
    services.on("GET", PATH, overview(bundles=[bundle("failed")]))
    assert "请再生成一次" in clerk.get("/bundles").text


def test_whoever_has_no_unit_of_their_own_chooses_one(app: Flask, services: FakeGateway) -> None:
    services.on("GET", PATH, overview(units=UNITS, contents=[]))
    office = person_with(app, services, "P00002", RIGHTS)
    page = office.get("/bundles").text
    assert "请先选择单位" in page and 'value="X2">二小（X2）' in page and "生成资料包" not in page
    services.on("GET", PATH, lambda call: overview(contents=[PART] if call.query.get("unit_id") == "X1" else []))
    assert "资料包里会有什么" in office.get("/bundles").text  # one unit only: it needs no choosing


def test_an_empty_semester_makes_no_bundle(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, overview(contents=[]))
    page = clerk.get("/bundles").text
    assert "这个学期还没有填报记录" in page and "生成资料包</button>" not in page
    services.on("GET", PATH, overview(contents=[{**PART, "with_files": 0, "files": 0, "bytes": 0}]))
    assert "还没有一条记录附上印证资料" in clerk.get("/bundles").text
    services.on("GET", PATH, overview(semesters=[], semester="", contents=[]))
    assert "还没有可以归档的学期" in clerk.get("/bundles").text


def test_refusals_stand_in_words(clerk: FlaskClient, services: FakeGateway) -> None:
    form = {"csrf": csrf(clerk, "/bundles"), "unit": "X1", "semester": "2022-x"}
    services.on("POST", PATH, problem(404, "no_semester", "活动方案中没有学期 2022-x。", column="semester"))
    answer = clerk.post("/bundles", data=form)
    assert answer.status_code == 422 and "活动方案中没有学期 2022-x。" in answer.text
    assert clerk.post("/bundles", data={**form, "semester": ""}).status_code == 400
    services.on("GET", PATH, problem(403, "not_allowed", "您无权办理这一事项。"))
    assert "您不能查看这个单位" in clerk.get("/bundles?unit=X9").text


@pytest.mark.parametrize(("count", "text"), [
    (0, "0 字节"), (999, "999 字节"), (1000, "1 KB"), (1 << 20, "1.0 MB"), (1500 << 20, "1.5 GB"),
])  # fmt: skip
def test_sizes_are_words(count: int, text: str) -> None:
    assert size_words(count) == text
