"""Any cell at all: what was read reads as itself, and no text becomes a day that it does not say."""

from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from services.reading.catalogue import ColumnType
from services.reading.cells import FAULTS, NOTES, ReadCell, read_cell
from services.reading.table import Cell, CellKind


def text_cell(value: str) -> Cell:
    return Cell(value, CellKind.TEXT)


def number_cell(value: str) -> Cell:
    return Cell(value, CellKind.NUMBER, value)


def read_text(column_type: ColumnType, value: str) -> str:
    return read_cell(column_type, text_cell(value)).text


_WRITTEN = st.one_of(
    st.text(max_size=20),
    st.text("0123456789-/.年月日季度第四Q: T,;；、，张三ＡＢ１\u3000\u200b\n?·•", max_size=14),
    st.from_regex(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True),
)
_CELLS = st.one_of(
    _WRITTEN.map(text_cell),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda value: number_cell(f"{value:f}")),
    st.dates().map(lambda day: Cell(day.isoformat(), CellKind.DAY)),
    st.datetimes().map(lambda when: Cell(when.isoformat(), CellKind.INSTANT)),
    st.booleans().map(lambda truth: Cell(str(truth).upper(), CellKind.BOOLEAN)),
)


@given(st.sampled_from(ColumnType), _CELLS)
@example(ColumnType.INSTANT, Cell("2018-09-01T00:00:43", CellKind.INSTANT))
@example(ColumnType.NAME, text_cell("张\ufeff 三"))
def test_what_was_read_reads_as_itself(column_type: ColumnType, cell: Cell) -> None:
    before = read_cell(column_type, cell)
    assert before.fault in FAULTS | {""} and before.note in NOTES | {""}
    if before.fault or (cell.kind is CellKind.NUMBER and column_type in (ColumnType.DAY, ColumnType.INSTANT)):
        return  # a bare number is refused in a column of dates, and the same digits as text may be a date
    assert read_cell(column_type, text_cell(before.text)) == ReadCell(before.text)


@given(
    st.dates(),
    st.sampled_from(
        [
            "{y:04}-{m:02}-{d:02}",
            "{y:04}-{m}-{d}",
            "{y:04}/{m}/{d}",
            "{y:04}.{m:02}.{d:02}",
            "{y:04}年{m}月{d}日",
            "{y:04}{m:02}{d:02}",
        ]
    ),
)
def test_every_day_comes_back_from_every_spelling(day: date, spelling: str) -> None:
    assert read_text(ColumnType.DAY, spelling.format(y=day.year, m=day.month, d=day.day)) == day.isoformat()


@given(st.text("0123456789-/.", min_size=1, max_size=10))
def test_no_other_order_of_digits_is_a_day(given: str) -> None:
    result = read_text(ColumnType.DAY, given)
    if result != given:
        year, *rest = (part for part in given.replace("/", "-").replace(".", "-").split("-"))
        digits = year if not rest else year + rest[0].zfill(2) + rest[1].zfill(2)
        assert result.replace("-", "") == digits and len(year) in (4, 8)


@given(st.decimals(min_value=0, max_value=Decimal("1e15"), places=2))
def test_a_number_of_fifteen_digits_is_not_changed(value: Decimal) -> None:
    if len(value.normalize().as_tuple().digits) <= 15:
        assert Decimal(read_cell(ColumnType.NUMBER, number_cell(f"{value:f}")).text) == value
