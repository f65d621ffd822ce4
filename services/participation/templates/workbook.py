"""Writes a template as .xlsx: text cells for ids, date cells for days, drop-downs, marked required columns, an
instruction sheet.

A row that appears by a trigger consists of formulas whose stored value is blank: until its trigger is filled in, it is
a row of blanks, which no import reads; then a spreadsheet program fills in the rest."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from services.participation.templates.domain import TemplateColumn, TemplateSheet
from services.reading.catalogue import ColumnType

_ROWS: Final = 2000
"""The number of rows with formats and drop-downs below the header."""
_NO_VALUE: Final = " "
"""The stored value of a formula until a program calculates it: for an empty text the library would store none at all,
and such a cell is refused."""
_LISTS, _INSTRUCTIONS = "选项", "使用说明"
_WIDTHS: Final[Mapping[ColumnType, int]] = {
    ColumnType.NAME: 14, ColumnType.TITLE: 32, ColumnType.TEXT: 24, ColumnType.EVIDENCE: 32, ColumnType.ID: 16,
    ColumnType.UNIT: 20, ColumnType.CODE: 16,
}  # fmt: skip
_LINES: Final = 8
"""The most choices listed in an instruction."""
_HINTS: Final[Mapping[ColumnType, tuple[str, str]]] = {
    ColumnType.ID: ("编号，按文本填写，开头的 0 不能丢", "00712"),
    ColumnType.NAME: ("一行文字", "王丽"),
    ColumnType.TITLE: ("一段文字", "研讨日：以教育强国为主题"),
    ColumnType.TEXT: ("一段文字", "产假"),
    ColumnType.DAY: ("日期，如 2022-11-09、2022/11/9、2022年11月9日", "2022-11-09"),
    ColumnType.INSTANT: ("日期，可带时间，如 2022-11-09 14:30", "2022-11-09"),
    ColumnType.PERIOD: ("月份、季度、年度或学期，如 2022-11、2022年第4季度、2022年、2022-autumn", "2022-11"),
    ColumnType.NUMBER: ("数，如 2 或 1.5", "1.5"),
    ColumnType.YEAR: ("四位年份", "2022"),
    ColumnType.CODES: ("可填多项，用分号隔开", "中心校;共同体核心校"),
    ColumnType.UNIT: ("单位编号或单位全称", "第一小学"),
    ColumnType.SHA256: ("文件的 SHA-256 校验值，64 位，一般不填", ""),
    ColumnType.EVIDENCE: ("印证资料的文件名或存放位置", "2022-11 研讨日签到表.jpg"),
}

_EXAMPLES: Final[Mapping[str, str]] = {
    "category": "学习记录",
    "description": "缺少 11 月的签到表",
    "document": "云教纪〔2022〕3号",
    "value": "第一实验小学",
}
"""Used where the type's instruction would mislead."""


def write_template(title: str, sheets: Sequence[TemplateSheet]) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        writer = _Writer(book)
        lists = _Lists(book)
        for sheet in sheets:
            writer.add_sheet(sheet, lists)
        writer.add_instructions(title, sheets)
        lists.write()
    return out.getvalue()


