"""Whose works a unit may show besides its own (各校选登, 教育专刊), by the campaign's `compile_for`."""

from collections.abc import Iterable

from sqlalchemy import Connection

from duties.campaign import Campaign
from duties.days import Day
from services.publicity.tables import registry
from services.registry.identity import kinds_and_tags
from services.registry.queries import tags_of, zones_on


def units_it_may_show(
    connection: Connection, campaign: Campaign, unit_id: str, units: Iterable[str], day: Day
) -> frozenset[str]:
    """Those of these units whose works this one may show on a day: the bureau and the research office those of the
    district, a central school those of the zone that it leads on that day."""
    scopes, wanted = campaign.publicity.compile_for, frozenset(units)
    kind, tags = kinds_and_tags(connection, registry, [unit_id]).get(unit_id, ("", ""))
    if "district" in scopes and (kind == "bureau" or "research_office" in tags_of(tags)):
        return wanted
    if "zone" in scopes and "central_school" in tags_of(tags):
        zones = zones_on(connection, registry, day, sorted(wanted))
        return frozenset(unit for unit in wanted if zones.get(unit) == unit_id)
    return frozenset()
