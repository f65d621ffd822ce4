"""A character that no text may have is refused in every column of every kind of row, by file and by event."""

import pytest

from services.participation.domain import ROW_KINDS, Refused, message, row_of
from tests.domain.participation.scripted import GOOD, given

COLUMNS = [(kind, column) for kind, row_kind in ROW_KINDS.items() if kind in GOOD for column in row_kind.columns]


@pytest.mark.parametrize("bad", ["\x1b[2J", "\u202e", "\x9b1m", "\u2028", "\ufffe"], ids=ascii)
@pytest.mark.parametrize(("kind", "column"), COLUMNS)
def test_no_column_takes_it(kind: str, column: str, bad: str) -> None:
    unused = {ROW_KINDS[kind].columns[0]: "NEW1"}  # a conflict would come first
    row = row_of(kind, {**GOOD[kind], **unused, column: f"{GOOD[kind].get(column) or 'X'}{bad}"})
    decision = given().when(row).decision
    assert isinstance(decision, Refused) and decision.code == "bad_text"


@pytest.mark.parametrize("bad", ["a  b", "=A1", "a\nb", "../a", "a\u200bb"], ids=ascii)
@pytest.mark.parametrize(("kind", "column"), [item for item in COLUMNS if item[1].endswith("_id")])
def test_no_id_column_takes_what_is_no_id(kind: str, column: str, bad: str) -> None:
    unused = {ROW_KINDS[kind].columns[0]: "NEW1"}
    given().when(row_of(kind, {**GOOD[kind], **unused, column: bad})).then_refused(column, "bad_text")


def test_the_refusal_names_the_place_and_shows_the_value_safely() -> None:
    text = message("bad_text", "unit_id", "S1\u202e")
    assert "3: U+202E" in text and "S1\\u202e" in text and text.isprintable()
    assert "U+001B" in message("bad_text", "name", "张\x1b") and "张" not in message("bad_text", "name", "张\x1b")
