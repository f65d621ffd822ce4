"""包联学校: the units of an office side by side, what needs a look first; each leads to its duties and records."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from flask import Flask

from tests.console.conftest import person_with
from tests.console.test_findings import row
from tests.support.fake_gateway import FakeGateway, problem


def unit(name: str, last_on: str, overdue: int, elsewhere: int = 0) -> dict[str, Any]:
    cell = {"duty": "video", "title": "视频展播", "state": "overdue" if overdue else "done", "done": 1 - overdue,
            "needed": 1, "overdue": overdue}  # fmt: skip
    return {"unit_id": name, "name": f"学校{name}", "kind": "school", "last_on": last_on, "overdue": overdue,
            "overdue_elsewhere": elsewhere, "duties": [cell]}  # fmt: skip


ANSWER = {"window": "2022-12", "as_of": "2022-12-31", "year": "2022", "windows": ["2022-12"],
          "duties": [{"duty": "video", "title": "视频展播"}],
          "units": [unit("X1", "2022-12-20", 0), unit("X2", "2022-12-01", 1), unit("X3", "", 0)]}  # fmt: skip


def test_what_needs_a_look_stands_first_by_sign_and_word(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties/supervised", ANSWER)
    services.on("GET", "/api/findings", {"findings": [row(unit_id="X1")]})
    office = person_with(app, services, "P00007", ("supervise", "see_findings"), [("clerk", "O1", "初教股")])
    page = office.get("/liaison?window=2022-12").text
    assert page.index("学校X2") < page.index("学校X1") < page.index("学校X3")
    assert "督查问题 1" in page and "久未填报" in page and "逾期未完成" in page and "state-overdue" in page
    assert "/duties?window=2022-12&amp;as_of=2022-12-31&amp;unit=X2" in page
    assert "/records?unit=X2" in page and "/findings?unit=X1" in page


def test_what_stands_open_from_other_months_is_counted_at_once(app: Flask, services: FakeGateway) -> None:
    units = [unit("X1", "2022-12-20", 0, 3), unit("X2", "2022-12-01", 1)]
    services.on("GET", "/api/duties/supervised", ANSWER | {"units": units})
    services.on("GET", "/api/findings", {"findings": []})
    office = person_with(app, services, "P00007", ("supervise", "see_findings"), [("clerk", "O1", "初教股")])
    page = office.get("/liaison?window=2022-12").text
    assert page.index("学校X1") < page.index("学校X2") and page.count("其他月份逾期 3") == 1
    assert "其他月份逾期 0" not in page


def test_the_grid_stands_without_findings_and_says_so(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties/supervised", ANSWER)
    services.on("GET", "/api/findings", problem(503, "away"))
    office = person_with(app, services, "P00007", ("supervise",), [("clerk", "O1", "初教股")])
    page = office.get("/liaison").text
    assert "学校X1" in page and "督查问题暂时看不到" in page


def test_the_grid_is_taken_as_a_workbook(app: Flask, services: FakeGateway) -> None:
    many = [{"duty": f"duty-{number}", "title": f"任务{number}"} for number in range(20)]
    services.on("GET", "/api/duties/supervised", ANSWER | {"duties": [*ANSWER["duties"], *many]})
    services.on("GET", "/api/findings", {"findings": [row(unit_id="X1")]})
    office = person_with(app, services, "P00007", ("supervise", "raise_finding"), [("clerk", "O1", "初教股")])
    assert "/findings/new?unit=X2" in office.get("/liaison").text
    book = openpyxl.load_workbook(io.BytesIO(office.get("/liaison/liaison.xlsx").data))
    rows = list(book["包联学校"].iter_rows(values_only=True))
    assert rows[0][6:8] == ("视频展播", "视频展播：状态")
    assert rows[1][:8] == ("X2", "学校X2", 1, 0, 0, "2022-12-01", "0/1", "逾期未完成")


def test_who_stands_over_no_unit_is_shown_why(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties/supervised", ANSWER | {"units": [], "duties": []})
    office = person_with(app, services, "P00007", ("supervise",), [("clerk", "O1", "初教股")])
    assert "没有包联的单位" in office.get("/liaison").text
