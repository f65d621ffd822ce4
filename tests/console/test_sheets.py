"""The supervision office enters sheets of a quarter: the grid, a unit's form, a column of all units, second hand."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.test_pages import text_of
from tests.support.fake_gateway import Answer, FakeGateway, problem

ITEMS = [{"id": "organisation", "title": "组织推动", "max": "40"}, {"id": "depth", "title": "学习深度", "max": "30"}]


def line(unit_id: str, state: str, points: dict[str, str], may: list[str], **more: Any) -> dict[str, Any]:
    total = "66" if len(points) == len(ITEMS) else ""
    return {"unit_id": unit_id, "unit_name": f"名称{unit_id}", "kind": "office", "state": state, "points": points,
            "official": {}, "total": total, "correcting": False, "revision": 3, "may": may} | more  # fmt: skip


LINES = [
    line("O2", "draft", {"organisation": "36", "depth": "30"}, ["draft", "complete"]),
    line("O3", "pending", {}, ["draft"]),
    line("O4", "completed", {"organisation": "36", "depth": "30"}, ["return", "confirm"]),
    line("O1", "pending", {}, []),
]
ENTRY = {"at": "2023-01-04T01:00:00.000000Z", "what": "退回", "by": "考核人 李某", "reason": "请核对", "revision": 2,
         "points": {}}  # fmt: skip


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    quarter = {"period": "2022-Q4", "periods": ["2022-Q4"], "items": ITEMS, "share": "3/10", "sheets": LINES}
    services.on("GET", "/api/quarter-sheets", quarter)
    for each in LINES:
        detail = {**each, "period": "2022-Q4", "items": ITEMS, "history": [ENTRY]}
        services.on("GET", f"/api/quarter-sheets/{each['unit_id']}/2022-Q4", detail)
    services.on("POST", "/api/quarter-sheets/draft", {"changed": ["O2"], "positions": ["participation/0/9"]})
    return person_with(app, services, "P00001", ("assess_unit", "see_sheet"), [("clerk", "O1", "督查室")])


def post(browser: FlaskClient, path: str, page: str, **form: Any) -> Any:
    return browser.post(path, data={"csrf": csrf(browser, page), "period": "2022-Q4", **form})


def test_the_grid_says_what_is_not_scored_and_offers_what_may_be_done(office: FlaskClient) -> None:
    page = office.get("/sheets?period=2022-Q4").text
    text = text_of(page)
    assert "2022 年第 4 季度" in text and "待考核 2" in text and "满分 30，缺 1" in text
    assert "由局里评定" in text and "评完的全部提交复核（1）" in text and "复核通过所选" in text
    assert "/sheets/unit?unit=O3" in page and "/sheets/unit?unit=O1" not in page


def test_a_unit_is_saved_and_the_next_one_opened(office: FlaskClient, services: FakeGateway) -> None:
    page = "/sheets/unit?unit=O2&period=2022-Q4"
    answer = post(office, "/sheets/unit", page, unit="O2", revision="3", next="O3", act="next",
                  **{"points.organisation": "37", "points.depth": ""})  # fmt: skip
    assert answer.headers["Location"] == "/sheets/unit?unit=O3&period=2022-Q4"
    sheet = {"unit_id": "O2", "revision": 3, "points": {"organisation": "37", "depth": ""}}
    assert services.called("POST", "/api/quarter-sheets/draft")[0].json == {"period": "2022-Q4", "sheets": [sheet]}
    assert "退回" in text_of(office.get(page).text) and "请核对" in office.get(page).text


def test_wrong_points_stand_at_their_field_with_what_was_typed(office: FlaskClient, services: FakeGateway) -> None:
    wrong = {"field": "O2.depth", "code": "out_of_range", "message": "应在 0 到 30 之间。"}
    services.on("POST", "/api/quarter-sheets/draft", problem(422, "bad_fields", "有误", problems=[wrong]))
    answer = post(office, "/sheets/unit", "/sheets/unit?unit=O2&period=2022-Q4", unit="O2", act="save",
                  **{"points.depth": "31"})  # fmt: skip
    assert answer.status_code == 422 and "应在 0 到 30 之间" in answer.text and 'value="31"' in answer.text
    answer = post(office, "/sheets/item", "/sheets/item?item=depth&period=2022-Q4", item="depth",
                  **{"points.O2": "31", "before.O2": "30"})  # fmt: skip
    assert answer.status_code == 422 and 'aria-describedby="e-O2"' in answer.text and 'value="31"' in answer.text


def test_of_a_column_what_changed_is_sent(office: FlaskClient, services: FakeGateway) -> None:
    page = office.get("/sheets/item?item=depth&period=2022-Q4").text
    assert 'name="points.O2"' in page and 'name="points.O4"' not in page and "名称O4（待复核）" in text_of(page)
    form = {"points.O2": "30", "before.O2": "30", "points.O3": "25", "before.O3": ""}
    answer = post(office, "/sheets/item", "/sheets/item?item=depth&period=2022-Q4", item="depth", **form)
    assert answer.status_code == 303
    sheets = [{"unit_id": "O3", "points": {"depth": "25"}}]
    assert services.called("POST", "/api/quarter-sheets/draft")[0].json == {"period": "2022-Q4", "sheets": sheets}


def test_the_second_hand_confirms_several_and_sees_what_was_refused(office: FlaskClient, services: FakeGateway) -> None:
    outcomes = [{"unit_id": "O4", "outcome": "done", "message": ""},
                {"unit_id": "O2", "outcome": "refused", "message": "提交复核的人不能自己复核。"}]  # fmt: skip
    services.on("POST", "/api/quarter-sheets/confirm", {"outcomes": outcomes, "positions": ["participation/0/9"]})
    answer = post(office, "/sheets", "/sheets", act="confirm", sheet=["O4|3", "O2|3"])
    sent = services.called("POST", "/api/quarter-sheets/confirm")[0].json
    assert sent["sheets"] == [{"unit_id": "O4", "revision": 3}, {"unit_id": "O2", "revision": 3}]
    assert answer.status_code == 303
    page = text_of(office.get("/sheets").text)
    assert "已复核 1 张" in page and "不能自己复核" in page
    assert "请先勾选单位" in post(office, "/sheets", "/sheets", act="confirm").text


def test_returning_and_correcting_ask_for_a_reason(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/quarter-sheets/O4/2022-Q4/return", {"outcome": "accepted", "positions": []})
    page = "/sheets/unit?unit=O4&period=2022-Q4"
    assert "请写明退回的原因" in post(office, "/sheets/return", page, unit="O4", reason=" ").text
    assert post(office, "/sheets/return", page, unit="O4", revision="3", reason="请核对").status_code == 303
    sent = services.called("POST", "/api/quarter-sheets/O4/2022-Q4/return")[0].json
    assert sent == {"revision": 3, "reason": "请核对"}


def test_the_workbook_has_figures_that_add_up(office: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.get("/sheets/sheets.xlsx?period=2022-Q4").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("单位编号", "单位", "单位类别", "组织推动（40）", "学习深度（30）", "合计", "状态")
    assert rows[1] == ("O2", "名称O2", "股室（办）", 36, 30, 66, "草稿")


def test_a_unit_reads_its_own_sheets(app: Flask, services: FakeGateway) -> None:
    sheet = {"period": "2022-Q4", "points": {"organisation": "36", "depth": "30"}, "total": "66",
             "assessed_on": "2023-01-04", "assessors": ["督查室"]}  # fmt: skip
    own = {"unit_id": "O2", "unit_name": "办公室", "has_sheets": True, "items": ITEMS, "sheets": [sheet]}
    services.on("GET", "/api/units/O2/quarter-sheets", own)
    clerk = person_with(app, services, "P00007", ("see_sheet",), [("clerk", "O2", "办公室")])
    text = text_of(clerk.get("/sheets/own").text)
    assert "办公室" in text and "2022 年第 4 季度" in text and "66" in text and "督查室" in text
    assert clerk.get("/sheets").status_code == 403
    services.on("GET", "/api/units/O2/quarter-sheets", {**own, "sheets": []})
    assert "还没有完成的季考核表" in text_of(clerk.get("/sheets/own").text)


def test_a_service_that_is_away_is_named(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/quarter-sheets", Answer(503, {}))
    assert office.get("/sheets").status_code == 200


def test_on_a_phone_items_are_opened_above_the_cards(office: FlaskClient) -> None:
    """The head of the grid, which bears the links at a desk, is not shown there."""
    page = office.get("/sheets?period=2022-Q4").text
    links = page[page.index('class="usual on-phone') : page.index("sheets-grid")]
    assert "/sheets/item?item=organisation&amp;period=2022-Q4" in links and "缺 1" in links
