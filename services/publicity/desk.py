"""One transaction on works and what shows them: loads their streams, has the domain decide, appends."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from chassis.events.canonical_json import moment
from chassis.events.definition import Event
from chassis.store.unit_of_work import UnitOfWork as Transaction
from duties.campaign import Campaign
from duties.days import day_of
from services.publicity import queries
from services.publicity.domain import Reader, Refused
from services.publicity.domain.anthologies import (
    Anthology,
    AnthologyCommand,
    LoseWork,
    ShownWork,
    decide_anthology,
    evolve_anthology,
)
from services.publicity.domain.articles import Article, ArticleCommand, LoseConsent, decide_article, evolve_article
from services.publicity.domain.videos import RecordVideo, Video, WithdrawVideo, decide_video, evolve_video
from services.publicity.domain.works import WithdrawConsent, Work, WorkCommand, decide_work, evolve_work

_FIRST: dict[str, tuple[Any, Any]] = {
    "work": (Work(), evolve_work),
    "article": (Article(), evolve_article),
    "anthology": (Anthology(), evolve_anthology),
    "video": (Video(), evolve_video),
}


class Desk:
    """What a door or a reaction may decide, on one moment of the store."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.connection, self.now = transaction.connection, transaction.now
        rules = queries.campaign(self.connection)
        if rules is None:
            raise Refused("no_campaign")
        self.rules: Campaign = rules
        self.today = local_day(self.rules, self.now)
        self._states: dict[str, Any] = {}

    def state(self, stream: str) -> Any:
        """What the stream has come to, with what was decided here."""
        self.load([stream])
        return self._states[stream]

    def load(self, streams: Iterable[str]) -> None:
        missing = [item for item in dict.fromkeys(streams) if item not in self._states]
        if not missing:
            return
        for item in missing:
            self._states[item] = _FIRST[item.partition("-")[0]][0]
        for event in self.transaction.load(missing):
            self._evolve(event)

    def _evolve(self, event: Event) -> None:
        evolve = _FIRST[event.stream.partition("-")[0]][1]
        self._states[event.stream] = evolve(self._states[event.stream], event)

    def keep(self, events: Iterable[Event], causation: str = "") -> list[Event]:
        result = list(events)
        for event in result:
            self.load([event.stream])
            self._evolve(event)
        self.transaction.append(*result, causation=causation)
        return result

    def work(self, command: WorkCommand, causation: str = "") -> list[Event]:
        state = self.state(f"work-{command.work_id}")
        result = self.keep(decide_work(state, command, self.rules.publicity), causation)
        if isinstance(command, WithdrawConsent):
            for event in result:
                self._lose(command.work_id, frozenset(getattr(event, "levels", ())), causation)
        return result

    def _lose(self, work_id: str, levels: frozenset[str], causation: str) -> None:
        """Nothing new appears, what is open is stopped, taken down or marked."""
        for subject, name in queries.showing(self.connection, work_id):
            if subject == "article":
                self.article(LoseConsent(name, work_id, levels, self.now), causation)
            else:
                self.anthology(LoseWork(name, work_id, levels), causation)

    def article(self, command: ArticleCommand, causation: str = "") -> list[Event]:
        name = getattr(command, "article_id", "") or getattr(command, "subject_id", "")
        return self.keep(decide_article(self.state(f"article-{name}"), command), causation)

    def anthology(self, command: AnthologyCommand, causation: str = "") -> list[Event]:
        name = getattr(command, "anthology_id", "") or getattr(command, "subject_id", "")
        return self.keep(decide_anthology(self.state(f"anthology-{name}"), command), causation)

    def video(self, command: RecordVideo | WithdrawVideo) -> list[Event]:
        return self.keep(decide_video(self.state(f"video-{command.video_id}"), command))

    def reader(self, person_id: str) -> Reader:
        return Reader(person_id, queries.units_of(self.connection, person_id, self.today))

    def units_of(self, person_id: str) -> frozenset[str]:
        return queries.units_of(self.connection, person_id, self.today)

    def shown(self, work_ids: Iterable[str]) -> tuple[ShownWork, ...]:
        """What is asked of these works before they are shown, in the order given."""
        names = list(dict.fromkeys(work_ids))
        self.load(f"work-{name}" for name in names)
        result = []
        for name in names:
            state: Work = self._states[f"work-{name}"]
            known = state.known
            result.append(ShownWork(name, known.author_id, known.unit_id, known.semester, "unit" in state.selected,
                                   state.levels))  # fmt: skip
        return tuple(result)

    def semester(self, day: str) -> str:
        """The semester that holds the day.  Refused."""
        return semester_of(self.rules, day)


def semester_of(rules: Campaign, day: str) -> str:
    number = day_of(day)
    for semester in rules.semesters:
        if semester.start <= number < semester.end:
            return semester.id
    raise Refused("no_semester", "semester", day)


def local_day(rules: Campaign, at: str) -> str:
    """The day of an instant where the campaign is."""
    result: date = moment(at).astimezone(rules.zone).date()
    return result.isoformat()
