"""The preview of a day: who would be told what, and why, before anything is sent."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chassis.store.database import Store
from chassis.store.row_moment import RowMoment, row_moment
from duties.campaign import Campaign
from duties.days import Day, iso
from duties.reminders import LEVELS
from services.notifications.calendar.queries import working_days
from services.notifications.contacts.domain import Contact, effective_contact
from services.notifications.contacts.queries import contacts_of
from services.notifications.digests.addressees import DisplayNames
from services.notifications.digests.domain.items import parse_items
from services.notifications.digests.handlers import is_decided, run_decision
from services.notifications.digests.message_texts import HEADINGS, explain_line, message_lines
from services.notifications.digests.names import NameLookup
from services.notifications.rules.escalation import recipient_level

MOST_KEPT = 8


class Decided(NamedTuple):
    """Of the whole district how many digests there are, by level too; and those that are shown."""

    total: int
    unknown_years: Sequence[int]
    levels: Counter[str]
    digests: list[dict[str, Any]]


class DigestPreview:
    """In files in `folder`.  `channels_for` names the channels by which a contact is reached."""

    def __init__(
        self, store: Store, folder: Path, names: NameLookup, channels_for: Callable[[Contact], list[str]]
    ) -> None:
        self._store, self._folder = store, folder
        self._names, self._channels_for = names, channels_for
        self._kept: dict[tuple[Day, str, int], tuple[RowMoment, Decided]] = {}

    def preview(self, campaign: Campaign, day: Day, recipient: str, limit: int) -> dict[str, Any]:
        """The day's digests as the rows are now; those of one `recipient` where it is given."""
        total, unknown_years, levels, digests = self._decided(day, recipient, limit)
        with self._store.reading() as connection:
            names = self._names.display_names(connection, campaign)
            recipients = [digest["recipient"] for digest in digests]
            contacts = contacts_of(connection, self._store, recipients)
            is_working_day = working_days(connection).is_working_day(day)
        shown = [self._shown(campaign, digest, contacts, names) for digest in digests]
        return {"day": iso(day), "working_day": is_working_day, "decided": is_decided(self._store, day),
                "send_at": _clock(campaign.reminders.send_at), "unknown_years": list(unknown_years),
                "total": total, "levels": {name: levels[name] for name in LEVELS if levels[name]},
                "digests": shown}  # fmt: skip

    def _decided(self, day: Day, recipient: str, limit: int) -> Decided:
        """As a process of its own decides the whole district; the same question on the same rows is decided once."""
        key, moment = (day, recipient, limit), row_moment(self._store)
        since, kept = self._kept.get(key, (None, None))
        if kept is not None and since == moment:
            return kept
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            file = Path(place) / "preview"
            result = run_decision(self._store, day, file)
            levels = Counter(recipient_level(digest["recipient"]) for digest in _digests(file))
            digests = list(_selected(_digests(file), recipient, limit))
        decided = Decided(result["digests"], result["unknown_years"], levels, digests)
        while len(self._kept) >= MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = moment, decided
        return decided

    def _shown(
        self, campaign: Campaign, digest: Any, contacts: dict[str, Contact], names: DisplayNames
    ) -> dict[str, Any]:
        recipient = digest["recipient"]
        contact = effective_contact(contacts.get(recipient, Contact(recipient)), campaign)
        lines = message_lines(recipient, parse_items(digest["items"]), names, named=False)
        return {"recipient": recipient, "unit_id": digest["unit_id"], "unit": names.units.get(digest["unit_id"], ""),
                "channels": ["inbox", *self._channels_for(contact)],
                "lines": [{"stage": line.stage, "heading": HEADINGS[line.stage], "words": line.words,
                           "reason": explain_line(line, recipient, campaign.reminders)} for line in lines]}  # fmt: skip


def _digests(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _selected(digests: Iterator[dict[str, Any]], recipient: str, limit: int) -> Iterator[dict[str, Any]]:
    for digest in digests:
        if limit and (not recipient or digest["recipient"] == recipient):
            limit -= 1
            yield digest


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
