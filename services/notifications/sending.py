"""Sends what is due to be told: decides the day once, then sends digest by digest, an intent before and the outcome
after each; one process at a time, never on a rest day or in quiet hours."""

import json
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis import plain_process
from chassis.frame import Frame
from chassis.handling import Work
from chassis.pacing import Bell
from contracts.notifications import DayDecided, DeliveryStarted, DigestDecided
from duties.campaign import Campaign
from duties.days import Day, iso
from services.notifications import calendars, contacts, queries
from services.notifications import own_projections as own
from services.notifications.channels import Channel, Message
from services.notifications.checking import Checking
from services.notifications.claim import Claim, Lost, claimed
from services.notifications.domain.deliveries import Delivery, Outcome, RecordOutcome, StartDelivery, decide, evolve
from services.notifications.domain.items import Item, items_of
from services.notifications.domain.register import Contact
from services.notifications.domain.stages import may_send
from services.notifications.domain.working_days import WorkingDays
from services.notifications.letters import Letter, letter
from services.notifications.naming import Naming

_log = structlog.get_logger(__name__)
ACTOR = "service:notifications"
DECIDING = "services.notifications.deciding"
TICK_SECONDS = 2.0
LOOK_SECONDS = 1.0
PAGE = 200


class Now(NamedTuple):
    """The campaign's own day and time, and why nothing may be sent now (empty: it may)."""

    campaign: Campaign
    day: Day
    clock: str
    barred: str


class Sent(NamedTuple):
    """A message that was handed to a channel, whose outcome is not recorded yet."""

    recipient: str
    day: Day
    outcome: Outcome


class _Ready(NamedTuple):
    recipient: str
    day: Day
    contact: Contact
    left: list[Item]


