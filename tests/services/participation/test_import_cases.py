"""Every problem file of tests/samples/imports, read, put into codes and decided: what becomes of each of its rows.

The cases are taken in their order into one district that has `00-base`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.participation.batch.handlers import submit_foreign_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, Decision, Refused
from services.participation.domain.rows import KIND_OF_TABLE, ROW_KINDS, ReportedCorrection, row_of
from services.participation.imports.catalogue import TABLE_KINDS
from services.participation.imports.known_values import load_known
from services.participation.imports.values import ResolvedRow, resolve_rows
from services.reading.read_file import FileReader
from services.reading.table import Unreadable
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

CASES = Path(__file__).parents[2] / "samples/imports"
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "import_cases.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Any]]]:
    """Case -> part, line, outcome, column and code, codes of notes; or the code of what cannot be read."""
    replica = cluster.make_replica(tmp_path_factory.mktemp("store"), "")
    cluster.campaign(replica)
    yield {
        folder.name: decided(replica, folder, tmp_path_factory.mktemp("read"))
        for folder in sorted(CASES.iterdir())
        if folder.is_dir()
    }
    replica.runtime.store.close()


def decided(replica: Replica, case: Path, into: Path) -> list[Any]:
    result: list[Any] = []
    parts: list[tuple[str, str, list[Any]]] = []
    for number, path in enumerate(sorted(case.iterdir())):
        if path.suffix == ".jsonl":
            continue
        folder = into / str(number)
        folder.mkdir()
        reading = FileReader(path, path.name, folder, TABLE_KINDS)
        try:
            reading.run()
        except Unreadable as error:
            result.append([path.name, error.code])
            continue
        for part, named in zip(reading.parts, reading.summary()["parts"], strict=True):
            rows = [json.loads(row) for row in (folder / part.rows_file).read_text().splitlines()]
            parts.append((named["part"], part.kind, rows))
    order = list(KIND_OF_TABLE)
    for name, table, rows in sorted(parts, key=lambda part: order.index(part[1])):
        result += [[name, *outcome] for outcome in _decided_rows(replica, table, rows)]
    return result


def _decided_rows(replica: Replica, table: str, read: list[Any]) -> list[list[Any]]:
    kind = KIND_OF_TABLE[table]
    rows = [row_of(kind, dict(zip(ROW_KINDS[kind].columns, cells, strict=True))) for _, cells, _ in read]
    given = [row for row in rows if not isinstance(row, ReportedCorrection)]
    with replica.runtime.units_of_work.begin(OPERATOR, "") as unit_of_work:
        rules = rules_in_force(unit_of_work)
        resolved = resolve_rows(table, given, load_known(unit_of_work, table, given, rules))
        faults = [fault or row.fault for (_, _, fault), row in zip(read, resolved, strict=True)]
        judged = [row.row for row, fault in zip(resolved, faults, strict=True) if not fault]
        decisions = iter(submit_foreign_rows(unit_of_work, judged, rules))
        return [_outcome(line, fault, row, decisions) for (line, *_), fault, row in
                zip(read, faults, resolved, strict=True)]  # fmt: skip


def _outcome(line: int, fault: Any, row: ResolvedRow, decisions: Iterator[Decision]) -> list[Any]:
    notes = [note.code for note in row.notes]
    if fault:
        return [line, "refused", *fault[:2], *notes]
    match next(decisions):
        case Refused(column=column, code=code):
            return [line, "refused", column, code, *notes]
        case Accepted():
            return [line, "accepted", *notes]
    return [line, "unchanged", *notes]


def test_every_case_is_expected_in_some_way() -> None:
    assert sorted(EXPECTED) == sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_every_row_of_a_problem_file_becomes_what_is_expected(case: str, outcomes: dict[str, list[Any]]) -> None:
    assert outcomes[case] == EXPECTED[case]
