"""The scores of one scoreboard, kept in a process: calculated once, then each request reads only the subjects whose
facts changed.

The figures of a request are those of one moment of the store, whose positions are returned; they equal those of a
complete calculation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from chassis.store.row_moment import Positions, positions
from duties.kept_totals import KeptTotals
from duties.ranking import ranked
from duties.report_requests import ScoreRequest
from services.assessment.overview.queries import District, OverviewFilter, overview
from services.assessment.scores.calculation import ScoreboardLines
from services.assessment.scores.queries import FactsAsKnown, PersonFacts
from services.assessment.scores.score_changes import ChangedFacts, changed_facts


@dataclass(frozen=True)
class CurrentScores:
    """The scoreboard's lines, the positions they are valid for, and the numbers of units and people read for them."""

    lines: list[dict[str, Any]]
    positions: Positions
    units_read: int
    people_read: int


class KeptScores:
    """The scores of one request."""

    def __init__(self, request: ScoreRequest) -> None:
        self._request = request
        self._positions: Positions = {}
        self._totals: KeptTotals | None = None
        self._lines: ScoreboardLines | None = None

    def look(self, connection: Connection) -> CurrentScores:
        """The scores at the moment of the connection's snapshot.  Raises NoCampaign, UnknownWindow."""
        now, facts = positions(connection), FactsAsKnown(connection)
        kept, self._totals = self._totals, None  # so that a renewal that fails half-way leaves nothing behind
        changes = changed_facts(connection, self._positions, now, facts.campaign.person_kinds) if kept else None
        if kept is None or changes is None:
            totals = KeptTotals(facts.campaign, facts.units(), self._request)
            self._lines = ScoreboardLines(self._request, totals.units, facts.unit_names())
            read = _read(facts, totals, frozenset(totals.units), ChangedFacts(frozenset(), {}))
        else:
            totals = kept
            served = frozenset().union(*changes.people.values()) & totals.units.keys()
            read = _read(facts, totals, frozenset(item for item in served if not totals.holds(item)), changes)
        self._totals, self._positions = totals, now
        scores = ranked(facts.campaign, totals.window, self._request.as_of, totals.units, totals.scores(),
                        facts.decisions())  # fmt: skip
        assert self._lines is not None
        return CurrentScores([self._lines.of(score) for score in scores], now, *read)

    def overview(self, connection: Connection, wanted: OverviewFilter) -> dict[str, Any]:
        """The district's figures at the moment of the latest `look`."""
        assert self._totals is not None
        return overview(self._totals, District.of(connection, FactsAsKnown(connection), self._totals), wanted)


def _read(facts: FactsAsKnown, totals: KeptTotals, filled: frozenset[str], changes: ChangedFacts) -> tuple[int, int]:
    """Replace the facts that changed, and all facts of the units in `filled`; returns the numbers of units and people
    read."""
    every = len(filled) == len(totals.units)
    totals.begin_filling(filled)
    own = sorted((filled | changes.units) & totals.units.keys())
    for unit in facts.unit_facts(own, every) if own else ():
        totals.replace_unit(unit.unit_id, unit.records, unit.exemptions, unit.findings, unit.sheet_rows)
    awaited, people = dict(changes.people), 0
    for person in _people(facts, filled, every, awaited):
        served = awaited.pop(person.person_id, ())
        totals.replace_person(person.person_id, served, person.memberships, person.records, person.exemptions)
        people += 1
    for person_id, served in awaited.items():  # all their memberships are void
        totals.replace_person(person_id, served, [], [])
    totals.end_filling()
    return len(own), people


def _people(
    facts: FactsAsKnown, filled: frozenset[str], every: bool, awaited: Mapping[str, object]
) -> Iterator[PersonFacts]:
    """Everybody who ever served in the units in `filled`, then the remaining ones of `awaited`."""
    if filled:
        yield from facts.person_facts(None if every else sorted(filled))
    if awaited:
        yield from facts.person_facts(person_ids=sorted(awaited))
