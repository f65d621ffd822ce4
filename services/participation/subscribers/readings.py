"""The progress of each subscription that reads by a cursor: kept in memory, and written once a minute, so that a page
causes no write; after a crash the next page restores it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from chassis.events.canonical_json import instant, moment
from chassis.messaging.deliveries import all_deliveries
from chassis.messaging.readings import ReadingLog, reading_rows
from chassis.runtime.health import Metric
from chassis.store.database import Store
from services.participation.subscribers.domain.reading import SILENT_SECONDS, Reading, cursor_refused, page_given
from services.participation.subscribers.queries import events_behind, waiting_since

FEED = "feed"
FAILING_SECONDS = 15 * 60
KEPT_SECONDS = 60.0


class Readings:
    """The readings of this process.  `now`: the machine's clock, which readers have too."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._log, self._now = ReadingLog(store), now
        self._noted: dict[str, Reading] = {}

    def note_page(self, connection: Connection, name: str, asked: str, position: str, count: int) -> None:
        before = self._current_reading(connection, name)
        self._noted[name] = page_given(before, asked, position, count, instant(self._now()))

    def note_refusal(self, connection: Connection, name: str, code: str) -> None:
        self._noted[name] = cursor_refused(self._current_reading(connection, name), code, instant(self._now()))

    def drop(self, name: str) -> None:
        """Forget a subscription that was revoked; one added later under the name is another."""
        self._noted.pop(name, None)

    def keep(self) -> None:
        """Write what was recorded since the last call."""
        taken = dict(self._noted)
        if not taken:
            return
        self._log.write([vars(reading) for reading in taken.values()])
        for name, reading in taken.items():
            later = self._noted.pop(name, reading)
            if later is not reading:
                self._noted[name] = replace(later, given=later.given - reading.given)

    def shown(self, connection: Connection) -> dict[str, dict[str, Any]]:
        """By name of the subscription, including what is not written yet."""
        stored = all_readings(connection)
        known = {each.name: _merge_readings(each, self._noted.get(each.name)) for each in stored}
        return {name: _reading_summary(connection, reading) for name, reading in known.items()}

    def _current_reading(self, connection: Connection, name: str) -> Reading:
        """`given` counts since the last write."""
        noted = self._noted.get(name)
        if noted is not None:
            return noted
        stored = reading_rows(connection, name)
        return replace(Reading(**stored[0]), given=0) if stored else Reading(name)


def all_readings(connection: Connection) -> list[Reading]:
    """How far every subscription has read, by its name."""
    return [Reading(**row) for row in reading_rows(connection)]


def _merge_readings(stored: Reading, noted: Reading | None) -> Reading:
    if noted is None:
        return stored
    newer = max(stored, noted, key=lambda each: each.last_at)
    return replace(newer, given=stored.given + noted.given)


def _reading_summary(connection: Connection, reading: Reading) -> dict[str, Any]:
    same = ("position", "given", "last_at", "failing_since", "code")
    return {
        **{name: getattr(reading, name) for name in same},
        "behind": events_behind(connection, reading.position),
        "behind_since": waiting_since(connection, reading.position),
    }


def readings_failing(connection: Connection, _: datetime) -> int:
    """The number of readers that are stuck, or silent while events wait."""
    return sum(1 for each in _readings_without_delivery(connection) if _is_failing(connection, each))


def _is_failing(connection: Connection, reading: Reading) -> bool:
    if _seconds_since(reading.failing_since) > FAILING_SECONDS:
        return True
    return _seconds_since(reading.last_at) > SILENT_SECONDS and events_behind(connection, reading.position) > 0


def reading_metrics(connection: Connection, now: datetime) -> list[Metric]:
    """Figures of each that is not sent its events, for Prometheus."""
    result = []
    for each in _readings_without_delivery(connection):
        labels = {"subscription": each.name, "way": FEED}
        waits = waiting_since(connection, each.position)
        result += [
            Metric("qihang_subscription_behind", "events of the log that were not delivered yet", labels,
                   events_behind(connection, each.position)),
            Metric("qihang_subscription_behind_seconds", "how long the oldest of these waits", labels,
                   seconds_behind(waits, now)),
            Metric("qihang_subscription_delivered", "events that were delivered", labels, each.given),
            Metric("qihang_subscription_failing_seconds", "since when nothing is taken", labels,
                   _seconds_since(each.failing_since)),
        ]  # fmt: skip
        if each.last_at:
            result.append(Metric("qihang_subscription_silent_seconds", "since a reader asked last", labels,
                                 _seconds_since(each.last_at)))  # fmt: skip
    return result


def seconds_behind(since: str, now: datetime) -> int:
    """`since` '': nothing waits."""
    return max(0, int((now - moment(since)).total_seconds())) if since else 0


def _readings_without_delivery(connection: Connection) -> list[Reading]:
    """Without subscriptions that are sent their events: they need not read."""
    sent = {each.name for each in all_deliveries(connection)}
    return [each for each in all_readings(connection) if each.name not in sent]


def _seconds_since(at: str) -> int:
    return int((datetime.now(UTC) - moment(at)).total_seconds()) if at else 0
