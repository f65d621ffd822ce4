"""The preview of a day: who would be reminded of what, and why, before anything is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog

from chassis.process.subprocesses import ProcessFailed
from chassis.process.worker_process import WorkerProcess
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import Day, iso
from duties.reminders import LEVELS
from services.notifications.calendar.queries import working_days
from services.notifications.contacts.domain import Contact, effective_contact
from services.notifications.contacts.queries import contacts_of
from services.notifications.digests import preview_worker
from services.notifications.digests.addressees import DisplayNames
from services.notifications.digests.domain.items import parse_items
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.digests.handlers import is_decided
from services.notifications.digests.message_texts import HEADINGS, explain_line, message_lines
from services.notifications.digests.names import NameLookup
from services.notifications.tables import registry
from services.registry.queries import is_large

READY_SECONDS = 5.0
MOST_WORKERS, IDLE_SECONDS = 2, 600.0
"""The most processes, one per day; the least recently used one, and any one unused for ten minutes, is ended."""
REST = 9
"""Pause after a renewal, as a multiple of its duration."""
_log = structlog.get_logger(__name__)
_NOBODY = PreviewFilter(recipient="-")


class DigestPreview:
    """Each requested day has a process of its own.  `channels_for`: the channels that reach a contact; `spawn` runs a
    function in the background."""

    def __init__(
        self, store: Store, names: NameLookup, channels_for: Callable[[Contact], list[str]],
        spawn: Callable[..., object],
    ) -> None:  # fmt: skip
        self._store, self._names, self._channels_for, self._spawn = store, names, channels_for, spawn
        self._workers: dict[Day, WorkerProcess] = {}
        self._looked_at: dict[Day, float] = {}
        self._renewing, self._rest_until = False, 0.0

    def preview(self, campaign: Campaign, day: Day, wanted: PreviewFilter, limit: int) -> dict[str, Any]:
        """The day's digests by the current rows: counts of all of them, and a page of those that match."""
        decided = self._ask_process(day, wanted, limit)
        digests = decided["digests"]
        with self._store.reading() as connection:
            names = self._names.display_names(connection, campaign)
            contacts = contacts_of(connection, self._store, [recipient for recipient, _, _ in digests])
            is_working_day = working_days(connection).is_working_day(day)
        shown = [self._digest_preview(campaign, digest, contacts, names) for digest in digests]
        levels, stages = decided["levels"], decided["stages"]
        return {"day": iso(day), "working_day": is_working_day, "decided": is_decided(self._store, day),
                "send_at": _clock(campaign.reminders.send_at), "unknown_years": decided["unknown_years"],
                "total": decided["total"], "matching": decided["matching"], "next": decided["next"],
                "levels": {name: levels[name] for name in LEVELS if name in levels},
                "stages": {name: stages[name] for name in HEADINGS if name in stages},
                "digests": shown}  # fmt: skip

    def keep_ready(self, day: Day) -> None:
        """For a large district, decide and renew the day in the background, so that no request waits for it; ends
        unused processes.  Does not wait."""
        for other, worker in list(self._workers.items()):
            if not worker.is_asked and time.monotonic() - self._looked_at[other] > IDLE_SECONDS:
                self._workers.pop(other).stop()
        if not self._renewing and time.monotonic() >= self._rest_until:
            self._renewing = True
            self._spawn(self._renew, day)

    def _renew(self, day: Day) -> None:
        began = time.monotonic()
        try:
            with self._store.reading() as connection:
                large = is_large(connection, registry)
            if large:
                self._ask_process(day, _NOBODY, 1)
        except ProcessFailed as error:
            _log.warning("preview was not renewed", error=str(error))
        finally:
            now = time.monotonic()
            self._renewing, self._rest_until = False, now + REST * (now - began)

    def _ask_process(self, day: Day, wanted: PreviewFilter, limit: int) -> Any:
        """The answer of that day's process.  Raises ProcessFailed."""
        url = self._store.url.render_as_string(hide_password=False)
        order = preview_worker.PreviewOrder(database_url=url, rebuilds=self._store.rebuilds, day=day,
                                            wanted=asdict(wanted), limit=limit)  # fmt: skip
        return self._worker(day).ask(order)

    def _worker(self, day: Day) -> WorkerProcess:
        """The process of the day; ends the least recently used one if there are too many."""
        self._looked_at[day] = time.monotonic()
        result = self._workers.pop(day, None) or WorkerProcess(preview_worker.MODULE)
        idle = [other for other, worker in self._workers.items() if not worker.is_asked]
        for other in idle[: max(0, len(self._workers) + 1 - MOST_WORKERS)]:
            self._workers.pop(other).stop()
        self._workers[day] = result
        return result

    def _digest_preview(
        self, campaign: Campaign, digest: Any, contacts: dict[str, Contact], names: DisplayNames
    ) -> dict[str, Any]:
        recipient, unit_id, items = digest
        contact = effective_contact(contacts.get(recipient, Contact(recipient)), campaign)
        lines = message_lines(recipient, parse_items(items), names, named=False)
        return {"recipient": recipient, "unit_id": unit_id, "unit": names.units.get(unit_id, ""),
                "channels": ["inbox", *self._channels_for(contact)],
                "lines": [{"stage": line.stage, "heading": HEADINGS[line.stage], "words": line.words,
                           "reason": explain_line(line, recipient, campaign.reminders)} for line in lines]}  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
