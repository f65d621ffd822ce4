"""Text files, tables and cells as public reports of import systems describe them."""

from pathlib import Path
from typing import Any

import pytest

from services.reading.catalogue import ColumnType
from services.reading.cells import ReadCell, read_cell
from services.reading.table import Cell, CellKind
from tests.reading.kinds import Read, read
from tests.reading.test_layout import LABELS, NAMES, book
from tests.reading.test_siblings import of

HEADER = "人员编号,姓名,身份,单位编号,开始日期,结束日期"
LINE = "T1,林知夏,teacher,X101,2018-09-01,"
GOOD = [["T1", "林知夏", "teacher", "X101", "2018-09-01", ""]]
ROW = GOOD[0]


def text_file(content: bytes, folder: Path) -> Read:
    (folder / "a.csv").write_bytes(content)
    return read(folder / "a.csv", folder)


def lines(*texts: str, end: str = "\r\n") -> str:
    return end.join((*texts, ""))


TEXTS: dict[str, bytes] = {
    "GBK": lines(HEADER, LINE).encode("gbk"),
    "UTF-16 BE": b"\xfe\xff" + lines(HEADER, LINE).replace(",", "\t").encode("utf-16-be"),
    "two marks before quotes": ("\ufeff\ufeff" + lines(HEADER.replace("人员编号", '"人员编号"'), LINE)).encode(),
    "lines of an old Mac": lines(HEADER, LINE, end="\r").encode(),
    "lines of several kinds": f"{HEADER}\n{LINE}\r\n".encode(),
    "the end sign of DOS": lines(HEADER, LINE).encode("gbk") + b"\x1a",
    "no line break at the end": f"{HEADER}\n{LINE}".encode(),
    "everything in quotes": lines(*('"' + line.replace(",", '","') + '"' for line in (HEADER, LINE))).encode(),
    "a title with another sign above": lines("第一小学;教职工花名册;2026年9月", HEADER, LINE).encode(),
    "a title with tabs above": lines("第一小学\t2026年9月\t单位：人", HEADER, LINE).encode(),
    "a title with commas above tabs": lines(
        "第一小学,教职工,花名册,2026年,9月,共1人,表", HEADER.replace(",", "\t"), LINE.replace(",", "\t")).encode(),
    "a title over all columns": lines("花名册,,,,,", HEADER, LINE).encode(),
    "sep= and tabs": lines("sep=\t", HEADER.replace(",", "\t"), LINE.replace(",", "\t")).encode(),
    "sep, UTF-16": b"\xff\xfe" + lines("sep=;", HEADER.replace(",", ";"), LINE.replace(",", ";")).encode("utf-16-le"),
    "short rows": lines(HEADER, LINE.rstrip(",")).encode(),
    "surplus signs": lines(HEADER + ",,,", LINE + ",,,").encode(),
    "a tab behind the id, against the exponent": lines(HEADER, LINE.replace("T1", "T1\t")).encode("gbk"),
    'ids as ="..."': lines(HEADER, LINE.replace("T1", '="T1"')).encode(),
    "a BOM of GB18030": b"\x84\x31\x95\x33" + lines(HEADER, LINE).encode("gb18030"),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_file_of_another_program_is_read(what: str, tmp_path: Path) -> None:
    done = text_file(TEXTS[what], tmp_path)
    assert (done.refused, done.rows) == ("", GOOD)


@pytest.mark.parametrize("cut", [b"\xd5", b"\xd5\xc5\xb0", b"\xff"])
def test_a_character_cut_in_two_by_an_export_spoils_its_row_alone(cut: bytes, tmp_path: Path) -> None:
    spoilt = LINE.encode("gbk").replace("林知夏".encode("gbk"), cut).replace(b"T1", b"T2")
    done = text_file(lines(HEADER, LINE).encode("gbk") + spoilt + b"\r\n" + LINE.encode("gbk") + b"\xd5", tmp_path)
    assert done.rows[0] == ROW and len(done.rows) == 3
    assert any("\ud800" <= letter <= "\udfff" for letter in done.rows[1][1])


@pytest.mark.parametrize("name", ["䶮", "㛃", "㐂", "𠮷", "𫖯", "䲜", "翀", "赟", "喆", "燊", "氹", "堃"])
def test_a_rare_character_is_the_same_in_every_encoding(name: str, tmp_path: Path) -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        done = text_file(lines(HEADER, LINE.replace("林知夏", f"林{name}")).encode(encoding), tmp_path)
        assert [row[1] for row in done.rows] == [f"林{name}"], encoding


HEADERS: list[list[str]] = [
    ["*人员编号", "*姓名", "*身份", "*单位编号", "*开始日期", "结束日期"],
    ["【必填】人员编号", "【必填】姓名", "【必填】身份", "【必填】单位编号", "【必填】开始日期", "结束日期"],
    ["工\n号", "姓\n\n名", "身\n份", "单\n位", "开始\n日期", "结束\n日期"],
    ["工 号", "姓　名", "身\u00a0份", "单 位", "开始日期\u200b", "结束日期"],
    ["ＰＥＲＳＯＮ＿ＩＤ", "Name", "ROLE", "Unit_Id", "From", "To"],
    ["工号（person_id）", "姓名(name)", "身份 role", "单位/unit_id", "开始日期|from", "结束日期\nto"],
    ["人员编号：", "姓名:", "身份：", "单位：", "开始日期：", "结束日期："],
    ["人员编号\r\n（工号）", "姓名\r\n（全）", "身份\r\n（下拉）", "单位编号", "开始日期\r\n（年月日）", "结束日期"],
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=[names[0] for names in HEADERS])
def test_a_header_is_known_however_it_is_written(header: list[str], tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", header, ROW), tmp_path)
    assert (done.refused, done.rows) == ("", GOOD)


Rows = list[list[Any]]
SIGNED: Rows = [["制表人：张三", None, "审核人：李四"], ["填表日期：2026年9月1日"]]
SHEETS: dict[str, tuple[Rows, tuple[str, ...], list[str]]] = {
    "titles above": ([["花名册"], ["单位：第一小学", None, "2026年9月"], [], LABELS, ROW], ("A1:F1",), []),
    "signatures below": ([LABELS, ROW, [], *SIGNED], (), ["row_left_out"] * 2),
    "a sum over merged cells": ([LABELS, ROW, ["合计", None, None, None, 1]], ("A3:D3",), ["merged", "row_left_out"]),
    "a sum in blanks": ([LABELS, ROW, ["合　　计", None, 1]], (), ["row_left_out"]),
    "remarks below": ([LABELS, ROW, ["说明：1.本表一式两份"]], ("A3:F3",), ["merged", "row_left_out"]),
    "serial numbers before": ([["序号", *LABELS], [1, *ROW]], (), ["column_ignored"]),
    "blank columns between": ([[LABELS[0], None, *LABELS[1:]], [ROW[0], None, *ROW[1:]]], (), []),
    "blank columns before": ([[None, None, *LABELS], [None, None, *ROW]], (), []),
    "the columns in another order": ([LABELS[::-1], ROW[::-1]], (), []),
    "eight rows of notes above": ([[f"{at}、请如实填写"] for at in range(1, 9)] + [LABELS, ROW], (), []),
    "the header again on page 2": ([LABELS, ROW, LABELS], (), ["row_left_out"]),
    "English below Chinese": ([LABELS, NAMES, ROW], (), ["row_left_out"]),
    "rows of blanks between": ([LABELS, [" ", "\u3000"], ROW, ["\u200b"]], (), []),
}  # fmt: skip


@pytest.mark.parametrize("what", SHEETS)
def test_a_sheet_as_offices_lay_it_out(what: str, tmp_path: Path) -> None:
    rows, merged, notes = SHEETS[what]
    done = read(book(tmp_path / "a.xlsx", *rows, merged=merged), tmp_path)
    assert (done.refused, done.rows, sorted(done.note_codes)) == ("", GOOD, notes)


@pytest.mark.parametrize("text", [
    "2018-09-01 00:00:00", "2018-09-01 00:00:00.0", "2018/9/1 0:00", "2018-09-01T00:00:00", "2018年9月1日 0:00:00",
    "20180901",
    "2018.9.1", "２０１８－９－１", "2018年09月01日", "　2018-9-1　", "\ufeff2018-9-1", "二〇一八年九月一日",
    "二○一八年九月一日",
    "二零一八年九月一日", "2018-09-01\n", "2018年9月1号", "2018\u20139\u20131",
])  # fmt: skip
def test_a_day_of_one_meaning(text: str) -> None:
    assert of(ColumnType.DAY, text).text == "2018-09-01"


@pytest.mark.parametrize("text", [
    "9月1日", "2018年9月", "18/9/1", "9/1/2018", "01-09-2018", "2018-9", "2018年秋", "2018-02-30", "2018-09-01 08:00",
    "43344", "至今",
    "长期", "2018-09-01至2020-09-01", "2018-09-01T00:00:00Z", "180901", "201809", "民国107年9月1日", "二〇一八年九月",
    "二〇一八年十三月一日",
])  # fmt: skip
def test_a_day_of_several_meanings_or_none(text: str) -> None:
    assert of(ColumnType.DAY, text) == ReadCell(text)


@pytest.mark.parametrize(("text", "instant"), [
    ("2026/9/1 14:30", "2026-09-01T14:30:00"), ("2026-09-01 14:30:15.0", "2026-09-01T14:30:15"),
    ("2026.09.01 08:00:00", "2026-09-01T08:00:00"), ("2026年9月1日14时30分", "2026-09-01T14:30:00"),
    ("2026/9/1 下午 2:30", "2026-09-01T14:30:00"), ("2026/9/1 上午 9:30:00", "2026-09-01T09:30:00"),
    ("2026/9/1 9:30 AM", "2026-09-01T09:30:00"), ("2026-09-01 2:30:00 PM", "2026-09-01T14:30:00"),
    ("2026年9月1日下午3时", "2026-09-01T15:00:00"), ("2026-09-01 14：30", "2026-09-01T14:30:00"),
    ("2026-09-01T14:30:00+08:00", "2026-09-01T14:30:00+08:00"),
])  # fmt: skip
def test_an_instant_of_one_meaning(text: str, instant: str) -> None:
    assert of(ColumnType.INSTANT, text).text == instant


@pytest.mark.parametrize("text", [
    "2026/9/1 下午 14:30:00 PM", "2026/9/1 上午 13:00", "2026/9/1 下午", "9:30", "2026/9/1 24:00",
    "2026/9/1 12:30 半",
])  # fmt: skip
def test_an_instant_of_several_meanings_or_none(text: str) -> None:
    assert of(ColumnType.INSTANT, text).text == text


@pytest.mark.parametrize(("text", "period"), [
    ("2026年9月", "2026-09"), ("2026/09", "2026-09"), ("202609", "2026-09"), ("２０２６年９月", "2026-09"),
    ("2026年三季度", "2026-Q3"),
    ("2026年第三季度", "2026-Q3"), ("2026年3季度", "2026-Q3"), ("2026-q3", "2026-Q3"), ("2026年", "2026"),
    ("2026年度", "2026"),
    ("2026年 第3季度", "2026-Q3"), ("二〇二六年九月", "2026-09"), ("二〇二六年", "2026"),
    ("二〇二六年第三季度", "2026-Q3"), ("2026第三季度", "2026-Q3"),
])  # fmt: skip
def test_a_period_of_one_meaning(text: str, period: str) -> None:
    assert of(ColumnType.PERIOD, text).text == period


@pytest.mark.parametrize("text", [
    "9月", "第三季度", "2026年13月", "2026年5季度", "26年9月", "2026年上半年", "2026年9月-10月", "2026-00",
])  # fmt: skip
def test_a_period_of_several_meanings_or_none(text: str) -> None:
    assert of(ColumnType.PERIOD, text) == ReadCell(text)


@pytest.mark.parametrize(("text", "read_as", "note"), [
    ("'00712", "00712", "trimmed"), ("\u2018T1001", "T1001", "trimmed"), ("Ｔ１００１", "T1001", "narrowed"),
    ("T1001\u3000", "T1001", "trimmed"),
    ("T-1001", "T-1001", ""), ("O'1", "O'1", ""), ("T1001\t", "T1001", "trimmed"), ("00712", "00712", ""),
])  # fmt: skip
def test_an_id(text: str, read_as: str, note: str) -> None:
    assert of(ColumnType.ID, text) == ReadCell(read_as, note=note)


@pytest.mark.parametrize("text", ["5.30102E+17", "5.30102199001011E+17", "2.02E+11"])
def test_an_id_that_a_text_file_has_in_exponents_is_refused(text: str) -> None:
    assert of(ColumnType.ID, text).fault == "number_id"


@pytest.mark.parametrize(("text", "name"), [
    ("张 三", "张三"), ("张\u3000三", "张三"), ("张\u00a0\u00a0三", "张三"), ("欧阳 锋", "欧阳 锋"),
    ("阿依古丽•买买提", "阿依古丽·买买提"),
    ("阿依古丽\u30fb买买提", "阿依古丽·买买提"), ("阿依古丽\uff65买买提", "阿依古丽·买买提"), ("𠮷 野", "𠮷野"),
    ("㐂\n子", "㐂子"),
    ("張三", "張三"), ("e\u0301va", "éva"), ("张三\u200d", "张三"), ("张三\x00", "张三"), ("张\ue000", "张\ue000"),
])  # fmt: skip
def test_a_name(text: str, name: str) -> None:
    assert of(ColumnType.NAME, text).text == name


@pytest.mark.parametrize("text", [
    "锟斤拷", "林\ufffd夏", "???", "林??", "å¼\xa0ä¸\x89", "æž—çŸ¥å¤\x8f", "寮犱笁", "鏋楃煡澶�", "浣犲ソ鍚�",
    "鏋楃煡澶",
])  # fmt: skip
def test_a_name_that_was_broken_before_is_refused(text: str) -> None:
    assert of(ColumnType.NAME, text).fault == "garbled"


@pytest.mark.parametrize("text", [
    "Anne O'Neil", "Zoë", "Åsa", "联通", "翟鏑", "錢鍾書", "鄭浣", "張澶", "Müller–Lüdenscheidt", "王瑩瑩", "犇羴鱻",
])  # fmt: skip
def test_a_foreign_or_rare_name_is_not_broken(text: str) -> None:
    assert of(ColumnType.NAME, text) == ReadCell(text)


@pytest.mark.parametrize(("value", "points"), [
    ("1.5", "1.5"), ("１．５", "1.5"), (" 2 ", "2"), ("2.0", "2.0"), ("2分", "2分"), ("1,5", "1,5"),
])  # fmt: skip
def test_points(value: str, points: str) -> None:
    assert of(ColumnType.NUMBER, value).text == points


def test_a_truth_value_is_no_name_of_anything_else() -> None:
    assert read_cell(ColumnType.CODE, Cell("TRUE", CellKind.BOOLEAN)) == ReadCell("TRUE")
