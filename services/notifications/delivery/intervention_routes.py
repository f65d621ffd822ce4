"""Routes for decisions about deliveries: send again, cancel, hold a recipient."""

from collections.abc import Mapping
from typing import Any

import marshmallow
import sqlalchemy as sa
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.days import iso
from services.notifications.contacts.handlers import ERROR_MESSAGES, unknown_recipient
from services.notifications.delivery.campaign_clock import CampaignClock
from services.notifications.delivery.day_parameter import requested_day
from services.notifications.delivery.domain import DELIVERY, CancelDelivery, ReopenDelivery, refusal
from services.notifications.delivery.holds import EVERYBODY, HOLD, HoldRecipient, ReleaseRecipient, list_holds
from services.notifications.delivery.queries import delivery_state
from services.notifications.delivery.routes import RecipientDelivery
from services.notifications.delivery.schedule import ChannelLoop
from services.notifications.digests.projections import digests
from services.notifications.rules.escalation import is_recipient
from services.registry import rights

REFUSALS = {
    "unknown_digest": "这个收件人今天没有提醒。", "being_sent": "正在发送，不能取消。",
    "has_ended": "这份提醒已经有了结果，不能取消。", "nothing_to_send": "内容已完成或已并入其他提醒，没有可发送的。",
    "would_repeat": "这份提醒已经送达或可能已经送达；确需重复发送的，请注明重复发送。",
}  # fmt: skip
_LENGTH = validate.Length(1, 200)


class ReasonRequest(marshmallow.Schema):
    """The reason."""

    reason = fields.String(required=True, validate=_LENGTH)


class ResendRequest(marshmallow.Schema):
    """The reason; `repeat`: even if it was, or may have been, delivered."""

    reason = fields.String(required=True, validate=_LENGTH)
    repeat = fields.Boolean(load_default=False)


class Hold(marshmallow.Schema):
    """A held recipient, the reason and the time."""

    recipient = fields.String(required=True)
    reason = fields.String(required=True)
    since = fields.String(required=True)


class Holds(marshmallow.Schema):
    """The held recipients."""

    holds = fields.List(fields.Nested(Hold), required=True)


class InterventionRoutes:
    """Decisions of operators about deliveries; each is idempotent."""

    store: Store
    units_of_work: UnitsOfWork
    campaign_clock: CampaignClock
    channel_loops: Mapping[str, ChannelLoop]

    @route("POST", "/api/deliveries/<recipient>/resend", right=rights.RUN_REMINDERS, body=ResendRequest,
           response=RecipientDelivery)  # fmt: skip
    def resend(self, request: RouteRequest, recipient: str) -> Any:
        """Send today's reminder (again) if it was given up, cancelled, or had no address; a delivered one only with
        `repeat`, and the message says so."""
        _, day = requested_day(self.campaign_clock, "")
        reason, repeat = request.json["reason"], request.json["repeat"]
        return self._decide(request, ReopenDelivery(recipient, iso(day), reason, repeat))

    @route("POST", "/api/deliveries/<recipient>/cancel", right=rights.RUN_REMINDERS, body=ReasonRequest,
           response=RecipientDelivery)  # fmt: skip
    def cancel(self, request: RouteRequest, recipient: str) -> Any:
        """Cancel today's reminder; its items are not reminded of again at their stage."""
        _, day = requested_day(self.campaign_clock, "")
        return self._decide(request, CancelDelivery(recipient, iso(day), request.json["reason"]))

    def _decide(self, request: RouteRequest, command: CancelDelivery | ReopenDelivery) -> Any:
        with self.units_of_work.begin(request.actor, request.correlation) as work:
            state = work.states(DELIVERY, [command.stream])[command.stream]
            if code := refusal(state, command):
                raise Problem(404 if code == "unknown_digest" else 409, code, REFUSALS[code])
            work.execute(DELIVERY, command)
        self._wake()
        with self.store.reading() as connection:
            query = sa.select(digests).where(digests.c.recipient == command.recipient)
            (row,) = connection.execute(query.order_by(digests.c.day.desc()).limit(1))
        return {"recipient": command.recipient, **delivery_state(row)}

    @route("GET", "/api/holds", right=rights.RUN_REMINDERS, response=Holds)
    def holds(self, _: RouteRequest) -> Any:
        """The held recipients."""
        with self.store.reading() as connection:
            return {"holds": list_holds(connection)}

    @route("POST", "/api/holds/<recipient>", right=rights.RUN_REMINDERS, body=ReasonRequest, response=Holds,
           problems=(404,))  # fmt: skip
    def hold(self, request: RouteRequest, recipient: str) -> Any:
        """Hold a recipient, or `everybody`: nothing is sent until they are released; inboxes are not affected."""
        return self._change_hold(request, HoldRecipient(recipient, request.json["reason"]))

    @route("POST", "/api/holds/<recipient>/release", right=rights.RUN_REMINDERS, body=ReasonRequest, response=Holds)
    def release(self, request: RouteRequest, recipient: str) -> Any:
        """Release a recipient: today's pending digest is sent at once, earlier items with the next reminder."""
        return self._change_hold(request, ReleaseRecipient(recipient, request.json["reason"]))

    def _change_hold(self, request: RouteRequest, command: HoldRecipient | ReleaseRecipient) -> Any:
        if command.recipient != EVERYBODY and not is_recipient(command.recipient):
            raise Problem(422, "unknown_recipient", ERROR_MESSAGES["unknown_recipient"], column="recipient")
        with self.units_of_work.begin(request.actor, request.correlation) as work:
            holding = isinstance(command, HoldRecipient) and command.recipient != EVERYBODY
            if holding and (error := unknown_recipient(work.connection, command.recipient)):
                text = f"{command.recipient[:80]}：{ERROR_MESSAGES[error.code]}。"
                raise Problem(404, error.code, text, column="recipient")
            work.execute(HOLD, command)
        self._wake()
        with self.store.reading() as connection:
            return {"holds": list_holds(connection)}

    def _wake(self) -> None:
        for loop in self.channel_loops.values():
            loop.wakeup.set()
