"""Differences between the official and the current figures of a frozen window, by unit and (for awards) by person, with
the events that caused them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from duties.days import iso
from duties.report_requests import AwardRequest, ReportRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from services.assessment.freezes.change_events import ChangeEvent, campaign_events
from services.assessment.freezes.difference_lines import (
    AWARD,
    INDIVIDUAL,
    SCORE,
    Difference,
    Figures,
    award_figures,
    different,
    individual_figures,
    score_figures,
)
from services.assessment.freezes.effects import ContributionCalculator, RowName, Rows, changed_rows, rows_that_matter
from services.assessment.freezes.person_effects import AwardReading, person_names_that_matter
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.freezes.row_readings import RowsSinceFreeze
from services.assessment.scores.calculation import calculate
from services.assessment.scores.queries import FactsAsKnown
from services.registry.versions import instant_of

_OWN = ("records", "exemptions", "findings", "sheets")
_POOL = ("kind", "opened_on", "closed_on", "tags")


class Differences:
    """Finds the differences of one frozen window."""

    def __init__(
        self, connection: Connection, frozen: FrozenWindow, official: FactsAsKnown, present: FactsAsKnown
    ) -> None:
        self._connection, self._frozen = connection, frozen
        self._official, self._present = official, present
        self._rows = RowsSinceFreeze(connection, official.campaign.id, frozen)

    def of_request(
        self, request: ReportRequest, official: ScoreCalculation, present: ScoreCalculation
    ) -> list[Difference]:
        """The differences by unit, then by person, ordered by id; `official` and `present` are calculations that answer
        the request."""
        match request:
            case ScoreRequest():
                before, after = score_figures(request, official), score_figures(request, present)
                result = self._lines(SCORE, request.as_of, before, after)
                self._explain_units(result, request, request)
            case AwardRequest():
                score, as_of = request.score(official.campaign), request.as_of(official.campaign)
                before, after = award_figures(request, official), award_figures(request, present)
                result = self._lines(AWARD, as_of, before, after)
                self._explain_units(result, score, request)
                before, after = individual_figures(request, official), individual_figures(request, present)
                people = self._lines(INDIVIDUAL, as_of, before, after)
                self._explain_people(people, request)
                result += people
            case _:
                result = []
        return result

    def _lines(self, what: str, as_of: int, official: Figures, present: Figures) -> list[Difference]:
        main, result = "score" if what == SCORE else "status", []
        for subject, figures in different(official, present):
            before, after = official.get(subject, {}), present.get(subject, {})
            of_person = what == INDIVIDUAL
            unit_id = (after.get("unit_id") or before["unit_id"]) if of_person else subject
            result.append(Difference(what, self._frozen.window, iso(as_of), unit_id, subject if of_person else "",
                                     before.get(main, ""), after.get(main, ""), figures))  # fmt: skip
        return result

    def _explain_units(
        self, differences: Sequence[Difference], score: ScoreRequest, request: ScoreRequest | AwardRequest
    ) -> None:
        if not differences:
            return
        readings = ContributionCalculator(self._official, score), ContributionCalculator(self._present, score)
        rules = self._changed_rules(request, score_figures if request is score else award_figures)
        decided = list(self._decisions(_year(score), "unit_id"))
        for item in differences:
            official, present, versions = self._rows.about_unit(item.unit_id)
            names = _names_that_matter(item.unit_id, readings, official, present)
            events = [event for name in names for event in self._rows.events(name, versions[name])]
            if request is not score or "band" in item.figures:  # decisions affect only the band of a score
                events += [event for unit_id, event in decided if unit_id == item.unit_id]
            item.events = self._in_order(events, item.unit_id in rules)

    def _explain_people(self, differences: Sequence[Difference], request: AwardRequest) -> None:
        if not differences:
            return
        readings = AwardReading(self._official, request), AwardReading(self._present, request)
        rules = self._changed_rules(request, individual_figures)
        decided = list(self._decisions(request.year, "person_id"))
        for item in differences:
            official, present, versions = self._rows.about_person(item.person_id)
            names = person_names_that_matter(item.person_id, readings, official, present)
            events = [event for name in names for event in self._rows.events(name, versions[name])]
            events += [event for person_id, event in decided if person_id == item.person_id]
            item.events = self._in_order(events, item.person_id in rules)

    def _in_order(self, events: Sequence[ChangeEvent], with_rules: bool) -> list[ChangeEvent]:
        known_at, more = instant_of(self._frozen.known_at), []
        if with_rules:
            more = campaign_events(self._connection, self._official.campaign.id, known_at)
        return sorted({*events, *more}, key=lambda event: (event.recorded_at, event.position))

    def _changed_rules(self, request: ScoreRequest | AwardRequest, figures: Any) -> set[str]:
        """The units or persons whose official figures would differ under the current rules of the campaign."""
        if self._official.campaign == self._present.campaign:
            return set()
        before = calculate(self._official, [request])
        after = calculate(self._official.under(self._present.campaign), [request])
        return {subject for subject, _ in different(figures(request, before), figures(request, after))}

    def _decisions(self, year: int, column: str) -> Iterator[tuple[str, ChangeEvent]]:
        """(unit or person, event) for each decision of the year that differs between the two readings."""
        for name, versions in self._rows.decisions().items():
            for subject in {getattr(version, column) for version in versions if version.year == year} - {""}:
                for event in self._rows.events(name, versions):
                    yield subject, event


def _names_that_matter(
    unit_id: str, readings: tuple[ContributionCalculator, ContributionCalculator], official: Rows, present: Rows
) -> set[RowName]:
    before, after = readings
    result = rows_that_matter(
        _of_unit(official, unit_id), _of_unit(present, unit_id),
        lambda rows: before.of_unit(unit_id, rows), lambda rows: after.of_unit(unit_id, rows),
    )  # fmt: skip
    unit = "units", (unit_id,)
    if _pool_cells(official.get(unit)) != _pool_cells(present.get(unit)):
        result.add(unit)
    changed = changed_rows(official, present)
    rows_of = [official.get(name) or present.get(name) for name in changed]
    for person_id in sorted({getattr(row, "person_id", "") for row in rows_of} - {""}):
        result |= rows_that_matter(
            _of_person(official, person_id), _of_person(present, person_id),
            lambda rows, of=person_id: before.of_person(of, unit_id, rows),
            lambda rows, of=person_id: after.of_person(of, unit_id, rows),
        )  # fmt: skip
    return result


def _of_unit(rows: Rows, unit_id: str) -> Rows:
    return {name: row for name, row in rows.items() if name[0] in _OWN and row.unit_id == unit_id}


def _of_person(rows: Rows, person_id: str) -> Rows:
    return {name: row for name, row in rows.items() if getattr(row, "person_id", "") == person_id}


def _pool_cells(row: Any) -> list[Any] | None:
    """The cells of a unit, besides its score, that rank, band and pool depend on."""
    return row and [getattr(row, name) for name in _POOL]


def _year(request: ScoreRequest) -> int:
    return int(request.window) if request.window.isdigit() else 0