class _Lists:
    """The hidden sheet of choices, one column per drop-down: such lists have no limit of length."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._columns: dict[tuple[str, ...], str] = {}

    def reference(self, choices: tuple[str, ...]) -> str:
        column = xl_col_to_name(list(self._columns).index(choices) if choices in self._columns else len(self._columns))
        return self._columns.setdefault(choices, f"={_LISTS}!${column}$1:${column}${len(choices)}")

    def write(self) -> None:
        sheet = self._book.add_worksheet(_LISTS)
        for at, choices in enumerate(self._columns):
            for row, choice in enumerate(choices):
                sheet.write_string(row, at, choice)
        sheet.hide()


class _Writer:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats = {
            "required": book.add_format({"bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True}),
            "optional": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
            "shown": book.add_format({"bold": True, "font_color": "#7F7F7F", "bg_color": "#EDEDED", "border": 1}),
            "grey": book.add_format({"font_color": "#7F7F7F"}),  # formulas: LibreOffice's .xls stores 0 for a text
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "line": book.add_format({"bold": True}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }

    def add_sheet(self, sheet: TemplateSheet, lists: _Lists) -> None:
        page = self._book.add_worksheet(sheet.title)
        page.freeze_panes(1, 0)
        page.set_row(0, 20)
        page.repeat_rows(0)
        _print_wide(page)
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, _WIDTHS.get(column.type, 14), self._format_of(column, sheet))
            page.write_string(0, at, column.label, self._formats[self._heading_style(column, sheet)])
            self._add_validation(page, at, column, sheet, lists)
        for number, row in enumerate(sheet.rows, 1):
            self._write_row(page, number, row, sheet)

    def add_instructions(self, title: str, sheets: Sequence[TemplateSheet]) -> None:
        page = self._book.add_worksheet(_INSTRUCTIONS)
        _print_wide(page)
        page.set_column(0, 0, 18)
        page.set_column(1, 1, 10)
        page.set_column(2, 2, 60)
        page.set_column(3, 3, 30)
        page.write_string(0, 0, title, self._formats["title"])
        for number, line in enumerate(_instructions(sheets), 2):
            for at, text in enumerate(line):
                page.write_string(number, at, text, self._formats["wrap" if len(line) > 1 else "line"])

    def _heading_style(self, column: TemplateColumn, sheet: TemplateSheet) -> str:
        if not column.name or (sheet.trigger and column.name not in sheet.typed):
            return "shown"
        return "required" if column.required else "optional"

    def _format_of(self, column: TemplateColumn, sheet: TemplateSheet) -> Any:
        if self._heading_style(column, sheet) == "shown":
            return self._formats["grey"]
        if column.type is ColumnType.DAY:
            return self._formats["day"]
        return self._formats["instant" if column.type is ColumnType.INSTANT else "text"]

    def _add_validation(self, page: Any, at: int, column: TemplateColumn, sheet: TemplateSheet, lists: _Lists) -> None:
        if not column.choices or self._heading_style(column, sheet) == "shown":
            return
        page.data_validation(1, at, _ROWS, at, {
            "validate": "list", "source": lists.reference(column.choices), "error_type": "warning",
            "error_title": column.label, "error_message": "所填内容不在选项之中，导入时可能不予接收。",
        })  # fmt: skip

    def _write_row(self, page: Any, number: int, row: Sequence[str], sheet: TemplateSheet) -> None:
        trigger = next((at for at, column in enumerate(sheet.columns) if column.name == sheet.trigger), None)
        for at, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            cell_format = self._format_of(column, sheet)
            if not cell:
                continue
            if trigger is None or not column.name:
                page.write_string(number, at, cell, cell_format)
            else:
                quoted = cell.replace('"', '""')
                formula = f'=IF({xl_rowcol_to_cell(number, trigger)}="","","{quoted}")'
                page.write_formula(number, at, formula, cell_format, _NO_VALUE)


def _print_wide(page: Any) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)


def _instructions(sheets: Sequence[TemplateSheet]) -> Iterable[Sequence[str]]:
    yield ("填写后保存为 .xlsx，用 qihang import 或导入页面导入；导入前可先试导入，查看提示。",)
    yield ("表头是橙色的必须填写，蓝色的可以不填，灰色的不用填。不要改表头，列的次序可以调换，可以删去不需要的列。",)
    for sheet in sheets:
        yield ()
        yield (f"工作表“{sheet.title}”",)
        if sheet.trigger:
            label = next(column.label for column in sheet.columns if column.name == sheet.trigger)
            yield (f"完成一项就在那一行填写“{label}”，灰色的各列随之自动出现；没有完成的行不用管，不会导入。",)
        yield ("栏目", "必填", "填写要求", "示例")
        for column in sheet.columns:
            if column.name and (not sheet.trigger or column.name in sheet.typed):
                yield _instruction(column)


def _instruction(column: TemplateColumn) -> Sequence[str]:
    if column.choices:
        more = "等，见下拉选项" if len(column.choices) > _LINES else ""
        hint, example = f"从下拉选项中选择：{'、'.join(column.choices[:_LINES])}{more}", column.choices[0]
    else:
        hint, example = _HINTS.get(column.type, ("一行文字", ""))
        example = _EXAMPLES.get(column.name, example)
    return (column.label, "必填" if column.required else "", hint, example)
