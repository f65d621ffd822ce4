"""A clerk imports the district's files, again, as a rehearsal, and in the encodings that offices use."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.journeys.conftest import FIGURES, AnySystem, reported
from tests.support.system import SAMPLES

DISTRICT = SAMPLES / "district"
OF_THE_IMPORT = ("import.csv", "refused.csv")


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_a_rehearsal_shows_the_outcome_and_writes_nothing(sample_system: AnySystem, tmp_path: Path) -> None:
    """In one process on SQLite the whole sample is rehearsed and compared with its import by
    tests/services/participation/test_dry_runs.py."""
    heads = positions(sample_system)
    sample_system.qihang("import", DISTRICT, "--dry-run", "--results", tmp_path)
    sample_system.matches(tmp_path, *OF_THE_IMPORT)
    assert positions(sample_system) == heads
    assert sample_system.get("participation", "/api/units") == {"units": []}


def test_the_sample_district_comes_out_byte_for_byte(sample_system: AnySystem, tmp_path: Path) -> None:
    sample_system.qihang("import", DISTRICT, "--results", tmp_path)
    reported(sample_system, tmp_path)
    sample_system.matches(tmp_path, *OF_THE_IMPORT, *FIGURES)


def test_a_repeated_import_changes_nothing_in_whatever_encoding(
    sample_system: AnySystem, way: str, tmp_path: Path
) -> None:
    """Every row is compared with the one of its id that is there: one that was read otherwise would be a conflict.
    Those that were voided or withdrawn meanwhile are refused, since their ids are spent.  No store sees the form, so
    that each form comes in one way or the other; as UTF-8 the files were read the first time."""
    form = {"embedded": "xlsx", "district": "gb18030"}[way]
    sample_system.qihang("import", rewritten(tmp_path, form), "--results", tmp_path)
    assert_nothing_is_new(tmp_path)
    sample_system.matches(reported(sample_system, tmp_path), *FIGURES)


def assert_nothing_is_new(results: Path) -> None:
    assert {row["accepted"] for row in rows_of(results / "import.csv")} == {"0"}
    refused, before = rows_of(results / "refused.csv"), rows_of(SAMPLES / "expected" / "refused.csv")
    assert [row for row in before if row not in refused] == []
    again = [row for row in refused if row not in before]
    assert {row["code"] for row in again} == {"conflict"}
    assert {(row["file"].removesuffix(".csv"), id_of(row)) for row in again} <= spent_ids()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def id_of(refused: dict[str, str]) -> str:
    """The id of the row that stands at that line of the district's file."""
    with (DISTRICT / refused["file"]).open(encoding="utf-8") as file:
        row = list(csv.DictReader(file))[int(refused["line"]) - 2]
    return (
        "/".join(row[column] for column in ("person_id", "unit_id", "from"))
        if "from" in row
        else next(iter(row.values()))
    )


def spent_ids() -> set[tuple[str, str]]:
    """(table, id) of what the district voids or withdraws."""
    voided = {(row["table"], row["row"]) for row in rows_of(DISTRICT / "corrections.csv") if row["column"] == "*"}
    return voided | {("records", row["record_id"]) for row in rows_of(DISTRICT / "withdrawals.csv")}


WITH_MARK = ("units", "withdrawals")
"""Files that come as UTF-8 with a byte order mark where the others come as workbooks: a mark is the same before every
content."""


def rewritten(into: Path, form: str) -> Path:
    """The district's files in another form."""
    folder = into / "files"
    folder.mkdir()
    for path in DISTRICT.glob("*.csv"):
        if form == "xlsx" and path.stem not in WITH_MARK:
            write_workbook(path, folder / f"{path.stem}.xlsx")
        elif form == "xlsx":
            (folder / path.name).write_bytes(path.read_text("utf-8").encode("utf-8-sig"))
        else:
            (folder / path.name).write_bytes(path.read_text("utf-8").encode(form))
    return folder


def write_workbook(path: Path, target: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append([typed(cell) for cell in row])
    book.save(target)


def typed(cell: str) -> str | int | float | date:
    """As a spreadsheet holds what a person types: days as days, numbers as numbers."""
    if re.fullmatch(r"-?[1-9]\d{0,9}", cell):
        return int(cell)
    if re.fullmatch(r"-?[1-9]\d{0,4}\.[1-9]", cell):
        return float(cell)
    try:
        return date.fromisoformat(cell) if len(cell) == 10 else cell
    except ValueError:
        return cell


def positions(system: AnySystem) -> object:
    return system.get("participation", "/feed")["partitions"]
