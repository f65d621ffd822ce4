"""A unit's own files: brought in by its head or clerk, without ids and units; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from services.participation.imports import spool
from services.participation.imports.handlers import ImportRequest
from services.participation.records.projections import records
from services.participation.registry.handlers import erase_person
from services.participation.undo.handlers import undo_import
from services.registry.rights import HeldPost, Party
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.importing import manifest_of, uploaded, worked

PERSON = frozenset({"person"})
SCHOOL, OTHER = HeldPost("clerk", "S1", "school"), HeldPost("clerk", "S2", "school")
CLERK = Party("console", "P1", PERSON | {"clerk"}, posts=(SCHOOL,))
OFFICE = Party("console", "P9", PERSON | {"campaign_office"}, posts=(HeldPost("campaign_office", "B1", "bureau"),))
SESSIONS = "日期,主题,印证资料\n2022-11-09,新课标,照片.jpg\n2022/11/23,大单元,\n"
NOTES = "姓名,日期,主题\n许悦,2022-11-09,第一章\n王芳,2022-11-10,第一章\n"
Row = tuple[int, str, str]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Two schools; at S1 一小 P1 许悦, P2 王芳, and two who are called 李静; at S2 二小 P5 赵磊 and another 王芳."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    replica.submit("unit", unit_id="S2", name="二小", kind="school", opened_on="2010-09-01")
    people = (
        ("P2", "王芳", "S1"),
        ("P3", "李静", "S1"),
        ("P4", "李静", "S1"),
        ("P5", "赵磊", "S2"),
        ("P6", "王芳", "S2"),
    )
    for person_id, name, unit_id in people:
        replica.submit("membership", person_id=person_id, name=name, role="teacher", unit_id=unit_id,
                       from_="2015-09-01")  # fmt: skip
    yield replica
    replica.runtime.store.close()


def bring(
    replica: Replica, name: str, text: str, actor: Party | Any = CLERK, kind: str = "", **wanted: Any
) -> dict[str, Any]:
    """The import of one file, ended."""
    files = {name: text.encode()}
    imports = replica.service.imports
    import_id, _ = imports.begin_import(ImportRequest(manifest_of(files, kind), **wanted), actor, "")
    imports.upload_file(import_id, name, [files[name]])
    worked(replica)
    shown: dict[str, Any] = imports.show_import(import_id)
    return shown


def counts(shown: Mapping[str, Any]) -> tuple[int, int, int]:
    """Accepted, unchanged, refused."""
    assert shown["state"] == "finished", shown["fault"]
    return tuple(sum(file[what] for file in shown["files"]) for what in ("accepted", "unchanged", "refused"))  # type: ignore[return-value]


def refused(replica: Replica, shown: Mapping[str, Any]) -> list[Row]:
    rows = replica.service.imports.refused_rows(shown["import_id"], 0, 100)
    return [(row["line"], row["column"], row["code"]) for row in rows]


def noted(replica: Replica, shown: Mapping[str, Any]) -> list[tuple[int, str]]:
    return [(note["line"], note["code"]) for note in replica.service.imports.notes(shown["import_id"], 0, 100)]


def stored(replica: Replica) -> list[tuple[str, str, str, str]]:
    return sorted((row.kind, row.unit_id, row.person_id, row.day) for row in replica.rows(records)
                  if not row.withdrawn_at)  # fmt: skip


def test_a_unit_s_file_needs_neither_ids_nor_units_nor_kinds(replica: Replica) -> None:
    shown = bring(replica, "一小研讨日11月.csv", SESSIONS)
    assert (counts(shown), shown["unit_id"], shown["actor"]) == ((2, 0, 0), "S1", "clerk:P1@S1")
    assert noted(replica, shown) == [(2, "kind_from_name"), (3, "kind_from_name")]
    assert stored(replica) == [("discussion_day", "S1", "", "2022-11-09"), ("discussion_day", "S1", "", "2022-11-23")]
    again = bring(replica, "一小研讨日11月.csv", SESSIONS + "\n")
    assert (counts(again), len(stored(replica))) == ((0, 2, 0), 2)


def test_people_are_named_by_name_within_the_unit(replica: Replica) -> None:
    text = NOTES + "李静,2022-11-10,第一章\n赵磊,2022-11-10,第一章\n钱多,2022-11-10,第一章\n"
    shown = bring(replica, "学习笔记.csv", text)
    assert counts(shown) == (2, 0, 3)
    assert refused(replica, shown) == [
        (4, "person_name", "ambiguous_name"),
        (5, "person_name", "unknown_person"),
        (6, "person_name", "unknown_person"),
    ]
    messages = [row["message"] for row in replica.service.imports.refused_rows(shown["import_id"], 0, 9)]
    assert "“李静”" in messages[0] and "工号" in messages[0] and "“赵磊”" in messages[1]
    assert stored(replica) == [("note", "S1", "P1", "2022-11-09"), ("note", "S1", "P2", "2022-11-10")]
    mended = text.replace("姓名,", "姓名,工号,").replace("李静,", "李静,P4,").replace(",2022", ",,2022", 0)
    lines = mended.splitlines()
    filled = "\n".join(
        line if at == 0 or ",P4," in line else line.replace(",", ",,", 1) for at, line in enumerate(lines)
    )
    assert counts(bring(replica, "学习笔记.csv", filled)) == (1, 2, 2)


def test_a_name_that_is_not_the_id_s_is_noted(replica: Replica) -> None:
    shown = bring(replica, "学习笔记.csv", "工号,姓名,日期,主题\nP1,王芳,2022-11-09,一\nP2,王 芳,2022-11-09,一\n")
    assert counts(shown) == (2, 0, 0)
    assert [note for note in noted(replica, shown) if note[1] == "name_differs"] == [(2, "name_differs")]


def test_rows_of_another_unit_are_refused_and_leave_no_trace(replica: Replica) -> None:
    before = len(replica.log())
    rows = "二小,,2022-11-09,一\nS2,,2022-11-09,一\n一小,P5,2022-11-09,一\n,P6,2022-11-09,一\n"
    shown = bring(replica, "学习笔记.csv", f"单位,工号,日期,主题\n{rows}")
    assert counts(shown) == (0, 0, 4)
    columns = ("unit_id", "unit_id", "person_id", "person_id")
    assert refused(replica, shown) == [(line, column, "not_your_unit") for line, column in enumerate(columns, 2)]
    assert stored(replica) == []
    assert {event.type.split(".")[1] for event in replica.log()[before:]} == {
        "import_started", "import_read", "import_advanced", "import_finished"}  # fmt: skip


def test_whose_a_person_s_record_is_says_the_unit_of_its_day(replica: Replica) -> None:
    replica.submit("membership_ended", person_id="P2", unit_id="S1", from_="2015-09-01", to="2022-11-10")
    replica.submit("membership", person_id="P2", name="王芳", role="teacher", unit_id="S2", from_="2022-11-10")
    shown = bring(replica, "学习笔记.csv", "工号,日期,主题\nP2,2022-11-09,一\nP2,2022-11-10,二\n")
    assert (counts(shown), refused(replica, shown)) == ((1, 0, 1), [(3, "person_id", "not_your_unit")])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("units.csv", "unit_id,name,kind,opened_on\nS3,三小,school,2010-09-01\n"),
        ("posts.csv", "unit_id,post,person_id,from\nS1,head,P1,2022-09-01\n"),
        ("exemptions.csv", "exemption_id,unit_id,duty,period,reason\nE1,S1,discussion-day,2022-11,停课\n"),
        ("decisions.csv", "decision_id,kind,year,unit_id,document,decided_on,reason\nD1,veto,2022,S1,1,2022-12-01,x\n"),
        ("corrections.csv", "correction_id,table,row,column,value,reason\nC1,units,S1,name,甲,更名\n"),
    ],
)  # fmt: skip
def test_tables_that_no_unit_brings_in_are_refused(replica: Replica, name: str, text: str) -> None:
    shown = bring(replica, name, text)
    assert (counts(shown), [code for *_, code in refused(replica, shown)]) == ((0, 0, 1), ["not_your_table"])


def test_changed_columns_conflict_and_a_changed_title_is_a_new_record(replica: Replica) -> None:
    bring(replica, "研讨日.csv", SESSIONS)
    changed = bring(replica, "研讨日.csv", SESSIONS.replace("照片.jpg", "照片2.jpg"))
    assert (counts(changed), refused(replica, changed)) == ((0, 1, 1), [(2, "record_id", "conflict")])
    (row,) = replica.service.imports.refused_rows(changed["import_id"], 0, 9)
    record_id = next(row.record_id for row in replica.rows(records) if row.day == "2022-11-09")
    assert f"“{record_id}”" in row["message"]
    titled = bring(replica, "研讨日.csv", SESSIONS.replace("大单元", "大单元设计"))
    assert (counts(titled), len(stored(replica))) == ((1, 1, 0), 3)
    assert (3, "beside_known") in noted(replica, titled)
    correction = f"correction_id,table,row,column,value,reason\nC1,records,{record_id},evidence,照片2.jpg,换照片\n"
    assert counts(bring(replica, "corrections.csv", correction)) == (1, 0, 0)
    assert counts(bring(replica, "研讨日.csv", SESSIONS.replace("照片.jpg", "照片2.jpg"))) == (0, 2, 0)
    assert counts(bring(replica, "研讨日.csv", SESSIONS + "  \n")) == (0, 2, 0)


def test_the_same_row_twice_in_a_file_is_one_record(replica: Replica) -> None:
    shown = bring(replica, "学习笔记.csv", NOTES + "许悦,2022-11-09,第一章\n")
    assert (counts(shown), (4, "same_row") in noted(replica, shown)) == ((2, 1, 0), True)


def test_a_record_that_came_with_an_id_is_found_again_without_it(replica: Replica) -> None:
    rows = ("record_id,record,unit_id,person_id,occurred_at,title\nR1,note,S1,P1,2022-11-09,第一章\n"
            "R2,note,,P2,2022-11-10,第一章\n")  # fmt: skip
    assert counts(bring(replica, "records.csv", rows, OPERATOR)) == (2, 0, 0)
    assert counts(bring(replica, "学习笔记.csv", NOTES)) == (0, 2, 0)
    assert [row.record_id for row in replica.rows(records)] == ["R1", "R2"]


def test_a_dry_run_says_what_the_import_then_does_and_gives_the_same_ids(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "BATCH", 2)
    text = NOTES + "许悦,2022-11-09,第一章\n李静,2022-11-09,一\n,2022-11-09,一\n二,2022-11-09,一\n"
    dry = bring(replica, "学习笔记.csv", text, dry_run=True)
    assert stored(replica) == []
    real = bring(replica, "学习笔记.csv", text)
    assert counts(dry) == counts(real) == (2, 1, 3)
    assert refused(replica, dry) == refused(replica, real)
    changed = text.replace("第一章", "第一章 ").replace("主题\n", "主题,印证资料\n").replace("第一章 \n", "第一章,甲\n")
    conflicts = [bring(replica, "学习笔记.csv", changed, dry_run=dry_run) for dry_run in (True, False)]
    rows = [replica.service.imports.refused_rows(shown["import_id"], 0, 9) for shown in conflicts]
    assert [row["message"] for row in rows[0]] == [row["message"] for row in rows[1]]
    assert [row["code"] for row in rows[0]][:3] == ["conflict"] * 3


def test_an_import_undone_may_come_in_again_a_withdrawn_record_does_not(replica: Replica) -> None:
    first = bring(replica, "研讨日.csv", SESSIONS)
    outcome = undo_import(replica.runtime.units_of_work, first["import_id"], "导错了", None, CLERK)
    assert (outcome.undone, stored(replica)) == (2, [])
    assert counts(bring(replica, "研讨日.csv", SESSIONS)) == (2, 0, 0)
    again = bring(replica, "研讨日.csv", SESSIONS + "\n")
    assert counts(again) == (0, 2, 0)
    record_id = next(row.record_id for row in replica.rows(records) if not row.withdrawn_at and row.day == "2022-11-09")
    gone = f"record_id,withdrawn_at,reason\n{record_id},2022-12-01,没有开展\n"
    assert counts(bring(replica, "withdrawals.csv", gone)) == (1, 0, 0)
    back = bring(replica, "研讨日.csv", SESSIONS + "\n\n")
    assert (counts(back), refused(replica, back)) == ((0, 1, 1), [(2, "record_id", "conflict")])
    assert (2, "gone_record") in noted(replica, back)


def test_withdrawals_and_corrections_are_of_the_unit_s_own_records(replica: Replica) -> None:
    foreign = "record_id,record,unit_id,occurred_at\nR9,discussion_day,S2,2022-11-09\n"
    assert counts(bring(replica, "records.csv", foreign, OPERATOR)) == (1, 0, 0)
    bring(replica, "研讨日.csv", "记录编号,日期,主题\nR1,2022-11-09,一\n")
    shown = bring(
        replica, "withdrawals.csv", "record_id,withdrawn_at,reason\nR9,2022-12-01,x\nR1,2022-12-01,x\nR0,2022-12-01,x\n"
    )
    assert refused(replica, shown) == [(2, "record_id", "not_your_unit"), (4, "record_id", "unknown_record")]
    rows = "C1,records,R9,title,甲,x\nC2,records,R1,unit_id,S2,x\nC3,records,R1,*,restore,x\nC4,records,R0,title,甲,x\n"
    shown = bring(replica, "corrections.csv", f"correction_id,table,row,column,value,reason\n{rows}")
    assert (counts(shown), refused(replica, shown)) == ((1, 0, 3), [
        (2, "row", "not_your_unit"), (3, "value", "not_your_unit"), (5, "row", "unknown_row")])  # fmt: skip


def test_a_person_and_their_records_in_one_go_dry_and_in_earnest(replica: Replica) -> None:
    roster = "工号,姓名,身份,任职起\nN1,周新,教师,2022-09-01\n"
    for dry_run, expected in ((True, 2), (False, 2)):
        files = {"people.csv": roster.encode(), "学习笔记.csv": "姓名,日期,主题\n周新,2022-11-09,一\n".encode()}
        imports = replica.service.imports
        import_id, _ = imports.begin_import(ImportRequest(manifest_of(files), dry_run), CLERK, "")
        for name, body in files.items():
            imports.upload_file(import_id, name, [body])
        worked(replica)
        assert counts(imports.show_import(import_id))[0] == expected, imports.refused_rows(import_id, 0, 9)
    assert stored(replica) == [("note", "S1", "N1", "2022-11-09")]


def test_the_campaign_office_brings_in_a_unit_s_file_for_it_or_the_district_s_as_ever(replica: Replica) -> None:
    assert counts(bring(replica, "研讨日.csv", SESSIONS, OFFICE, unit_id="S2")) == (2, 0, 0)
    assert {row[1] for row in stored(replica)} == {"S2"}
    whole = bring(replica, "研讨日.csv", SESSIONS, OFFICE)
    assert (whole["state"], "record_id" in whole["fault"]) == ("unreadable", True)


@pytest.mark.parametrize(
    "wanted", [{"late_entry": "停机"}, {"source": "hr"}, {"campaign": "xue-lun-shu"}, {"unit_id": "S2"}]
)
def test_late_entry_other_systems_and_other_units_are_not_for_a_unit(replica: Replica, wanted: dict[str, str]) -> None:
    with pytest.raises(Problem, match="not_allowed"):
        bring(replica, "研讨日.csv", SESSIONS, **wanted)
    assert replica.service.imports.list_imports(OFFICE, "", 9) == []


def test_who_has_posts_in_two_units_says_which(replica: Replica) -> None:
    both = Party("console", "P1", PERSON | {"clerk"}, posts=(SCHOOL, OTHER))
    with pytest.raises(Problem, match="which_unit"):
        bring(replica, "研讨日.csv", SESSIONS, both)
    assert bring(replica, "研讨日.csv", SESSIONS, both, unit_id="S2")["actor"] == "clerk:P1@S2"
    assert {row["unit_id"] for row in replica.service.imports.list_imports(both, "", 9)} == {"S2"}


def test_each_sees_the_imports_of_their_units(replica: Replica) -> None:
    own = bring(replica, "研讨日.csv", SESSIONS)["import_id"]
    whole = uploaded(replica, {"records.csv": b"record_id,record,occurred_at\n"})
    worked(replica)
    imports, head = replica.service.imports, Party("console", "P2", PERSON, posts=(HeldPost("head", "S1", "school"),))
    listed = {who: {row["import_id"] for row in imports.list_imports(who, "", 9)} for who in (CLERK, head, OFFICE)}
    assert listed == {CLERK: {own}, head: {own}, OFFICE: {own, whole}}
    for who in (Party("console", "P5", PERSON, posts=(OTHER,)),
                Party("console", "P7", PERSON, posts=(HeldPost("inspector", "S1", "school"),)),
                Party("console", "P8", PERSON)):  # fmt: skip
        assert imports.list_imports(who, "", 9) == []
        for import_id in (own, whole, "20220101-0000000000"):
            with pytest.raises(Problem, match="not_allowed"):
                imports.require(who, import_id)


def test_the_same_file_of_two_units_is_two_imports(replica: Replica) -> None:
    files = {"研讨日.csv": SESSIONS.encode()}
    imports = replica.service.imports
    begun = [
        imports.begin_import(ImportRequest(manifest_of(files), unit_id=unit_id), OFFICE, "") for unit_id in ("S1", "S2")
    ]
    assert len({import_id for import_id, _ in begun}) == 2 and not any(resumed for _, resumed in begun)


def test_rows_that_wait_with_a_name_only_go_when_somebody_is_erased(replica: Replica) -> None:
    imports, files = replica.service.imports, {"学习笔记.csv": NOTES.encode(), "b.csv": b"x"}
    import_id, _ = imports.begin_import(ImportRequest(manifest_of(files)), CLERK, "")
    imports.upload_file(import_id, "学习笔记.csv", [files["学习笔记.csv"]])
    imports.job.read_all()
    erase_person(replica.runtime.store, replica.runtime.units_of_work, imports.erase_rows_of, "P2", OPERATOR, "")
    folder = next(path for path in (imports._spool.folders()) if path.name == import_id)
    left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"\\u738b\\u82b3" not in left and "王芳".encode() not in left
