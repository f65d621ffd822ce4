"""Sends the pending digests, one by one: an event before each attempt, its outcome after it (decision 0031)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import instant
from chassis.process.loop_monitor import LoopMonitor
from chassis.store.unit_of_work import UnitsOfWork
from contracts.notifications import DeliveryStarted
from duties.days import Day, iso
from services.notifications.channels import Channel, Message
from services.notifications.contacts.domain import Contact, effective_contact
from services.notifications.contacts.queries import contacts_of
from services.notifications.delivery.campaign_clock import CampaignTime
from services.notifications.delivery.domain import DELIVERY, DeliveryCommand, Outcome, RecordOutcome, StartDelivery
from services.notifications.delivery.sending_lock import SendingLock
from services.notifications.digests.addressees import Addressee
from services.notifications.digests.domain.items import DigestItem, parse_items
from services.notifications.digests.message_texts import MessageText, render_message
from services.notifications.digests.names import NameLookup
from services.notifications.digests.projections import digests
from services.notifications.digests.recheck import DigestRecheck

ACTOR = "service:notifications"
LOOP = "reminding"
PAGE = 200


@dataclass(frozen=True)
class MessageIds:
    """Ids of mails: the same for the same digest, so that a mail server may know a repeat; nobody reads in it for whom
    it is."""

    district: str
    mail_domain: str

    def of_digest(self, recipient: str, day: str) -> str:
        digest = sha256(f"{self.district}/{recipient}/{day}".encode()).hexdigest()[:32]
        return f"<{digest}@{self.mail_domain}>"


class PendingDigest(NamedTuple):
    """A digest that is to be sent now."""

    recipient: str
    day: Day
    unit_id: str
    contact: Contact
    items: list[DigestItem]


class SentMessage(NamedTuple):
    """A message that was given to a channel, whose outcome is not recorded yet."""

    recipient: str
    day: Day
    outcome: Outcome


class DeliveryWorker:
    """`campaign_time` gives the campaign's day and time and whether anything may be sent."""

    def __init__(
        self,
        units_of_work: UnitsOfWork,
        monitor: LoopMonitor,
        channels: Mapping[str, Channel],
        message_ids: MessageIds,
        campaign_time: Callable[[], CampaignTime | None],
        recheck: DigestRecheck,
        names: NameLookup,
    ) -> None:
        self._units_of_work, self._store, self._monitor = units_of_work, units_of_work.store, monitor
        self.channels, self._message_ids = channels, message_ids
        self._campaign_time, self._recheck, self._names = campaign_time, recheck, names

    def _now(self) -> str:
        return instant(self._units_of_work.clock())

    def has_pending(self) -> bool:
        """Whether a digest is to be sent now."""
        with self._store.reading() as connection:
            return bool(self._pending_rows(connection, ("", 0), 1))

    def _pending_rows(self, connection: Connection, after: tuple[str, int], limit: int) -> list[Any]:
        digest = digests.c
        query = (
            sa.select(digest.recipient, digest.day, digest.unit_id, digest["items"])
            .where(digest.phase.in_(["waiting", "sending"]), digest.again_at <= self._now())
            .where(sa.or_(digest.recipient > after[0], sa.and_(digest.recipient == after[0], digest.day > after[1])))
            .order_by(digest.recipient, digest.day)
            .limit(limit)
        )
        return list(connection.execute(query))

    def send_pending(self, lock: SendingLock) -> None:
        """Until nothing is pending, or nothing may be sent any more.  SendingLockLost."""
        previous: SentMessage | None = None
        after = ("", 0)
        try:
            while page := self._page(after):
                for digest in page:
                    after = (digest.recipient, digest.day)
                    now = self._campaign_time()
                    if now is None or now.block_reason or self._monitor.stopping:
                        return
                    lock.verify()
                    previous = self._send(now, previous, digest)
                    self._monitor.pulse(LOOP)
        finally:
            self._record(previous)  # once more where the last step failed: what is recorded already changes nothing
            for channel in self.channels.values():
                channel.close()

    def _page(self, after: tuple[str, int]) -> list[PendingDigest]:
        with self._store.reading() as connection:
            rows = self._pending_rows(connection, after, PAGE)
            contacts = contacts_of(connection, self._store, [row.recipient for row in rows])
        return [PendingDigest(row.recipient, row.day, row.unit_id,
                              contacts.get(row.recipient, Contact(row.recipient)),
                              parse_items(json.loads(row.items))) for row in rows]  # fmt: skip

    def _send(self, now: CampaignTime, previous: SentMessage | None, digest: PendingDigest) -> SentMessage | None:
        """Record the outcome of the message before and the start of this one in one transaction, then send.  Its
        outcome, or None: nothing was sent."""
        with self._store.reading() as connection:
            remaining = self._recheck.remaining_items(connection, digest.recipient, digest.day, digest.items)
        contact = effective_contact(digest.contact, now.campaign)
        with self._units_of_work.begin(ACTOR) as work:
            commands: list[DeliveryCommand] = [_record_command(previous, work.now)] if previous else []
            *_, events = work.execute_all(
                DELIVERY, [*commands, self._start_command(digest, contact, remaining, work.now)]
            )
        started = next((event for event in events if isinstance(event, DeliveryStarted)), None)
        if started is None:
            return None
        text = self._message_text(now, digest, parse_items(started.items_left) or digest.items)
        message = Message(started.message_id, self._now(), contact, text)
        return SentMessage(digest.recipient, digest.day, self.channels[started.channel].send(message))

    def _start_command(
        self, digest: PendingDigest, contact: Contact, remaining: list[DigestItem], now: str
    ) -> StartDelivery:
        channels = self.channels_for(contact)
        busy = [name for name in channels if self.channels[name].wait(contact) > 0]
        day = iso(digest.day)
        return StartDelivery(
            digest.recipient, day, channels, remaining, self._message_ids.of_digest(digest.recipient, day), now, busy
        )

    def _record(self, sent: SentMessage | None) -> None:
        if sent is not None:
            with self._units_of_work.begin(ACTOR) as work:
                work.execute(DELIVERY, _record_command(sent, work.now))

    def channels_for(self, contact: Contact) -> list[str]:
        """The channels by which a contact is reached, in the campaign's order."""
        now = self._campaign_time()
        order = now.campaign.reminders.channels if now else ()
        return [name for name in order if name in self.channels and self.channels[name].reaches(contact)]

    def _message_text(self, now: CampaignTime, digest: PendingDigest, items: list[DigestItem]) -> MessageText:
        people = [item.person_id for item in items if item.person_id]
        with self._store.reading() as connection:
            names = self._names.display_names(connection, now.campaign, people)
        addressee = Addressee(digest.recipient, digest.unit_id, items)
        return render_message([addressee], iso(digest.day), now.clock, names)


def _record_command(sent: SentMessage, now: str) -> RecordOutcome:
    return RecordOutcome(sent.recipient, iso(sent.day), sent.outcome, now)
