"""Writes the four result files of scoring.md 9 from calculations, and a file saying which figures are official."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from duties import result_files
from duties.report_requests import AwardRequest, OutstandingRequest, ReportRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation

FILES = (
    "unit_scores.csv",
    "units_awarded.csv",
    "individuals.csv",
    "outstanding.csv",
    "official.csv",
    "differences.csv",
)
OFFICIAL = ("window", "official", "known_at")


def write(
    calculations: Mapping[ReportRequest, ScoreCalculation], requests: Sequence[ReportRequest], folder: Path
) -> None:
    """Write the files; `calculations`: for each request the one that answers it."""
    scores = [request for request in requests if isinstance(request, ScoreRequest)]
    awards = sorted({item for item in requests if isinstance(item, AwardRequest)}, key=lambda item: item.year)
    owed = sorted({item for item in requests if isinstance(item, OutstandingRequest)}, key=lambda item: item.as_of)
    score_rows = (result_files.score_rows(item, calculations[item].scores(item)) for item in scores)
    unit_rows = (result_files.commended_rows(calculations[item].commended(item)) for item in awards)
    individual_rows = (result_files.individual_rows(item, calculations[item].individuals(item)) for item in awards)
    outstanding_rows = (result_files.outstanding_rows(item, calculations[item].outstanding(item)) for item in owed)
    write_file(folder / FILES[0], result_files.UNIT_SCORES, chain.from_iterable(score_rows))
    write_file(folder / FILES[1], result_files.UNITS_AWARDED, chain.from_iterable(unit_rows))
    write_file(folder / FILES[2], result_files.INDIVIDUALS, chain.from_iterable(individual_rows))
    write_file(folder / FILES[3], result_files.OUTSTANDING, chain.from_iterable(outstanding_rows))


def write_official(known_at: Mapping[ReportRequest, str], folder: Path) -> None:
    """Write which windows and years of awards are frozen, and the instants (empty: not frozen)."""
    windows = {
        request.window if isinstance(request, ScoreRequest) else f"{request.year:04}": at
        for request, at in known_at.items()
        if not isinstance(request, OutstandingRequest)
    }
    rows = ((window, "yes" if at else "no", at) for window, at in sorted(windows.items()))
    write_file(folder / FILES[4], OFFICIAL, rows)


def write_file(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
