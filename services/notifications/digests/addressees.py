"""The addressees of a message: one recipient, or several posts of one person that share an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.notifications.digests.domain.items import DigestItem
from services.notifications.rules.escalation import CAMPAIGN_OFFICE, recipient_level, recipient_subject_id

_CAMPAIGN_OFFICE_NAME: Final = "活动领导小组办公室"
_POSTS: Final = {"clerk": "填报员", "head": "主要负责人"}


@dataclass(frozen=True)
class DisplayNames:
    """The names that a message may show; a person without a known name appears by id."""

    campaign: str
    duties: Mapping[str, str]
    sheet_items: Mapping[str, str]
    units: Mapping[str, str]
    people: Mapping[str, str] = field(default_factory=dict)


class Addressee(NamedTuple):
    """A recipient, their unit (empty above units), and the items that they are reminded of."""

    recipient: str
    unit_id: str
    items: Sequence[DigestItem]


def salutation(addressees: Sequence[Addressee], names: DisplayNames) -> str:
    """`第1中学填报员、第2小学主要负责人`; a person by unit and name, or by unit only if the name is unknown."""
    return "、".join(dict.fromkeys(_salutation(addressee, names) for addressee in addressees))


def unit_names(addressees: Sequence[Addressee], names: DisplayNames) -> str:
    """The unit's name for the subject line; of several units the first and their number."""
    units = list(dict.fromkeys(_unit_name(addressee, names) for addressee in addressees))
    return units[0] if len(units) == 1 else f"{units[0]}等 {len(units)} 个单位"


def _salutation(addressee: Addressee, names: DisplayNames) -> str:
    level, unit = recipient_level(addressee.recipient), _unit_name(addressee, names)
    if level == "person":
        name = names.people.get(recipient_subject_id(addressee.recipient), "")
        return f"{unit} {name}" if name else unit
    return unit + _POSTS.get(level, "")


def _unit_name(addressee: Addressee, names: DisplayNames) -> str:
    if addressee.recipient == CAMPAIGN_OFFICE:
        return _CAMPAIGN_OFFICE_NAME
    is_person = recipient_level(addressee.recipient) == "person"
    unit_id = addressee.unit_id if is_person else recipient_subject_id(addressee.recipient)
    return names.units.get(unit_id, unit_id)
