"""The names that a letter may use: units', duties', and people's for letters that stay in their unit."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis.process.peers import PeerUnavailable
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import subject_keys
from chassis.store.remote_subject_keys import RemoteKeys
from duties.campaign import Campaign
from services.notifications import projections
from services.notifications.letters import DisplayNames

_log = structlog.get_logger(__name__)
CACHE_SECONDS = 300
UNAVAILABLE_SECONDS = 10
REFRESH_SECONDS = 1.0


class NameLookup:
    """People's names are under keys that participation owns: asked for when needed, kept for minutes.  A name that
    cannot be had is no reason to wait: the person then stands with their id."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime
        self._words, self._looked_at = DisplayNames("", {}, {}, {}), -REFRESH_SECONDS
        self.keys = RemoteKeys(runtime, CACHE_SECONDS, patience=(1, 5))
        self._away_until = 0.0

    def words(self, connection: Connection, campaign: Campaign, people: Iterable[str] = ()) -> DisplayNames:
        if time.monotonic() - self._looked_at > REFRESH_SECONDS or self._words.campaign != campaign.title:
            self._words = load_display_names(connection, campaign)
            self._looked_at = time.monotonic()
        named = self.people(connection, people)
        return replace(self._words, people=named) if named else self._words

    def people(self, connection: Connection, wanted: Iterable[str]) -> dict[str, str]:
        ids = sorted(set(wanted))
        if not ids:
            return {}
        member = projections.memberships.c
        query = sa.select(member.person_id, member.name).where(self.runtime.store.any_of(member.person_id, ids))
        result = {row.person_id: row.name for row in connection.execute(query.order_by(member.since)) if row.name}
        known = self._known(sorted(result))  # who was erased has no name here, and no key anywhere
        plain = {person: subject_keys.decipher(text, person, known.get(person)) for person, text in result.items()}
        return {person: name for person, name in plain.items() if name}

    def _known(self, ids: list[str]) -> Mapping[str, bytes]:
        """What keys can be had now; participation is not asked again for a while when it did not answer."""
        if time.monotonic() < self._away_until:
            return self.keys.here(ids)
        try:
            return self.keys.of(ids)
        except PeerUnavailable as error:
            _log.warning("names not available now", error=str(error))
            self._away_until = time.monotonic() + UNAVAILABLE_SECONDS
            return self.keys.here(ids)


def load_display_names(connection: Connection, campaign: Campaign) -> DisplayNames:
    """The names of units, duties and sheet items; nobody's of people."""
    result = connection.execute(sa.select(projections.units.c.unit_id, projections.units.c.name))
    items = {item.id: item.title for item in campaign.sheets.items} if campaign.sheets else {}
    duties = {duty.id: duty.title for duty in campaign.duties}
    return DisplayNames(campaign.title, duties, items, {row.unit_id: row.name for row in result})
