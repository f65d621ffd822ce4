"""The map of personal data in docs/security.md: every event field and column of text, by what becomes of it."""

import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from chassis.events.definition import REGISTRY, personal_fields
from chassis.process.settings import SERVICES
from chassis.store import schema
from console.store import tables as console_tables
from contracts.personal_data import FILES, Fate, fate_of_column, fate_of_field

HEAD = """
## Where personal data can be

From `contracts/personal_data.py`, which a test holds to every event and every column of text of every store.
`qihang erase PERSON` follows it. Fields and columns of no person are not listed.

"""
TEXTS = (sa.Text, sa.String, sa.LargeBinary)
COUNTS = (int, bool)


def section() -> str:
    """The part of the page."""
    parts = [HEAD + "| what becomes of it | fields of events | columns |", "|---|---|---|"]
    of_fields, of_columns = _names_by_fate(event_fields()), _names_by_fate(text_columns())
    parts += [f"| {fate.value} | {_joined_names(of_fields[fate])} | {_joined_names(of_columns[fate])} |"
              for fate in Fate if fate is not Fate.NOBODY]  # fmt: skip
    parts += ["", "| elsewhere | |", "|---|---|", *(f"| {place} | {what} |" for place, what in FILES.items())]
    return "\n".join(parts) + "\n"


def event_fields() -> Iterator[tuple[str, Fate | None]]:
    """Every field of every event that holds text, with what becomes of it."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")
    for wire, cls in sorted(REGISTRY.classes.items()):
        if not cls.__module__.startswith(("contracts.", "chassis.")):
            continue
        event, sealed = wire.rpartition(".")[0], {name for name, _ in personal_fields(cls)}
        for each in fields(cls):  # type: ignore[arg-type]
            if each.type not in (*COUNTS, *(kind.__name__ for kind in COUNTS)):
                yield f"{event}.{each.name}", fate_of_field(event, each.name, each.name in sealed)


def text_columns() -> Iterator[tuple[str, Fate | None]]:
    """Every column of text or bytes of every store, with what becomes of it."""
    tables = [table for metadata in stores() for table in metadata.tables.values()]
    named = {(table.name, each.name) for table in tables for each in table.columns if isinstance(each.type, TEXTS)}
    for table_name, column in sorted(named):
        yield f"{table_name}.{column}", fate_of_column(table_name, column)


def stores() -> list[sa.MetaData]:
    """The tables of every store."""
    result = [schema.metadata, console_tables.METADATA]
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")  # every table is declared beside a projection
        declared: Any = importlib.import_module(f"services.{service}.tables")
        result.append(declared.METADATA if hasattr(declared, "METADATA") else declared.metadata)
    return result


def _names_by_fate(pairs: Iterable[tuple[str, Fate | None]]) -> defaultdict[Fate | None, list[str]]:
    result: defaultdict[Fate | None, list[str]] = defaultdict(list)
    for name, fate in pairs:
        result[fate].append(name)
    return result


def _joined_names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
