"""One write transaction of publicity: the unit of work, the campaign's rules, and the states of aggregates in it."""

from collections.abc import Iterable
from typing import Any, TypeVar

from chassis.events.canonical_json import moment
from chassis.events.definition import Event
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from duties.days import day_of
from services.publicity import registry
from services.publicity.decider import Decider
from services.publicity.domain.refusals import Refused
from services.publicity.reviews.domain import Reviewer

State = TypeVar("State")


class PublicityTransaction:
    """What a handler may read and decide, at one moment of the store.  Refused: there is no campaign yet."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self.unit_of_work = unit_of_work
        self.connection, self.now = unit_of_work.connection, unit_of_work.now
        campaign = registry.campaign_in_force(self.connection)
        if campaign is None:
            raise Refused("no_campaign")
        self.campaign: Campaign = campaign
        self.today = local_day(campaign, self.now)
        self._states: dict[str, Any] = {}

    def load(self, decider: Decider[State], streams: Iterable[str]) -> None:
        """Fold the events of these streams, all with one query."""
        missing = {stream: decider.initial for stream in streams if stream not in self._states}
        if missing:
            for event in self.unit_of_work.load(missing):
                missing[event.stream] = decider.evolve(missing[event.stream], event)
            self._states |= missing

    def state(self, decider: Decider[State], stream: str) -> State:
        """The aggregate's state, with what was decided in this transaction."""
        self.load(decider, [stream])
        state: State = self._states[stream]
        return state

    def execute(self, decider: Decider[State], command: Any, causation: str = "") -> list[Event]:
        """Decide a command on the state of its stream and append the events.  Refused."""
        events = decider.decide(self.state(decider, command.stream), command)
        return self.append(decider, command.stream, events, causation)

    def append(self, decider: Decider[State], stream: str, events: Iterable[Event], causation: str = "") -> list[Event]:
        """Append events of one stream that were decided on its state."""
        state, appended = self.state(decider, stream), list(events)
        for event in appended:
            state = decider.evolve(state, event)
        self._states[stream] = state
        self.unit_of_work.append(*appended, causation=causation)
        return appended

    def units_of_person(self, person_id: str, day: str = "") -> frozenset[str]:
        """Where a person serves on a day, today without one."""
        return registry.units_of_person(self.connection, person_id, day or self.today)

    def reviewer(self, person_id: str) -> Reviewer:
        return Reviewer(person_id, self.units_of_person(person_id))

    def semester_of(self, day: str) -> str:
        """The semester that holds the day.  Refused."""
        number = day_of(day)
        for semester in self.campaign.semesters:
            if semester.start <= number < semester.end:
                return semester.id
        raise Refused("no_semester", "semester", day)

    def result(self, **members: Any) -> dict[str, Any]:
        """What a write answers: its positions, whether anything changed, and further members."""
        self.unit_of_work.finish()
        return {"positions": self.unit_of_work.positions, "changed": bool(self.unit_of_work.recorded)} | members


def local_day(campaign: Campaign, at: str) -> str:
    """The day of an instant where the campaign is."""
    return moment(at).astimezone(campaign.zone).date().isoformat()
