"""`qihang import`: files go up as they are, interruptions do not show, and the result files are exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Qihang
from tests.cli.fake_import_routes import PREFIX, FakeImportRoutes
from tests.support.fake_gateway import DROP, DROP_MIDWAY, FakeGateway, problem

UNITS = "unit_id,name\nU1,第一小学\nbad,=1+1\nU2,-2\n"
PEOPLE = "person_id,name\nP1,甲\n"


@pytest.fixture
def district(tmp_path: Path) -> Path:
    folder = tmp_path / "district"
    folder.mkdir()
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "readme.txt").write_text("not a file of ours", encoding="utf-8")
    return folder


def test_a_folder_is_taken_in_the_order_of_the_table_and_its_files_unchanged(
    qihang: Qihang, gateway: FakeGateway, district: Path
) -> None:
    importing = FakeImportRoutes(gateway)
    result = qihang("import", district)
    assert (result.code, result.err) == (0, "")
    assert [file["name"] for file in importing.order] == ["units.csv", "people.csv"]
    assert importing.uploads == {"units.csv": UNITS.encode(), "people.csv": PEOPLE.encode()}
    assert importing.dry_run is False
    assert "未接收 refused" in result.out
    assert ["units.csv", "3", "2", "0", "1"] in [line.split() for line in result.out.splitlines()]


def test_the_result_files_are_written_byte_for_byte_as_scoring_says(
    qihang: Qihang, gateway: FakeGateway, district: Path, tmp_path: Path
) -> None:
    FakeImportRoutes(gateway)
    assert qihang("import", district, "--results", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "import.csv").read_bytes() == (
        b"file,rows,accepted,unchanged,refused\nunits.csv,3,2,0,1\npeople.csv,1,1,0,0\n"
    )
    assert (tmp_path / "out" / "refused.csv").read_bytes() == (b"file,line,column,code\nunits.csv,3,unit_id,missing\n")
    assert (tmp_path / "out" / "notes.csv").read_bytes() == b"file,sheet,line,column,code,text\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["import.csv", "notes.csv", "refused.csv"]


def test_refused_rows_are_fetched_page_after_page(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    FakeImportRoutes(gateway, page=2)
    units = tmp_path / "units.csv"
    units.write_text("unit_id\n" + "bad\n" * 5, encoding="utf-8")
    assert qihang("import", units, "--results", tmp_path).code == 0
    assert (tmp_path / "refused.csv").read_text().splitlines()[1:] == [
        f"units.csv,{line},unit_id,missing" for line in range(2, 7)
    ]


def test_whoever_imports_onto_a_full_disk_reads_why_and_the_import_goes_on(
    qihang: Qihang, gateway: FakeGateway, district: Path
) -> None:
    FakeImportRoutes(gateway)
    full = problem(507, "disk_full", "服务器的磁盘已满，没有写入。")
    gateway.fault(f"{PREFIX}/i1/advance", full, full)
    result = qihang("import", district)
    assert result.code == 0
    (line,) = result.err.splitlines()
    assert "磁盘已满，没有写入。（disk_full）；继续重试，最多再等" in line


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (PREFIX, DROP),
        (f"{PREFIX}/i1/files/units.csv", DROP_MIDWAY),
        (f"{PREFIX}/i1/files/units.csv", problem(502, "service_away")),
        (f"{PREFIX}/i1/advance", DROP),
        (f"{PREFIX}/i1/advance", problem(504, "service_slow")),
        (f"{PREFIX}/i1/refused", DROP),
    ],
)
def test_an_interruption_anywhere_does_not_show(
    qihang: Qihang, gateway: FakeGateway, district: Path, tmp_path: Path, path: str, fault: object
) -> None:
    importing = FakeImportRoutes(gateway)
    gateway.fault(path, fault, fault)
    result = qihang("import", district, "--results", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert importing.uploads["units.csv"] == UNITS.encode()
    assert (tmp_path / "refused.csv").read_text().count("\n") == 2


def test_an_upload_that_the_service_lost_is_sent_again(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    importing = FakeImportRoutes(gateway)
    gateway.fault(f"{PREFIX}/i1/advance", problem(409, "file_needed"))
    assert qihang("import", district).code == 0
    assert importing.begun == 2


def test_a_service_that_stays_away_ends_it_with_one_line(qihang: Qihang, district: Path) -> None:
    result = qihang("import", district, "--patience", "0", QIHANG_URL="http://127.0.0.1:9")
    assert result.code == 1
    assert result.err.startswith("qihang: ") and result.err.count("\n") == 1
    assert "拒绝连接" in result.err


def test_a_refusal_of_the_service_is_not_tried_again(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    gateway.on("POST", PREFIX, problem(409, "no_campaign", "还没有发布活动"))
    result = qihang("import", district)
    assert result.code == 1 and "还没有发布活动（no_campaign）" in result.err
    assert len(gateway.called("POST", PREFIX)) == 1


def test_a_dry_run_says_so_to_the_service_and_on_the_screen(
    qihang: Qihang, gateway: FakeGateway, district: Path
) -> None:
    importing = FakeImportRoutes(gateway)
    result = qihang("import", district, "--dry-run")
    assert importing.dry_run is True and "没有写入" in result.out


def test_an_empty_file_goes_up_empty(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "sheets.csv").write_bytes(b"")
    importing = FakeImportRoutes(gateway)
    assert qihang("import", tmp_path / "sheets.csv").code == 0
    assert importing.uploads == {"sheets.csv": b""}


@pytest.mark.parametrize("words", [
    ["nowhere.csv"], ["cli"], [], ["README.md", "--kind", "schools"], ["README.md", "--kind", "other.csv=people"],
])  # fmt: skip
def test_what_cannot_be_imported_is_wrong_usage(qihang: Qihang, words: list[str]) -> None:
    assert qihang("import", *words).code == 2


def test_files_of_any_name_and_two_of_one_name_go_up_under_names_of_their_own(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    importing = FakeImportRoutes(gateway)
    paths = [tmp_path / "一小" / "教职工名册.csv", tmp_path / "二小" / "教职工名册.csv", tmp_path / "people (1).csv"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(PEOPLE, encoding="utf-8")
    result = qihang("import", *paths, "--kind", "people", "--kind", "people (1).csv=posts")
    assert (result.code, result.err) == (0, "")
    assert [(file["name"], file["kind"]) for file in importing.order] == [
        ("一小_教职工名册.csv", "people"), ("二小_教职工名册.csv", "people"), ("people (1).csv", "posts")
    ]  # fmt: skip
    assert len(importing.uploads) == 3 and set(importing.uploads.values()) == {PEOPLE.encode()}
    assert ["合计", "3", "3", "0", "0"] in [line.split() for line in result.out.splitlines()]


def test_a_folder_gives_its_tables_and_names_what_is_left_out(
    qihang: Qihang, gateway: FakeGateway, district: Path
) -> None:
    importing = FakeImportRoutes(gateway)
    for name in ("refused.csv", "~$units.xlsx", ".hidden.csv", "附件.pdf"):
        (district / name).write_text("unit_id\n", encoding="utf-8")
    (district / "more").mkdir()
    result = qihang("import", district)
    assert [(file["name"], file["kind"]) for file in importing.order] == [("units.csv", "?"), ("people.csv", "?")]
    assert "文件夹里没有导入：more、readme.txt、refused.csv、~$units.xlsx、附件.pdf" in result.out


def test_notes_are_shown_by_sort_and_written_whole(
    qihang: Qihang, gateway: FakeGateway, district: Path, tmp_path: Path
) -> None:
    importing = FakeImportRoutes(gateway)
    importing.notes = [
        {"seq": n, "file": "units.csv", "sheet": "", "line": n, "column": "name", "code": "merged", "text": "=合并"}
        for n in range(1, 13)
    ]
    importing.notes.append({"seq": 13, "file": "a.xlsx", "sheet": "说明", "line": 0, "column": "", "text": "没有读取",
                            "code": "sheet_left_out"})  # fmt: skip
    result = qihang("import", district, "--results", tmp_path)
    assert result.out.count("（merged）") == 10 and "merged 另有 2 条" in result.out
    assert "提示：a.xlsx/说明：没有读取（sheet_left_out）" in result.out
    lines = (tmp_path / "notes.csv").read_text("utf-8").splitlines()
    assert (len(lines), lines[1], lines[-1]) == (
        14, "units.csv,,1,name,merged,'=合并", "a.xlsx,说明,,,sheet_left_out,没有读取"
    )  # fmt: skip


def test_files_that_cannot_be_read_fail_with_their_sentences(
    qihang: Qihang, gateway: FakeGateway, district: Path
) -> None:
    FakeImportRoutes(gateway)
    ended = {"finished": True, "state": "unreadable", "fault": "people.csv：有密码。", "files": []}
    gateway.on("POST", f"{PREFIX}/i1/advance", ended)
    result = qihang("import", district)
    assert (result.code, result.err) == (1, "qihang: people.csv：有密码。\n")


def test_the_list_of_imports_says_who_when_what_and_how_it_ended(qihang: Qihang, gateway: FakeGateway) -> None:
    row = {"import_id": "20221205-1", "actor": "operator:operator", "started_at": "2022-12-05T08:00:00.000000+00:00",
           "finished_at": "", "files": ["a.xlsx", "b.xlsx", "c.xlsx", "d.xlsx"], "kinds": ["people"], "rows": 7,
           "state": "deciding", "accepted": 4, "unchanged": 2, "refused": 1, "total": 9}  # fmt: skip
    gateway.on("GET", PREFIX, {"imports": [row], "more": True})
    result = qihang("imports", "--limit", "1")
    assert result.code == 0 and gateway.called("GET", PREFIX)[0].query["limit"] == "1"
    for word in ("20221205-1", "2022-12-05T08:00", "operator:operator", "等 4 个", "正在审核", "更早的没有列出"):
        assert word in result.out


def test_rows_of_an_outside_system_name_it(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    importing = FakeImportRoutes(gateway)
    assert qihang("import", district, "--as-source", "hr").code == 0
    assert importing.source == "hr"


def test_the_workbook_back_is_the_service_s(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    FakeImportRoutes(gateway)
    (tmp_path / "people.xlsx").write_text(PEOPLE, encoding="utf-8")
    result = qihang("import", tmp_path / "people.xlsx", "--workbook", tmp_path / "out.xlsx")
    assert result.code == 0 and (tmp_path / "out.xlsx").read_bytes() == b"back of people.xlsx"


def test_the_workbooks_of_several_files_are_in_a_folder_one_each(
    qihang: Qihang, gateway: FakeGateway, district: Path, tmp_path: Path
) -> None:
    FakeImportRoutes(gateway)
    result = qihang("import", district, "--workbook", tmp_path / "out.xlsx")
    assert result.code == 0 and "工作簿：" in result.out
    contents = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert contents == {"units.xlsx": b"back of units.csv", "people.xlsx": b"back of people.csv"}


def test_a_late_entry_says_why(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    importing = FakeImportRoutes(gateway)
    assert qihang("import", district, "--late-entry", "停电").code == 0
    assert importing.late_entry == "停电"
    assert qihang("import", district).code == 0
    assert importing.late_entry == ""


def test_late_facts_name_the_campaign_that_they_are_of(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    importing = FakeImportRoutes(gateway)
    assert qihang("import", district, "--campaign", "xue-lun-shu").code == 0
    assert importing.campaign == "xue-lun-shu"
    assert qihang("import", district).code == 0
    assert importing.campaign == ""


def test_a_late_entry_without_a_reason_is_wrong_usage(qihang: Qihang, gateway: FakeGateway, district: Path) -> None:
    importing = FakeImportRoutes(gateway)
    assert qihang("import", district, "--late-entry", " ").code == 2
    assert importing.begun == 0
