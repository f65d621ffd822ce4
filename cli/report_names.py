"""`qihang report --names`: columns with names behind the others of the result files; participation gives the names."""

import csv
from collections.abc import Iterable
from pathlib import Path

from cli.api_client import ApiClient
from cli.result_files import csv_file

MOST_NAMES = 1000
PATIENCE = 60.0
COLUMN_OF_ID = {"unit_id": "unit_name", "person_id": "person_name"}
NAMED_COLUMNS = {
    "unit_scores.csv": ("unit_id",),
    "units_awarded.csv": ("unit_id",),
    "individuals.csv": ("unit_id", "person_id"),
    "outstanding.csv": ("unit_id", "person_id"),
    "differences.csv": ("unit_id", "person_id"),
}
_KIND_OF_ID = {"unit_id": "units", "person_id": "people"}


def add_names(client: ApiClient, paths: Iterable[Path], known_at: str | None) -> None:
    """Writes each of these files again with its names, as known at that instant; an id without a name gets an empty
    cell."""
    named = [(path, NAMED_COLUMNS[path.name]) for path in paths if path.name in NAMED_COLUMNS]
    wanted: dict[str, set[str]] = {"unit_id": set(), "person_id": set()}
    for path, columns in named:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column in columns:
                    wanted[column].add(row[column])
    names = {column: _names(client, _KIND_OF_ID[column], ids - {""}, known_at) for column, ids in wanted.items()}
    for path, columns in named:
        _rewrite(path, columns, names)


def _names(client: ApiClient, kind: str, ids: set[str], known_at: str | None) -> dict[str, str]:
    names: dict[str, str] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), MOST_NAMES):
        body = {kind: ordered[start : start + MOST_NAMES], **({"known_at": known_at} if known_at else {})}
        names |= client.post("participation", "/api/names", body, patience=PATIENCE)[kind]
    return names


def _rewrite(path: Path, columns: tuple[str, ...], names: dict[str, dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        header = list(rows.fieldnames or ())
        with csv_file(path, [*header, *(COLUMN_OF_ID[column] for column in columns)]) as write:
            for row in rows:
                cells = [row[column] for column in header]
                write([*cells, *(names[column].get(row[column], "") for column in columns)])
