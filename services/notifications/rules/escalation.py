"""The levels of escalation: person, 填报员, 主要负责人, 包联股室 or 督查室, 活动领导小组办公室."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from duties.days import Day

CAMPAIGN_OFFICE: Final = "campaign-office"
UNIT_LEVELS: Final = ("person", "clerk", "head")
"""The levels inside a unit, which may see a person's name."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The properties of a unit that determine its supervisor."""

    unit_id: str
    name: str
    kind: str
    liaison_id: str
    opened_on: Day
    closed_on: Day | None
    tags: frozenset[str] = frozenset()

    def in_service(self, day: Day) -> bool:
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


def supervisor_of(unit: Unit, supervision_office: str) -> str:
    """The unit that supervises a unit: 包联股室 for schools and kindergartens, 督查室 for offices and secondary units;
    never itself.  Empty if there is none: the campaign office is next."""
    match unit.kind:
        case "school" | "kindergarten":
            supervisor = unit.liaison_id
        case "office" | "secondary":
            supervisor = supervision_office
        case _:
            supervisor = ""
    return "" if supervisor == unit.unit_id else supervisor


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """The recipients for what a unit or one of its people owes; `office` is empty if no unit supervises it."""

    unit_id: str
    office: str

    def recipient(self, level: str) -> str | None:
        """The recipient at a level above the person; None if there is none."""
        match level:
            case "clerk" | "head":
                return f"{level}-{self.unit_id}"
            case "office":
                return f"office-{self.office}" if self.office else None
            case _:
                return CAMPAIGN_OFFICE


def recipient_level(recipient: str) -> str:
    """The level of a recipient: person, clerk, head, office or campaign_office."""
    return "campaign_office" if recipient == CAMPAIGN_OFFICE else recipient.partition("-")[0]


def recipient_subject_id(recipient: str) -> str:
    """The id of the recipient's person or unit; empty for the campaign office."""
    return "" if recipient == CAMPAIGN_OFFICE else recipient.partition("-")[2]


def is_recipient(text: str) -> bool:
    kind, _, subject_id = text.partition("-")
    return text == CAMPAIGN_OFFICE or (kind in (*UNIT_LEVELS, "office") and bool(subject_id))


def unit_of_post(recipient: str, names: Mapping[str, str]) -> str:
    """The name of a post's unit; '' for a person and the campaign office."""
    return "" if recipient_level(recipient) == "person" else names.get(recipient_subject_id(recipient), "")
