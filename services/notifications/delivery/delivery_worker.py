"""Posts the digests that wait, one after the other: an intent before each, the outcome after it (decision 0031)."""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.unit_of_work import UnitOfWork
from contracts.notifications import DeliveryStarted
from duties.campaign import Campaign
from duties.days import Day, iso
from services.notifications import contacts, projections_of_own_events
from services.notifications.channels import Channel, Message
from services.notifications.recheck import DigestRecheck
from services.notifications.lock import SendingLock
from services.notifications.domain.deliveries import Delivery, Outcome, RecordOutcome, StartDelivery, decide, evolve
from services.notifications.domain.items import DigestItem, parse_items
from services.notifications.domain.register import Contact
from services.notifications.letters import MessageText, render_message
from services.notifications.names import NameLookup

ACTOR = "service:notifications"
PAGE = 200
Place: TypeAlias = tuple[str, Day]


class Now(NamedTuple):
    """The campaign's own day and time, and why nothing may be sent now (empty: it may)."""

    campaign: Campaign
    day: Day
    clock: str
    block_reason: str


class Sent(NamedTuple):
    """A message that was handed to a channel, whose outcome is not recorded yet."""

    recipient: str
    day: Day
    outcome: Outcome


class _Ready(NamedTuple):
    recipient: str
    day: Day
    contact: Contact
    left: list[DigestItem]


class DeliveryWorker:
    """`now` tells the campaign's day and time and whether anything may be sent."""

    def __init__(
        self, runtime: ServiceRuntime, channels: Mapping[str, Channel], mail_domain: str, now: Callable[[], Now | None]
    ) -> None:
        self.runtime, self.channels, self.now, self._domain = runtime, channels, now, mail_domain
        self.recheck, self.names = DigestRecheck(runtime), NameLookup(runtime)

    def waits(self) -> bool:
        """Whether a digest is to be sent now."""
        with self.runtime.store.reading() as connection:
            return bool(self._waiting(connection, ("", 0), 1))

    def _waiting(self, connection: Connection, after: tuple[str, int], limit: int) -> list[Any]:
        d = projections_of_own_events.digests.c
        query = (
            sa.select(d.recipient, d.day, d["items"])
            .where(d.phase.in_(["waiting", "sending"]), d.again_at <= self.runtime.now())
            .where(sa.or_(d.recipient > after[0], sa.and_(d.recipient == after[0], d.day > after[1])))
            .order_by(d.recipient, d.day)
            .limit(limit)
        )
        return list(connection.execute(query))

    def send_all(self, lock: SendingLock) -> None:
        """Until nothing waits, or nothing may be sent any more.  Lost."""
        last: Sent | None = None
        after = ("", 0)
        try:
            while page := self._page(after):
                for ready in page:
                    after = (ready.recipient, ready.day)
                    now = self.now()
                    if now is None or now.block_reason or self.runtime.stopping:
                        return
                    lock.check()
                    last = self._one(now, last, ready)
                    self.runtime.pulse("reminding")
        finally:
            self._record(last)  # once more where the last step failed: what is recorded already changes nothing
            for channel in self.channels.values():
                channel.close()

    def _page(self, after: tuple[str, int]) -> list["_Ready"]:
        with self.runtime.store.reading() as connection:
            waiting = self._waiting(connection, after, PAGE)
            known = contacts.found(connection, self.runtime.store, [row.recipient for row in waiting])
        return [_Ready(row.recipient, row.day, known.get(row.recipient, Contact(row.recipient)),
                       parse_items(json.loads(row.items))) for row in waiting]  # fmt: skip

    def _one(self, now: Now, last: Sent | None, ready: _Ready) -> Sent | None:
        """Record what became of the one before, log the intent, send.  The new one's outcome, or None: not sent."""
        with self.runtime.store.reading() as connection:
            left = self.recheck.left(connection, ready.recipient, ready.day, ready.left)
        contact = reached(ready.contact, now.campaign)
        with self.runtime.unit_of_work(ACTOR) as work:
            states = _states(work, [item for item in (last, ready) if item is not None])
            _note(work, states, last)
            started = self._start(work, states, contact, ready, left)
        if started is None:
            return None
        written = self.render_message(now, ready.recipient, ready.day, parse_items(started.told) or ready.left)
        message = Message(started.message_id, self.runtime.now(), contact, written)
        return Sent(ready.recipient, ready.day, self.channels[started.channel].send(message))

    def _start(
        self, work: UnitOfWork, states: Mapping[Place, Delivery], contact: Contact, ready: _Ready, left: list[DigestItem]
    ) -> DeliveryStarted | None:
        place, day = (ready.recipient, ready.day), iso(ready.day)
        message_id = self._message_id(ready.recipient, day)
        command = StartDelivery(ready.recipient, day, self.ways(contact), left, message_id, work.now)
        events = decide(states.get(place, Delivery()), command)
        started = next((event for event in events if isinstance(event, DeliveryStarted)), None)
        if started is not None and self.channels[started.channel].wait(contact) > 0:
            return None  # this robot has said enough for a minute; the digest waits where it is
        work.append(*events)
        return started

    def _record(self, last: Sent | None) -> None:
        if last is not None:
            with self.runtime.unit_of_work(ACTOR) as work:
                _note(work, _states(work, [last]), last)

    def ways(self, contact: Contact) -> list[str]:
        """The channels by which a contact is reached, in the campaign's order."""
        now = self.now()
        order = now.campaign.reminders.channels if now else ()
        return [name for name in order if name in self.channels and self.channels[name].reaches(contact)]

    def render_message(self, now: Now, recipient: str, day: Day, items: list[DigestItem], named: bool = True) -> MessageText:
        people = [item.person_id for item in items if item.person_id] if named else []
        with self.runtime.store.reading() as connection:
            words = self.names.words(connection, now.campaign, people)
        return render_message(recipient, iso(day), now.clock, items, words)

    def _message_id(self, recipient: str, day: str) -> str:
        """The same for the same digest, so that a mail server may know a repeat; tells nobody whose it is."""
        digest = sha256(f"{self.runtime.settings.district}/{recipient}/{day}".encode()).hexdigest()[:32]
        return f"<{digest}@{self._domain}>"


def _states(work: UnitOfWork, wanted: Sequence[Sent | _Ready]) -> dict[Place, Delivery]:
    """What the streams of these digests have come to."""
    states: dict[Place, Delivery] = {}
    places = {f"digest-{item.recipient}-{iso(item.day)}": (item.recipient, item.day) for item in wanted}
    for event in work.load(places):
        place = places[event.stream]
        states[place] = evolve(states.get(place, Delivery()), event)
    return states


def _note(work: UnitOfWork, states: Mapping[Place, Delivery], last: Sent | None) -> None:
    if last is not None:
        state = states.get((last.recipient, last.day), Delivery())
        work.append(*decide(state, RecordOutcome(last.recipient, iso(last.day), last.outcome, work.now)))


def reached(contact: Contact, campaign: Campaign) -> Contact:
    """The campaign office's address stands in the campaign file, unless a contact says another."""
    address = campaign.reminders.campaign_office
    if contact == Contact("campaign-office") and address:
        return Contact("campaign-office", "活动领导小组办公室", address)
    return contact
