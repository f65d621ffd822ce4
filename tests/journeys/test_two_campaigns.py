"""One campaign after the other, in every service, on a clock that moves: launch, facts, close, the next launch, and
facts of the closed one that come late."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.conftest import SMALL_CAMPAIGN, AnySystem, BuildSystem
from tests.journeys.small_district import figures, finding, report_events, study, teacher, unit
from tests.support.reported import event

NEXT: dict[str, Any] = {
    "campaign": "yue-du", "version": 1, "title": "书香校园", "timezone": "Asia/Shanghai", "starts_on": "2023-02-01",
    "closes_on": None, "semesters": [{"id": "2023-spring", "start": "2023-02-01", "end": "2023-09-01",
    "due": "2023-07-10"}], "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"},
    "duties": [{"id": "study", "title": "共读", "who": {"kinds": ["school"]}, "every": "month", "count": 1,
                "record": "study_session", "weight": 1},
               {"id": "club", "title": "读书会", "who": {"kinds": ["school"]}, "every": "month", "count": 1,
                "record": "club", "weight": 1}],
    "findings": {"max_points": 5},
}  # fmt: skip
WINDOWS = "what,id,as_of\nscore,2022-12,2023-01-31\nscore,2023-01,2023-01-31\noutstanding,,2023-01-31\n"


class OnAClock:
    """A system whose time a test sets."""

    def __init__(self, build: BuildSystem, folder: Path) -> None:
        self.clock = folder / "clock"
        self.at("2022-12-20T09:00")
        self.system: AnySystem = build(QIHANG_REHEARSAL_CLOCK=str(self.clock)).start()

    def at(self, local: str) -> None:
        fresh = self.clock.with_name("clock.new")
        fresh.write_text(f"{local}:00+08:00")
        fresh.replace(self.clock)

    def report(self, folder: Path, *options: str) -> dict[str, list[dict[str, str]]]:
        """The rows of the result files."""
        folder.mkdir()
        (folder / "windows.csv").write_text(WINDOWS)
        self.system.qihang("settle")
        self.system.qihang("report", "--windows", folder / "windows.csv", "--out", folder, *options)
        return {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in folder.glob("*.csv")}


@pytest.fixture
def simulated(build: BuildSystem, tmp_path: Path) -> Iterator[OnAClock]:
    """The first campaign has had its facts, was closed on 1 February and followed by the next one."""
    simulated = OnAClock(build, tmp_path)
    system = simulated.system
    system.qihang("campaign", "launch", SMALL_CAMPAIGN)
    report_events(system, unit("B1", "bureau"), unit("X1"), unit("X2"), teacher("P1", "X1"))
    assert report_events(system, study("X1", "2022-12-08"), finding("F1", "X2", "B1")) == ["accepted"] * 2
    simulated.at("2023-02-01T09:00")
    system.qihang("campaign", "close", "--on", "2023-02-01")
    (tmp_path / "next.yaml").write_text(yaml.safe_dump(NEXT, allow_unicode=True))
    system.qihang("campaign", "launch", tmp_path / "next.yaml")
    yield simulated
    system.stop()


def late_records(folder: Path) -> Path:
    file = folder / "records.csv"
    file.write_text("record_id,record,unit_id,occurred_at,period\nL1,study_session,X2,2022-12-30,\n"
                    "L2,visit,X2,2022-12-30,\nL3,study_session,X1,2023-01-05,2023-02\n"
                    "L4,study_session,X2,2023-01-05,\n")  # fmt: skip
    return file


def bases(report: dict[str, list[dict[str, str]]], window: str) -> dict[str, str]:
    return {row["unit_id"]: row["base"] for row in report["unit_scores"] if row["window"] == window}


@pytest.mark.parametrize("way", ["embedded"], indirect=True)  # no store and no broker knows one campaign from another
def test_the_closed_one_is_reported_and_the_open_one_shown_and_reminded_of(simulated: OnAClock, tmp_path: Path) -> None:
    system, file, closed = simulated.system, late_records(tmp_path), ("--campaign", "small")
    before = simulated.report(tmp_path / "before", *closed)
    assert bases(before, "2022-12") == {"X1": "25.00", "X2": "0.00"}
    assert "已锁定" in system.qihang("freeze", "2022-12", *closed)
    simulated.at("2023-02-01T09:01")
    results = tmp_path / "imported"
    system.qihang("import", file, *closed, "--results", results)
    with (results / "refused.csv").open(encoding="utf-8") as refused:
        assert [(row["line"], row["code"]) for row in csv.DictReader(refused)] == [("4", "unknown_period")]
    late = simulated.report(tmp_path / "late", *closed)
    assert bases(late, "2022-12") == bases(before, "2022-12"), "the window is frozen"
    assert bases(late, "2023-01") == {"X1": "0.00", "X2": "100.00"}, "this one is not"
    assert {row["deduction"] for row in late["unit_scores"] if row["unit_id"] == "X2"} == {"2.50"}
    assert [(row["unit_id"], row["id"]) for row in late["differences"]] == [("X2", "L1")]
    system.qihang("admit", "2022-12", "L1", "--decision", "7 号", *closed)
    assert "L1" in system.qihang("freeze", *closed) and "L1" not in system.qihang("freeze")
    assert "L1" in system.qihang("admit", "2022-12", "L1", "--decision", "7 号", fails=True), "none of the open one"
    late = simulated.report(tmp_path / "admitted", *closed)
    assert bases(late, "2022-12") == {"X1": "25.00", "X2": "100.00"}
    assert not late["differences"]

    simulated.at("2023-02-27T09:00")
    opened = event("record.reported", "O1", record_id="O1", record="club", unit_id="X1", occurred_at="2023-02-10")
    assert report_events(system, opened, study("X1", "2023-02-11")) == ["accepted"] * 2
    visit = event("record.reported", "V1", record_id="V1", record="visit", unit_id="X1", occurred_at="2023-01-10")
    assert report_events(system, visit) == ["refused record unknown_record_kind"], (
        "the closed one's, which come by file"
    )
    line = figures(system, "X1", "2023-02", "2023-02-28")
    assert (line["base"], line["deduction"]) == ("100.00", "0.00")
    assert figures(system, "X2", "2023-02", "2023-02-28")["deduction"] == "0.00", "the finding is the closed one's"
    present = simulated.report(tmp_path / "present")
    assert not present["unit_scores"], "before the open one nothing was due"
    preview = system.get("notifications", "/api/preview", day="2023-02-28", limit="100")
    words = str(preview["digests"])
    assert "读书会" in words and "学习笔记" not in words and "clerk-X2" in words
    system.qihang("rebuild", "assessment")
    system.qihang("rebuild", "notifications")
    again = simulated.report(tmp_path / "again", *closed)
    assert (again["unit_scores"], again["differences"]) == (late["unit_scores"], [])
    assert system.get("notifications", "/api/preview", day="2023-02-28", limit="100") == preview
