"""Sections 8 and 9 of scoring.md once more, from the page alone: a folder of CSV files in, the result files out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle import Oracle
from tests.domain.duties.oracle_of_cells import TABLES, Row
from tests.domain.duties.oracle_of_history import facts_of
from tests.domain.duties.oracle_of_import import ImportOracle


def shown(value: Fraction | None, places: int) -> str:
    """Half up; every figure is 0 or more."""
    if value is None:
        return ""
    scaled = int((2 * value * 10**places + 1) // 2)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}}"


def file_text(header: str, rows: Sequence[Sequence[Any]]) -> str:
    result = io.StringIO()
    writer = csv.writer(result, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return result.getvalue()


def numbered_rows(text: str) -> list[tuple[int, Row]]:
    """Each row with the number of its first line; a blank line is no row, a short row's missing cells are empty."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    result = []
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            result.append((line, dict(zip(header, cells, strict=False))))
        line = reader.line_num + 1
    return result


def imported(campaign: dict[str, Any], files: dict[str, str]) -> tuple[ImportOracle, dict[str, str]]:
    """The district that these files leave, and import.csv and refused.csv."""
    book = ImportOracle(campaign)
    counts, refusals = [], []
    for table in TABLES:
        name = f"{table}.csv"
        if name in files:
            rows = numbered_rows(files[name])
            outcomes = book.given(table, [row for _, row in rows])
            refused = [
                (line, *fault) for (line, _), fault in zip(rows, outcomes, strict=True) if not isinstance(fault, str)
            ]
            good = outcomes.count("accepted"), outcomes.count("unchanged")
            counts.append([name, len(rows), *good, len(refused)])
            refusals += [[name, line, column, code] for line, code, column in refused]
    results = {
        "import.csv": file_text("file rows accepted unchanged refused", counts),
        "refused.csv": file_text("file line column code", refusals),
    }
    return book, results


def result_files(oracle: Oracle, windows: list[Row]) -> dict[str, str]:
    """The four files of section 9 for the lines of windows.csv."""
    scores = [(row["id"], date.fromisoformat(row["as_of"])) for row in windows if row["what"] == "score"]
    years = sorted(int(row["id"]) for row in windows if row["what"] == "award")
    days = sorted(date.fromisoformat(row["as_of"]) for row in windows if row["what"] == "outstanding")
    return {
        "unit_scores.csv": file_text(
            "window as_of unit_id base sheet deduction score rank completion on_time evidence band",
            [[name, day, *score_cells(score)] for name, day in scores for score in oracle.scores(name, day)],
        ),
        "units_awarded.csv": file_text(
            "year pool seats unit_id status position",
            [[year, *row] for year in years for row in oracle.commended(year)],
        ),
        "individuals.csv": file_text(
            "year unit_id person_id points status",
            [
                [year, *who, shown(points, 2), status]
                for year in years
                for *who, points, status in oracle.individuals(year)
            ],
        ),
        "outstanding.csv": file_text(
            "as_of duty period unit_id person_id due counted count overdue",
            [[day, *row, "yes" if late else "no"] for day in days for *row, late in oracle.outstanding(day)],
        ),
    }


def score_cells(score: dict[str, Any]) -> list[Any]:
    points = [shown(score[key], 2) for key in ("base", "sheet", "deduction", "score")]
    shares = [shown(score[key], 4) for key in ("completion", "on_time", "evidence")]
    return [score["unit"], *points, score["rank"] or "", *shares, score["band"]]


def everything(campaign: dict[str, Any], files: dict[str, str], windows: list[Row]) -> dict[str, str]:
    """Every file of section 9."""
    book, results = imported(campaign, files)
    return results | result_files(Oracle(facts_of(campaign, book.changes)), windows)
