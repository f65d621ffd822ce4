"""Reads campaigns: the one in force, all of them, and the facts that they may refer to."""

import functools
import json
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from chassis.store.prepared_query import PreparedQuery
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from duties.days import Day, day_of, iso, local_day, microseconds
from services.participation.campaign.domain import rules_until
from services.participation.campaign.projections import campaigns


class StoredCampaign(NamedTuple):
    """A campaign: id, latest version, and its file's data as text; `closed_on` None: it was not closed."""

    campaign: str
    version: int
    text: str
    launched_at: str
    closed_on: Day | None

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the file's data."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def rules(self) -> Campaign:
        """The rules with the end in force."""
        return _rules_of_text(self.text, self.closed_on)

    @property
    def timezone(self) -> str:
        return _timezone(self.text)

    @property
    def shown_document(self) -> dict[str, Any]:
        """The file's data; if it was closed, `closes_on` is that day."""
        ends = self.rules.closes_on
        return self.document if self.closed_on is None or ends is None else {**self.document, "closes_on": iso(ends)}


@functools.lru_cache(maxsize=8)
def _rules_of_text(text: str, closed_on: Day | None) -> Campaign:
    """Cached: the parsed rules are immutable, and every request needs them."""
    return rules_until(json.loads(text), closed_on)


@functools.lru_cache(maxsize=8)
def _timezone(text: str) -> str:
    return str(json.loads(text).get("timezone", ""))


_LAST_FIRST = (campaigns.c.launched_at.desc(), campaigns.c.campaign.desc())


def campaign_in_force(connection: Connection) -> StoredCampaign | None:
    """The campaign launched last: open, or after its end the one whose rules still apply to rows."""
    row = connection.execute(sa.select(campaigns).order_by(*_LAST_FIRST).limit(1)).one_or_none()
    return None if row is None else _stored_campaign(row)


def campaign_named(connection: Connection, campaign: str) -> StoredCampaign | None:
    row = connection.execute(sa.select(campaigns).where(campaigns.c.campaign == campaign)).one_or_none()
    return None if row is None else _stored_campaign(row)


def campaign_list(connection: Connection, now: str) -> list[dict[str, Any]]:
    """All campaigns, latest launch first; at most the first is `open`."""
    rows = connection.execute(sa.select(campaigns).order_by(*_LAST_FIRST))
    return [_campaign_summary(_stored_campaign(row), now, last=position == 0) for position, row in enumerate(rows)]


def _campaign_summary(stored: StoredCampaign, now: str, last: bool) -> dict[str, Any]:
    rules = stored.rules
    ended = rules.closes_on is not None and rules.closes_on <= local_day(microseconds(moment(now)), rules.zone)
    return {"campaign": stored.campaign, "version": stored.version, "title": rules.title, "in_force": last,
            "open": last and not ended, "starts_on": iso(rules.starts_on), "launched_at": stored.launched_at,
            "closes_on": "" if rules.closes_on is None else iso(rules.closes_on)}  # fmt: skip


def _stored_campaign(row: Any) -> StoredCampaign:
    closed_on = day_of(row.closed_on) if row.closed_on else None
    return StoredCampaign(row.campaign, row.version, row.document, row.launched_at, closed_on)


CAMPAIGN_VERSION = PreparedQuery(
    lambda _: (
        sa.select(campaigns.c.campaign, campaigns.c.version, campaigns.c.closed_on).order_by(*_LAST_FIRST).limit(1)
    )
)
"""(id, version, end) of the campaign in force, at a tenth of the cost of its document."""

_rules: WeakKeyDictionary[sa.Engine, tuple[tuple[str, int, str], Campaign]] = WeakKeyDictionary()
"""By store: two stores of one process may have different campaigns with the same id and version."""


def rules_of(unit_of_work: UnitOfWork, campaign: str) -> Campaign | None:
    """The rules of a campaign, closed or not, with its end; without an id those in force; None: there is none."""
    if not campaign:
        return rules_in_force(unit_of_work)
    stored = campaign_named(unit_of_work.connection, campaign)
    return stored.rules if stored else None


def rules_in_force(unit_of_work: UnitOfWork) -> Campaign | None:
    """The rules of the campaign in force, None before the first launch; parsed once per version."""
    version = next((tuple(row) for row in unit_of_work.query(CAMPAIGN_VERSION())), None)
    if version is None:
        return None
    engine = unit_of_work.connection.engine
    kept = _rules.get(engine)
    if kept is not None and kept[0] == version:
        return kept[1]
    stored = campaign_in_force(unit_of_work.connection)
    if stored is None:
        return None
    rules = stored.rules
    _rules[engine] = (version, rules)
    return rules


def titles_of_kinds(stored: StoredCampaign | None) -> dict[str, str]:
    """What a plan calls its kinds of records, by kind."""
    if stored is None:
        return {}
    forms = {form["id"]: form["title"] for form in stored.document.get("records") or () if form.get("title")}
    return forms | {duty.record: duty.title for duty in stored.rules.duties if duty.record}
