"""The names in a message: of units and duties, and of people in messages that stay in their unit."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.peers import Peers, PeerUnavailable
from chassis.store.remote_subject_keys import RemoteKeys
from duties.campaign import Campaign
from services.notifications.digests.addressees import DisplayNames
from services.notifications.tables import registry
from services.registry.queries import encrypted_names, unit_names

_log = structlog.get_logger(__name__)
KEY_CACHE_SECONDS = 300
RETRY_KEYS_SECONDS = 10
REFRESH_SECONDS = 1.0


class NameLookup:
    """People's names are encrypted under keys held by participation: keys are fetched when needed and cached for
    minutes.  Without a key no message waits: the person appears by id."""

    def __init__(self, peers: Peers) -> None:
        self.keys = RemoteKeys(peers, KEY_CACHE_SECONDS, timeout=(1, 5))
        self._names, self._refreshed_at = DisplayNames("", {}, {}, {}), -REFRESH_SECONDS
        self._keys_unavailable_until = 0.0

    def display_names(self, connection: Connection, campaign: Campaign, person_ids: Iterable[str] = ()) -> DisplayNames:
        """The names of the campaign, its duties and all units, and of these people."""
        if time.monotonic() - self._refreshed_at > REFRESH_SECONDS or self._names.campaign != campaign.title:
            self._names, self._refreshed_at = load_display_names(connection, campaign), time.monotonic()
        people = self._people(connection, person_ids)
        return replace(self._names, people=people) if people else self._names

    def _people(self, connection: Connection, person_ids: Iterable[str]) -> dict[str, str]:
        wanted = set(person_ids)
        known = encrypted_names(connection, registry, wanted) if wanted else {}
        encrypted = {person_id: name for person_id, name in known.items() if name}
        if not encrypted:
            return {}
        keys = self._available_keys(sorted(encrypted))  # a person who was erased has neither a name here nor a key
        names = {person_id: decipher(text, person_id, keys.get(person_id))
                 for person_id, text in encrypted.items()}  # fmt: skip
        return {person_id: name for person_id, name in names.items() if name}

    def _available_keys(self, person_ids: list[str]) -> Mapping[str, bytes]:
        """The keys that are available now; after a failure participation is not asked again for a while."""
        if time.monotonic() < self._keys_unavailable_until:
            return self.keys.cached(person_ids)
        try:
            return self.keys.of(person_ids)
        except PeerUnavailable as error:
            _log.warning("names not available now", error=str(error))
            self._keys_unavailable_until = time.monotonic() + RETRY_KEYS_SECONDS
            return self.keys.cached(person_ids)


def load_display_names(connection: Connection, campaign: Campaign) -> DisplayNames:
    """The names of units, duties and sheet items; none of people."""
    sheet_items = {item.id: item.title for item in campaign.sheets.items} if campaign.sheets else {}
    duties = {duty.id: duty.title for duty in campaign.duties}
    return DisplayNames(campaign.title, duties, sheet_items, unit_names(connection, registry))
