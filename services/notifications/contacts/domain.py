"""The addresses of a recipient, and the rules for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from chassis.process.text import is_line
from duties.campaign import Campaign
from duties.reminders import is_address
from services.notifications.rules.escalation import CAMPAIGN_OFFICE, is_recipient

_ROBOT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,80}")
_DINGTALK_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_NAME_LENGTH: Final = 60


@dataclass(frozen=True)
class Contact:
    """The addresses of a post or a person; empty: none.  `robot`: key of a WeCom group robot; `dingtalk`: token of a
    DingTalk group robot, with the secret for its signature if it requires one."""

    recipient: str
    name: str = ""
    email: str = ""
    robot: str = ""
    dingtalk: str = ""
    dingtalk_secret: str = ""


class ContactError(NamedTuple):
    """Why a contact is rejected."""

    column: str
    code: str


def contact_error(contact: Contact) -> ContactError | None:
    """What is malformed in a contact; None if nothing is."""
    if not is_recipient(contact.recipient):
        return ContactError("recipient", "unknown_recipient")
    if not is_line(contact.name) or len(contact.name) > _NAME_LENGTH:
        return ContactError("name", "bad_name")
    if contact.email and not is_address(contact.email):
        return ContactError("email", "bad_address")
    if contact.robot and not _ROBOT_KEY.fullmatch(contact.robot):
        return ContactError("robot", "bad_robot")
    if contact.dingtalk and not _DINGTALK_KEY.fullmatch(contact.dingtalk):
        return ContactError("dingtalk", "bad_dingtalk")
    if contact.dingtalk_secret and not (contact.dingtalk and _DINGTALK_KEY.fullmatch(contact.dingtalk_secret)):
        return ContactError("dingtalk_secret", "bad_dingtalk_secret")
    return None if contact.email or contact.robot or contact.dingtalk else ContactError("email", "no_way")


def effective_contact(contact: Contact, campaign: Campaign) -> Contact:
    """The contact; for the campaign office the address in the campaign's file, unless a contact is registered."""
    address = campaign.reminders.campaign_office
    if contact == Contact(CAMPAIGN_OFFICE) and address:
        return Contact(CAMPAIGN_OFFICE, "活动领导小组办公室", address)
    return contact
