"""Whose works a unit may compile besides its own: 各校选登, 教育专刊, where the campaign's `compile_for` allows it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from duties.campaign import Campaign
from services.publicity.tables import registry
from services.registry.identity import kinds_and_tags
from services.registry.queries import tags_of


def units_it_may_show(connection: Connection, campaign: Campaign, unit_id: str, units: Iterable[str]) -> frozenset[str]:
    """Those of these units whose works this one may show: the bureau and the research office, of the whole district."""
    kind, tags = kinds_and_tags(connection, registry, [unit_id]).get(unit_id, ("", ""))
    compiles = kind == "bureau" or "research_office" in tags_of(tags)
    if not (compiles and "district" in campaign.publicity.compile_for):
        return frozenset()
    return frozenset(units)
