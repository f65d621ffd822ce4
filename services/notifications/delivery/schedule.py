"""Sends what is due to be told: decides the day once, then sends digest by digest, an intent before and the outcome
after each; one process at a time, never on a rest day or in quiet hours."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from chassis.process import subprocesses
from chassis.process.greenlets import Wakeup
from chassis.runtime.service_runtime import ServiceRuntime
from contracts.notifications import DayDecided, DigestDecided
from duties.campaign import Campaign
from duties.days import Day, iso
from services.notifications import calendars, projections_of_own_events, queries
from services.notifications.channels import Channel
from services.notifications.lock import SendingLockLost, acquire_sending_lock
from services.notifications.domain.stages import sending_block_reason
from services.notifications.domain.working_days import WorkingDays
from services.notifications.delivery_worker import ACTOR, PAGE, Now, DeliveryWorker

_log = structlog.get_logger(__name__)
DECIDING = "services.notifications.deciding"
DECIDING_SECONDS = 1800  # 700,000 people take a third of it
TICK_SECONDS = 2.0
REFRESH_SECONDS = 1.0
CATCH_UP_CHECKS, BETWEEN_CHECKS_SECONDS = 20, 0.05


class ReminderSchedule:
    """The one loop that sends."""

    def __init__(self, runtime: ServiceRuntime, channels: Mapping[str, Channel], mail_domain: str) -> None:
        self.runtime, self.bell = runtime, Wakeup()
        self.delivery_worker = DeliveryWorker(runtime, channels, mail_domain, self.now)
        self._filled = False
        self._ordered: Day = 0
        self._looked_at = 0.0
        self._asked: tuple[Day, str] = (0, "")
        self._rules: tuple[Campaign | None, WorkingDays, int] = None, WorkingDays(), 0

    def order(self, day: Day) -> None:
        """Somebody wants the day told, whenever the campaign was launched: what there is to know is here."""
        self._ordered = day

    def run(self) -> None:
        """Loop until the service stops."""
        while not self.runtime.stopping:
            self.bell.quiet()
            self.tick()
            self.runtime.pulse("reminding")
            self.bell.wait(TICK_SECONDS)

    def tick(self) -> None:
        """Do what there is to do now."""
        now = self.now()
        if now is None:
            return
        if not self._filled:
            calendars.fill(self.runtime, ACTOR)
            self._filled, self._looked_at = True, 0.0
            now = self.now() or now
        if now.block_reason or not self._anything(now.day):
            return
        with acquire_sending_lock(self.runtime) as lock:
            if lock is None:
                return
            try:
                if self._caught_up(now):
                    self._decide_day(now)
                    self.delivery_worker.send_all(lock)
            except SendingLockLost as lost:
                _log.warning("stopped sending", reason=str(lost))

    def now(self) -> Now | None:
        """None without a campaign.  Campaign and calendar are looked up once a second at most."""
        if time.monotonic() - self._looked_at > REFRESH_SECONDS:
            with self.runtime.store.reading() as connection:
                self._rules = (queries.campaign(connection), queries.working_days(connection),
                               queries.launched_at(connection))  # fmt: skip
            self._looked_at = time.monotonic()
        campaign, table, launched_at = self._rules
        if campaign is None:
            return None
        local = self.runtime.clock().astimezone(campaign.zone)
        day, minute = _local(local)
        launched = (0, 0) if day == self._ordered else _local(datetime.fromtimestamp(launched_at / 1e6, campaign.zone))
        return Now(campaign, day, f"{local:%H:%M}", sending_block_reason(day, minute, campaign.reminders, table, launched))

    def _anything(self, day: Day) -> bool:
        with self.runtime.store.reading() as connection:
            decided = sa.select(projections_of_own_events.decided_days.c.day).where(projections_of_own_events.decided_days.c.day == day)
            if connection.execute(decided).first() is None:
                return True
        return self.delivery_worker.waits()

    def _decide_day(self, now: Now) -> None:
        """Once a day; after a crash in the middle what was decided is kept and the rest decided now."""
        stream = f"day-{iso(now.day)}"
        known = sa.select(projections_of_own_events.decided_days.c.day).where(projections_of_own_events.decided_days.c.day == now.day)
        with self.runtime.store.reading() as connection:
            marks = self.delivery_worker.recheck.marks(connection)  # whatever comes after is looked at again
            if connection.execute(known).first():
                return
        file = Path(self.runtime.settings.data) / self.runtime.service / f"{stream}.jsonl"
        answer = decided(self.runtime, now.day, file, lambda: self.runtime.pulse("reminding"))
        for page in _pages(file):
            self._keep(now, page)
        with self.runtime.unit_of_work(ACTOR) as work:
            if not work.load([stream]):
                work.append(DayDecided(iso(now.day), answer["digests"], tuple(answer["unknown_years"])))
        self.delivery_worker.recheck.decided(now.day, marks)
        file.unlink()

    def _caught_up(self, now: Now) -> bool:
        """Whether everything that the sources recorded up to the day's first time of asking is here: what is still on
        its way may meet what would be reminded of, also in a digest that waited for another attempt."""
        catch_up = self.runtime.catch_up
        if self._asked[0] != now.day:
            self._asked = now.day, self.runtime.now()
        for _ in range(CATCH_UP_CHECKS):
            if all(catch_up.watermark(source) >= self._asked[1] for source in self.runtime.inbox.sources):
                self._asked = 0, ""
                return True
            catch_up.tell()
            self.bell.wait(BETWEEN_CHECKS_SECONDS)
        return False

    def _keep(self, now: Now, page: list[dict[str, Any]]) -> None:
        fresh = [
            DigestDecided(entry["recipient"], iso(now.day), entry["unit_id"], now.campaign.id, now.campaign.version,
                          tuple(tuple(item) for item in entry["items"]))
            for entry in page
        ]  # fmt: skip
        with self.runtime.unit_of_work(ACTOR) as work:
            there = {event.stream for event in work.load(event.stream for event in fresh)}
            work.append(*(event for event in fresh if event.stream not in there))
        self.runtime.pulse("reminding")


def _local(moment: datetime) -> tuple[Day, int]:
    """The day, and the minute of it."""
    return moment.date().toordinal(), moment.hour * 60 + moment.minute


def decided(runtime: ServiceRuntime, day: Day, file: Path, alive: Callable[[], None] | None = None) -> dict[str, Any]:
    """Decide in a process of its own; its digests go into the file.  `alive` is called while it lasts, which has an
    end: a process that hangs is ended, and the day decided anew."""
    file.parent.mkdir(parents=True, exist_ok=True)
    url = runtime.store.url.render_as_string(hide_password=False)
    order = {"database_url": url, "day": day, "file": str(file)}
    answer: dict[str, Any] = subprocesses.run_module(DECIDING, given=order, seconds=DECIDING_SECONDS, alive=alive)
    return answer


def _pages(file: Path) -> Iterator[list[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            page.append(json.loads(line))
            if len(page) == PAGE:
                yield page
                page = []
    if page:
        yield page
