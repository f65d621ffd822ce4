"""What LibreOffice, openpyxl and XlsxWriter write of a random workbook is read as the same rows.

The files of tests/reading/libreoffice were saved by LibreOffice (`python -m tests.reading.libreoffice_samples`); where
it is installed, it also writes some while the tests run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reading.kinds import read
from tests.reading.libreoffice_samples import EXPECTED, SAMPLES, convert, expected_of, make, soffice
from tests.reading.office_books import Books, Page, by_openpyxl, by_xlsxwriter

FILES: dict[str, Any] = json.loads(EXPECTED.read_text(encoding="utf-8"))


def rows_of(path: Path, folder: Path) -> list[list[Any]]:
    """Of each part its kind and its rows: line and cells; a fault is none of them."""
    done = read(path, folder)
    assert not done.refused, done.refused
    assert [row for _, _, rows in done.parts for row in rows if row[2]] == []
    return [[kind, [[line, cells] for line, cells, _ in rows]] for _, kind, rows in done.parts]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_libreoffice_saved_has_the_rows_of_the_workbook(name: str, tmp_path: Path) -> None:
    assert rows_of(SAMPLES / name, tmp_path) == FILES[name]


def test_every_saved_file_is_expected_in_some_way() -> None:
    saved = {str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("*/*")}
    assert {name for name in saved if not name.startswith("refused/")} == set(FILES)


@pytest.mark.parametrize(
    ("name", "words"),
    [("book0.html", "网页"), ("book0.fods", "平面 XML"), ("book0.slk", "SYLK"), ("book0.dif", "DIF"),
     ("book0.pdf", "PDF")],
)  # fmt: skip
def test_a_file_of_a_format_that_is_not_read_is_named(name: str, words: str, tmp_path: Path) -> None:
    assert words in read(SAMPLES / "refused" / name, tmp_path).refused


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter])
@pytest.mark.parametrize("seed", range(100, 120))
def test_other_programs_write_the_same_rows(
    write: Callable[[list[Page], Path], None], seed: int, tmp_path: Path
) -> None:
    pages = Books(seed, False).pages()
    write(pages, tmp_path / "某校.xlsx")
    assert rows_of(tmp_path / "某校.xlsx", tmp_path) == expected_of(pages)


@pytest.mark.skipif(
    soffice() is None, reason="LibreOffice is not installed: its files of tests/reading/libreoffice are read"
)
def test_libreoffice_writes_the_same_rows_now(tmp_path: Path) -> None:
    books = make(range(200, 205), False, tmp_path)
    for target in ("xlsx", "ods", "xls"):
        convert([tmp_path / f"{name}.xlsx" for name in books], target, tmp_path / target)
        for name, pages in books.items():
            assert rows_of(tmp_path / target / f"{name}.{target}", tmp_path) == expected_of(pages), (name, target)
