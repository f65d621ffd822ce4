"""GET /api/duties, GET /api/duties/people."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.database import Store
from duties.days import day_of, iso, year_of
from duties.progress import ProgressPlan
from duties.report_requests import ScoreRequest
from services.assessment.progress import rendering
from services.assessment.progress.queries import ProgressPlans, progress_of_person, unit_progress
from services.assessment.progress.rankings import KeptRankings
from services.assessment.progress.schemas import (
    DutiesAnswer,
    DutiesQuery,
    PeopleAnswer,
    PeopleQuery,
    SupervisedAnswer,
    WindowQuery,
)
from services.assessment.progress.subject_rows import SubjectRows, UnitAsKnown
from services.assessment.progress.supervised import SupervisedUnits
from services.assessment.scores.queries import FactsAsKnown, NoCampaign
from services.assessment.scores.score_runner import ScoreRunner, checked_request
from services.assessment.scores.scoreboard import windows_begun
from services.assessment.tables import registry
from services.registry import rights
from services.registry.identity import subject_of_unit, units_within


class OpenFacts(NamedTuple):
    """The facts at the requested instant, and the window as of a day."""

    connection: Connection
    facts: FactsAsKnown
    request: ScoreRequest
    known_at: str | None
    today: str

    def require_unit(self, actor: Actor, right: rights.Right, unit_id: str) -> None:
        """Require the right over the unit.  Problem 403."""
        rights.require(actor, right, subject_of_unit(self.connection, registry, actor, unit_id))

    def units_seen(self, actor: Actor, person_id: str, unit_ids: Collection[str]) -> frozenset[str] | None:
        """Of the units in which the person ever served, those whose duties the actor may see; None: all.  Problem
        403."""
        whole = rights.Subject(person_id=person_id)
        if rights.may(actor, rights.SEE_DUTIES, whole):
            return None
        seen = units_within(self.connection, registry, actor, rights.SEE_DUTIES, unit_ids)
        if not seen:
            rights.require(actor, rights.SEE_DUTIES, whole)
        return seen

    def unit(self, unit_id: str, plan: ProgressPlan) -> UnitAsKnown:
        """The unit with its facts.  Problem 404."""
        unit = SubjectRows(self.connection, self.facts, plan.schedule).unit(unit_id)
        if unit is None:
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id} 的单位。", column="unit_id")
        return unit

    def subject(self, unit_id: str = "", name: str = "", person_id: str = "") -> dict[str, Any]:
        campaign = self.facts.campaign
        return {"campaign": campaign.id, "title": campaign.title, "window": self.request.window,
                "as_of": iso(self.request.as_of), "known_at": self.known_at, "unit_id": unit_id, "name": name,
                "person_id": person_id, "windows": windows_begun(campaign, day_of(self.today))}  # fmt: skip


class ProgressRoutes:
    """Routes of the duties of one unit or one person."""

    store: Store
    clock: Clock
    score_runner: ScoreRunner
    progress_plans: ProgressPlans
    supervised: SupervisedUnits
    rankings: KeptRankings

    @route(
        "GET",
        "/api/duties",
        right=rights.SEE_DUTIES,
        query=DutiesQuery,
        response=DutiesAnswer,
        problems=(404, 409, 422),
    )
    def duties(self, request: RouteRequest) -> Any:
        """The duties of one unit or one person: needed, done, due, and the records that count; and its figures."""
        unit_id, person_id = request.query["unit_id"], request.query["person_id"]
        if bool(unit_id) == bool(person_id):
            raise Problem(422, "one_of", "unit_id 和 person_id 应恰好给出一项。", column="person_id")
        with self._open_facts(request.query) as look:
            if person_id:
                return self._person_duties(look, request.actor, person_id)
            look.require_unit(request.actor, rights.SEE_DUTIES, unit_id)
            answer = self._unit_duties(look, unit_id)
        if answer["figures"]:  # the connection is returned first: calculating a scoreboard may take long
            answer["ranking"] = self.rankings.of_unit(look.facts.campaign, look.request, look.known_at, unit_id)
        return answer

    @route("GET", "/api/duties/people", right=rights.SEE_DUTIES_BY_PERSON, query=PeopleQuery, response=PeopleAnswer,
           problems=(404, 409, 422))  # fmt: skip
    def duties_of_people(self, request: RouteRequest) -> Any:
        """The duties of a unit's people, one line per duty, period and person."""
        query = request.query
        with self._open_facts(query) as look:
            look.require_unit(request.actor, rights.SEE_DUTIES_BY_PERSON, query["unit_id"])
            plan = self.progress_plans.of_unit(look.facts.campaign, look.request)
            unit = look.unit(query["unit_id"], plan)
            progress = unit_progress(unit, plan)
            wanted = [item for item in progress.people
                      if query["duty"] in ("", item.duty.id) and query["period"] in ("", item.instance.period)
                      and query["state"] in ("", item.state)]  # fmt: skip
            wanted.sort(key=lambda item: (plan.place(item), item.instance.person_id))
            lines = rendering.duty_lines(wanted, rendering.worth_of(progress.parts()))
            return look.subject(query["unit_id"], unit.name) | {"duties": lines}

    @route("GET", "/api/duties/supervised", right=rights.SUPERVISE, query=WindowQuery, response=SupervisedAnswer,
           problems=(409, 422))  # fmt: skip
    def duties_of_supervised(self, request: RouteRequest) -> Any:
        """The units that the caller's office supervises, each with its own duties in the window (default: the month of
        `as_of`) summed up."""
        query = request.query
        with self._open_facts(query, by_month=True) as look:
            every = [unit.unit_id for unit in look.facts.units()]
            seen = units_within(look.connection, registry, request.actor, rights.SUPERVISE, every)
            campaign, as_of = look.facts.campaign, look.request.as_of
            plan = self.progress_plans.of_unit(campaign, look.request)
            year = self.progress_plans.of_unit(campaign, ScoreRequest(str(year_of(plan.window.last)), as_of))
            about = look.subject() | {"year": year.request.window}
            lines = self.supervised.look(look.connection, look.facts, plan, year, seen)
            return {name: about[name] for name in ("window", "as_of", "year", "windows")} | lines

    @contextmanager
    def _open_facts(self, query: dict[str, Any], by_month: bool = False) -> Iterator[OpenFacts]:
        """Open the facts for a query.  Problem 409, 422."""
        known_at = query["known_at"] or None
        known = self.score_runner.known(known_at)
        if known is not None:
            self.score_runner.require_campaign(known)
        with self.store.reading() as connection:
            try:
                facts = FactsAsKnown(connection, known_at=known)
            except NoCampaign:
                raise Problem(409, "no_campaign", "还没有启动活动方案。") from None
            today = self.clock().astimezone(facts.campaign.zone).date().isoformat()
            as_of = query["as_of"] or today
            window = query["window"] or as_of[: 7 if by_month else 4]
            try:
                _, name, day = checked_request(facts.campaign, today, "score", window, as_of)
            except ValueError as error:
                raise Problem(422, "bad_window", str(error), column="window") from None
            yield OpenFacts(connection, facts, ScoreRequest(name, day), known_at, today)

    def _unit_duties(self, look: OpenFacts, unit_id: str) -> dict[str, Any]:
        plan = self.progress_plans.of_unit(look.facts.campaign, look.request)
        unit = look.unit(unit_id, plan)
        progress = unit_progress(unit, plan)
        parts = progress.parts()
        worth = rendering.worth_of(parts)
        return look.subject(unit_id, unit.name) | {
            "duties": rendering.duty_lines(progress.own, worth),
            "people": rendering.people_lines(progress.people, worth, plan.place),
            "figures": rendering.figures(progress.score()), "parts": rendering.part_lines(parts), "points": None,
            "ranking": None, "sheets": rendering.sheet_lines(plan.campaign, unit.own.sheet_rows, look.request.as_of),
            "findings": rendering.finding_lines(unit.own.findings, plan.window, look.request.as_of),
        }  # fmt: skip

    def _person_duties(self, look: OpenFacts, actor: Actor, person_id: str) -> dict[str, Any]:
        plan = self.progress_plans.of_person(look.facts.campaign, look.request)
        person = next(iter(SubjectRows(look.connection, look.facts, plan.schedule).people([person_id])), None)
        units = look.units_seen(actor, person_id, {item.unit_id for item in person.memberships} if person else set())
        if person is None:
            raise Problem(404, "unknown_person", f"没有编号为 {person_id} 的人员。", column="person_id")
        progress = progress_of_person(look.facts, plan, person)
        seen = [item for item in progress.duties if units is None or item.instance.unit_id in units]
        points = None if progress.points is None or units is not None else rendering.points(progress.points)
        return look.subject(person_id=person_id) | {
            "duties": rendering.duty_lines(seen, {}), "people": [], "figures": None, "parts": [], "points": points,
            "ranking": None, "findings": [], "sheets": [],
        }  # fmt: skip
