"""Routes of delivery: send today's reminders now, follow a day, send a test message."""

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
from services.notifications.channels.configured_channels import open_channels
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
    """The day whose reminders to send; only today is allowed."""

    day = fields.String(load_default="")


class DecidedRun(marshmallow.Schema):
    """The progress of a day."""

    day = fields.String(required=True)
    decided = fields.Boolean(required=True)
    digests = fields.Integer(required=True, strict=True)
    unknown_years = fields.List(fields.Integer(strict=True), required=True)
    waiting = fields.Integer(required=True, strict=True)
    ended = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)


class Run(DecidedRun):
    """The progress of a day; `block_reason`: why nothing may be sent now."""

    block_reason = fields.String(required=True)


class TestMessageRequest(marshmallow.Schema):
    """The target of a test message: a recipient's contact, an address, or the key of a WeCom or token of a DingTalk
    robot."""

    recipient = fields.String(load_default="")
    email = fields.String(load_default="")
    robot = fields.String(load_default="")
    dingtalk = fields.String(load_default="")
    dingtalk_secret = fields.String(load_default="")


class TestOutcome(marshmallow.Schema):
    """The outcome of a test message by one channel."""

    channel = fields.String(required=True)
    to = fields.String(required=True)
    result = fields.String(required=True, metadata={"description": "succeeded, later, never or unknown"})
    code = fields.String(required=True)
    detail = fields.String(required=True)


class TestOutcomes(marshmallow.Schema):
    """The outcomes of a test message by channel."""

    outcomes = fields.List(fields.Nested(TestOutcome), required=True)


class DeliveriesQuery(marshmallow.Schema):
    """Which deliveries to list."""

    day = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; today"})
    code = fields.String(
        load_default="", metadata={"description": "only this outcome, such as given_up; waiting: none"}
    )
    recipient = fields.String(load_default="", metadata={"description": "only this recipient"})
    after = fields.String(load_default="", metadata={"description": "the last recipient of the page before"})
    limit = ClampedInteger(500, 50_000)


class RecipientDelivery(DeliveryState):
    """The state of a recipient's digest."""

    recipient = fields.String(required=True)


class ListedDelivery(RecipientDelivery):
    """The state of a recipient's digest; `unit` is the name of a post's unit."""

    unit = fields.String(required=True)


class Deliveries(marshmallow.Schema):
    """A day's deliveries ordered by recipient; `more`: others follow."""

    day = fields.String(required=True)
    deliveries = fields.List(fields.Nested(ListedDelivery), required=True)
    more = fields.Boolean(required=True)


class RunsQuery(marshmallow.Schema):
    """The number of days."""

    limit = ClampedInteger(30, 366)


class Runs(marshmallow.Schema):
    """The decided days, latest first."""

    runs = fields.List(fields.Nested(DecidedRun), required=True)


class DeliveryRoutes:
    """Routes of delivery, for operators."""

    store: Store
    clock: Clock
    settings: Settings
    campaign_clock: CampaignClock
    schedule: ReminderSchedule
    channel_loops: Mapping[str, ChannelLoop]

    @route("POST", "/api/runs", right=rights.RUN_REMINDERS, body=RunRequest, response={202: Run})
    def start_run(self, request: RouteRequest) -> Any:
        """Send today's reminders now instead of at the scheduled time, even on the day of the launch."""
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
        """The days whose reminders were decided, latest first, with the progress of each."""
        with self.store.reading() as connection:
            return {"runs": recent_runs(connection, request.query["limit"])}

    @route("GET", "/api/runs/<day>", right=rights.RUN_REMINDERS, response=Run, problems=(409, 422))
    def run(self, _: RouteRequest, day: str) -> Any:
        """The progress of a day: decided, waiting, sent."""
        return self._run(*requested_day(self.campaign_clock, day))

    def _run(self, now: CampaignTime | None, day: Day) -> dict[str, Any]:
        with self.store.reading() as connection:
            run = run_of_day(connection, day)
        return {**run, "block_reason": now.block_reason if now and now.day == day else "not_today"}

    @route("POST", "/api/test-messages", right=rights.RUN_REMINDERS, body=TestMessageRequest, response=TestOutcomes,
           problems=(404,))  # fmt: skip
    def send_test_message(self, request: RouteRequest) -> Any:
        """Send a test message by each given channel, at any hour, and answer the outcomes; nothing is stored."""
        channels = open_channels(self.settings)  # own instances: connections of the loops are not shared
        given = dict(request.json)
        contact = self._require_contact(recipient) if (recipient := given.pop("recipient")) else None
        return send_test_message(channels, instant(self.clock()), contact or Contact(CAMPAIGN_OFFICE, **given))

    def _require_contact(self, recipient: str) -> Contact:
        """The recipient's contact.  Problem 404."""
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
        """A day's deliveries."""
        asked = request.query
        _, day = requested_day(self.campaign_clock, asked["day"])
        with self.store.reading() as connection:
            rows = deliveries_of_day(
                connection, day, asked["code"], asked["limit"] + 1, asked["after"], asked["recipient"]
            )
        return {"day": iso(day), "deliveries": rows[: asked["limit"]], "more": len(rows) > asked["limit"]}
