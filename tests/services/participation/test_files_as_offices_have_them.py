"""A file with Chinese headers, labels and full names is imported, dry and in earnest; notes say what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.participation.imports.domain import IF_ANY
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica, district
from tests.services.participation.importing import uploaded, worked

UNITS = """单位编号,单位名称,单位类别,所属中心校,设立日期
X9,新桥小学,学校,一小,2012/9/1
K9,新桥幼儿园,幼儿园,新桥小学,2012年9月1日
"""
ROSTER = """工号,姓名,身份,所在单位,任职起
T9,温如初,教师,新桥小学,2020.09.01
ｔ９,林知夏,教师,新桥小学,2020-9-1
T8,???,教师,一小,2020-9-1
"""


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


@pytest.mark.parametrize("dry_run", [True, False])
def test_words_become_codes_and_what_is_doubtful_is_noted(replica: Replica, dry_run: bool) -> None:
    files = {"单位一览.csv": UNITS.encode("gb18030"), "教职工花名册2026年9月.csv": ROSTER.encode()}
    import_id = uploaded(replica, files, dry_run=dry_run)
    worked(replica)
    imports = replica.service.imports
    shown = imports.show_import(import_id)
    assert [(file["file"], file["accepted"], file["refused"]) for file in shown["files"]] == [
        ("单位一览.csv", 2, 0),
        ("教职工花名册2026年9月.csv", 2, 1),
    ]
    (refused,) = imports.refused_rows(import_id, 0, 10)
    assert (refused["line"], refused["column"], refused["code"]) == (4, "name", "garbled")
    assert "“???”" in refused["message"]
    notes = [(note["line"], note["column"], note["code"]) for note in imports.notes(import_id, 0, 10)]
    assert notes == [(3, "person_id", "narrowed"), (3, "person_id", "like_known")]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_file_of_a_folder_that_holds_no_table_is_left_out_with_a_note(replica: Replica, dry_run: bool) -> None:
    files = {"单位一览.csv": UNITS.encode(), "通讯录.csv": "姓名,电话\n温如初,1\n".encode()}
    import_id = uploaded(replica, files, dry_run=dry_run, kind=IF_ANY)
    worked(replica)
    imports = replica.service.imports
    assert [(file["file"], file["accepted"]) for file in imports.show_import(import_id)["files"]] == [
        ("单位一览.csv", 2)
    ]
    (note,) = imports.notes(import_id, 0, 10)
    assert (note["file"], note["code"]) == ("通讯录.csv", "file_left_out") and "没有导入" in note["text"]


def test_nothing_but_such_files_is_refused(replica: Replica) -> None:
    import_id = uploaded(replica, {"通讯录.csv": b"a,b\n1,2\n"}, kind=IF_ANY)
    worked(replica)
    shown = replica.service.imports.show_import(import_id)
    assert shown["state"] == "unreadable" and "没有一个文件" in shown["fault"]
