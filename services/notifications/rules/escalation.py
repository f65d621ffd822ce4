"""Along which line a reminder climbs: person, 填报员, 主要负责人, 包联股室 or 督查室, 活动领导小组办公室."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from duties.days import Day

CAMPAIGN_OFFICE: Final = "campaign-office"
UNIT_LEVELS: Final = ("person", "clerk", "head")
"""The levels that may see a person's name."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as far as its line goes."""

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
    """The unit that stands over a unit: 包联股室 over schools and kindergartens, 督查室 over offices and secondary
    units; nobody over themselves.  Empty where there is none: the campaign office is next."""
    match unit.kind:
        case "school" | "kindergarten":
            above = unit.liaison_id
        case "office" | "secondary":
            above = supervision_office
        case _:
            above = ""
    return "" if above == unit.unit_id else above


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """Who is told of what a unit or one of its people owes; a level that is not there is None."""

    unit_id: str
    office: str

    def recipient(self, level: str) -> str | None:
        """Of a level above the person; None where nobody stands there."""
        match level:
            case "clerk" | "head":
                return f"{level}-{self.unit_id}"
            case "office":
                return f"office-{self.office}" if self.office else None
            case _:
                return CAMPAIGN_OFFICE


def recipient_level(recipient: str) -> str:
    """The level that a recipient stands on."""
    return "campaign_office" if recipient == CAMPAIGN_OFFICE else recipient.partition("-")[0]


def recipient_subject_id(recipient: str) -> str:
    """The person or unit of a recipient; empty for the campaign office."""
    return "" if recipient == CAMPAIGN_OFFICE else recipient.partition("-")[2]


def is_recipient(text: str) -> bool:
    kind, _, name = text.partition("-")
    return text == CAMPAIGN_OFFICE or (kind in (*UNIT_LEVELS, "office") and bool(name))
