"""The sample district, file by file, gives exactly the expected counts and refusals (scoring.md 9)."""

import csv
from typing import Any

from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Ledger,
    Refused,
    Unchanged,
)
from tests.domain.participation.district import (
    SAMPLES,
    decide_file,
    sample_rows,
    sample_rules,
)


def import_sample() -> tuple[list[list[str]], list[list[str]]]:
    ledger, counts, refusals = Ledger(), [], []
    for kind in [row_kind for row_kind in ROW_KINDS.values() if row_kind.file and list(sample_rows(row_kind.name))]:
        lines, rows = zip(*sample_rows(kind.name), strict=True)
        decisions = decide_file(rows, ledger, sample_rules())
        sums = [sum(isinstance(item, what) for item in decisions) for what in (Accepted, Unchanged, Refused)]
        counts.append([kind.file, *map(str, (len(rows), *sums))])
        for line, decision in zip(lines, decisions, strict=True):
            if isinstance(decision, Refused):
                refusals.append([kind.file, str(line), decision.column, decision.code])
    return counts, refusals


def expected(name: str) -> list[Any]:
    with (SAMPLES / "expected" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_every_good_row_of_the_sample_goes_in_and_every_bad_one_is_refused_where_expected() -> None:
    counts, refusals = import_sample()
    assert refusals == expected("refused.csv")
    assert counts == expected("import.csv")
