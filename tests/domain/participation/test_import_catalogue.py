"""Every column and code that a file may bring has a Chinese label, and no label says two things."""

from collections import Counter

import pytest

from duties.rules import ROLES, TAGS, UNIT_KINDS
from services.participation.domain import messages
from services.participation.domain.cells import DECISION_KINDS, POSTS
from services.participation.domain.rows import CORRECTABLE, ROW_KINDS
from services.participation.history import rendering
from services.participation.imports.catalogue import CODES, TABLE_KINDS, code_labels, column_of, label_of, table_kind
from services.participation.imports.values import word_key
from services.reading.catalogue import TableKind, catalogue_json, kinds_from_json

EVERY_KIND = pytest.mark.parametrize("kind", TABLE_KINDS, ids=lambda kind: kind.name)


def test_every_kind_of_file_is_there_in_its_order_with_its_columns() -> None:
    files = [kind for kind in ROW_KINDS.values() if kind.file]
    assert [kind.name for kind in TABLE_KINDS] == [kind.file.removesuffix(".csv") for kind in files]
    for kind, rows in zip(TABLE_KINDS, files, strict=True):
        assert tuple(column.name for column in kind.columns) == rows.columns
        assert {column.name for column in kind.columns if column.required} == rows.required
    assert kinds_from_json(catalogue_json(TABLE_KINDS)) == TABLE_KINDS


@EVERY_KIND
def test_every_column_has_a_label_and_no_label_means_two_columns(kind: TableKind) -> None:
    assert all(column.labels for column in kind.columns)
    words = Counter(word_key(word) for column in kind.columns for word in (column.name, *column.labels))
    assert [word for word, times in words.items() if times > 1] == []


@EVERY_KIND
def test_no_header_of_labels_is_of_two_kinds(kind: TableKind) -> None:
    header = {word_key(label_of(kind.name, column.name)) for column in kind.columns}
    fitting = [other.name for other in TABLE_KINDS if all(
        header & {word_key(word) for word in (column.name, *column.labels)}
        for column in other.columns if column.required)]  # fmt: skip
    assert fitting == [kind.name]


def test_every_code_has_a_label_and_no_label_means_two_codes() -> None:
    assert set(code_labels("units", "kind")) == set(UNIT_KINDS)
    assert set(code_labels("units", "tags")) == set(TAGS)
    assert set(code_labels("people", "role")) == set(ROLES)
    assert set(code_labels("posts", "post")) == set(POSTS)
    assert set(code_labels("decisions", "kind")) == set(DECISION_KINDS)
    assert set(code_labels("corrections", "table")) == set(CORRECTABLE)
    for codes in CODES.values():
        words = Counter(word_key(word) for code, labels in codes.items() for word in (code, *labels.split()))
        assert [word for word, times in words.items() if times > 1] == []


def test_what_messages_and_histories_call_a_column_is_taken_in_a_header() -> None:
    for kind in TABLE_KINDS:
        for column in kind.columns:
            assert messages._COLUMNS[column.name] in (*column.labels, *_OF_ANOTHER_KIND), column
    for (table, column), label in rendering._COLUMNS_OF_TABLE.items():
        assert label in column_of(table, column).labels


_OF_ANOTHER_KIND = ("单位类别",)


def test_what_a_screen_calls_a_code_is_taken_in_a_cell() -> None:
    for (table, column), labels in rendering.VALUES.items():
        taken = code_labels(table, column)
        assert all(label in taken[code] for code, label in labels.items())


def test_a_real_export_s_words_are_known() -> None:
    people = table_kind("people")
    for word, column in {
        "工号": "person_id",
        "单位名称": "unit_id",
        "所在单位": "unit_id",
        "岗位": "role",
        "任职起": "from",
        "任职止": "to",
        "姓名": "name",
    }.items():
        assert [item.name for item in people.columns if word in item.labels] == [column]
