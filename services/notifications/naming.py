"""The names that a letter may use: units', duties', and people's for letters that stay in their unit."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import requests
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis import keys
from chassis.frame import Frame
from chassis.tokens import SERVICE_SECONDS
from duties.campaign import Campaign
from services.notifications import projections as rows
from services.notifications.letters import Words

_log = structlog.get_logger(__name__)
KEPT_SECONDS = 300
LOOK_SECONDS = 1.0
_PAGE = 500


class Naming:
    """People's names are under keys that participation owns: asked for when needed, kept for minutes.  A name that
    cannot be had is no reason to wait: the person then stands with their id."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._words, self._looked_at = Words("", {}, {}, {}), -LOOK_SECONDS
        self._keys: dict[str, tuple[float, bytes | None]] = {}
        self._session = requests.Session()
        self._session.trust_env = False
        self.fetch: Callable[[list[str]], dict[str, bytes] | None] = self._ask_participation

    def words(self, connection: Connection, campaign: Campaign, people: Iterable[str] = ()) -> Words:
        if time.monotonic() - self._looked_at > LOOK_SECONDS or self._words.campaign != campaign.title:
            self._words = words_of(connection, campaign)
            self._looked_at = time.monotonic()
        named = self.people(connection, people)
        return replace(self._words, people=named) if named else self._words

    def people(self, connection: Connection, wanted: Iterable[str]) -> dict[str, str]:
        ids = sorted(set(wanted))
        if not ids:
            return {}
        known = self._known(ids)
        member = rows.memberships.c
        query = sa.select(member.person_id, member.name).where(self.frame.store.any_of(member.person_id, ids))
        found = {row.person_id: row.name for row in connection.execute(query.order_by(member.since)) if row.name}
        plain = {person: keys.decipher(text, person, known.get(person)) for person, text in found.items()}
        return {person: name for person, name in plain.items() if name}

    def _known(self, ids: list[str]) -> dict[str, bytes]:
        now = time.monotonic()
        missing = [one for one in ids if one not in self._keys or self._keys[one][0] < now]
        for start in range(0, len(missing), _PAGE):
            page = missing[start : start + _PAGE]
            fetched = self.fetch(page)
            until = now + (KEPT_SECONDS if fetched is not None else 10)
            self._keys.update({one: (until, (fetched or {}).get(one)) for one in page})
        known = {one: self._keys[one][1] for one in ids}
        if len(self._keys) > 20_000:
            self._keys.clear()
        return {one: key for one, key in known.items() if key is not None}

    def _ask_participation(self, subjects: list[str]) -> dict[str, bytes] | None:
        """None when participation does not answer."""
        token = self.frame.signer.issue(self.frame.service, ["service"], SERVICE_SECONDS)
        url = self.frame.settings.peer("participation") + "/api/keys"
        try:
            answer = self._session.post(url, json={"subjects": subjects}, timeout=(1, 5),
                                        headers={"Authorization": f"Bearer {token}"})  # fmt: skip
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()["keys"]
            return {subject: bytes.fromhex(key) for subject, key in found.items()}
        except (requests.RequestException, ValueError, KeyError) as error:
            _log.warning("names not available now", error=type(error).__name__)
            return None


def words_of(connection: Connection, campaign: Campaign) -> Words:
    """The names of units, duties and sheet items; nobody's of people."""
    found = connection.execute(sa.select(rows.units.c.unit_id, rows.units.c.name))
    items = {item.id: item.title for item in campaign.sheets.items} if campaign.sheets else {}
    duties = {duty.id: duty.title for duty in campaign.duties}
    return Words(campaign.title, duties, items, {row.unit_id: row.name for row in found})
