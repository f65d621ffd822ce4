"""Rows -> scores: every subject's facts through duties, or only those of the units that changed since the last time."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from duties import result_files
from duties.ranking import ranked
from duties.report_requests import ReportRequest, ScoreRequest, window_of_request
from duties.score_calculation import ScoreCalculation
from duties.scores import UnitScore
from duties.subjects import Unit
from services.assessment.scores import score_cache
from services.assessment.scores.queries import FactsAsKnown, UnitFacts
from services.assessment.scores.score_cache import CachedScores


def calculate(
    facts: FactsAsKnown, requests: Sequence[ReportRequest], progress: Callable[[int], None] = lambda _: None
) -> ScoreCalculation:
    """One pass over every subject answers all the requests; `progress` is given how many subjects are done."""
    by_id = {unit.unit_id: unit for unit in facts.units()}
    calculation = ScoreCalculation(facts.campaign, by_id.values(), requests, facts.decisions())
    for done, unit_facts in enumerate(facts.unit_facts(list(by_id)), 1):
        _add_unit(calculation, by_id[unit_facts.unit_id], unit_facts)
        progress(done)
    for done, person in enumerate(facts.person_facts(), len(by_id) + 1):
        calculation.add_person(person.person_id, person.memberships, person.records, person.exemptions)
        progress(done)
    return calculation


def current_scores(connection: Connection, request: ScoreRequest, cache: Path) -> tuple[list[UnitScore], int]:
    """The ranked scores of all units as known now, and how many units were calculated for it: those that changed
    since `cache` was written, or all."""
    facts = FactsAsKnown(connection)
    by_id = {unit.unit_id: unit for unit in facts.units()}
    before = score_cache.read(cache)
    changed = score_cache.changed_units(connection, before.positions) if before else None
    if before is None or changed is None or len(changed) > len(by_id) * 3 // 4:
        stale = frozenset(by_id)
        scores = {score.unit_id: score for score in calculate(facts, [request]).scores(request)}
    else:
        stale = changed & by_id.keys()
        fresh = _scores_of(facts, by_id, request, sorted(stale))
        scores = {name: score for name, score in before.scores.items() if name not in stale}
        scores |= {score.unit_id: score for score in fresh if score.unit_id in stale}
    score_cache.write(cache, CachedScores(score_cache.positions(connection), scores))
    window = window_of_request(facts.campaign, request)
    return ranked(facts.campaign, window, request.as_of, by_id, scores.values(), facts.decisions()), len(stale)


def _scores_of(
    facts: FactsAsKnown, by_id: dict[str, Unit], request: ScoreRequest, unit_ids: list[str]
) -> Iterable[UnitScore]:
    """The scores of these units; other units that their people served in come with wrong figures."""
    calculation = ScoreCalculation(facts.campaign, by_id.values(), [request])
    for unit_facts in facts.unit_facts(unit_ids, every=False):
        _add_unit(calculation, by_id[unit_facts.unit_id], unit_facts)
    for person in facts.person_facts(unit_ids):
        calculation.add_person(person.person_id, person.memberships, person.records, person.exemptions)
    return calculation.scores(request)


def _add_unit(calculation: ScoreCalculation, unit: Unit, facts: UnitFacts) -> None:
    calculation.add_unit(unit, facts.records, facts.exemptions, facts.findings, facts.sheet_rows)


def scoreboard_lines(facts: FactsAsKnown, request: ScoreRequest, scores: list[UnitScore]) -> list[dict[str, Any]]:
    """The scoreboard's lines, figures as they are shown."""
    names = facts.unit_names()
    kinds = {unit.unit_id: unit.kind for unit in facts.units()}
    lines = []
    for score, row in zip(scores, result_files.score_rows(request, scores), strict=True):
        cells = dict(zip(result_files.UNIT_SCORES, row, strict=True))
        line: dict[str, Any] = {k: v for k, v in cells.items() if k not in ("window", "as_of", "rank", "sheet")}
        line |= {"name": names[score.unit_id], "kind": kinds[score.unit_id], "rank": score.rank,
                 "sheet": cells["sheet"] or None}  # fmt: skip
        lines.append(line)
    return lines
