"""A window that is over is frozen; what comes later moves its official figures only when a decision admits it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import finding, note, report_events, study, teacher, unit

WINDOW, MARCH = "2023-02", "2023-03"
"""Frozen in the shared system, so no other story looks at them."""


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _report(system: AnySystem, folder: Path, window: str, as_of: str) -> None:
    folder.mkdir()
    windows = folder / "windows.csv"
    windows.write_text(f"what,id,as_of\nscore,{window},{as_of}\n", "utf-8")
    system.qihang("settle")
    system.qihang("report", "--windows", windows, "--out", folder, "--xlsx")
    assert (folder / "report.xlsx").exists()


def _deduction(system: AnySystem, folder: Path) -> tuple[str, str]:
    """The unit's deduction in the window, and whether it is official."""
    _report(system, folder, WINDOW, "2023-02-28")
    (deduction,) = [row["deduction"] for row in _rows(folder / "unit_scores.csv") if row["unit_id"] == "FZ1"]
    (line,) = _rows(folder / "official.csv")
    return deduction, line["official"]


def test_official_figures_stand_still_until_a_row_is_admitted(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    assert report_events(system, unit("FZB", "bureau"), unit("FZ1")) == ["accepted"] * 2
    assert _deduction(system, tmp_path / "before") == ("0.00", "no")
    assert "锁定" in system.qihang("freeze", WINDOW)
    assert "没有变动" in system.qihang("freeze", WINDOW)
    report_events(system, finding("FZF", "FZ1", "FZB", found_on="2023-02-10"))
    assert _deduction(system, tmp_path / "late") == ("0.00", "yes")
    assert "采纳" in system.qihang("admit", WINDOW, "FZF", "--decision", "5 号")
    assert _deduction(system, tmp_path / "admitted") == ("2.50", "yes")
    system.qihang("rebuild", "assessment")
    assert _deduction(system, tmp_path / "rebuilt") == ("2.50", "yes")


class March:
    """The scores of FY1 and FY2 in the frozen month, and what stands between official and present ones."""

    def __init__(self, system: AnySystem, folder: Path) -> None:
        self.system, self.folder = system, folder

    def scores(self, step: str) -> dict[str, str]:
        """The official scores by unit."""
        _report(self.system, self.folder / step, MARCH, "2023-03-31")
        lines = _rows(self.folder / step / "unit_scores.csv")
        return {row["unit_id"]: row["score"] for row in lines if row["unit_id"].startswith("FY")}

    def differences(self, step: str) -> list[tuple[str, ...]]:
        """Of the report of that step: unit, official and present score, table and id of what made it."""
        lines = _rows(self.folder / step / "differences.csv")
        assert all(row["actor"] and row["position"].startswith("participation/") for row in lines if row["table"])
        return sorted(tuple(row[name] for name in ("unit_id", "official", "present", "table", "id")) for row in lines
                      if row["unit_id"].startswith("FY"))  # fmt: skip

    def scoreboard(self, **query: str) -> dict[str, Any]:
        """The route's answer, with the scores by unit."""
        answer = self.system.get("assessment", "/api/scoreboard", window=MARCH, as_of="2023-03-31", **query)
        return answer | {"scores": {line["unit_id"]: line["score"] for line in answer["units"]}}

    def admit(self, *names: str) -> str:
        return self.system.qihang("admit", MARCH, *names, "--decision", "6 号")


@pytest.mark.parametrize("way", ["embedded"], indirect=True)  # on servers: the one before
def test_a_correction_a_membership_a_record_and_a_unit_are_admitted_one_by_one(
    small_system: AnySystem, tmp_path: Path
) -> None:
    system, march = small_system, March(small_system, tmp_path)
    report_events(system, unit("FYB", "bureau"), unit("FY1"), study("FY1", "2023-03-08"),
                  finding("FYF", "FY1", "FYB", found_on="2023-03-10"))  # fmt: skip
    assert march.scores("open") == {"FY1": "97.50"}
    assert march.differences("open") == []
    system.qihang("freeze", MARCH, "--campaign", "small")
    assert march.scores("frozen") == {"FY1": "97.50"}

    corrections = tmp_path / "corrections.csv"
    corrections.write_text("correction_id,table,row,column,value,reason\nFYC,findings,FYF,points,0.5,核实\n", "utf-8")
    system.qihang("import", corrections)
    assert march.scores("corrected") == {"FY1": "97.50"}
    assert march.differences("corrected") == [("FY1", "97.50", "99.50", "findings", "FYF")]
    assert "corrections/FYC" in march.admit("FYC")
    assert march.scores("correction") == {"FY1": "99.50"}
    assert march.differences("correction") == []

    report_events(system, teacher("FYP", "FY1"), note("FYP", "2023-03-20"))
    assert march.scores("joined") == {"FY1": "99.50"}
    assert march.differences("joined") == [], "who came with all notes done brings nothing to the score that differs"
    march.admit("FYP/FY1/2015-09-01")
    assert march.scores("membership") == {"FY1": "24.50"}, "owes notes of which the official figures know none"
    assert march.differences("membership") == [("FY1", "24.50", "99.50", "records", "note-FYP-2023-03-20")]
    march.admit("note-FYP-2023-03-20")
    assert march.scores("record") == {"FY1": "99.50"}

    report_events(system, unit("FY2"))
    assert march.scores("opened") == {"FY1": "99.50"}
    assert march.differences("opened") == [("FY2", "", "0.00", "units", "FY2")]
    assert march.scoreboard()["scores"].get("FY2") is None
    assert march.scoreboard(figures="present")["scores"]["FY2"] == "0.00"
    march.admit("FY2")
    assert march.scores("unit") == {"FY1": "99.50", "FY2": "0.00"}
    system.qihang("rebuild", "assessment")
    assert march.scores("rebuilt") == {"FY1": "99.50", "FY2": "0.00"}

    board = march.scoreboard()
    assert (board["figures"], board["freeze"]["admitted"], board["scores"]["FY1"]) == ("official", 4, "99.50")
    assert "正式数据" in system.qihang("scoreboard", "--window", MARCH, "--as-of", "2023-03-31")
    listed = system.qihang("freeze")
    assert MARCH in listed and "corrections/FYC" in listed and "people/FYP/FY1/2015-09-01" in listed


def test_what_cannot_be_frozen_or_admitted_is_reported_in_words(small_system: AnySystem) -> None:
    for words, message in (
        (("freeze", "2022-13"), "统计时段"),
        (("freeze", "2099"), "结束之后才能锁定"),
        (("freeze", "2022-12", "--campaign", "another"), "没有编号为 another 的活动方案"),
        (("admit", "2022-12", "nothing", "--decision", "5 号"), "没有编号为 nothing"),
    ):
        assert message in small_system.qihang(*words, fails=True)
    report_events(small_system, unit("FZC", "bureau"), unit("FZ2"), finding("FZG", "FZ2", "FZC"),
                  study("FZ2", "2022-12-08", record_id="FZG"))  # fmt: skip
    small_system.qihang("settle")
    asked = small_system.qihang("admit", "2022-12", "FZG", "--decision", "5 号", fails=True)
    assert "findings/FZG" in asked and "records/FZG" in asked and "TABLE/ID" in asked
    assert "尚未锁定" in small_system.qihang("admit", "2022-12", "findings/FZG", "--decision", "5 号", fails=True)
