"""The notifications service: its doors and what it hears, each a few lines."""

from collections.abc import Sequence
from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.operator_routes import OPERATOR, OperatorRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.messaging.reactions import HandledEvent, Reactions
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.notifications import calendars, contacts, projections_of_own_events, queries, returned_projections, trying
from services.notifications.channels import Channel
from services.notifications.channels.email import Email, MailServer
from services.notifications.channels.wecom import Wecom
from services.notifications.domain.line import is_recipient, recipient_level, recipient_subject_id
from services.notifications.domain.register import Contact
from services.notifications.projections import metadata, projects
from services.notifications.sending import ReminderSchedule
from services.notifications.showing import MOST, Preview

assert projections_of_own_events, returned_projections  # what they hear and keep belongs to the service
hears = Reactions()


@hears(PersonErased)
def forget_contact(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Who is erased is not reached any more; a repeat finds nothing."""
    for event, _ in batch:
        contacts.remove(work, f"person-{event.person_id}")


class Row(marshmallow.Schema):
    """A line of contacts.csv."""

    recipient = fields.String(required=True)
    name = fields.String(load_default="")
    email = fields.String(load_default="")
    robot = fields.String(load_default="")


class Contacts(marshmallow.Schema):
    """How posts and persons are reached."""

    contacts = fields.List(fields.Nested(Row), required=True, validate=validate.Length(1, 1000))


class CalendarDay(marshmallow.Schema):
    """A day that is not as its weekday says; `kind`: work or rest."""

    day = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(load_default="", validate=validate.Length(max=60))


class CalendarYear(marshmallow.Schema):
    """A year's days."""

    days = fields.List(fields.Nested(CalendarDay), required=True, validate=validate.Length(0, 366))
    origin = fields.String(load_default="import", validate=validate.Length(max=200))


class Run(marshmallow.Schema):
    """Which day to tell; only today can be told."""

    day = fields.String(load_default="")


class Trial(marshmallow.Schema):
    """Where a message of trial goes: an address, or the key of a group robot."""

    email = fields.String(load_default="")
    robot = fields.String(load_default="")


class Notifications(ServiceRuntime):
    """The frame with what notifications adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("notifications", settings, metadata, projects, hears)
        channels = _channels(settings)
        self.channels = {name: channels[name].to if name in channels else "" for name in ("email", "wecom")}
        self.sending = ReminderSchedule(self, channels, settings.mail_from.rpartition("@")[2] or "qihang.invalid")
        self.showing = Preview(self, self.sending)
        self.loops.append(("reminding", self.sending.run))
        self.stop_signals.append(self.sending.bell.ring)
        self.counters |= {"reminders_waiting": queries.waiting_count, "calendar_unknown": self._calendar_unknown}

    def _calendar_unknown(self, connection: Any) -> int:
        """How many of this and the next month's years the calendar does not know: their days go by weekdays."""
        today = self.clock().date().toordinal()
        return len(queries.working_days(connection).unknown_years(today, today + 31))


def _channels(settings: Settings) -> dict[str, Channel]:
    result: dict[str, Channel] = {}
    if settings.smtp_url:
        result["email"] = Email(MailServer.of(settings.smtp_url, settings.mail_from, settings.smtp_ca_file))
    if settings.wecom_url:
        result["wecom"] = Wecom(settings.wecom_url)
    return result


class Service(OperatorRoutes):
    """Notifications under nameko."""

    name = "notifications"
    runtime: Notifications = RuntimeProvider(Notifications)

    @route("GET", "/api/units/<unit_id>/line", roles=OPERATOR)
    def line(self, _: RouteRequest, unit_id: str) -> Any:
        """Who stands over a unit when reminders climb; empty: the campaign office."""
        with self.runtime.store.reading() as connection:
            above = queries.line_above(connection, unit_id)
        if above is None:
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id} 的单位。")
        return {"unit_id": unit_id, "above": above}

    @route("GET", "/api/preview", roles=OPERATOR)
    def preview(self, request: RouteRequest) -> Any:
        """Who would be told what on a day (`day`, `recipient`, `limit`), and why; nothing is written."""
        day, limit = self.runtime.showing.day(request.args.get("day")), request.number("limit", MOST, 50_000)
        return self.runtime.showing.preview(day, request.args.get("recipient", ""), limit)

    @route("POST", "/api/runs", roles=OPERATOR, body=Run)
    def begin_run(self, request: RouteRequest) -> Any:
        """Tell today's reminders now rather than at the next look of the loop, also on the day of the launch."""
        day = self.runtime.showing.day(request.json["day"])
        self.runtime.sending.order(day)
        run = self.runtime.showing.run(day)
        if run["barred"]:
            raise Problem(409, run["barred"], BARRED[run["barred"]])
        self.runtime.sending.bell.ring()
        return 202, run

    @route("GET", "/api/runs/<day>", roles=OPERATOR)
    def run(self, _: RouteRequest, day: str) -> Any:
        """How far a day is: decided, waiting, sent."""
        return self.runtime.showing.run(self.runtime.showing.day(day))

    @route("POST", "/api/trials", roles=OPERATOR, body=Trial)
    def try_channel(self, request: RouteRequest) -> Any:
        """Send one message of trial by a channel, at any hour, and tell what became of it; nothing is kept."""
        channels = _channels(self.runtime.settings)  # of its own: the loop's connection is not shared
        return trying.send_test_message(self.runtime, channels, request.json["email"], request.json["robot"])

    @route("GET", "/api/deliveries", roles=OPERATOR)
    def deliveries(self, request: RouteRequest) -> Any:
        """How a day's digests went (`day`, `code`, `limit`)."""
        day = self.runtime.showing.day(request.args.get("day"))
        result = self.runtime.showing.deliveries(
            day, request.args.get("code", ""), request.number("limit", MOST, 50_000)
        )
        return {"deliveries": result}

    @route("GET", "/api/boxes", roles=OPERATOR)
    def boxes(self, request: RouteRequest) -> Any:
        """The boxes that have messages."""
        return {"boxes": self.runtime.showing.boxes(request.number("limit", MOST, 50_000))}

    @route("GET", "/api/box/<recipient>")
    def box(self, request: RouteRequest, recipient: str) -> Any:
        """The messages of a box (`limit`): a person's own, a unit's to those of the unit; persons unnamed to others."""
        if not is_recipient(recipient):
            raise Problem(404, "unknown_recipient", "没有这个收件人。")
        inside = _is_inside(request, recipient)
        if not inside and "operator" not in request.actor.roles:
            raise Problem(403, "not_allowed", "只能查看本人或本单位的消息。")
        return self.runtime.showing.box(recipient, inside, request.number("limit", 50, 500))

    @route("GET", "/api/contacts", roles=OPERATOR)
    def contacts(self, request: RouteRequest) -> Any:
        """How posts and persons are reached (`after`, `limit`); robots' keys are not told."""
        with self.runtime.store.reading() as connection:
            result = contacts.listed(connection, request.args.get("after", ""),
                                    request.number("limit", MOST, 1000))  # fmt: skip
        return {"contacts": [{**vars(item), "robot": "***" if item.robot else ""} for item in result]}

    @route("POST", "/api/contacts", roles=OPERATOR, body=Contacts, largest=1 << 20)
    def register_contacts(self, request: RouteRequest) -> Any:
        """Register contacts; rows that are wrong are told with their line, the others taken."""
        return contacts.register(self.runtime, request, [Contact(**contact) for contact in request.json["contacts"]])

    @route("DELETE", "/api/contacts/<recipient>", roles=OPERATOR)
    def remove_contact(self, request: RouteRequest, recipient: str) -> Any:
        """Forget how a recipient is reached: the key of what was registered is destroyed."""
        with self.runtime.unit_of_work(request.actor, request.correlation) as work:
            if not contacts.remove(work, recipient):
                raise Problem(404, "unknown_recipient", "没有登记过这个收件人。")
        return Response(b"", status=204)

    @route("GET", "/api/calendar/<int:year>", roles=OPERATOR)
    def calendar(self, _: RouteRequest, year: int) -> Any:
        """The days of a year that are not as their weekday says."""
        with self.runtime.store.reading() as connection:
            return calendars.shown(connection, year)

    @route("POST", "/api/calendar/<int:year>", roles=OPERATOR, body=CalendarYear)
    def import_calendar(self, request: RouteRequest, year: int) -> Any:
        """Replace a year's days; days set by hand stay."""
        return calendars.import_year(self.runtime, request, year, request.json["days"], request.json["origin"])

    @route("POST", "/api/calendar/days", roles=OPERATOR, body=CalendarDay)
    def set_calendar_day(self, request: RouteRequest) -> Any:
        """Set one day by hand: work, rest, or usual (as imported)."""
        return calendars.set_day(self.runtime, request, request.json["day"], request.json["kind"], request.json["name"])


BARRED = {
    "rest_day": "今天是休息日，不发送提醒。", "quiet_hours": "现在是免打扰时段，不发送提醒。",
    "too_early": "还没有到方案规定的发送时刻。", "not_today": "只能发送当天的提醒；其他日期请用预览。",
}  # fmt: skip


def _is_inside(request: RouteRequest, recipient: str) -> bool:
    """Whether the reader is that person or of that unit."""
    if recipient_level(recipient) == "person":
        return "person" in request.actor.roles and request.actor.name == recipient_subject_id(recipient)
    return bool({"clerk", "head"} & request.actor.roles) and recipient_subject_id(recipient) in request.actor.units
