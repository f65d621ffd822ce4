"""Along which line a duty's reminder climbs.  Pure: no clock, store or broker."""

from dataclasses import dataclass

CAMPAIGN_OFFICE = "campaign_office"


@dataclass(frozen=True)
class Unit:
    """A unit as far as its line goes."""

    unit_id: str
    kind: str
    liaison_id: str


def supervisor_of(unit: Unit, supervision_office: str) -> str:
    """Who stands over a unit: 包联股室 over schools and kindergartens, 督查室 over offices and secondary units;
    nobody over themselves (domain.md).  The campaign office where there is neither."""
    match unit.kind:
        case "school" | "kindergarten":
            above = unit.liaison_id
        case "office" | "secondary":
            above = supervision_office
        case _:
            above = ""
    return above if above and above != unit.unit_id else CAMPAIGN_OFFICE
