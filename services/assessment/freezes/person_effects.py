"""Finds the rows that change a person's outcome in a year's awards, by calculating it with and without each row."""

from typing import Any

from duties.individuals import Candidates
from duties.instances import person_contribution
from duties.report_requests import AwardRequest, schedule_for
from services.assessment.freezes.effects import RowName, Rows, changed_rows, rows_of, rows_that_matter
from services.assessment.scores.queries import FactsAsKnown

_OF_PERSONS = ("people", "records", "exemptions")


class AwardReading:
    """Calculates a person's outcome under one reading of the facts (official or present) for one year."""

    def __init__(self, facts: FactsAsKnown, request: AwardRequest) -> None:
        awards = facts.campaign.individual_awards
        self._facts = facts
        self._candidates = Candidates(facts.campaign, awards, request) if awards else None
        self._schedule = schedule_for(facts.campaign, [request])
        self._kinds = {unit.unit_id: unit.kind for unit in facts.units()}

    def of_person(self, person_id: str, rows: Rows) -> Any:
        """The unit, points and on-time share of a person who is eligible, as a comparable value."""
        if self._candidates is None:
            return None
        facts = self._facts.person_of_rows(
            person_id, *(rows_of(rows, name, person_id=person_id) for name in _OF_PERSONS)
        )
        contribution = person_contribution(
            self._schedule, person_id, facts.memberships, facts.records, facts.exemptions, self._kinds
        )
        eligible = self._candidates.eligibility(contribution)
        return eligible and (eligible[0], self._candidates.points(contribution), eligible[1][1])


def person_names_that_matter(
    person_id: str, readings: tuple[AwardReading, AwardReading], official: Rows, present: Rows
) -> set[RowName]:
    """The rows of the person that change the outcome; if none does, the units in which the person serves."""
    before, after = readings

    def own(rows: Rows) -> Rows:
        return {name: row for name, row in rows.items() if name[0] in _OF_PERSONS}

    def official_brings(rows: Rows) -> Any:
        return before.of_person(person_id, rows)

    def present_brings(rows: Rows) -> Any:
        return after.of_person(person_id, rows)

    result = rows_that_matter(own(official), own(present), official_brings, present_brings)
    if result or official_brings(own(official)) == present_brings(own(present)):
        return result
    return {name for name in changed_rows(official, present) if name[0] == "units"}