class Sending:
    """The one loop that sends."""

    def __init__(self, frame: Frame, channels: Mapping[str, Channel], mail_domain: str) -> None:
        self.frame, self.channels, self._domain = frame, channels, mail_domain
        self.bell = Bell()
        self.checking, self.naming = Checking(frame), Naming(frame)
        self._filled = False
        self._looked_at = 0.0
        self._asked_at = ""
        self._rules: tuple[Campaign | None, WorkingDays] = None, WorkingDays()

    def run(self) -> None:
        """Loop until the service stops."""
        while not self.frame.stopping:
            self.bell.quiet()
            self.tick()
            self.frame.pulse("reminding")
            self.bell.wait(TICK_SECONDS)

    def tick(self) -> None:
        """Do what there is to do now."""
        now = self.now()
        if now is None:
            return
        if not self._filled:
            calendars.fill(self.frame, ACTOR)
            self._filled, self._looked_at = True, 0.0
            now = self.now() or now
        if now.barred or not self._anything(now.day):
            return
        with claimed(self.frame) as claim:
            if claim is None:
                return
            try:
                if self._decide_day(now):
                    self._send_all(claim)
            except Lost as lost:
                _log.warning("stopped sending", reason=str(lost))
            finally:
                for channel in self.channels.values():
                    channel.close()

    def now(self) -> Now | None:
        """None without a campaign.  Campaign and calendar are looked up once a second at most."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            with self.frame.store.reading() as connection:
                self._rules = queries.campaign(connection), queries.working_days(connection)
            self._looked_at = time.monotonic()
        campaign, table = self._rules
        if campaign is None:
            return None
        local = self.frame.clock().astimezone(campaign.zone)
        day, minute = local.date().toordinal(), local.hour * 60 + local.minute
        return Now(campaign, day, f"{local:%H:%M}", may_send(day, minute, campaign.reminders, table))

    def _anything(self, day: Day) -> bool:
        with self.frame.store.reading() as connection:
            decided = sa.select(own.decided_days.c.day).where(own.decided_days.c.day == day)
            return connection.execute(decided).first() is None or bool(self._waiting(connection, ("", 0), 1))

    def _waiting(self, connection: Connection, after: tuple[str, int], limit: int) -> list[Any]:
        d = own.digests.c
        query = (
            sa.select(d.recipient, d.day, d["items"])
            .where(d.phase.in_(["waiting", "sending"]), d.again_at <= self.frame.now())
            .where(sa.or_(d.recipient > after[0], sa.and_(d.recipient == after[0], d.day > after[1])))
            .order_by(d.recipient, d.day)
            .limit(limit)
        )
        return list(connection.execute(query))

    def _decide_day(self, now: Now) -> bool:
        """Once a day; after a crash in the middle what was decided is kept and the rest decided now.  False: not yet,
        for something that was recorded before is still on its way, and may meet what would be reminded of."""
        stream = f"day-{iso(now.day)}"
        known = sa.select(own.decided_days.c.day).where(own.decided_days.c.day == now.day)
        with self.frame.store.reading() as connection:
            marks = self.checking.marks(connection)  # before the decision: whatever comes after is looked at again
            if connection.execute(known).first():
                return True
        if not self._caught_up():
            return False
        file = Path(self.frame.settings.data) / self.frame.service / f"{stream}.jsonl"
        answer = decided(self.frame, now.day, file)
        for page in _pages(file):
            self._keep(now, page)
        with self.frame.working(ACTOR) as work:
            if not work.load([stream]):
                work.append(DayDecided(iso(now.day), answer["digests"], tuple(answer["unknown_years"])))
        self.checking.decided(now.day, marks)
        file.unlink()
        return True

    def _caught_up(self) -> bool:
        """Whether everything that the sources recorded up to the first time we asked is here."""
        healer = self.frame.healer
        self._asked_at = self._asked_at or self.frame.now()
        if all(healer.watermark(source) >= self._asked_at for source in self.frame.inbox.sources):
            self._asked_at = ""
            return True
        healer.tell()
        self.bell.wait(0.1)
        return False

    def _keep(self, now: Now, page: list[dict[str, Any]]) -> None:
        fresh = [
            DigestDecided(one["recipient"], iso(now.day), one["unit_id"], now.campaign.id, now.campaign.version,
                          tuple(tuple(item) for item in one["items"]))
            for one in page
        ]  # fmt: skip
        with self.frame.working(ACTOR) as work:
            there = {event.stream for event in work.load(event.stream for event in fresh)}
            work.append(*(event for event in fresh if event.stream not in there))
        self.frame.pulse("reminding")

    def _send_all(self, claim: Claim) -> None:
        last: Sent | None = None
        after = ("", 0)
        while page := self._page(after):
            for ready in page:
                after = (ready.recipient, ready.day)
                now = self.now()
                if now is None or now.barred or self.frame.stopping:
                    self._record(last)
                    return
                claim.check()
                last = self._one(now, last, ready)
                self.frame.pulse("reminding")
        self._record(last)

    def _page(self, after: tuple[str, int]) -> list["_Ready"]:
        with self.frame.store.reading() as connection:
            waiting = self._waiting(connection, after, PAGE)
            known = contacts.found(connection, self.frame.store, [row.recipient for row in waiting])
        return [_Ready(row.recipient, row.day, known.get(row.recipient, Contact(row.recipient)),
                       items_of(json.loads(row.items))) for row in waiting]  # fmt: skip

    def _one(self, now: Now, last: Sent | None, ready: _Ready) -> Sent | None:
        """Record what became of the one before, log the intent, send.  The new one's outcome, or None: not sent."""
        with self.frame.store.reading() as connection:
            left = self.checking.left(connection, ready.recipient, ready.day, ready.left)
        contact = reached(ready.contact, now.campaign)
        with self.frame.working(ACTOR) as work:
            self._note(work, last)
            started = self._start(work, contact, ready, left)
        if started is None:
            return None
        items = items_of(started.told) or ready.left
        written = self.letter(now, ready.recipient, ready.day, items)
        message = Message(started.message_id, self.frame.now(), contact, written)
        return Sent(ready.recipient, ready.day, self.channels[started.channel].send(message))

    def _start(self, work: Work, contact: Contact, ready: _Ready, left: list[Item]) -> DeliveryStarted | None:
        day = iso(ready.day)
        state = Delivery()
        for event in work.load([f"digest-{ready.recipient}-{day}"]):
            state = evolve(state, event)
        message_id = self._message_id(ready.recipient, day)
        command = StartDelivery(ready.recipient, day, self.ways(contact), left, message_id, work.now)
        events = decide(state, command)
        started = next((event for event in events if isinstance(event, DeliveryStarted)), None)
        if started is not None and self.channels[started.channel].wait(contact) > 0:
            return None  # this robot has said enough for a minute; the digest waits where it is
        work.append(*events)
        return started

    def ways(self, contact: Contact) -> list[str]:
        """The channels by which a contact is reached, in the campaign's order."""
        now = self.now()
        order = now.campaign.reminders.channels if now else ()
        return [name for name in order if name in self.channels and self.channels[name].reaches(contact)]

    def _note(self, work: Work, last: Sent | None) -> None:
        if last is None:
            return
        state, day = Delivery(), iso(last.day)
        for event in work.load([f"digest-{last.recipient}-{day}"]):
            state = evolve(state, event)
        work.append(*decide(state, RecordOutcome(last.recipient, day, last.outcome, work.now)))

    def _record(self, last: Sent | None) -> None:
        if last is not None:
            with self.frame.working(ACTOR) as work:
                self._note(work, last)

    def letter(self, now: Now, recipient: str, day: Day, items: list[Item], named: bool = True) -> Letter:
        people = [one.person_id for one in items if one.person_id] if named else []
        with self.frame.store.reading() as connection:
            words = self.naming.words(connection, now.campaign, people)
        return letter(recipient, iso(day), now.clock, items, words)

    def _message_id(self, recipient: str, day: str) -> str:
        """The same for the same digest, so that a mail server may know a repeat; tells nobody whose it is."""
        digest = sha256(f"{self.frame.settings.district}/{recipient}/{day}".encode()).hexdigest()[:32]
        return f"<{digest}@{self._domain}>"


def reached(contact: Contact, campaign: Campaign) -> Contact:
    """The campaign office's address stands in the campaign file, unless a contact says another."""
    address = campaign.reminders.campaign_office
    if contact == Contact("campaign-office") and address:
        return Contact("campaign-office", "活动领导小组办公室", address)
    return contact


def decided(frame: Frame, day: Day, file: Path) -> dict[str, Any]:
    """Decide in a process of its own; its digests go into the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    url = frame.store.url.render_as_string(hide_password=False)
    answer: dict[str, Any] = plain_process.run(DECIDING, given={"database_url": url, "day": day, "file": str(file)})
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


