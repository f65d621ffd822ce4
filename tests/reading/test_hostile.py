"""Files that would cost more than they weigh: refused in a sentence, or read for what they hold, in a small process."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.reading.catalogue import catalogue_json
from tests.architecture.kept import ROOT
from tests.reading.kinds import KINDS
from tests.reading.raw_books import pack, parts
from tests.reading.raw_books import sheet as sheet_of
from tests.reading.test_formats import HEADER, ods, ods_cell
from tests.support import hostile_files

MEMORY = 192 << 20
PROGRAM = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "chassis.process.run_limited", *sys.argv[1:]], stdin=sys.stdin)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("\\n" + str(used.ru_maxrss) + " " + str(used.ru_utime + used.ru_stime))
sys.exit(done.returncode)
"""


def outcome(content: bytes, folder: Path) -> tuple[Any, int, float]:
    """(answer, MB at most, seconds of one core)."""
    (folder / "file").write_bytes(content)
    (folder / "out").mkdir()
    arguments = [str(MEMORY), "60", "services.reading.read_file", str(folder / "file"), "a", "", str(folder / "out")]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, input=catalogue_json(KINDS),
                          capture_output=True, check=True)  # fmt: skip
    answer, used = done.stdout.decode().split("\n")[-3:-1]
    return json.loads(answer), int(used.split()[0]) >> 10, float(used.split()[1])


def sheet(rows: bytes, behind: bytes = b"") -> bytes:
    names = HEADER.strip().encode().split(b",")
    header = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in names)
    start = hostile_files.SHEET + b'<row r="1">' + header + b"</row>" + rows
    return hostile_files._xlsx(start + b"</sheetData>" + behind + b"</worksheet>")


FIRST_ROW = b'<row r="2"><c r="A2"><v>1</v></c></row>'
ODS_HEADER = "".join(ods_cell(name, value_type="string") for name in HEADER.strip().split(","))


def empty_rows() -> bytes:
    return b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (at, at) for at in range(3, 1_048_577))


def merges() -> bytes:
    cells = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (at, at) for at in range(2, 300_000))
    return b"<mergeCells>" + cells + b"</mergeCells>"


def ods_with(row: str) -> bytes:
    return ods(f"<t:table><t:table-row>{ODS_HEADER}</t:table-row>{row}</t:table>")


CELL_OF_TEXT = '<c t="s"><v>0</v></c>'


def shared(cells: int, rows: int) -> bytes:
    """All cells hold one long text of blanks."""
    names = "".join(f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in HEADER.strip().split(","))
    line = f"<row>{CELL_OF_TEXT * cells}</row>"
    strings = f"<sst><si><t>{' ' * 32_000}x</t></si></sst>"
    return pack(parts(sheet_of(f"<row>{names}</row>{line * rows}"), strings=strings))


Files = dict[str, Callable[[], bytes]]
"""Made when a test asks for one: some are 100 MB."""
CELL = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
REFUSED: Files = {
    "a long text of blanks in every cell": lambda: shared(1500, 130),
    "a long text of blanks in every cell of ours": lambda: shared(6, 9000),
    "merged cells over each other": lambda: sheet(
        b"".join(CELL % (at, at) for at in range(2, 100_000)),
        b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:Z99999"/>' % at for at in range(2, 9_000)) + b"</mergeCells>"),
    "headings by the thousand": lambda: ("人员编号/姓名(身份)[x],".encode() * 1990 + b"\r\n") * 10,
    "a workbook of more than a million rows": lambda: sheet(b"".join(CELL % (at, at) for at in range(2, 1_048_570))),
    "a column past all": lambda: sheet(b'<row r="2"><c r="XFD2"><v>1</v></c></row>'),
    "a row past the last": lambda: sheet(b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'),
    "merged cells by the hundred thousand": lambda: sheet(FIRST_ROW, merges()),
    "entities": lambda: hostile_files._xlsx(hostile_files.LAUGHS + b"<a>&a9;</a>"),
    "a sheet of 100 MB": lambda: sheet(b" " * (100 << 20)),
    "a row a million times": lambda: ods_with(
        "<t:table-row t:number-rows-repeated='1048576'>" + ods_cell("x", value_type="string") + "</t:table-row>"),
    "a cell in all columns": lambda: ods_with(
        "<t:table-row><t:table-cell t:number-columns-repeated='16384' o:value-type='string'><x:p>x</x:p>"
        "</t:table-cell></t:table-row>"),
    "a line of 50 MB": lambda: HEADER.encode() + b"x" * (50 << 20),
    "cells by the million": lambda: HEADER.encode() + b"1," * 3_000_000,
    "a million rows and more": lambda: HEADER.encode() + b"T1,x,teacher,X101,2018-09-01,\r\n" * 1_100_000,
    "a quote never closed": lambda: HEADER.encode() + b'T1,"x\r\n' + b"T2,y,teacher,X1,2018-09-01,\r\n" * 500_000,
}  # fmt: skip
READ: Files = {
    "what looks like merged cells in a remark": lambda: sheet(
        FIRST_ROW, b"<!--" + b"<mergeCell " * 90_000 + b"-->"),
    "a million empty rows": lambda: sheet(FIRST_ROW + empty_rows()),
    "everything merged": lambda: sheet(FIRST_ROW, b'<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
    "empty cells to the end": lambda: ods_with(
        "<t:table-row>" + ods_cell("1", value_type="string") + "<t:table-cell t:number-columns-repeated='16383'/>"
        "</t:table-row><t:table-row t:number-rows-repeated='1048574'><t:table-cell t:number-columns-repeated='16384'/>"
        "</t:table-row>"),
    "empty lines by the million": lambda: HEADER.encode() + b"1,,,,,\r\n" + b",,,,,\r\n" * 2_000_000,
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_in_a_sentence_and_soon(what: str, tmp_path: Path) -> None:
    answer, megabytes, seconds = outcome(REFUSED[what](), tmp_path)
    assert "请" in answer["unreadable"] and len(answer["unreadable"]) < 150
    assert megabytes < 200 and seconds < 10


@pytest.mark.parametrize("what", READ)
def test_read_for_what_it_holds(what: str, tmp_path: Path) -> None:
    answer, megabytes, seconds = outcome(READ[what](), tmp_path)
    assert [part["rows"] for part in answer["parts"]] == [1]
    assert megabytes < 200 and seconds < 10
