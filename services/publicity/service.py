"""The publicity service: its doors and what it hears; each a few lines."""

from collections.abc import Sequence
from typing import Any

from chassis.doors import Call, door
from chassis.frame import Frame
from chassis.handling import Work
from chassis.problems import Problem
from chassis.provider import Framed
from chassis.reacting import Heard, Reactions
from chassis.settings import Settings
from chassis.standing import OPERATOR, StandingDoors
from contracts.participation import PersonErased
from services.publicity import queries
from services.publicity.article_doors import ArticleDoors
from services.publicity.desk import Desk
from services.publicity.domain import may_review
from services.publicity.domain.works import WithdrawConsent
from services.publicity.house import House
from services.publicity.projections import metadata, projects
from services.publicity.showing_doors import ShowingDoors
from services.publicity.wechat.publishing import Publishing
from services.publicity.work_doors import WorkDoors

hears = Reactions()


@hears(PersonErased)
def end_consent_of_the_erased(work: Work, batch: Sequence[Heard]) -> None:
    """Whose key is destroyed can agree to nothing any more: what shows their works is stopped or taken down."""
    frame: Any = work.frame
    for event, about in batch:
        frame.house.keyring.forget(event.person_id)
        if names := queries.works_of(work.connection, event.person_id):
            desk = Desk(work)
            for name in names:
                desk.work(WithdrawConsent(name, (), desk.today, "erased"), about.id)


class Publicity(Frame):
    """The frame with what publicity adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("publicity", settings, metadata, projects, hears)
        self.house = House(self)
        self.publishing = Publishing(self)
        self.channels = {"wechat": "、".join(self.publishing.accounts)}
        self.loops.append(("publishing", self.publishing.run))
        self.wakers.append(self.publishing.bell.ring)


class Service(WorkDoors, ShowingDoors, ArticleDoors, StandingDoors):
    """Publicity under nameko."""

    name = "publicity"
    frame: Publicity = Framed(Publicity)

    @door("GET", "/api/readers/<reader_id>/may-read/<author_id>", roles=OPERATOR)
    def may_read(self, call: Call, reader_id: str, author_id: str) -> Any:
        """Whether a person may review an author's work on a day (`on`): never of the same unit, never their own."""
        day = call.args.get("on", self.frame.now()[:10])
        with self.frame.store.reading() as connection:
            reader = queries.reader(connection, reader_id, day)
            if not reader.unit_ids:
                raise Problem(404, "unknown_person", f"{reader_id} 在 {day} 不在任职期内。")
            return {"may_read": may_review(reader, author_id, queries.units_of(connection, author_id, day))}
