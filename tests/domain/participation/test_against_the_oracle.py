"""Random rows and corrections, judged by participation and by the second program of scoring.md: the same outcomes."""

from __future__ import annotations

from random import Random

import pytest

from services.participation.batch.domain import decide_row
from services.participation.domain import Accepted, Ledger, Refused, Unchanged, row_of
from tests.domain.duties.oracle_of_cells import CORRECTED, TABLES
from tests.domain.duties.oracle_of_import import ImportOracle, Outcome
from tests.domain.participation.district import apply_decision, campaign_document, decide_file, key_of, sample_rules

KINDS = {"units": "unit", "people": "membership", "exemptions": "exemption", "records": "record",
         "withdrawals": "withdrawal", "findings": "finding", "sheets": "sheet", "decisions": "decision",
         "corrections": "correction"}  # fmt: skip
DAYS = ["2015-09-01", "2022-11-20", "2022-12-31", "2023-02-01", "2023-06-05"]
UNIT_IDS, PEOPLE = ["B1", "O1", "O2", "S1", "S2"], ["P1", "P2", "P3"]
CELLS: dict[str, list[str]] = {
    "unit_id": UNIT_IDS, "assessor_id": UNIT_IDS, "person_id": PEOPLE, "opened_on": DAYS[:2], "from": DAYS[:4],
    "zone_id": ["", "", "S1", "S2"], "community_id": ["", "", "S1"], "liaison_id": ["", "O1", "O2"],
    "closed_on": ["", "", *DAYS], "to": ["", *DAYS], "found_on": DAYS, "deadline": ["", *DAYS], "assessed_on": DAYS,
    "rectified_on": ["", *DAYS], "decided_on": DAYS, "withdrawn_at": DAYS, "role": ["teacher", "cadre", "other"],
    "occurred_at": [*DAYS, "2022-12-31T23:30:00Z", "2022-11-20T08:00"], "name": ["甲", "乙"], "title": ["", "题"],
    "tags": ["", "", "supervision_office", "central_school;community_core"], "reason": ["有误"], "document": ["1号"],
    "duty": ["summary", "forum", "video", "plan"], "points": ["0", "1.5", "3", "6", "30", "40"],
    "period": ["", "2022-autumn", "2023-spring", "2022-11", "2022-Q4", "2023-Q1", "once", "2023"],
    "record": ["summary", "forum", "video", "attendance", "monthly_report", "inspection_visit"],
    "content_sha256": ["", "a" * 64, "A" * 64], "evidence": ["", "e.pdf"], "year": ["2022", "2023"],
    "item": ["organisation", "depth", "results"],
}  # fmt: skip
BAD = ["", "bad", "X9", "2023-13-01", "2024-02", "-1", "a\0b", "x" * 129, "99"]


def a_cell(rng: Random, table: str, column: str) -> str:
    if rng.random() < 0.02:
        return rng.choice(BAD)
    if column == "kind":
        return rng.choice(["veto", "decline", "choose"] if table == "decisions" else ["bureau", "office", "school"])
    if column in ("unit_id", "person_id") and table in ("exemptions", "decisions", "records") and rng.random() < 0.4:
        return ""
    if column.endswith("_id") and column not in CELLS:
        return f"{table[0]}{rng.randrange(6)}"
    return rng.choice(CELLS[column])


def a_row(rng: Random, table: str) -> dict[str, str]:
    return {column: a_cell(rng, table, column) for column in TABLES[table]}


def a_correction(rng: Random, book: ImportOracle) -> dict[str, str]:
    table = rng.choice(CORRECTED)
    names = list(book.now[table]) or ["none"]
    column = rng.choice(["*", "*", *TABLES[table]])
    value = rng.choice(["", "restore"]) if column == "*" else a_cell(rng, table, column)
    cells = {"correction_id": f"C{rng.randrange(60)}", "table": table, "row": rng.choice(names), "column": column}
    cells |= {"value": value, "reason": "有误"}
    return cells | ({rng.choice(list(cells)): rng.choice(BAD)} if rng.random() < 0.03 else {})


def judged(table: str, row: dict[str, str], ledger: Ledger) -> Outcome:
    value = row_of(KINDS[table], row)
    if table == "units":
        (decision,) = decide_file([value], ledger, sample_rules())
    else:
        decision = decide_row(value, ledger, sample_rules(), key_of)
        apply_decision(decision, ledger)
    if isinstance(decision, Unchanged):
        ledger.fold(decision.events)
    match decision:
        case Refused(column, code):
            return code, column
        case Accepted():
            return "accepted"
    return "unchanged"


@pytest.mark.parametrize("seed", range(12))
def test_random_rows_and_corrections_have_the_outcomes_that_the_oracle_gives(seed: int) -> None:
    rng = Random(seed)
    book, ledger = ImportOracle(campaign_document()), Ledger()
    past: list[tuple[str, dict[str, str]]] = []
    for number in range(400):
        table = rng.choice(["units", "people"] if number < 25 else [*TABLES, "corrections", "corrections"])
        row = a_correction(rng, book) if table == "corrections" else a_row(rng, table)
        if past and rng.random() < 0.1:
            table, row = rng.choice(past)
        past.append((table, row))
        expected = book.given(table, [row])[0]
        assert judged(table, row, ledger) == expected, (number, table, row)
