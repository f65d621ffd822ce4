"""What eight months of a personnel office's files brought up: units merged under an old word, ids without their zeros,
sheets called after units, somebody back under another name."""

import json
from pathlib import Path

import pytest

from services.participation.roster.domain.differences import differences
from services.participation.roster.domain.lines import Book, Line, Service, UnitEntry
from services.participation.roster.uploads import rows_read
from tests.domain.participation.roster_books import rows

DAY = "2023-04-01"
UNITS = {
    "S1": UnitEntry("第一小学", "2000-09-01", ""), "S5": UnitEntry("第五小学", "2000-09-01", DAY),
    "S30": UnitEntry("第五小学教育集团", DAY, ""),
}  # fmt: skip


def service(unit_id: str, name: str = "李明", until: str = "") -> Service:
    return Service(unit_id, "2022-09-01", until, "teacher", name)


def compared(people: dict[str, list[Service]], *cells: tuple[str, ...], word: str = "S5", day: str = DAY) -> list[Line]:
    return differences(Book(people, UNITS, {("unit_id", "五小"): word}), rows(*cells), day)


def test_a_word_is_asked_anew_once_its_unit_is_closed() -> None:
    row = ("00001", "李明", "教师", "五小")
    [before] = compared({"00001": [service("S5")]}, row, day="2023-03-31")
    [after] = compared({"00001": [service("S5")]}, row)
    [again] = compared({"00001": [service("S5")]}, row, word="S30")
    assert [line.group for line in (before, after, again)] == ["unchanged", "unsure", "moved"]
    assert (after.reason, after.value) == ("unit_closed", "五小")


def test_a_new_id_of_a_file_that_lost_its_zeros_is_asked() -> None:
    known = {f"0000{at}": [service("S1", name)] for at, name in enumerate(("李明", "王芳", "赵强"), 1)}
    lines = compared(known, *((str(at), name, "教师", "第一小学") for at, name in enumerate(
        ("李明", "王芳", "赵强", "孙丽"), 1)), ("12345", "周敏", "教师", "第一小学"))  # fmt: skip
    assert [line.group for line in lines] == ["joined", *["unchanged"] * 3, "unsure"]
    assert (lines[-1].reason, lines[-1].value) == ("zeros_lost", "4")
    assert [(option.key, option.person_id) for option in lines[-1].options] == [("new", "4"), ("person:1", "00004")]


def test_a_short_id_of_a_file_with_zeros_is_itself() -> None:
    lines = compared(
        {"00001": [service("S1")]}, ("00001", "李明", "教师", "第一小学"), ("4", "孙丽", "教师", "第一小学")
    )
    assert [line.group for line in lines] == ["joined", "unchanged"]


@pytest.mark.parametrize(("known", "row"), [
    (service("S1", until="2023-01-01"), ("00001", "周敏", "教师", "第一小学")),
    (service("S1"), ("00001", "周敏", "教师", "第五小学教育集团")),
    (service("S1"), ("00001", "周敏", "干部", "第一小学")),
], ids=["returned", "elsewhere", "in another role"])  # fmt: skip
def test_an_id_under_a_wholly_other_name_may_be_somebody_else_s(known: Service, row: tuple[str, ...]) -> None:
    [line] = compared({"00001": [known]}, row)
    assert (line.group, line.reason, line.column, line.value) == ("unsure", "other_name", "name", "李明")
    keep, follow = line.options
    assert (keep.key, keep.before, follow.key) == ("keep", keep.after, "follow")
    assert follow.after and (follow.after.name, follow.after.since) == ("周敏", DAY)


def test_a_name_that_keeps_a_character_is_the_same_person_s() -> None:
    [moved] = compared({"00001": [service("S1")]}, ("00001", "李敏", "教师", "第五小学教育集团"))
    [back] = compared({"00001": [service("S1", until="2023-01-01")]}, ("00001", "周明", "教师", "第一小学"))
    assert (moved.group, moved.notes) == ("moved", ("renamed",))
    assert (back.group, back.notes) == ("joined", ("returned", "renamed"))


def test_a_wholly_other_name_alone_is_a_change_of_name_to_be_looked_at() -> None:
    [line] = compared({"00001": [service("S1")]}, ("00001", "周敏", "教师", "第一小学"))
    assert (line.group, line.notes) == ("renamed", ("other_name",))


def test_sheets_are_called_after_units_where_one_is(tmp_path: Path) -> None:
    """The word of a unit that nobody explained yet is asked like one in a column."""
    (tmp_path / "read").mkdir()
    parts = [{"sheet": name, "rows_file": f"{at}.rows"} for at, name in enumerate(("第一小学", "二小", "借调"))]
    units = ("", "", "第一小学")
    for part, unit in zip(parts, units, strict=True):
        row = [3, ["00001", "李明", "教师", "", unit, "", "", ""], None]
        (tmp_path / "read" / part["rows_file"]).write_text(json.dumps(row) + "\n")
    (tmp_path / "read/parts.json").write_text(json.dumps(parts))
    (tmp_path / "read/notes.jsonl").write_text("")
    read, notes = rows_read(tmp_path, {"第一小学"})
    assert [row.unit for row in read] == ["第一小学", "二小", "第一小学"]
    assert [note[3] for note in notes] == ["unit_from_sheet"] * 2
    assert [row.unit for row in rows_read(tmp_path, {"别的"})[0]] == ["", "", "第一小学"]
