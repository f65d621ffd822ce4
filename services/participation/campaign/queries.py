"""Reads the campaign in force."""

import json
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import PreparedQuery
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.campaign.projections import campaigns


class StoredCampaign(NamedTuple):
    """The campaign in force: its id, its version and the campaign file's data."""

    campaign: str
    version: int
    document: dict[str, Any]


def campaign_in_force(connection: Connection) -> StoredCampaign | None:
    row = connection.execute(sa.select(campaigns)).one_or_none()
    return None if row is None else StoredCampaign(row.campaign, row.version, json.loads(row.document))


CAMPAIGN_VERSION = PreparedQuery(lambda _: sa.select(campaigns.c.campaign, campaigns.c.version))
"""(id, version) of the campaign in force, at a tenth of the price of its document."""

_rules: dict[tuple[str, int], Campaign] = {}


def rules_in_force(unit_of_work: UnitOfWork) -> Campaign | None:
    """The rules of the campaign in force, None before the launch; parsed once a version."""
    version = next((tuple(row) for row in unit_of_work.query(CAMPAIGN_VERSION())), None)
    if version is None:
        return None
    if version not in _rules and (stored := campaign_in_force(unit_of_work.connection)) is not None:
        _rules.clear()
        _rules[version] = Campaign.from_data(stored.document)
    return _rules[version]
