"""Answers many asks in one pass over the subjects, holding sums and candidates but never all people.

Shares may be added in any order, fresh or stored; a subject is added once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import TypeAlias

from duties.asks import AwardAsk, OutstandingAsk, ScoreAsk, concerns, schedule_for
from duties.campaign import Campaign
from duties.commended import PoolResult, commended
from duties.days import Day, Instant
from duties.individuals import Candidates, Individual
from duties.instances import Instance, PersonShare, person_share, unit_instances
from duties.outstanding import Outstanding, outstanding
from duties.schedule import DutyPeriod
from duties.scores import Marks, UnitScore, marks_of, ranked, unit_score
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit
from duties.tallies import WindowTallies

Sink: TypeAlias = Callable[[OutstandingAsk, Iterable[Outstanding]], None]


class Reckoning:
    """One campaign, one knowledge instant (None: now), any number of asks.

    All units are needed beforehand (a province has thirty thousand); records, people, findings and sheets are not kept.
    What is outstanding is kept to be sorted, unless a `sink` takes it subject by subject.
    """

    def __init__(
        self,
        campaign: Campaign,
        units: Iterable[Unit],
        asks: Sequence[ScoreAsk | AwardAsk | OutstandingAsk],
        known_at: Instant | None = None,
        sink: Sink | None = None,
    ) -> None:
        self.campaign = campaign
        self.units = {unit.unit_id: unit for unit in units}
        self.known_at = known_at
        self.schedule = schedule_for(campaign, _with_year_scores(asks))
        periods = [*self.schedule.unit_periods, *(item for item, _, _ in self.schedule.person_periods)]
        self._tallies = {
            ask: WindowTallies(campaign, ask, periods) for ask in _with_year_scores(asks) if isinstance(ask, ScoreAsk)
        }
        self._marks: dict[tuple[ScoreAsk, str], Marks] = {}
        awards = campaign.individual_awards
        self._candidates = {
            ask: Candidates(campaign, awards, ask) for ask in asks if awards is not None and isinstance(ask, AwardAsk)
        }
        outstanding_asks = [ask for ask in asks if isinstance(ask, OutstandingAsk)]
        self._outstanding: dict[OutstandingAsk, list[Outstanding]] = {ask: [] for ask in outstanding_asks}
        self._sink = sink
        self._begun = [(ask, _begun(campaign, ask, periods)) for ask in self._outstanding]
        self._scores: dict[ScoreAsk, list[UnitScore]] = {}

    @cached_property
    def _routes(self) -> dict[tuple[str, str], list[tuple[WindowTallies, int]]]:
        """The windows that ask for a (duty, period), so that an instance is looked up once for all of them."""
        routes: dict[tuple[str, str], list[tuple[WindowTallies, int]]] = {}
        for tallies in self._tallies.values():
            for key, offset in tallies.offsets.items():
                routes.setdefault(key, []).append((tallies, offset))
        return routes

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {unit.unit_id: unit.kind for unit in self.units.values()}

    def unit(
        self,
        unit: Unit,
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
        findings: Sequence[Finding] = (),
        sheet_rows: Sequence[SheetRow] = (),
    ) -> None:
        """Reckons one unit in: its own instances and what assessors gave it."""
        self.add_instances(unit_instances(self.schedule, unit, records, exemptions, self.known_at))
        if findings or sheet_rows:
            self.add_marks(unit.unit_id, findings, sheet_rows)

    def person(
        self,
        person_id: str,
        memberships: Sequence[Membership],
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        """Reckons one person in."""
        self.add_person(
            person_share(self.schedule, person_id, memberships, records, exemptions, self._kinds, self.known_at)
        )

    def add_person(self, share: PersonShare) -> None:
        """Adds a share that was reckoned (and perhaps stored) before, as known at the same instant."""
        self.add_instances(share.instances)
        for candidates in self._candidates.values():
            candidates.add(share)

    def add_instances(self, instances: Sequence[Instance]) -> None:
        """Adds a unit's own instances (a person's go by `add_person`); those of no asked period change nothing."""
        routes = self._routes
        for instance in instances:
            for tallies, offset in routes.get((instance.duty, instance.period), ()):
                tallies.add(instance, offset)
        for ask, begun in self._begun:
            rows = outstanding(instances, begun, ask.as_of)
            if self._sink is None:
                self._outstanding[ask] += rows
            else:
                self._sink(ask, rows)
        self._scores.clear()

    def add_marks(self, unit_id: str, findings: Sequence[Finding], sheet_rows: Sequence[SheetRow]) -> None:
        for ask, tallies in self._tallies.items():
            marks = marks_of(self.campaign, tallies.window, ask.as_of, findings, sheet_rows, self.known_at)
            self._marks[ask, unit_id] = marks
        self._scores.clear()

    def scores(self, ask: ScoreAsk) -> list[UnitScore]:
        """The units that have a score, ranked ones first (scoring.md 4, 9)."""
        if ask not in self._scores:
            tallies = self._tallies[ask]
            result = (
                unit_score(self.campaign, unit, tallies.of_unit(unit), self._marks.get((ask, unit), Marks()))
                for unit in tallies.units()
            )
            scored = [item for item in result if item is not None]
            self._scores[ask] = ranked(self.campaign, tallies.window, ask.as_of, self.units, scored)
        return self._scores[ask]

    def commended(self, ask: AwardAsk, vetoed: Collection[str] = ()) -> list[PoolResult]:
        scores = {item.unit_id: item for item in self.scores(ask.score)}
        return commended(self.campaign, ask, self.units.values(), scores, vetoed)

    def individuals(self, ask: AwardAsk) -> list[Individual]:
        """Those above, in and below the last seat, by unit and person; empty where the campaign puts nobody forward."""
        if ask not in self._candidates:
            return []
        return self._candidates[ask].placed({item.unit_id: item.rank for item in self.scores(ask.score)})

    def outstanding(self, ask: OutstandingAsk) -> list[Outstanding]:
        """In the order of the file: duty, period, unit, person; empty where a sink took it."""
        return sorted(self._outstanding[ask])


def _with_year_scores(
    asks: Sequence[ScoreAsk | AwardAsk | OutstandingAsk],
) -> list[ScoreAsk | AwardAsk | OutstandingAsk]:
    """The asks and the year scores that awards rest on, each once."""
    scores = [ask.score for ask in asks if isinstance(ask, AwardAsk)]
    return list(dict.fromkeys([*asks, *scores]))


def _begun(campaign: Campaign, ask: OutstandingAsk, periods: Iterable[DutyPeriod]) -> dict[tuple[str, str], Day]:
    test = concerns(campaign, ask)
    return {(item.duty.id, item.period): item.position for item in periods if test(item)}
