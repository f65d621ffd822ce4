"""An operator rebuilds every service's rows while the system answers; nothing that anybody sees has changed."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.conftest import FIGURES, AnySystem, reported
from tests.support.forks import forked_command
from tests.support.reported import event
from tests.support.stores import digests, execute
from tests.support.system import SERVICES, DistrictSystem


def test_the_rows_and_figures_are_the_same_after(imported_system: AnySystem, tmp_path: Path) -> None:
    before = digests(imported_system)
    assert before["participation.records"].startswith("5978 ")
    for service in SERVICES:
        assert "events per second" in imported_system.qihang("rebuild", service)
    assert digests(imported_system) == before
    imported_system.matches(reported(imported_system, tmp_path), *FIGURES)


def test_reads_and_writes_go_on_meanwhile(imported_system: AnySystem, tmp_path: Path) -> None:
    board = imported_system.get("assessment", "/api/scoreboard", window="2023", as_of="2023-12-31")["units"]
    running = [
        forked_command(["rebuild", service], tmp_path / f"{service}.log", imported_system.environment())
        for service in ("participation", "assessment")
    ]  # fmt: skip
    sent = 0
    while any(process.running for process in running):
        sent += 1
        deed = event("record.reported", f"meanwhile-{sent}", record_id=f"meanwhile-{sent}", record="inspection_visit",
                     unit_id="X001", occurred_at="2023-06-01")  # fmt: skip
        status, answer = imported_system.ask("POST", "participation", "/api/intake", deed,
                                          Content_Type="application/cloudevents+json")  # fmt: skip
        assert status == 200 and answer["receipts"][0]["data"]["outcome"] == "accepted"
        status, answer = imported_system.ask("GET", "assessment", "/api/scoreboard?window=2023&as_of=2023-12-31")
        assert status == 200 and answer["units"] == board
    assert [process.returncode for process in running] == [0, 0], [process.tail() for process in running]
    assert sent >= 1
    imported_system.qihang("settle")
    live = digests(imported_system)
    assert live["participation.records"].startswith(f"{5978 + sent} ")
    for service in ("participation", "assessment"):  # the others, which nobody rebuilt meanwhile: the test before
        imported_system.qihang("rebuild", service)
    assert digests(imported_system) == live


def test_rows_changed_while_nobody_looked_are_named_and_a_rebuild_mends_them(imported_system: AnySystem) -> None:
    """All others are as rebuilt, of the changed service too: two rows differ, no more."""
    equal = " 数据 一致，"
    records = "rows.records" if isinstance(imported_system, DistrictSystem) else "records"
    for statement in ("UPDATE @ SET unit_id = 'X999' WHERE record_id = (SELECT max(record_id) FROM @)",
                      "DELETE FROM @ WHERE record_id = (SELECT min(record_id) FROM @)"):  # fmt: skip
        execute(imported_system, "participation", statement.replace("@", records))
    output = imported_system.qihang("verify", "--rows", fails=True)
    assert "participation 数据 broken 有 2 行与重建的不同" in output
    assert " unit_id：现为“X999”，应为“" in output and output.count(" 缺少") == 1
    assert output.count(equal) == len(SERVICES) - 1
    imported_system.qihang("rebuild", "participation")
    assert equal in imported_system.qihang("verify", "participation", "--rows")


def test_a_log_cut_short_with_a_chain_that_holds_is_named_by_heads_kept_elsewhere(
    imported_system: AnySystem, tmp_path: Path
) -> None:
    """The last of this file: the system has lost an event afterwards."""
    kept = tmp_path / "kept"
    imported_system.qihang("heads", "--now", "--out", kept)
    assert imported_system.qihang("verify", "participation", "--heads", kept).count(" 日志头 一致，") == 1
    for statement in (
        "DELETE FROM log_events WHERE position = (SELECT max(position) FROM log_events)",
        "UPDATE log_heads SET position = position - 1, hash = (SELECT hash FROM log_events WHERE partition = 0 "
        "ORDER BY position DESC LIMIT 1) WHERE partition = 0",
    ):
        execute(imported_system, "participation", statement)
    output = imported_system.qihang("verify", "participation", "--heads", kept, fails=True)
    assert "participation/0 intact 完好" in output, "the chain alone shows nothing"
    assert "participation/0 日志头 broken" in output and "现有日志在此之前就结束了" in output
