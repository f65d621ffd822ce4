"""Random workbooks as offices have them, with the rows that they say, for writers of several programs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
import xlsxwriter

DAY_FORMATS: Final = ("yyyy-mm-dd", "yyyy/m/d", 'yyyy"年"m"月"d"日"', "yyyy.mm.dd", "yyyymmdd")
"""Whose shown text has one meaning; the others of a workbook only."""
OTHER_FORMATS: Final = ("d-mmm-yy", "mm-dd-yy", "m/d/yy", "[$-804]aaaa", "dddd, mmmm dd, yyyy", 'm"月"d"日"', "e.m.d")
INSTANT_FORMATS: Final = ("yyyy-mm-dd hh:mm:ss", "yyyy/m/d h:mm:ss", 'yyyy"年"m"月"d"日" h"时"mm"分"ss"秒"')
NAMES: Final = (
    "张三",
    "王 芳",
    "欧阳娜娜",
    "阿依古丽·买买提",
    "𠮷野龘",
    "㐂娃",
    "Anne O'Neil",
    "Ａ组代表",
    "李\u3000四",
)
TITLES: Final = ('他说："好"', "a,b;c", "第一行\n第二行", "-1", "+86 138", "1/2", "3-4", "=1+1",
                 "😀学习", "é读", "TRUE", "1E5", "'引号'", "  空  ", "2026.9.1", "00712", "<b>&amp;</b>",
                 "〔2026〕12号", "50%", "\\n", "")  # fmt: skip


@dataclass(frozen=True)
class Value:
    """What stands in a cell and what is read there; `formula` gives it where the program calculates."""

    stored: str | float | date | None
    reads: str = ""
    format: str = ""
    formula: str = ""


EMPTY: Final = Value(None)


@dataclass
class Page:
    """A sheet: its cells, and the rows that they say by the line on which each stands."""

    title: str
    kind: str
    rows: list[list[Value]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    expected: list[list[Any]] = field(default_factory=list)


COLUMNS: Final = {
    "people": ("人员编号", "姓名", "身份", "单位编号", "开始日期", "结束日期"),
    "records": ("记录编号", "记录类型", "单位编号", "人员编号", "发生时间", "周期", "标题"),
    "findings": ("问题编号", "单位编号", "检查单位", "发现日期", "整改期限", "扣分"),
}
FULL: Final = {"people": 6, "records": 9, "findings": 7}
"""How many columns the kind has: those that no page has are read empty."""
TITLE_OF: Final = {"people": "任职", "records": "填报记录", "findings": "督查问题"}


class Books:
    """Makes pages; `shown`: only formats whose shown text has one meaning, since it is all that a text file keeps."""

    def __init__(self, seed: int, shown: bool) -> None:
        self._random, self._shown, self._number = random.Random(seed), shown, 0

    def pages(self) -> list[Page]:
        return [self._page(kind) for kind in COLUMNS]

    def _page(self, kind: str) -> Page:
        page, columns = Page(TITLE_OF[kind], kind), COLUMNS[kind]
        left = self._random.randrange(2)
        if self._random.randrange(2):
            page.rows.append([EMPTY] * left + [Value(f"2026年{page.title}一览表")])
            page.merged.append((0, left, 0, left + len(columns) - 1))
        page.rows.append([EMPTY] * left + [Value(name) for name in (*columns, "备注")])
        for _ in range(self._random.randrange(4, 12)):
            if not self._random.randrange(6):
                page.rows.append([])
            self._add_row(page, kind, left)
        if not self._shown:  # a text file has no merged cells
            self._merge_units(page, kind, left)
        page.rows.append([EMPTY] * left + [Value("合计"), Value(len(page.expected))])
        return page

    def _add_row(self, page: Page, kind: str, left: int) -> None:
        self._number += 1
        cells = [self._cell(name) for name in COLUMNS[kind]]
        remark = Value("兼任") if not self._random.randrange(3) else EMPTY
        page.rows.append([EMPTY] * left + [*cells, remark])
        if not self._random.randrange(7):
            page.hidden.append(len(page.rows))
        texts = [cell.reads for cell in cells]
        page.expected.append([len(page.rows), texts + [""] * (FULL[kind] - len(texts))])

    def _merge_units(self, page: Page, kind: str, left: int) -> None:
        """The unit of a row stands for that of the next row too."""
        at = COLUMNS[kind].index("单位编号")
        pairs = [(first, second) for first, second in zip(page.expected, page.expected[1:], strict=False)
                 if second[0] == first[0] + 1]  # fmt: skip
        for first, second in pairs[:1]:
            page.rows[second[0] - 1][left + at] = EMPTY
            second[1][at] = first[1][at]
            page.merged.append((first[0] - 1, left + at, second[0] - 1, left + at))

    def _cell(self, name: str) -> Value:
        match name:
            case "人员编号" | "记录编号" | "问题编号":
                return self._id()
            case "单位编号" | "检查单位":
                return self._pick(Value("X101", "X101"), Value(10021, "10021"), Value("K9", "K9"))
            case "姓名":
                text = self._random.choice(NAMES)
                return Value(text, text if text.startswith("Anne") else text.replace(" ", "").replace("\u3000", ""))
            case "身份":
                return self._pick(Value("教师", "教师"), Value(" 干部", "干部"), Value("其他", "其他"))
            case "记录类型":
                return Value("学习笔记", "学习笔记")
            case "发生时间":
                return self._instant()
            case "周期":
                return self._period()
            case "标题":
                text = self._random.choice(TITLES)
                return Value(text or None, text.strip())
            case "扣分":
                return self._pick(
                    Value(2, "2"), Value(1.5, "1.5"), Value("0.5", "0.5"), Value(0.3, "0.3", "", "=0.1+0.2")
                )
        return EMPTY if name in ("结束日期", "整改期限") and self._random.randrange(2) else self._day()

    def _pick(self, *values: Value) -> Value:
        return self._random.choice(values)

    def _id(self) -> Value:
        number = self._number
        return self._pick(
            Value(f"T{number:04}", f"T{number:04}"), Value(f"{number:05}", f"{number:05}"),
            Value(number, f"{number:05}", "00000"), Value(100_000_000_000 + number, f"{100_000_000_000 + number}", "0"),
            Value(10_000 + number, f"{10_000 + number}"),
            Value(f"53010219900101{number:04}", f"53010219900101{number:04}"),
            Value(f"F{number:03}", f"F{number:03}", "", f'="F"&TEXT({number},"000")'),
        )  # fmt: skip

    def _date(self) -> date:
        return date(1990, 1, 1) + timedelta(days=self._random.randrange(18_000))

    def _day(self) -> Value:
        value = self._date()
        year, month, day = value.year, value.month, value.day
        texts = (
            f"{year}.{month}.{day}",
            f"{year}年{month}月{day}日",
            f"{year}{month:02}{day:02}",
            f"{year}/{month}/{day}",
        )
        formats = DAY_FORMATS if self._shown else DAY_FORMATS + OTHER_FORMATS
        formula = f"=DATE({year},{month},{day})" if not self._random.randrange(4) else ""
        return self._pick(
            *(Value(value, value.isoformat(), self._random.choice(formats), formula) for _ in range(3)),
            Value(self._random.choice(texts), value.isoformat()),
        )

    def _instant(self) -> Value:
        value = datetime.combine(self._date(), time(self._random.randrange(24), self._random.randrange(60), 30))
        if self._shown:  # LibreOffice shows 12:36:59 of what is a hair short of 12:37
            value = value.replace(hour=max(3, value.hour // 3 * 3), minute=0, second=0)
        day = self._date()
        return self._pick(
            Value(value, value.isoformat(), self._random.choice(INSTANT_FORMATS)),
            Value(day, day.isoformat(), "yyyy-mm-dd"),
            Value(f"{value:%Y/%m/%d %H:%M:%S}", value.isoformat()),
        )

    def _period(self) -> Value:
        value = self._date().replace(day=1)
        year, month = value.year, value.month
        return self._pick(
            EMPTY, Value(value, f"{value:%Y-%m}", 'yyyy"年"m"月"'), Value(f"{year}年{month}月", f"{value:%Y-%m}"),
            Value(year * 100 + month, f"{value:%Y-%m}"), Value(f"{year}-Q4", f"{year}-Q4"),
            Value(value, f"{value:%Y-%m}", "yyyy-mm"),
        )  # fmt: skip


def by_openpyxl(pages: list[Page], path: Path, formulas: bool = False) -> None:
    """`formulas`: without stored values, for a program that calculates."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.title)
        for at, row in enumerate(page.rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(at, column, value.formula if formulas and value.formula else value.stored)
                if isinstance(value.stored, str) and not (formulas and value.formula):
                    cell.data_type = "s"
                cell.number_format = value.format or "General"
        for top, left, bottom, right in page.merged:
            sheet.merge_cells(None, top + 1, left + 1, bottom + 1, right + 1)
        for line in page.hidden:
            sheet.row_dimensions[line].hidden = True
    book.save(path)


def by_xlsxwriter(pages: list[Page], path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    for page in pages:
        sheet = book.add_worksheet(page.title)
        for top, left, bottom, right in page.merged:
            sheet.merge_range(top, left, bottom, right, "")
        for at, row in enumerate(page.rows):
            for column, value in enumerate(row):
                form = book.add_format({"num_format": value.format or "General"})
                match value.stored:
                    case None:
                        continue
                    case _ if value.formula:
                        stored = value.stored if not isinstance(value.stored, date) else _serial(value.stored)
                        sheet.write_formula(at, column, value.formula, form, stored)
                    case str():
                        sheet.write_string(at, column, value.stored, form)
                    case date():
                        sheet.write_datetime(at, column, value.stored, form)
                    case _:
                        sheet.write_number(at, column, value.stored, form)
        for line in page.hidden:
            sheet.set_row(line - 1, None, None, {"hidden": True})
    book.close()


def _serial(day: date) -> int:
    return day.toordinal() - date(1899, 12, 30).toordinal()
