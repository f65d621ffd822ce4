"""`qihang history`: a row's history as the service says it, one line an entry."""

from __future__ import annotations

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import FakeGateway, problem

PREFIX = "/s/participation/api/history"


def test_each_entry_is_one_line_and_ids_go_quoted(qihang: Qihang, gateway: FakeGateway) -> None:
    entries = [{"row": "F 1", "sentence": "第一句。"}, {"row": "", "sentence": "第二句。"}]
    gateway.on("GET", f"{PREFIX}/findings/.*", {"table": "findings", "id": "F 1?", "entries": entries})
    result = qihang("history", "findings", "F 1?")
    assert (result.code, result.out.splitlines()) == (0, ["第一句。", "第二句。"])
    assert "F%201%3F" in gateway.calls[0].path or "F 1?" in gateway.calls[0].path


def test_of_several_memberships_each_line_says_which(qihang: Qihang, gateway: FakeGateway) -> None:
    entries = [{"row": "P1/S1/2020-09-01", "row_name": "许悦，一小", "sentence": "一。"},
               {"row": "P1/S2/2022-09-01", "row_name": "", "sentence": "二。"}]  # fmt: skip
    gateway.on("GET", f"{PREFIX}/people/P1", {"table": "people", "id": "P1", "entries": entries})
    result = qihang("history", "people", "P1")
    assert result.out.splitlines() == ["P1/S1/2020-09-01（许悦，一小）  一。", "P1/S2/2022-09-01  二。"]


def test_an_unknown_row_is_one_clear_line(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", f"{PREFIX}/findings/F9", problem(404, "unknown_row", "没有这一行"))
    result = qihang("history", "findings", "F9")
    assert result.code == 1 and len(result.err.strip().splitlines()) == 1 and "没有这一行" in result.err


def test_an_unknown_table_is_wrong_usage(qihang: Qihang) -> None:
    result = qihang("history", "cats", "1")
    assert result.code == 2 and "units" in result.err
