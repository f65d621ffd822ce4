"""Routes of preferences: a person's own, and those of a unit's posts."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.reminders import CHANNELS, Reminders
from services.notifications.contacts.domain import Contact, effective_contact
from services.notifications.contacts.handlers import unknown_recipient
from services.notifications.contacts.queries import contacts_of
from services.notifications.delivery.campaign_clock import CampaignClock
from services.notifications.delivery.delivery_worker import Delivery
from services.notifications.digests.message_texts import HEADINGS
from services.notifications.digests.recipient_inbox import inbox_subject
from services.notifications.preferences.domain import (
    NONE,
    OPTIONAL,
    PREFERENCES,
    Preferences,
    SetPreferences,
    clock_of,
    latest_minute,
    minute_of,
    preference_error,
)
from services.notifications.preferences.queries import preferences_of
from services.notifications.rules.escalation import UNIT_LEVELS, is_recipient, recipient_level
from services.registry import rights

REFUSALS = {
    "bad_channels": "没有这个通道，或者写了两次。",
    "compulsory": "这一类提醒必须送达，不能关闭。",
    "in_quiet": "这个时刻不发送提醒，请选早一些的时刻。",
    "bad_time": "请写成 08:30 这样的时刻。",
}


class ChosenPreferences(marshmallow.Schema):
    """All of the recipient's choices."""

    channels = fields.List(fields.String(validate=validate.Length(max=20)), load_default=list,
                           validate=validate.Length(0, len(CHANNELS)))  # fmt: skip
    not_before = fields.String(load_default="", metadata={"description": "`08:30`; empty: the campaign's hour"})
    muted = fields.List(fields.String(validate=validate.Length(max=20)), load_default=list,
                        validate=validate.Length(0, len(HEADINGS)))  # fmt: skip


class StagePreference(marshmallow.Schema):
    """A stage of reminders: whether it may be muted, and whether it is."""

    stage = fields.String(required=True)
    heading = fields.String(required=True)
    compulsory = fields.Boolean(required=True)
    muted = fields.Boolean(required=True)


class ChannelPreference(marshmallow.Schema):
    """A channel in the recipient's order; `reaches`: it is configured, and the recipient has an address for it."""

    channel = fields.String(required=True)
    reaches = fields.Boolean(required=True)


class ShownPreferences(marshmallow.Schema):
    """The current choices, and the options."""

    recipient = fields.String(required=True)
    email = fields.String(required=True, metadata={"description": "the mail address, most of its name hidden"})
    channels = fields.List(fields.Nested(ChannelPreference), required=True)
    not_before = fields.String(required=True)
    send_at = fields.String(required=True, metadata={"description": "the campaign's hour"})
    latest = fields.String(required=True, metadata={"description": "from then on nothing is held back"})
    stages = fields.List(fields.Nested(StagePreference), required=True)


class PreferencesOutcome(Positions):
    """Whether anything was changed."""

    recipient = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("set", "unchanged")))


class PreferenceRoutes:
    """Routes of preferences."""

    store: Store
    units_of_work: UnitsOfWork
    campaign_clock: CampaignClock
    delivery: Delivery

    @route("GET", "/api/preferences/<recipient>", right=rights.SET_REMINDERS, response=ShownPreferences,
           problems=(403, 404))  # fmt: skip
    def preferences(self, request: RouteRequest, recipient: str) -> Any:
        """The preferences of a person or of a unit's post."""
        require_own(self.store, request, recipient)
        now = self.campaign_clock.now()
        reminders = now.campaign.reminders if now else Reminders()
        with self.store.reading() as connection:
            chosen = preferences_of(connection, self.store, [recipient]).get(recipient, NONE)
            contact = contacts_of(connection, self.store, [recipient]).get(recipient, Contact(recipient))
        reached = self.delivery.channels_for(effective_contact(contact, now.campaign)) if now else []
        return _preferences_response(recipient, chosen, reminders, reached) | {"email": mask_address(contact.email)}

    @route("POST", "/api/preferences/<recipient>", right=rights.SET_REMINDERS, body=ChosenPreferences,
           response=PreferencesOutcome, problems=(403, 404, 422))  # fmt: skip
    def set_preferences(self, request: RouteRequest, recipient: str) -> Any:
        """Choose the order of channels, a later hour, and the stages that send no message."""
        actor = require_own(self.store, request, recipient)
        now = self.campaign_clock.now()
        chosen = _preferences_of(request.json)
        if error := preference_error(chosen, now.campaign.reminders if now else Reminders()):
            raise Problem(422, error.code, REFUSALS[error.code], column=error.column)
        with self.units_of_work.begin(actor, request.correlation) as work:
            events = work.execute(PREFERENCES, SetPreferences(recipient, chosen))
            work.flush()
            return {"recipient": recipient, "outcome": "set" if events else "unchanged", "positions": work.positions}


def require_own(store: Store, request: RouteRequest, recipient: str) -> Any:
    """The caller acting for the recipient.  Problem 403, 404."""
    if not is_recipient(recipient) or recipient_level(recipient) not in UNIT_LEVELS:
        raise rights.SET_REMINDERS.absent(request.actor, Problem(404, "unknown_recipient", "没有这个收件人。"))
    actor = rights.require(request.actor, rights.SET_REMINDERS, inbox_subject(recipient))
    with store.reading() as connection:
        if unknown_recipient(connection, recipient):
            raise Problem(404, "unknown_recipient", "没有这个收件人。")
    return actor


def mask_address(email: str) -> str:
    """`x***@example.cn`: enough to recognise one's own address."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}***@{domain}" if name else ""


def _preferences_of(body: dict[str, Any]) -> Preferences:
    try:
        not_before = minute_of(body["not_before"])
    except ValueError:
        raise Problem(422, "bad_time", REFUSALS["bad_time"], column="not_before") from None
    return Preferences(tuple(body["channels"]), not_before, frozenset(body["muted"]))


def _preferences_response(
    recipient: str, chosen: Preferences, reminders: Reminders, reached: list[str]
) -> dict[str, Any]:
    return {
        "recipient": recipient, "not_before": clock_of(chosen.not_before), "send_at": clock_of(reminders.send_at),
        "latest": clock_of(latest_minute(reminders) % (24 * 60)),
        "channels": [{"channel": name, "reaches": name in reached} for name in chosen.in_order(reminders.channels)],
        "stages": [{"stage": stage, "heading": heading, "compulsory": stage not in OPTIONAL,
                    "muted": stage in chosen.muted} for stage, heading in HEADINGS.items()],
    }  # fmt: skip
