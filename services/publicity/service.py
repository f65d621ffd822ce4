"""The publicity service: hears and keeps what its trade needs; its works and readings come with their own issue."""

from typing import Any

from chassis.doors import Call, door
from chassis.frame import Frame
from chassis.problems import Problem
from chassis.provider import Framed
from chassis.reacting import Reactions
from chassis.settings import Settings
from chassis.standing import OPERATOR, StandingDoors
from services.publicity import queries
from services.publicity.projections import metadata, projects

hears = Reactions()


def framed(settings: Settings) -> Frame:
    return Frame("publicity", settings, metadata, projects, hears)


class Service(StandingDoors):
    """Publicity under nameko."""

    name = "publicity"
    frame = Framed(framed)

    @door("GET", "/api/readers/<reader_id>/may-read/<author_id>", roles=OPERATOR)
    def may_read(self, call: Call, reader_id: str, author_id: str) -> Any:
        """Whether a person may review an author's work on a day (`on`): never of the same unit, never their own."""
        day = call.args.get("on", self.frame.now()[:10])
        with self.frame.store.reading() as connection:
            if not queries.units_of(connection, reader_id, day):
                raise Problem(404, "unknown_person", f"{reader_id} 在 {day} 不在任职期内。")
            return {"may_read": queries.may_read(connection, reader_id, author_id, day)}
