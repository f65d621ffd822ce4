"""Every field of an event and every column of text is sorted by what an erasure does with it."""

from __future__ import annotations

from contracts.personal_data import COLUMNS, FIELDS, Fate, fate_of_column, fate_of_field
from docs.generate.personal_data import event_fields, text_columns
from services.registry.person_record import PERSON_FIELDS, PERSON_LISTS, RECIPIENT


def test_every_text_of_an_event_is_sorted() -> None:
    assert [name for name, fate in event_fields() if fate is None] == []


def test_every_column_of_text_of_every_store_is_sorted() -> None:
    assert [name for name, fate in text_columns() if fate is None] == []


def test_nothing_is_sorted_that_is_not_there() -> None:
    assert set(FIELDS) <= {name for name, _ in event_fields()}
    assert set(COLUMNS) <= {name for name, _ in text_columns()}


def test_a_new_text_is_not_sorted_by_chance() -> None:
    names = ("reason", "title", "name", "description", "note", "detail", "email", "evidence")
    assert not any(fate_of_field("participation.something_new", name, personal=False) for name in names)
    assert not any(fate_of_column("some_new_table", name) for name in names)


def test_a_persons_record_knows_every_field_that_names_a_person() -> None:
    named = {name.rpartition(".")[2] for name, fate in event_fields() if fate is Fate.PERSON_ID}
    assert named == {*PERSON_FIELDS, *PERSON_LISTS, RECIPIENT, "items", "items_left", "row"}
