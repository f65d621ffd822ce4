"""The tables that can be read, as data: their columns, with labels and types of cells."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """How the cells of a column are read (cells.py)."""

    ID = "id"
    IDS = "ids"
    NAME = "name"
    TITLE = "title"
    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    PERIOD = "period"
    NUMBER = "number"
    YEAR = "year"
    CODE = "code"
    CODES = "codes"
    UNIT = "unit"
    UNITS = "units"
    SHA256 = "sha256"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Column:
    """A column: its name in scoring.md, its type, and the Chinese labels accepted in a header (the first is displayed);
    `required`: a header without it does not belong to this kind."""

    name: str
    type: ColumnType
    labels: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class TableKind:
    """A kind of table: its name is that of its file without extension (`people`), its label is displayed (任职).
    `hint`: a sentence for a file that lacks a required column."""

    name: str
    label: str
    columns: tuple[Column, ...]
    hint: str = ""


def catalogue_json(kinds: Iterable[TableKind]) -> bytes:
    """The input of the reading process."""
    return json.dumps([asdict(kind) for kind in kinds], ensure_ascii=False).encode()


def kinds_from_json(content: bytes | str) -> tuple[TableKind, ...]:
    """The inverse of `catalogue_json`."""
    return tuple(
        TableKind(kind["name"], kind["label"], tuple(_column(item) for item in kind["columns"]), kind["hint"])
        for kind in json.loads(content)
    )


def _column(item: dict[str, object]) -> Column:
    labels = item["labels"]
    assert isinstance(labels, list)
    return Column(str(item["name"]), ColumnType(str(item["type"])), tuple(labels), bool(item["required"]))
