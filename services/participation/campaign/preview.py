"""What a campaign will require in the coming months, with warnings; for launch, preview and status."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from duties.calendar_warnings import DistrictFacts, calendar_warnings
from duties.campaign import Campaign
from duties.days import Day, iso, local_day, microseconds
from duties.rules import ROLES, TAGS, UNIT_KINDS, Duty
from services.participation.campaign.value_words import value_words
from services.participation.records.projections import records
from services.participation.registry.projections import memberships, units

DAYS = 366


def district_facts(connection: Connection) -> DistrictFacts:
    """The kinds and tags of units, roles of people and kinds of records in the district, without void or withdrawn
    rows."""

    def distinct(column: Any, counts: sa.ColumnElement[bool]) -> frozenset[str]:
        return frozenset(connection.execute(sa.select(column).where(counts).distinct()).scalars())

    unit, member, record = units.c, memberships.c, records.c
    tags = frozenset(tag for text in distinct(unit.tags, unit.voided == 0) for tag in text.split(";") if tag)
    return DistrictFacts(distinct(unit.kind, unit.voided == 0), tags, distinct(member.role, member.voided == 0),
                         distinct(record.kind, record.withdrawn_at == ""))  # fmt: skip


def campaign_today(campaign: Campaign, now: str) -> Day:
    """The campaign's local day of an instant in the log's form."""
    return local_day(microseconds(moment(now)), campaign.zone)


def campaign_warnings(connection: Connection, campaign: Campaign, now: str) -> list[dict[str, str]]:
    """The warnings as of today, each with code, duty and message."""
    warnings = calendar_warnings(campaign, campaign_today(campaign, now), district_facts(connection))
    return [{"code": item.code, "duty": item.duty, "message": item.message} for item in warnings]


def campaign_preview(connection: Connection, campaign: Campaign, now: str) -> dict[str, Any]:
    """What it would require, and its warnings."""
    return campaign_periods(campaign, now) | {"warnings": campaign_warnings(connection, campaign, now)}


def campaign_periods(campaign: Campaign, now: str) -> dict[str, Any]:
    """The periods of each duty that are due within a year from today, or from the campaign's start."""
    first = max(campaign_today(campaign, now), campaign.starts_on)
    return {"campaign": campaign.id, "version": campaign.version, "title": campaign.title, "since": iso(first),
            "until": iso(first + DAYS), "duties": _duties(campaign, first)}  # fmt: skip


def _duties(campaign: Campaign, first: Day) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for duty in campaign.duties:
        periods = [
            {"period": period.id, "start": iso(period.start), "due": iso(campaign.due(duty, period)),
             "late_limit": iso(campaign.late_limit(duty, period))}
            for period in campaign.periods_begun(duty, first + DAYS - 1)
            if duty.every == "once" or campaign.due(duty, period) >= first
        ]  # fmt: skip
        result.append(_duty(duty) | {"periods": periods})
    return result


def _duty(duty: Duty) -> dict[str, Any]:
    named = {"kinds": UNIT_KINDS, "tags": TAGS, "roles": ROLES}
    who = [value_words(key, [name]) for key, names in named.items() for name in names if name in getattr(duty.who, key)]
    return {"duty": duty.id, "title": duty.title, "every": duty.every, "who": "、".join(who), "count": duty.count,
            "weight": str(duty.weight), "record": duty.record, "of_persons": duty.of_persons,
            "late_credit": str(duty.late_credit), "evidence_required": duty.evidence_required}  # fmt: skip
