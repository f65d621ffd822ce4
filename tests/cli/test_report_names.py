"""`qihang report --names --xlsx`: names stand behind the figures; the workbook shows what the files bear, as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, FakeGateway, problem

REPORTS = "/s/assessment/api/reports"
NAMES = "/s/participation/api/names"
FILES = {
    "unit_scores.csv": "window,unit_id,score\n2023,007,99.50\n2023,S2,80.00\n",
    "units_awarded.csv": "year,unit_id,status\n2023,007,awarded\n",
    "individuals.csv": "year,unit_id,person_id,points\n2023,007,P1,3.00\n2023,S2,P2,2.00\n",
    "outstanding.csv": "as_of,duty,unit_id,person_id,due\n"
    "2023-01-01,d,S2,,2023-01-31\n2023-01-01,d,007,P1,2023-01-31\n",
}
UNITS = {"007": "一小", "S2": "=二小"}
PEOPLE = {"P1": "许悦", "P2": ""}


@pytest.fixture
def windows(tmp_path: Path) -> Path:
    path = tmp_path / "windows.csv"
    path.write_text("what,id,as_of\nscore,2023,2023-12-31\n")
    return path


@pytest.fixture
def services(gateway: FakeGateway) -> FakeGateway:
    gateway.on("POST", REPORTS, Answer(202, {"report_id": "r1"}))
    gateway.on("GET", f"{REPORTS}/r1", {"state": "done", "files": list(FILES)})
    gateway.on("GET", f"{REPORTS}/r1/(.+)", lambda _, name: Answer(200, FILES[name].encode(), "text/csv"))
    gateway.on("POST", NAMES, lambda call: _names(call.json))
    return gateway


def _names(wanted: dict[str, Any]) -> dict[str, Any]:
    return {kind: {key: known[key] for key in wanted.get(kind, []) if key in known}
            for kind, known in (("units", UNITS), ("people", PEOPLE))}  # fmt: skip


def sheets(path: Path) -> dict[str, list[list[str]]]:
    return {sheet.title: [[str(cell or "") for cell in row] for row in sheet.values] for sheet in load_workbook(path)}


def test_names_stand_in_further_columns_behind_the_others(
    qihang: Qihang, services: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    result = qihang("report", "--windows", windows, "--out", tmp_path / "out", "--names", "--known-at", "2024-01-01")
    assert (result.code, result.err) == (0, "")
    assert {name: (tmp_path / "out" / name).read_text() for name in FILES} == {
        "unit_scores.csv": "window,unit_id,score,unit_name\n2023,007,99.50,一小\n2023,S2,80.00,'=二小\n",
        "units_awarded.csv": "year,unit_id,status,unit_name\n2023,007,awarded,一小\n",
        "individuals.csv": "year,unit_id,person_id,points,unit_name,person_name\n"
        "2023,007,P1,3.00,一小,许悦\n2023,S2,P2,2.00,'=二小,\n",
        "outstanding.csv": "as_of,duty,unit_id,person_id,due,unit_name,person_name\n"
        "2023-01-01,d,S2,,2023-01-31,'=二小,\n2023-01-01,d,007,P1,2023-01-31,一小,许悦\n",
    }
    assert [call.json for call in services.called("POST", NAMES)] == [
        {"units": ["007", "S2"], "known_at": "2024-01-01"},
        {"people": ["P1", "P2"], "known_at": "2024-01-01"},
    ]


def test_names_of_many_are_asked_for_in_pages(
    qihang: Qihang, services: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    many = "".join(f"2023,007,P{number},1.00\n" for number in range(2001))
    files = FILES | {"individuals.csv": "year,unit_id,person_id,points\n" + many}
    services.on("GET", f"{REPORTS}/r1/(.+)", lambda _, name: Answer(200, files[name].encode(), "text/csv"))
    assert qihang("report", "--windows", windows, "--out", tmp_path / "out", "--names").code == 0
    pages = [call.json["people"] for call in services.called("POST", NAMES) if "people" in call.json]
    assert [len(page) for page in pages] == [1000, 1000, 1]


def test_the_workbook_has_a_sheet_a_file_with_ids_as_text_and_the_header_frozen(
    qihang: Qihang, services: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = qihang("report", "--windows", windows, "--out", out, "--xlsx")
    assert result.code == 0 and str(out / "report.xlsx") in result.out
    assert {name: (out / name).read_text() for name in FILES} == FILES
    assert services.called("POST", NAMES) == []
    assert sheets(out / "report.xlsx") == {
        name.removesuffix(".csv"): [line.split(",") for line in text.splitlines()] for name, text in FILES.items()
    }
    for sheet in load_workbook(out / "report.xlsx"):
        assert sheet.freeze_panes == "A2"
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_the_workbook_bears_the_names_too_and_none_is_a_formula(
    qihang: Qihang, services: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    assert qihang("report", "--windows", windows, "--out", tmp_path / "out", "--names", "--xlsx").code == 0
    book = load_workbook(tmp_path / "out" / "report.xlsx")
    cell = book["unit_scores"]["D3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=二小", "s", True)
    assert [row[-1] for row in sheets(tmp_path / "out" / "report.xlsx")["individuals"]] == ["person_name", "许悦", ""]


def test_who_may_not_read_names_is_refused_in_words(
    qihang: Qihang, services: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    services.on("POST", NAMES, problem(403, "forbidden"))
    result = qihang("report", "--windows", windows, "--out", tmp_path / "out", "--names")
    assert result.code == 1 and "403" in result.err
