"""`python -m tests.reading.libreoffice_samples` writes tests/reading/libreoffice anew: random workbooks, saved by
LibreOffice in each of its formats, which must be installed; expected.json says what rows each has.  Takes a minute."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.reading.office_books import Books, Page, by_openpyxl

SAMPLES: Final = Path(__file__).parent / "libreoffice"
EXPECTED: Final = SAMPLES / "expected.json"
BOOKS: Final = ("xlsx", "ods", "xls", "xlsx:Calc Office Open XML", "xlsm:Calc MS Excel 2007 VBA XML")
"""The last but one is the format as it was standardised."""
TEXTS: Final = {
    "utf-8": "44,34,76", "gb18030": "9,34,85", "utf-16": "59,34,65535",
}  # fmt: skip
"""Sign between cells, quote, and encoding, as LibreOffice numbers them."""
NO_TABLES: Final = ("html", "fods", "slk", "dif", "pdf")
SEEDS: Final = range(8)
SECONDS: Final = 240


def soffice() -> str | None:
    return shutil.which("soffice")


def convert(sources: Sequence[Path], target: str, folder: Path) -> None:
    """All in one run, in a profile of its own."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            soffice() or "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            target,
        ]
        subprocess.run([*command, "--outdir", folder, *sources], check=True, capture_output=True, timeout=SECONDS)


def as_text(encoding: str) -> str:
    """The target of --convert-to that writes a text file for each sheet, cells as they are shown."""
    return f"csv:Text - txt - csv (StarCalc):{TEXTS[encoding]},1,,0,false,false,true,false,false,-1"


def expected_of(pages: Sequence[Page]) -> list[list[Any]]:
    return [[page.kind, page.expected] for page in pages]


def make(seeds: Sequence[int], shown: bool, folder: Path) -> dict[str, list[Page]]:
    """Workbooks for LibreOffice to open, by their name."""
    books = {f"{'text' if shown else 'book'}{seed}": Books(seed, shown).pages() for seed in seeds}
    for name, pages in books.items():
        by_openpyxl(pages, folder / f"{name}.xlsx", formulas=True)
    return books


def main() -> None:
    expected: dict[str, Any] = {}
    shutil.rmtree(SAMPLES, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        given = Path(place)
        books = make(SEEDS, False, given)
        for number, target in enumerate(BOOKS):
            into = SAMPLES / f"{number}-{target.partition(':')[0]}"
            convert([given / f"{name}.xlsx" for name in list(books)[: 8 if number < 3 else 2]], target, into)
            for path in sorted(into.iterdir()):
                expected[f"{into.name}/{path.name}"] = expected_of(books[path.stem])
        texts = make(range(len(TEXTS)), True, given)
        for encoding, (name, pages) in zip(TEXTS, texts.items(), strict=True):
            convert([given / f"{name}.xlsx"], as_text(encoding), SAMPLES / encoding)
            for page in pages:
                expected[f"{encoding}/{name}-{page.title}.csv"] = expected_of([page])
        for target in NO_TABLES:
            convert([given / "book0.xlsx"], target, SAMPLES / "refused")
    EXPECTED.write_text(json.dumps(expected, ensure_ascii=False, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main()
