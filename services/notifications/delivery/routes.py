"""Routes of the delivery: send today's reminders now, see how a day is going, send a test message."""

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import fields

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import ClampedInteger
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.store.database import Store
from duties.days import Day, iso
from services.notifications.channels.configured import open_channels
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.queries import contacts_of
from services.notifications.delivery.campaign_clock import CampaignClock, CampaignTime
from services.notifications.delivery.day_parameter import requested_day
from services.notifications.delivery.queries import deliveries_of_day, recent_runs, run_of_day
from services.notifications.delivery.schedule import ChannelLoop, ReminderSchedule
from services.notifications.delivery.test_message import send_test_message
from services.notifications.digests.schemas import DeliveryState
from services.notifications.rules.escalation import CAMPAIGN_OFFICE
from services.registry import rights

BLOCK_MESSAGES = {
    "rest_day": "今天是休息日，不发送提醒。", "quiet_hours": "现在是免打扰时段，不发送提醒。",
    "too_early": "还没有到方案规定的发送时刻。", "not_today": "只能发送当天的提醒；其他日期请用预览。",
}  # fmt: skip


class RunRequest(marshmallow.Schema):
    """Which day's reminders are sent; only today's can be."""

    day = fields.String(load_default="")


class DecidedRun(marshmallow.Schema):
    """How far a day is."""

    day = fields.String(required=True)
    decided = fields.Boolean(required=True)
    digests = fields.Integer(required=True, strict=True)
    unknown_years = fields.List(fields.Integer(strict=True), required=True)
    waiting = fields.Integer(required=True, strict=True)
    ended = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)


class Run(DecidedRun):
    """How far a day is; `block_reason`: why nothing may be sent now."""

    block_reason = fields.String(required=True)


class TestMessageRequest(marshmallow.Schema):
    """Where a test message is sent: to a recipient as registered, or to an address, the key of a WeCom group robot, or
    the token of a DingTalk one."""

    recipient = fields.String(load_default="")
    email = fields.String(load_default="")
    robot = fields.String(load_default="")
    dingtalk = fields.String(load_default="")
    dingtalk_secret = fields.String(load_default="")


class TestOutcome(marshmallow.Schema):
    """What became of a test message by one channel."""

    channel = fields.String(required=True)
    to = fields.String(required=True)
    result = fields.String(required=True, metadata={"description": "succeeded, later, never or unknown"})
    code = fields.String(required=True)
    detail = fields.String(required=True)


class TestOutcomes(marshmallow.Schema):
    """What became of a test message by each channel."""

    outcomes = fields.List(fields.Nested(TestOutcome), required=True)


class DeliveriesQuery(marshmallow.Schema):
    """Which deliveries are listed."""

    day = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; today"})
    code = fields.String(
        load_default="", metadata={"description": "only this outcome, such as given_up; waiting: none"}
    )
    recipient = fields.String(load_default="", metadata={"description": "only this recipient"})
    after = fields.String(load_default="", metadata={"description": "the last recipient of the page before"})
    limit = ClampedInteger(500, 50_000)


class RecipientDelivery(DeliveryState):
    """How far a recipient's digest is."""

    recipient = fields.String(required=True)


class ListedDelivery(RecipientDelivery):
    """How far a recipient's digest is; `unit` is the name of a post's unit."""

    unit = fields.String(required=True)


class Deliveries(marshmallow.Schema):
    """How a day's digests were delivered, in the order of their recipients; `more`: others follow."""

    day = fields.String(required=True)
    deliveries = fields.List(fields.Nested(ListedDelivery), required=True)
    more = fields.Boolean(required=True)


class RunsQuery(marshmallow.Schema):
    """How many days."""

    limit = ClampedInteger(30, 366)


class Runs(marshmallow.Schema):
    """The days whose reminders were decided, the last first."""

    runs = fields.List(fields.Nested(DecidedRun), required=True)


class DeliveryRoutes:
    """How digests are sent, for operators."""

    store: Store
    clock: Clock
    settings: Settings
    campaign_clock: CampaignClock
    schedule: ReminderSchedule
    channel_loops: Mapping[str, ChannelLoop]

    @route("POST", "/api/runs", right=rights.RUN_REMINDERS, body=RunRequest, response={202: Run})
    def start_run(self, request: RouteRequest) -> Any:
        """Send today's reminders now rather than at the loop's next tick, also on the day of the launch."""
        _, day = requested_day(self.campaign_clock, request.json["day"])
        self.campaign_clock.allow_on_launch_day(day)
        run = self._run(self.campaign_clock.now(), day)
        if run["block_reason"]:
            raise Problem(409, run["block_reason"], BLOCK_MESSAGES[run["block_reason"]])
        self.schedule.wakeup.set()
        for loop in self.channel_loops.values():
            loop.request()
        return 202, run

    @route("GET", "/api/runs", right=rights.RUN_REMINDERS, query=RunsQuery, response=Runs)
    def runs(self, request: RouteRequest) -> Any:
        """The days whose reminders were decided, the last first, and how each is going."""
        with self.store.reading() as connection:
            return {"runs": recent_runs(connection, request.query["limit"])}

    @route("GET", "/api/runs/<day>", right=rights.RUN_REMINDERS, response=Run, problems=(409, 422))
    def run(self, _: RouteRequest, day: str) -> Any:
        """How far a day is: decided, waiting, sent."""
        return self._run(*requested_day(self.campaign_clock, day))

    def _run(self, now: CampaignTime | None, day: Day) -> dict[str, Any]:
        with self.store.reading() as connection:
            run = run_of_day(connection, day)
        return {**run, "block_reason": now.block_reason if now and now.day == day else "not_today"}

    @route("POST", "/api/test-messages", right=rights.RUN_REMINDERS, body=TestMessageRequest, response=TestOutcomes,
           problems=(404,))  # fmt: skip
    def send_test_message(self, request: RouteRequest) -> Any:
        """Send one test message by a channel, at any hour, and answer what became of it; nothing is kept."""
        channels = open_channels(self.settings)  # of its own: the loop's connection is not shared
        given = dict(request.json)
        contact = self._registered(recipient) if (recipient := given.pop("recipient")) else None
        return send_test_message(channels, instant(self.clock()), contact or Contact(CAMPAIGN_OFFICE, **given))

    def _registered(self, recipient: str) -> Contact:
        """How the recipient is reached.  Problem 404."""
        with self.store.reading() as connection:
            contact = contacts_of(connection, self.store, [recipient]).get(recipient)
        if contact is None:
            raise Problem(404, "unknown_recipient", "没有登记过这个收件人。", column="recipient")
        return contact

    @route(
        "GET",
        "/api/deliveries",
        right=rights.RUN_REMINDERS,
        query=DeliveriesQuery,
        response=Deliveries,
        problems=(409, 422),
    )
    def deliveries(self, request: RouteRequest) -> Any:
        """How a day's digests were delivered."""
        asked = request.query
        _, day = requested_day(self.campaign_clock, asked["day"])
        with self.store.reading() as connection:
            rows = deliveries_of_day(
                connection, day, asked["code"], asked["limit"] + 1, asked["after"], asked["recipient"]
            )
        return {"day": iso(day), "deliveries": rows[: asked["limit"]], "more": len(rows) > asked["limit"]}
