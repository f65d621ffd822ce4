"""Files of a unit's own as clerks have them: every problem file is read as ever, and layouts without ids are found."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from services.participation.imports.catalogue import TABLE_KINDS, UNIT_TABLE_KINDS
from services.participation.imports.handlers import ImportRequest
from services.reading.catalogue import TableKind
from services.reading.read_file import FileReader
from services.reading.table import Unreadable
from services.registry.rights import HeldPost, Party
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica, district
from tests.services.participation.importing import manifest_of, worked
from tests.services.participation.test_unit_files import counts, noted, refused, stored

CASES = Path(__file__).parents[2] / "samples/imports"
CLERK = Party("console", "P1", frozenset({"person"}), posts=(HeldPost("clerk", "S1", "school"),))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """S1 一小 with P1 许悦."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def read(path: Path, folder: Path, kinds: tuple[TableKind, ...]) -> Any:
    folder.mkdir()
    reading = FileReader(path, path.name, folder, kinds)
    try:
        reading.run()
    except Unreadable as error:
        return error.code
    return [(part.sheet, part.kind, part.rows) for part in reading.parts]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_every_problem_file_is_read_as_a_unit_s_own_as_it_is_as_the_district_s(case: str, tmp_path: Path) -> None:
    """That less is required of a header makes no table another, and none of what is none."""
    for number, path in enumerate(sorted((CASES / case).iterdir())):
        own, whole = (read(path, tmp_path / f"{number}{kind}", kinds)
                      for kind, kinds in (("u", UNIT_TABLE_KINDS), ("d", TABLE_KINDS)))  # fmt: skip
        assert own == whole, path.name


def book(**sheets: list[tuple[Any, ...]]) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def bring(replica: Replica, **files: bytes) -> dict[str, Any]:
    imports, given = replica.service.imports, {name.replace("__", "."): body for name, body in files.items()}
    import_id, _ = imports.begin_import(ImportRequest(manifest_of(given)), CLERK, "")
    for name, body in given.items():
        imports.upload_file(import_id, name, [body])
    worked(replica)
    shown: dict[str, Any] = imports.show_import(import_id)
    return shown


def test_each_sheet_s_name_says_the_kind_of_its_rows(replica: Replica) -> None:
    shown = bring(replica, 一月__xlsx=book(
        研讨日=[("日期", "主题"), ("2022-11-09", "新课标")],
        学习笔记=[("工号", "姓名", "日期", "题目"), ("P1", "许悦", "2022年11月9日", "一"), ("合计", None, None, "1")],
        说明=[("请于月底前填报",)],
    ))  # fmt: skip
    assert counts(shown) == (2, 0, 0)
    assert stored(replica) == [("discussion_day", "S1", "", "2022-11-09"), ("note", "S1", "P1", "2022-11-09")]
    assert {code for _, code in noted(replica, shown)} == {"kind_from_name", "row_left_out", "sheet_left_out"}


@pytest.mark.parametrize(
    "name", ["研讨日", "2022年11月研讨日", "研讨日（11月）", "一小研讨日记录表", "S1_研讨日_v2", "discussion_day"]
)
def test_names_that_say_one_kind(replica: Replica, name: str) -> None:
    assert counts(bring(replica, **{f"{name}__csv": "日期,主题\n2022-11-09,一\n".encode("gb18030")})) == (1, 0, 0)


@pytest.mark.parametrize("name", ["材料", "研讨", "研讨日和集中学习", "11月"])
def test_a_name_that_says_no_kind_or_several_is_asked_about(replica: Replica, name: str) -> None:
    shown = bring(replica, **{f"{name}__csv": "日期,主题\n2022-11-09,一\n".encode()})
    assert (counts(shown), refused(replica, shown)) == ((0, 0, 1), [(2, "record", "missing")])


def test_a_kind_that_the_rows_say_goes_before_the_file_s_name(replica: Replica) -> None:
    shown = bring(replica, 研讨日__csv="填报类型,日期,主题\n集中学习,2022-11-09,一\n,2022-11-10,二\n".encode())
    assert [row[0] for row in stored(replica)] == ["discussion_day", "study_session"]
    assert noted(replica, shown) == [(3, "kind_from_name")]
