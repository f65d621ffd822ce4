"""What others wrote never reaches a terminal or a spreadsheet as a command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cli.result_files import csv_file, formula_free
from tests.cli.conftest import Qihang
from tests.support.fake_gateway import FakeGateway, problem

NASTY = "张\x1b]0;x\x07\x9b31m\u202e三"


def is_safe(text: str) -> bool:
    return all(letter == "\n" or letter.isprintable() for letter in text)


def test_a_line_shows_escape_sequences_spelled_out(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", "/s/participation/api/history/.*", {"entries": [{"row": "", "sentence": NASTY}]})
    result = qihang("history", "findings", "F1")
    assert result.code == 0 and is_safe(result.out) and "\\x1b" in result.out and "\\u202e" in result.out


def test_an_error_shows_escape_sequences_spelled_out(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", "/s/participation/api/history/.*", problem(404, "unknown_row", NASTY))
    result = qihang("history", "findings", "F1")
    assert result.code == 1 and is_safe(result.err) and "\\x1b" in result.err


def test_a_table_and_json_show_no_escape_sequence(qihang: Qihang, gateway: FakeGateway) -> None:
    entry = {"id": 1, "origin": "intake", "state": "open", "source": NASTY, "position": "0", "type": NASTY,
             "stream": NASTY, "code": "x", "detail": NASTY, "attempts": 1, "publisher": NASTY, "at": "", "digest": "",
             "partition": 0, "service": "participation"}  # fmt: skip
    gateway.on("GET", "/s/[a-z]+/api/quarantine.*", {"entries": [entry], "more": False, "next": None})
    table, machine = qihang("quarantine", "list"), qihang("quarantine", "list", "--json")
    assert is_safe(table.out) and is_safe(machine.out)
    assert NASTY in json.loads(machine.out)[0].values()


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\tx", "\rx", "=", "-"])
def test_a_cell_that_would_be_a_formula_is_text(text: str, tmp_path: Path) -> None:
    with csv_file(tmp_path / "a.csv", ["name"]) as write:
        write([text])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == [f"'{text}".replace("\r", " ")]


@pytest.mark.parametrize("text", ["-0.5", "+3", "12.00", "P1", "", "张三", "2022-11"])
def test_figures_and_ordinary_text_stay_byte_for_byte(text: str) -> None:
    assert formula_free(text) == text
