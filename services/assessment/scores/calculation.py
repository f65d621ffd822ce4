"""Calculates scores from the facts of every subject, by the rules of `duties`."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from duties import result_files
from duties.report_requests import ReportRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from duties.scores import UnitScore
from duties.subjects import Unit
from services.assessment.scores.queries import FactsAsKnown, UnitFacts


def calculate(
    facts: FactsAsKnown, requests: Sequence[ReportRequest], progress: Callable[[int], None] = lambda _: None
) -> ScoreCalculation:
    """Answers all requests in one pass over every subject; `progress` is called with the number of subjects done."""
    by_id = {unit.unit_id: unit for unit in facts.units()}
    calculation = ScoreCalculation(facts.campaign, by_id.values(), requests, facts.decisions())
    for done, unit_facts in enumerate(facts.unit_facts(list(by_id)), 1):
        _add_unit(calculation, by_id[unit_facts.unit_id], unit_facts)
        progress(done)
    for done, person in enumerate(facts.person_facts(), len(by_id) + 1):
        calculation.add_person(person.person_id, person.memberships, person.records, person.exemptions)
        progress(done)
    return calculation


def _add_unit(calculation: ScoreCalculation, unit: Unit, facts: UnitFacts) -> None:
    calculation.add_unit(unit, facts.records, facts.exemptions, facts.findings, facts.sheet_rows)


def scoreboard_lines(
    request: ScoreRequest, scores: Sequence[UnitScore], units: Mapping[str, Unit], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The scoreboard's lines, figures as displayed."""
    lines = ScoreboardLines(request, units, names)
    return [lines.of(score) for score in scores]


class ScoreboardLines:
    """Rendered lines of units, reused while a unit's figures stay the same: of a province, few change between two
    requests."""

    def __init__(self, request: ScoreRequest, units: Mapping[str, Unit], names: Mapping[str, str]) -> None:
        self._request, self._units, self._names = request, units, names
        self._written: dict[str, tuple[tuple[object, ...], dict[str, Any]]] = {}

    def of(self, score: UnitScore) -> dict[str, Any]:
        """The unit's line; shared, so the caller must not change it."""
        figures, line = self._written.get(score.unit_id, ((), {}))
        now = (score.base, score.sheet, score.deduction, score.score, score.completion, score.on_time, score.evidence)
        # figures are compared by identity: rendering an equal line again does no harm
        if any(before is not figure for before, figure in zip_longest(figures, now)):
            line = self._line(score)
        elif (line["rank"], line["band"]) != (score.rank, score.band):
            line = line | {"rank": score.rank, "band": score.band}
        self._written[score.unit_id] = now, line
        return line

    def _line(self, score: UnitScore) -> dict[str, Any]:
        (row,) = result_files.score_rows(self._request, [score])
        cells = dict(zip(result_files.UNIT_SCORES, row, strict=True))
        line: dict[str, Any] = {k: v for k, v in cells.items() if k not in ("window", "as_of", "rank", "sheet")}
        return line | {"name": self._names[score.unit_id], "kind": self._units[score.unit_id].kind,
                       "rank": score.rank, "sheet": cells["sheet"] or None, "score_exact": str(score.score),
                       "base_exact": str(score.base)}  # fmt: skip
