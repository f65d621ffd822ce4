"""The user's own workbook is read by a process under limits, never by the command itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from cli.failure import Failure
from cli.input_rows import read_lines
from tests.architecture.kept import ROOT
from tests.support import hostile_files


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


def hostile(name: str) -> bytes:
    return next(content for each, content in hostile_files.workbooks() if each == name)


def test_rows_keep_their_numbers_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "units.xlsx", ["unit_id", "name"], [], ["U1", "第一小学"], ["U2", 2])
    assert list(read_lines(path)) == [(1, ["unit_id", "name"]), (3, ["U1", "第一小学"]), (4, ["U2", "2"])]


def test_a_reader_that_nobody_listens_to_ends(tmp_path: Path) -> None:
    path = workbook(tmp_path / "units.xlsx", *([f"U{n}", "第一小学" * 50] for n in range(2000)))
    lines = read_lines(path)
    assert next(lines) == (1, ["U0", "第一小学" * 50])
    lines.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"unit_id\n"])
def test_what_is_no_workbook_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(content)
    with pytest.raises(Failure, match="另存为 CSV"):
        list(read_lines(path))


def test_rows_past_the_last_of_a_sheet_are_not_made_up(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(hostile("a row past the last"))
    with pytest.raises(Failure):
        list(read_lines(path))


def test_a_workbook_of_600_kilobytes_costs_the_command_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    path.write_bytes(hostile("shared texts by the million"))
    program = f"""
import resource
from pathlib import Path
from cli.failure import Failure
from cli.input_rows import read_lines
try:
    print(sum(1 for _ in read_lines(Path({str(path)!r}))))
except Failure as failure:
    print(failure)
own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(own.split()[1], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    child = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    sentence, figures = child.stdout.splitlines()
    own, of_reader = map(int, figures.split())
    assert "超出限度" in sentence
    assert own < 100_000 and of_reader < 350_000, (own, of_reader)
