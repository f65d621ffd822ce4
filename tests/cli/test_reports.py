"""`qihang report` and `qihang scoreboard`: figures come through untouched and files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import DROP, Answer, FakeGateway, problem

REPORTS = "/s/assessment/api/reports"
FILES = {name: f"{name}\n行,1.00\n".encode() for name in ("unit_scores.csv", "units_awarded.csv", "individuals.csv")}
FILES["outstanding.csv"] = b"x" * 300_000


@pytest.fixture
def windows(tmp_path: Path) -> Path:
    path = tmp_path / "windows.csv"
    path.write_text("what,id,as_of\nscore,2022-11,2022-11-30\n\naward,2022,2022-12-31\n", encoding="utf-8-sig")
    return path


@pytest.fixture
def assessment(gateway: FakeGateway) -> FakeGateway:
    states = iter([{"state": "running", "done": 1, "total": 2}])
    done = {"state": "done", "done": 2, "total": 2, "files": list(FILES)}
    gateway.on("POST", REPORTS, Answer(202, {"report_id": "r1"}))
    gateway.on("GET", f"{REPORTS}/r1", lambda call: next(states, done))
    gateway.on("GET", f"{REPORTS}/r1/(.+)", lambda call, name: Answer(200, FILES[name], "text/csv"))
    return gateway


def test_the_four_files_come_out_byte_for_byte(
    qihang: Qihang, assessment: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    result = qihang("report", "--windows", windows, "--out", out, "--known-at", "2024-01-01T00:00:00Z",
                    "--campaign", "earlier")  # fmt: skip
    assert (result.code, result.err) == (0, "")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == FILES
    assert assessment.called("POST", REPORTS)[0].json == {
        "windows": [
            {"what": "score", "id": "2022-11", "as_of": "2022-11-30"},
            {"what": "award", "id": "2022", "as_of": "2022-12-31"},
        ],
        "known_at": "2024-01-01T00:00:00Z",
        "campaign": "earlier",
    }


def test_a_report_that_a_restarted_service_forgot_is_ordered_again(
    qihang: Qihang, assessment: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    assessment.fault(f"{REPORTS}/r1", problem(404, "unknown_report"), DROP)
    assert qihang("report", "--windows", windows, "--out", tmp_path / "out").code == 0
    assert len(assessment.called("POST", REPORTS)) == 2


def test_a_download_that_breaks_off_leaves_no_file(
    qihang: Qihang, assessment: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    whole = b"x" * 300_000
    answer = Answer(200, whole, "text/csv", {"X-Cut": "1"})
    assessment.on("GET", f"{REPORTS}/r1/(.+)", lambda call, name: _cut(assessment, answer))
    result = qihang("report", "--windows", windows, "--out", tmp_path / "out")
    assert result.code == 1 and result.err.startswith("qihang: ") and "Traceback" not in result.err
    assert list((tmp_path / "out").iterdir()) == []


def _cut(gateway: FakeGateway, answer: Answer) -> Answer:
    gateway.cut_short = 1000
    return answer


def test_windows_that_are_wrong_are_named_by_line(
    qihang: Qihang, assessment: FakeGateway, windows: Path, tmp_path: Path
) -> None:
    rows = [{"line": 2, "message": "没有统计时段 2022-13"}]
    assessment.on("POST", REPORTS, problem(422, "invalid_windows", problems=rows))
    result = qihang("report", "--windows", windows, "--out", tmp_path / "out")
    assert result.code == 1 and "第 2 行：没有统计时段 2022-13" in result.err


@pytest.mark.parametrize("text", [b"", b"what,id\nscore,2022\n", b"what,id,as_of\n", b"what,id,as_of\n\xff\xfe,,\n"])
def test_a_file_that_lists_no_windows_is_reported_before_anything_is_asked(
    qihang: Qihang, assessment: FakeGateway, tmp_path: Path, text: bytes
) -> None:
    (tmp_path / "w.csv").write_bytes(text)
    assert qihang("report", "--windows", tmp_path / "w.csv", "--out", tmp_path / "out").code == 1
    assert assessment.calls == []


def test_a_report_that_failed_says_why(qihang: Qihang, assessment: FakeGateway, windows: Path, tmp_path: Path) -> None:
    assessment.on("GET", f"{REPORTS}/r1", {"state": "failed", "detail": "数据还没有到齐"})
    result = qihang("report", "--windows", windows, "--out", tmp_path / "out")
    assert result.code == 1 and "数据还没有到齐" in result.err


def test_the_scoreboard_is_shown_as_the_service_gives_it(qihang: Qihang, gateway: FakeGateway) -> None:
    unit = {"rank": 1, "name": "第一小学", "score": "99.52", "base": "99.77", "sheet": "", "deduction": "0.25"}
    board = {"title": "学论述", "window": "2023", "as_of": "2023-12-31", "units": [unit]}
    gateway.on("GET", "/s/assessment/api/scoreboard", board)
    result = qihang("scoreboard", "--window", "2023", "--as-of", "2023-12-31")
    assert result.code == 0
    assert "1 第一小学 99.52 99.77 0.25" in " ".join(result.out.split())
    assert gateway.calls[-1].query == {"window": "2023", "as_of": "2023-12-31"}
