"""A window that is over is frozen; what comes later moves its official figures only when a decision admits it."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import finding, report_events, unit

WINDOW = "2022-11"


def _deduction(system: AnySystem, folder: Path) -> tuple[str, str]:
    """The unit's deduction in the window, and whether it is official."""
    folder.mkdir()
    windows = folder / "windows.csv"
    windows.write_text(f"what,id,as_of\nscore,{WINDOW},2022-11-30\n", "utf-8")
    system.qihang("settle")
    system.qihang("report", "--windows", windows, "--out", folder)
    with (folder / "unit_scores.csv").open(encoding="utf-8", newline="") as scores:
        (deduction,) = [row["deduction"] for row in csv.DictReader(scores) if row["unit_id"] == "FZ1"]
    with (folder / "official.csv").open(encoding="utf-8", newline="") as official:
        (line,) = csv.DictReader(official)
    return deduction, line["official"]


def test_official_figures_stand_still_until_a_row_is_admitted(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    assert report_events(system, unit("FZB", "bureau"), unit("FZ1")) == ["accepted"] * 2
    assert _deduction(system, tmp_path / "before") == ("0.00", "no")
    assert "锁定" in system.qihang("freeze", WINDOW)
    assert "没有变动" in system.qihang("freeze", WINDOW)
    report_events(system, finding("FZF", "FZ1", "FZB"))
    assert _deduction(system, tmp_path / "late") == ("0.00", "yes")
    assert "采纳" in system.qihang("admit", WINDOW, "FZF", "--decision", "5 号")
    assert _deduction(system, tmp_path / "admitted") == ("2.50", "yes")
    system.qihang("rebuild", "assessment")
    assert _deduction(system, tmp_path / "rebuilt") == ("2.50", "yes")


def test_what_cannot_be_frozen_or_admitted_is_reported_in_words(small_system: AnySystem) -> None:
    for words, message in (
        (("freeze", "2022-13"), "统计时段"),
        (("freeze", "2099"), "结束之后才能锁定"),
        (("admit", "2022-12", "nothing", "--decision", "5 号"), "没有编号为 nothing"),
    ):
        assert message in small_system.qihang(*words, fails=True)
    report_events(small_system, unit("FZC", "bureau"), unit("FZ2"), finding("FZG", "FZ2", "FZC"))
    small_system.qihang("settle")
    assert "尚未锁定" in small_system.qihang("admit", "2022-12", "FZG", "--decision", "5 号", fails=True)
