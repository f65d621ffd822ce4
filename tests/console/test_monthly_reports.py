"""The supervision office sees which monthly reports are in, late, missing or returned, and gives one back."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.test_pages import text_of
from tests.support.fake_gateway import Answer, FakeGateway

DUTY = {"duty": "monthly-report", "title": "月汇报", "record": "monthly_report", "every": "month"}


def unit(unit_id: str, state: str, record_id: str = "", day: str = "") -> dict[str, Any]:
    cells = [{"period": "2022-11", "due": "2022-12-05", "state": state, "day": day, "record_id": record_id},
             {"period": "2022-12", "due": "2023-01-05", "state": "open", "day": "", "record_id": ""}]  # fmt: skip
    return {"unit_id": unit_id, "name": f"名称{unit_id}", "kind": "office", "cells": cells}


def filing(unit_id: str, **more: Any) -> dict[str, Any]:
    return {"filing_id": f"entry-{unit_id}-1", "unit_id": unit_id, "recalled": False, "awaits": "", **more}


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    units = [unit("O2", "done", "filing-entry-O2-1", "2022-12-02"), unit("O3", "late", "R0001", "2022-12-07"),
             unit("O4", "overdue"), unit("S1", "overdue"), unit("S2", "overdue")]  # fmt: skip
    services.on("GET", "/api/collected", {
        "campaign": "x", "window": "2022", "windows": ["2022"], "as_of": "2022-12-20", "duties": [DUTY],
        "duty": "monthly-report", "periods": ["2022-11", "2022-12"], "units": units})  # fmt: skip
    filings = [filing("S1", recalled=True), filing("S2", awaits="head"), filing("O2")]
    services.on("GET", "/api/filings", {"filings": filings, "next": "", "total": 3})
    rights = ("see_figures", "return_report", "see_records")
    return person_with(app, services, "P00001", rights, [("clerk", "O1", "督查室")])


def test_the_last_due_month_says_who_is_in_late_returned_and_missing(office: FlaskClient) -> None:
    page = office.get("/monthly-reports").text
    text = text_of(page)
    assert "2022 年 11 月 月汇报" in text and "应交 5 按时 1 逾期补报 1 没有收到 3" in text
    assert [state in text for state in ("已退回", "待主要负责人确认", "未交")] == [True] * 3
    assert "/records/filing?filing=entry-O2-1" in page and "/records/filing?filing=entry-S2-1" in page
    assert "/duties/records?unit=O3" in page, "what was imported has no form: its records are shown"
    assert "【2022 年 11 月 月汇报】截止日 2022-12-05，还没有收到：名称O4、名称S1、名称S2。" in page


def test_another_month_is_chosen(office: FlaskClient, services: FakeGateway) -> None:
    assert "2022 年 12 月 月汇报" in text_of(office.get("/monthly-reports?period=2022-12").text)
    assert services.called("GET", "/api/filings")[-1].query["period"] == "2022-12"


def test_the_month_and_the_year_are_taken_as_a_workbook(office: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.get("/monthly-reports/monthly-reports.xlsx").data))
    assert book.sheetnames == ["2022 年 11 月", "2022 年", "说明"]
    rows = list(book["2022 年 11 月"].iter_rows(values_only=True))
    assert rows[1] == ("O4", "名称O4", "未交", "2022-12-05", None) and rows[2][2] == "已退回"
    assert list(book["2022 年"].iter_rows(values_only=True))[1] == ("O2", "名称O2", "按时", "未到期")


def test_a_report_is_returned_with_a_reason(office: FlaskClient, services: FakeGateway) -> None:
    detail = {"filing_id": "entry-O2-1", "kind": "monthly_report", "unit_id": "O2", "unit_name": "名称O2", "people": [],
              "occurred_at": "2022-12-02", "period": "2022-11", "title": "11月汇报", "evidence": [], "files": [],
              "fields": {"done": "学习两次"}, "status": "confirmed", "awaits": "", "counts": True, "on_behalf": False,
              "revision": 3, "may": ["return"], "history": []}  # fmt: skip
    services.on("GET", "/api/filings/entry-O2-1", detail)
    services.on("GET", "/api/record-kinds", {"kinds": [{"id": "monthly_report", "title": "月汇报", "fields": []}]})
    services.on("POST", "/api/filings/entry-O2-1/return", {"filings": [], "positions": [], "outcome": "accepted"})
    page = "/records/filing?filing=entry-O2-1"
    form = {"csrf": csrf(office, page), "filing": "entry-O2-1", "revision": "3", "period": "2022-11"}
    assert "请写明退回的原因" in office.post("/monthly-reports/return", data={**form, "reason": " "}).text
    answer = office.post("/monthly-reports/return", data={**form, "reason": "请补充"})
    assert answer.headers["Location"] == "/monthly-reports?period=2022-11"
    sent = services.called("POST", "/api/filings/entry-O2-1/return")[0].json
    assert sent == {"revision": 3, "reason": "请补充"}


def test_services_that_are_away_are_named(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/filings", Answer(503, {}))
    assert "看不到哪些已经退回" in text_of(office.get("/monthly-reports").text)
    services.on("GET", "/api/collected", Answer(503, {}))
    assert office.get("/monthly-reports").status_code == 200


def test_a_report_from_a_file_is_returned_here(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/records/R0001/return", {"filings": [], "positions": [], "outcome": "accepted"})
    page = office.get("/monthly-reports").text
    assert page.count("退回的原因") == 1 and 'name="record" value="R0001"' in page
    form = {"csrf": csrf(office, "/monthly-reports"), "record": "R0001", "period": "2022-11"}
    wrong = office.post("/monthly-reports/return", data={**form, "reason": " "})
    assert wrong.status_code == 422 and "请写明退回的原因" in wrong.text and "2022 年 11 月" in text_of(wrong.text)
    answer = office.post("/monthly-reports/return", data={**form, "reason": "请补充"})
    assert answer.headers["Location"] == "/monthly-reports?period=2022-11"
    assert services.called("POST", "/api/records/R0001/return")[0].json == {"reason": "请补充"}
