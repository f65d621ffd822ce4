"""督查验收: an inspector's units, until when, their bundles; who inspects nothing does not find the page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

READY = {"bundle_id": "20221205-ab", "state": "ready", "semester": "2022-autumn", "bytes": 2048,
         "ordered_at": "2022-12-05T01:00:00.000000Z", "actor": "inspector:P00001@X1"}  # fmt: skip
SEMESTER = {"semester": "2022-autumn", "from": "2022-09-01", "to": "2023-01-31"}
RIGHTS = ("see_records", "see_duties", "make_bundle", "inspect", "confirm_filing")


def unit(unit_id: str, *bundles: dict[str, Any], until: str = "") -> dict[str, Any]:
    return {"unit_id": unit_id, "name": f"学校{unit_id}", "until": until, "records": 3, "with_files": 2, "files": 5,
            "bytes": 4096, "bundles": list(bundles)}  # fmt: skip


def shown(*units: dict[str, Any]) -> dict[str, Any]:
    return {"semesters": [SEMESTER], "semester": "2022-autumn", "today": "2022-12-05", "units": list(units)}


@pytest.fixture
def inspector(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/inspection", shown(unit("X1", READY, until="2023-01-01"), unit("X2")))
    return person_with(app, services, "P00001", RIGHTS, [("inspector", "X1", "一小"), ("inspector", "X2", "二小")])


def test_an_inspector_sees_their_units_until_when_and_what_to_take_along(inspector: FlaskClient) -> None:
    page = inspector.get("/inspection").text
    assert "学校X1" in page and "检查到 2022-12-31 为止" in page and "检查没有截止日" in page
    assert 'href="/s/participation/api/bundles/20221205-ab/file"' in page and "重新生成资料包" in page
    for address in ("/records?unit=X2", "/duties?unit=X2", "/bundles?unit=X2&amp;semester=2022-autumn"):
        assert f'href="{address}"' in page
    assert '<a href="/inspection" aria-current="page">' in page and 'href="/confirm"' not in page


def test_a_bundle_is_ordered_here_too(inspector: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/bundles", Answer(201, {"bundle_id": "b", "state": "queued"}))
    form = {"csrf": csrf(inspector, "/inspection"), "unit": "X2", "semester": "2022-autumn"}
    assert inspector.post("/inspection", data=form).location == "/inspection?semester=2022-autumn"
    assert services.called("POST", "/api/bundles")[-1].json == {"unit_id": "X2", "semester": "2022-autumn"}
    services.on("POST", "/api/bundles", problem(403, "not_allowed", "检查期限已过。"))
    assert "检查期限已过。" in inspector.post("/inspection", data=form).text


def test_who_inspects_nothing_has_no_such_page(app: Flask, services: FakeGateway) -> None:
    clerk = person_with(app, services, "P00002", RIGHTS[:3], [("clerk", "X1", "一小")])
    assert clerk.get("/inspection").status_code == 403
    assert 'href="/inspection"' not in clerk.get("/account").text
    services.on("GET", "/api/inspection", shown())
    over = person_with(app, services, "P00003", RIGHTS, [("inspector", "X1", "一小")])
    assert "没有要检查的单位" in over.get("/inspection").text


def test_confirming_is_in_the_menu_of_posts_that_may(app: Flask, services: FakeGateway) -> None:
    teacher = person_with(app, services, "P00004", ("confirm_filing",))
    assert 'href="/confirm"' not in teacher.get("/account").text
    head = person_with(app, services, "P00005", ("confirm_filing",), [("head", "X1", "一小")])
    assert 'href="/confirm"' in head.get("/account").text
