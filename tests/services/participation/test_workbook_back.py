"""Files as offices have them, through a whole import: read, judged, noted, given back with what became of each row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chassis.process.problems import Problem
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica, district
from tests.services.participation.importing import imported, uploaded

PEOPLE = [
    ["某校教职工名册"],
    ["工号", "姓名", "身份", "单位名称", "任职起", "备注"],
    ["P1", "许悦", "教师", "一小", "2020-09-01", ""],
    ["P2", "李 四", "教师", "一小", "2021.9.1", "新"],
    ["P3", "王五", "门卫", "一小", "2021-09-01", ""],
    ["合计", "3"],
]
RECORDS = [
    ["record_id", "record", "person_id", "occurred_at"],
    ["R1", "attendance", "P2", "2022/12/1"],
    ["R2", "attendance", "P9", "2022-12-01"],
]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def workbook(**sheets: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def results_of(replica: Replica, import_id: str, name: str) -> dict[str, list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(replica.service.imports.workbook(import_id, name).content))
    return {sheet.title: [row[-1].value for row in sheet.iter_rows()] for sheet in book.worksheets}


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_workbook_with_two_sheets_is_read_judged_and_given_back(replica: Replica, dry_run: bool) -> None:
    content = workbook(人员=PEOPLE, 记录=RECORDS, 说明=[["请勿改动"]])
    shown = imported(replica, {"名册.xlsx": content}, dry_run=dry_run)
    import_id = shown["import_id"]
    assert [(part["file"], part["kind"], part["accepted"], part["unchanged"], part["refused"])
            for part in shown["files"]] == [
        ("名册.xlsx/人员", "people", 1, 1, 1), ("名册.xlsx/记录", "records", 1, 0, 1)]  # fmt: skip
    refused = replica.service.imports.refused_rows(import_id, 0, 10)
    assert [(row["file"], row["line"], row["column"], row["code"]) for row in refused] == [
        ("名册.xlsx/人员", 5, "role", "bad_role"), ("名册.xlsx/记录", 3, "person_id", "unknown_person")]  # fmt: skip
    assert "门卫" in refused[0]["message"]
    codes = {note["code"] for note in replica.service.imports.notes(import_id, 0, 100)}
    assert {"column_ignored", "row_left_out", "sheet_left_out"} <= codes
    results = results_of(replica, import_id, "名册.xlsx")
    assert results["人员"][1] == "结果" and results["人员"][2] == "无变化"
    assert results["人员"][3].startswith("已接收") and results["人员"][4] == refused[0]["message"]
    assert results["记录"][1:] == ["已接收", refused[1]["message"]]


def test_a_workbook_is_given_back_only_after_the_end_and_while_it_is_kept(replica: Replica) -> None:
    import_id = uploaded(replica, {"records.csv": b"record_id,record,occurred_at\n"})
    for name, status in (("records.csv", 409), ("other.csv", 404)):
        with pytest.raises(Problem) as caught:
            replica.service.imports.workbook(import_id, name)
        assert caught.value.status == status
    replica.service.imports.job.read_all()
    replica.service.imports.job.decide_all()
    assert replica.service.imports.workbook(import_id, "records.csv").ending == ".xlsx"
    replica.service.imports.erase_rows_of("P1")
    with pytest.raises(Problem) as caught:
        replica.service.imports.workbook(import_id, "records.csv")
    assert caught.value.status == 410


def test_the_workbook_back_sent_in_again_changes_nothing_but_what_was_mended(replica: Replica) -> None:
    shown = imported(replica, {"名册.xlsx": workbook(人员=PEOPLE)})
    back = openpyxl.load_workbook(io.BytesIO(replica.service.imports.workbook(shown["import_id"], "名册.xlsx").content))
    back["人员"]["C5"] = "其他"
    out = io.BytesIO()
    back.save(out)
    (part,) = imported(replica, {"名册.xlsx": out.getvalue()})["files"]
    assert (part["accepted"], part["unchanged"], part["refused"]) == (1, 2, 0)
