"""A wrong mark is mended by a file of corrections, and the command tells what became of the row."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import finding, report_events, unit

CORRECTION = {"table": "findings", "row": "MF1", "column": "points", "value": "0.5", "reason": "小数点漏填"}


def test_a_file_of_corrections_mends_a_finding_and_its_history_is_reported(
    small_system: AnySystem, tmp_path: Path
) -> None:
    system = small_system
    assert report_events(system, unit("MB1", "bureau"), unit("M1"), finding("MF1", "M1", "MB1")) == ["accepted"] * 3
    file = tmp_path / "corrections.csv"
    file.write_text(f"correction_id,{','.join(CORRECTION)}\nMC1,{','.join(CORRECTION.values())}\n", "utf-8")
    system.qihang("import", file, "--dry-run", "--results", tmp_path)
    result = tmp_path / "import.csv"
    assert result.read_text("utf-8").splitlines()[1] == "corrections.csv,1,1,0,0"
    assert len(system.qihang("history", "findings", "MF1").splitlines()) == 1, "a dry run writes nothing"
    system.qihang("import", file, "--results", tmp_path)
    assert result.read_text("utf-8").splitlines()[1] == "corrections.csv,1,1,0,0"
    lines = system.qihang("history", "findings", "MF1").splitlines()
    assert len(lines) == 2 and "改为“0.5”" in lines[1] and "小数点漏填" in lines[1]
    assert "journeys" in lines[0], "the source that reported it"


def test_one_correction_is_entered_by_route_and_refused_with_its_column(small_system: AnySystem) -> None:
    system = small_system
    report_events(system, unit("MB2", "bureau"), unit("M2"), finding("MF2", "M2", "MB2"))
    cells = {"correction_id": "MC2"} | CORRECTION | {"row": "MF2"}
    status, answer = system.ask("POST", "participation", "/api/rows/corrections", {"cells": cells})
    assert (status, answer["outcome"]) == (200, "accepted")
    wrong = {"cells": cells | {"correction_id": "MC3", "value": "-1"}}
    status, answer = system.ask("POST", "participation", "/api/rows/corrections", wrong)
    assert (status, answer["code"], answer["column"]) == (422, "out_of_range", "value")


def test_an_unknown_row_has_no_history(small_system: AnySystem) -> None:
    assert "unknown_row" in small_system.qihang("history", "findings", "no/such row?", fails=True)
