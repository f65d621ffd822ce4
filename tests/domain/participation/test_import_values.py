"""What people write in cells becomes codes and ids; what has no one meaning stays, and what is doubtful is noted."""

import pytest

from duties.campaign import Campaign
from services.participation.domain.rows import row_of
from services.participation.imports.lookalikes import MOST_VARIANTS, folded, variants
from services.participation.imports.semester_titles import semester_named
from services.participation.imports.values import KnownUnit, KnownValues, ResolvedRow, ValueNote, resolve_rows
from tests.domain.participation.district import sample_rules

CAMPAIGN = sample_rules()

UNITS = (
    KnownUnit("B01", "云岭区教育局", "2010-09-01", ""),
    KnownUnit("X101", "青禾小学", "2010-09-01", ""),
    KnownUnit("X102", "云岭中学（东校区）", "2010-09-01", ""),
    KnownUnit("X201", "实验小学", "2010-09-01", ""),
    KnownUnit("X202", "实验小学", "2012-09-01", ""),
    KnownUnit("X203", "实验中学", "2010-09-01", ""),
    KnownUnit("X204", "实验中学", "2010-09-01", "2020-09-01"),
    KnownUnit("X301", "旧街小学", "2010-09-01", "2020-09-01"),
)
KINDS = {"people": "membership", "units": "unit", "records": "record", "corrections": "correction", "posts": "post",
         "sheets": "sheet", "exemptions": "exemption", "decisions": "decision"}  # fmt: skip


def resolve(table: str, *rows: dict[str, str], **known: object) -> list[ResolvedRow]:
    given = [row_of(KINDS[table], row) for row in rows]
    return resolve_rows(table, given, KnownValues(CAMPAIGN, "2026-09-01", UNITS, **known))  # type: ignore[arg-type]


def cell(table: str, column: str, text: str, **more: str) -> str:
    row = resolve(table, {column: text, **more})[0]
    assert row.fault is None
    return str(getattr(row.row, column))


@pytest.mark.parametrize(
    ("table", "column", "text", "code"),
    [
        ("people", "role", "教师", "teacher"),
        ("people", "role", "干部", "cadre"),
        ("people", "role", "Teacher", "teacher"),
        ("people", "role", "保安", "保安"),
        ("units", "kind", "股室(办)", "office"),
        ("units", "kind", "股室（办）", "office"),
        ("units", "tags", "中心校;教研室", "central_school;research_office"),
        ("units", "tags", "中心校;名校", "central_school;名校"),
        ("posts", "post", "填报员", "clerk"),
        ("decisions", "kind", "一票否决", "veto"),
        ("records", "record", "思想总结", "summary"),
        ("records", "record", "summary", "summary"),
        ("records", "record", "总结", "总结"),
        ("exemptions", "duty", "学习笔记", "notes"),
        ("sheets", "item", "组织推动", "organisation"),
    ],
)
def test_a_label_becomes_its_code_and_nothing_else_does(table: str, column: str, text: str, code: str) -> None:
    assert cell(table, column, text) == code


@pytest.mark.parametrize(
    ("text", "unit_id"),
    [
        ("X101", "X101"),
        ("青禾小学", "X101"),
        ("云岭中学(东校区)", "X102"),
        ("云岭中学 （东校区）", "X102"),
        ("实验中学", "X203"),
        ("旧街小学", "旧街小学"),
        ("青禾", "青禾"),
        ("X999", "X999"),
        ("", ""),
    ],
)
def test_a_unit_is_taken_by_the_full_name_of_one_in_service(text: str, unit_id: str) -> None:
    assert cell("people", "unit_id", text) == unit_id


def test_the_name_of_several_units_is_refused_with_it() -> None:
    row = resolve("people", {"unit_id": "实验小学"})[0]
    assert row.fault == ("unit_id", "ambiguous_name", "实验小学")
    assert row.row == row_of("membership", {"unit_id": "实验小学"})


def test_the_title_of_several_duties_names_none() -> None:
    data = {"campaign": "c", "version": 1, "title": "t", "timezone": "Asia/Shanghai", "starts_on": "2022-11-01",
            "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"},
            "duties": [{"id": f"d{at}", "title": "总结", "who": {"kinds": ["school"]}, "every": "month", "count": 1,
                        "record": f"r{at}", "weight": 1} for at in (1, 2)]}  # fmt: skip
    known = KnownValues(Campaign.from_data(data), "2026-09-01", UNITS)
    assert resolve_rows("records", [row_of("record", {"record": "总结"})], known)[0].row.record == "总结"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2022-autumn", "2022-autumn"),
        ("2022年秋季学期", "2022-autumn"),
        ("2022 年秋季学期", "2022-autumn"),
        ("2023春季学期", "2023-spring"),
        ("2022-2023学年第一学期", "2022-autumn"),
        ("2022—2023学年第二学期", "2023-spring"),
        ("2022-2023学年下学期", "2023-spring"),
        ("2022-2024学年第一学期", "2022-2024学年第一学期"),
        ("秋季学期", "秋季学期"),
        ("2022-11", "2022-11"),
        ("第一学期", "第一学期"),
    ],
)
def test_a_semester_is_taken_by_what_it_is_called(text: str, period: str) -> None:
    assert semester_named(CAMPAIGN.semesters, text) == period
    assert cell("exemptions", "period", text) == period


