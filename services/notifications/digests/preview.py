"""The preview of a day: who would be told what, and why, before anything is sent."""

from __future__ import annotations

import json
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class PreviewFilter:
    """Which digests are shown: of one recipient, one level, one unit, or that have a line of one stage; from the
    `after`th of them all on."""

    recipient: str = ""
    level: str = ""
    unit_id: str = ""
    stage: str = ""
    after: int = 0

    def takes(self, place: DigestPlace) -> bool:
        return (
            self.recipient in ("", place.recipient)
            and self.level in ("", place.level)
            and self.unit_id in ("", place.unit_id)
            and (not self.stage or self.stage in place.stages)
        )


class DigestPlace(NamedTuple):
    """What a digest is found by, and where it stands in the file."""

    recipient: str
    level: str
    unit_id: str
    stages: frozenset[str]
    begins: int


class DecidedPreview:
    """The whole district's digests of a day, as they were decided; read from a file that has no name any more."""

    def __init__(self, file: Path, unknown_years: Sequence[int]) -> None:
        self.unknown_years = unknown_years
        self._file = file.open("rb")  # what has no name goes with the process, however that ends
        self.places = list(self._read_places())
        self.levels = Counter(place.level for place in self.places)
        self.stages = Counter(stage for place in self.places for stage in place.stages)

    def page(self, wanted: PreviewFilter, limit: int) -> tuple[int, list[dict[str, Any]], int]:
        """How many digests are wanted, a page of them, and past which the next one begins (0: none)."""
        wanted_places = [at for at, place in enumerate(self.places) if wanted.takes(place)]
        left = wanted_places[bisect_left(wanted_places, wanted.after) :]
        page = [self._digest(self.places[at]) for at in left[:limit]]
        return len(wanted_places), page, left[limit] if len(left) > limit else 0

    def close(self) -> None:
        self._file.close()

    def _digest(self, place: DigestPlace) -> dict[str, Any]:
        self._file.seek(place.begins)
        digest: dict[str, Any] = json.loads(self._file.readline())
        return digest

    def _read_places(self) -> Iterator[DigestPlace]:
        begins = 0
        for line in self._file:
            digest = json.loads(line)
            recipient = digest["recipient"]
            stages = frozenset(item.stage for item in parse_items(digest["items"]))
            yield DigestPlace(recipient, recipient_level(recipient), digest["unit_id"], stages, begins)
            begins += len(line)


class DigestPreview:
    """In files in `folder`.  `channels_for` names the channels by which a contact is reached."""

    def __init__(
        self, store: Store, folder: Path, names: NameLookup, channels_for: Callable[[Contact], list[str]]
    ) -> None:
        self._store, self._folder = store, folder
        self._names, self._channels_for = names, channels_for
        self._kept: dict[Day, tuple[RowMoment, DecidedPreview]] = {}

    def preview(self, campaign: Campaign, day: Day, wanted: PreviewFilter, limit: int) -> dict[str, Any]:
        """The day's digests as the rows are now: all of them counted, those that are wanted page by page."""
        decided = self._decided(day)
        matching, digests, following = decided.page(wanted, limit)
        with self._store.reading() as connection:
            names = self._names.display_names(connection, campaign)
            recipients = [digest["recipient"] for digest in digests]
            contacts = contacts_of(connection, self._store, recipients)
            is_working_day = working_days(connection).is_working_day(day)
        shown = [self._shown(campaign, digest, contacts, names) for digest in digests]
        return {"day": iso(day), "working_day": is_working_day, "decided": is_decided(self._store, day),
                "send_at": _clock(campaign.reminders.send_at), "unknown_years": list(decided.unknown_years),
                "total": len(decided.places), "matching": matching, "next": following,
                "levels": {name: decided.levels[name] for name in LEVELS if decided.levels[name]},
                "stages": {name: decided.stages[name] for name in HEADINGS if decided.stages[name]},
                "digests": shown}  # fmt: skip

    def _decided(self, day: Day) -> DecidedPreview:
        """As a process of its own decides the whole district; the same day on the same rows is decided once."""
        moment = row_moment(self._store)
        since, kept = self._kept.get(day, (None, None))
        if kept is not None and since == moment:
            return kept
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            file = Path(place) / "preview"
            result = run_decision(self._store, day, file)
            decided = DecidedPreview(file, result["unknown_years"])
        self._keep(day, moment, decided)
        return decided

    def _keep(self, day: Day, moment: RowMoment, decided: DecidedPreview) -> None:
        """In place of what was kept of the day; of too many days the one that was decided first goes."""
        outdated = [self._kept.pop(day)] if day in self._kept else []
        while len(self._kept) >= MOST_KEPT:
            outdated.append(self._kept.pop(next(iter(self._kept))))
        for _, former in outdated:
            former.close()
        self._kept[day] = moment, decided

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


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
