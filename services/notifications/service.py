"""The notifications service: hears and keeps what reminders need; the sending comes with its own issue."""

from typing import Any

from chassis.doors import Call, door
from chassis.frame import Frame
from chassis.problems import Problem
from chassis.provider import Framed
from chassis.reacting import Reactions
from chassis.settings import Settings
from chassis.standing import OPERATOR, StandingDoors
from services.notifications import queries
from services.notifications.projections import metadata, projects

hears = Reactions()


def framed(settings: Settings) -> Frame:
    return Frame("notifications", settings, metadata, projects, hears)


class Service(StandingDoors):
    """Notifications under nameko."""

    name = "notifications"
    frame = Framed(framed)

    @door("GET", "/api/units/<unit_id>/line", roles=OPERATOR)
    def line(self, _: Call, unit_id: str) -> Any:
        """Who stands over a unit when reminders climb."""
        with self.frame.store.reading() as connection:
            above = queries.line_above(connection, unit_id)
        if above is None:
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id} 的单位。")
        return {"unit_id": unit_id, "above": above}