def test_a_correction_names_its_table_and_column_by_label_and_its_value_is_read_as_that_column_s() -> None:
    def corrected(**cells: str) -> tuple[str, ...]:
        row = resolve("corrections", cells)[0].row
        return row.table, row.column, row.value  # type: ignore[union-attr, return-value]

    assert corrected(table="任职", column="任职止", value="2023/7/1") == ("people", "to", "2023-07-01")
    assert corrected(table="people", column="身份", value="干部") == ("people", "role", "cadre")
    assert corrected(table="units", column="包联股室", value="青禾小学") == ("units", "liaison_id", "X101")
    assert corrected(table="填报记录", column="整行", value="恢复") == ("records", "*", "restore")
    assert corrected(table="units", column="*", value="") == ("units", "*", "")
    assert corrected(table="什么", column="任职止", value="2023/7/1") == ("什么", "任职止", "2023/7/1")
    refused = resolve("corrections", {"table": "units", "column": "包联股室", "value": "实验小学"})[0]
    assert refused.fault == ("value", "ambiguous_name", "实验小学")
    garbled = resolve("corrections", {"table": "people", "column": "姓名", "value": "???"})[0]
    assert garbled.fault == ("value", "garbled", "???")


def test_an_id_that_differs_by_case_or_a_look_alike_is_noted() -> None:
    known = {("person", folded("T1004")): frozenset({"T1004"})}
    for text in ("t1004", "TI004", "T10O4", "tlOo4"):
        row = resolve("people", {"person_id": text, "unit_id": "X101"}, ids=known)[0]
        assert row.notes == (ValueNote("person_id", "like_known", text, "T1004"),)
        assert row.fault is None and row.row[0] == text
    assert resolve("people", {"person_id": "T1004"}, ids=known)[0].notes == ()
    assert resolve("people", {"person_id": "T1005"}, ids=known)[0].notes == ()
    unit = resolve("people", {"unit_id": "x1O1"}, ids={("unit", folded("X101")): frozenset({"X101"})})[0]
    assert unit.notes == (ValueNote("unit_id", "like_known", "x1O1", "X101"),)


def test_an_id_that_looks_like_one_of_an_earlier_row_is_noted() -> None:
    rows = resolve("records", {"record_id": "R01"}, {"record_id": "RO1"}, {"record_id": "R01"}, {"record_id": "R02"})
    assert [[note.known for note in row.notes] for row in rows] == [[], ["R01"], [], []]


@pytest.mark.parametrize("name", ["阿依古丽.买买提", "阿依古丽 · 买买提", "阿依古丽买买提", "阿依古丽．买买提"])
def test_a_name_that_differs_by_its_dot_is_the_known_one(name: str) -> None:
    known = {"T1005": "阿依古丽·买买提"}
    row = resolve("people", {"person_id": "T1005", "name": name}, names=known)[0]
    assert row.row[1] == "阿依古丽·买买提"
    assert row.notes == (ValueNote("name", "name_as_known", name, "阿依古丽·买买提"),)
    other = resolve("people", {"person_id": "T1005", "name": "阿依努尔.买买提"}, names=known)[0]
    assert other.row[1] == "阿依努尔.买买提" and other.notes == ()


def test_what_a_known_id_may_be_mistaken_for_is_among_its_variants() -> None:
    assert {"T1001", "t1001", "TI001", "T1O01", "Tl001", "T100I"} <= variants("T1001")
    assert "T1001" in variants("TI00I") & variants("t1OOl") & variants("T1O01")
    assert {"OO1", "001", "oo1", "0O1"} <= variants("OO1")
    assert {"712", "00712"} <= variants("712") & variants("00712") & variants("712.0")
    assert folded("712") == folded("00712") == folded("712.0") != folded("7120")
    assert folded("P12") != folded("P012") and folded("1.5") == "1.5"
    assert len(variants("0" * 100 + "1" * 28)) <= 2 * MOST_VARIANTS
    assert all(folded(item) == folded("T1001") for item in variants("T1001"))
