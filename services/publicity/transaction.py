"""A write transaction of publicity: the unit of work, and the campaign's rules."""

from typing import Any, TypeVar

from chassis.events.canonical_json import moment
from chassis.events.definition import Event
from chassis.process.tokens import Actor
from chassis.store.decider import Decider
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from duties.days import day_of
from services.publicity.domain.refusals import Refused
from services.publicity.reviews.domain import Reviewer
from services.publicity.tables import registry
from services.publicity.works.domain.commands import WorkCommand
from services.publicity.works.domain.decisions import WORKS
from services.publicity.works.domain.state import Work
from services.registry.identity import subject_of_unit
from services.registry.queries import campaign_in_force, units_of_person
from services.registry.rights import Right, require

State = TypeVar("State")


class PublicityTransaction:
    """What a handler reads and decides at one moment of the store.  Raises Refused if there is no campaign yet."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self.unit_of_work = unit_of_work
        self.connection, self.now = unit_of_work.connection, unit_of_work.now
        campaign = campaign_in_force(self.connection, registry)
        if campaign is None:
            raise Refused("no_campaign")
        self.campaign: Campaign = campaign
        self.today = local_day(campaign, self.now)

    def state(self, decider: Decider[State, Any, list[Event]], stream: str) -> State:
        """The state of a stream, including what was decided in this transaction."""
        return self.unit_of_work.states(decider, [stream])[stream]

    def work(self, work_id: str) -> Work:
        return self.unit_of_work.states(WORKS, [f"work-{work_id}"])[f"work-{work_id}"]

    def execute_on_work(self, command: WorkCommand, causation: str = "") -> list[Event]:
        """Execute a command on a work by the campaign's rules.  Raises Refused."""
        return self.unit_of_work.execute(WORKS, command, self.campaign.publicity, causation=causation)

    def units_of_person(self, person_id: str, day: str = "") -> frozenset[str]:
        """Where a person serves on a day; default: today."""
        return units_of_person(self.connection, registry, person_id, day_of(day or self.today))

    def reviewer(self, person_id: str) -> Reviewer:
        return Reviewer(person_id, self.units_of_person(person_id))

    def act(self, actor: Actor, right: Right, unit_id: str = "", person_id: str = "") -> None:
        """Require the right for the caller; later events record the post that gave it.  Problem 403."""
        subject = subject_of_unit(self.connection, registry, actor, unit_id, person_id)
        self.unit_of_work.act_as(require(actor, right, subject))

    def semester_of(self, day: str) -> str:
        """The semester of the day.  Raises Refused."""
        semester = self.campaign.semesters.containing(day_of(day))
        if semester is not None:
            return semester.id
        raise Refused("no_semester", "semester", day)

    def result(self, **members: Any) -> dict[str, Any]:
        """The answer of a write: its positions, whether anything was changed, and further members."""
        self.unit_of_work.flush()
        return {"positions": self.unit_of_work.positions, "changed": bool(self.unit_of_work.recorded)} | members


def local_day(campaign: Campaign, at: str) -> str:
    """The local day of an instant in the campaign's time zone."""
    return moment(at).astimezone(campaign.zone).date().isoformat()
