"""Holds the result files against scoring.md: what its oracle makes of the facts, byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from tests.semester.evidence import Evidence, Problem
from tests.support.written_district import expected

HEADERS = {
    "unit_scores.csv": "window,as_of,unit_id,base,sheet,deduction,score,rank,completion,on_time,evidence,band",
    "units_awarded.csv": "year,pool,seats,unit_id,status,position",
    "individuals.csv": "year,unit_id,person_id,points,status",
    "outstanding.csv": "as_of,duty,period,unit_id,person_id,due,counted,count,overdue",
}


def by_the_page(evidence: Evidence) -> dict[str, str]:
    """The result files as scoring.md says they are."""
    result = expected(evidence.facts, evidence.windows)
    return {name: _text(header, result[name]) for name, header in HEADERS.items()}


def figures(evidence: Evidence) -> Iterator[Problem]:
    if not evidence.windows:
        return
    for name, text in by_the_page(evidence).items():
        ours = evidence.results.get(name, "")
        if ours != text:
            lines = zip([*ours.splitlines(), "(ends)"], [*text.splitlines(), "(ends)"], strict=False)
            first = next((f"{mine!r}, not {right!r}" for mine, right in lines if mine != right), "its length")
            yield Problem("scores", f"{name}: {first}")


def _text(header: str, rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header.split(","), *rows])
    return out.getvalue()
