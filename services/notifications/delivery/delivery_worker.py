"""Sends the pending digests of one channel one by one: an event before each attempt, the outcome after it
(docs/decisions/0031).  Each channel has its own worker, so that a slow one delays no other (docs/decisions/0118)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from chassis.events.canonical_json import instant
from chassis.process.loop_monitor import LoopMonitor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.notifications import DeliveryStarted
from duties.days import iso
from services.notifications.channels import Channel, Message
from services.notifications.contacts.domain import Contact, effective_contact
from services.notifications.delivery.campaign_clock import CampaignTime
from services.notifications.delivery.channel_health import CHANNEL_HEALTH, RecordChannelOutcome
from services.notifications.delivery.domain import (
    DELIVERY,
    INBOX,
    Outcome,
    RecordOutcome,
    StartDelivery,
)
from services.notifications.delivery.merging import Groups, groups_by_address
from services.notifications.delivery.pending import (
    START,
    DueCondition,
    PendingDigest,
    Place,
    least_tried,
    pending_of,
    pending_page,
)
from services.notifications.delivery.sending_lock import SendingLock
from services.notifications.digests.addressees import Addressee
from services.notifications.digests.domain.items import DigestItem, parse_items
from services.notifications.digests.message_texts import MessageText, render_message
from services.notifications.digests.names import NameLookup
from services.notifications.digests.recheck import DigestRecheck
from services.notifications.preferences.domain import NONE, Preferences

ACTOR = "service:notifications"


@dataclass(frozen=True)
class MessageIds:
    """Message-IDs of mails: the same for the same digest, so that a server may recognise a repetition; they do not
    reveal the recipient."""

    district: str
    mail_domain: str

    def of_digest(self, recipient: str, day: str) -> str:
        digest = sha256(f"{self.district}/{recipient}/{day}".encode()).hexdigest()[:32]
        return f"<{digest}@{self.mail_domain}>"


class SentMessage(NamedTuple):
    """A message that was handed to a channel and whose outcome is not recorded yet; of one digest, or of several sent
    together.  `health`: the outcome for the channel's circuit breaker."""

    digests: list[Place]
    outcome: Outcome
    health: RecordChannelOutcome | None


class Delivery(NamedTuple):
    """What all workers share.  `campaign_time` returns the campaign's time and whether anything may be sent."""

    units_of_work: UnitsOfWork
    monitor: LoopMonitor
    channels: Mapping[str, Channel]
    message_ids: MessageIds
    campaign_time: Callable[[], CampaignTime | None]
    names: NameLookup

    def channels_for(self, contact: Contact, preferences: Preferences = NONE) -> list[str]:
        """The channels that reach a contact, in the recipient's order or else the campaign's."""
        now = self.campaign_time()
        order = preferences.in_order(now.campaign.reminders.channels) if now else []
        return [name for name in order if name in self.channels and self.channels[name].address(contact)]


class DeliveryWorker:
    """The worker of the channel `name`; that of INBOX ends digests that no channel can send."""

    def __init__(self, name: str, delivery: Delivery, recheck: DigestRecheck) -> None:
        self.name, self.loop = name, f"sending by {name}"
        self._delivery, self._recheck = delivery, recheck
        self._units_of_work, self._store = delivery.units_of_work, delivery.units_of_work.store
        self._channel = delivery.channels.get(name)
        self._faults_in_a_row, self._probing = 0, False

    def now(self) -> str:
        return instant(self._units_of_work.clock())

    def _due_now(self) -> DueCondition:
        time = self._delivery.campaign_time()
        return DueCondition(self.now(), time.minute if time else 0)

    def send_pending(self, lock: SendingLock, probing: bool) -> None:
        """Send until nothing is pending, the channel opens, or sending is no longer allowed.  `probing`: the channel is
        half-open; the others follow if one message succeeds.  Raises SendingLockLost."""
        previous: SentMessage | None = None
        self._probing = probing
        try:
            for group in self._groups():
                now = self._delivery.campaign_time()
                if now is None or now.block_reason or self._delivery.monitor.stopping:
                    return
                lock.verify()
                previous = self._send(now, previous, group)
                self._delivery.monitor.pulse(self.loop)
                if previous and previous.health and previous.health.opens(self._probing):
                    return
                if previous:
                    self._probing = False
        finally:
            self._record(previous)  # again, in case the last step failed: recording an outcome twice changes nothing
            if self._channel is not None:
                self._channel.close()

    def _groups(self) -> Iterator[list[PendingDigest]]:
        """The digests to send by this channel, grouped by message."""
        together = self._shared_addresses()
        if self._probing:
            with self._store.reading() as connection:
                candidates = least_tried(connection, self._store, self._due_now())
            yield from self._group_by_recipient(candidates, together)
        for page in self._pages():
            yield from self._group_by_recipient(page, together)

    def _pages(self) -> Iterator[list[PendingDigest]]:
        after = START
        while True:
            with self._store.reading() as connection:
                page = pending_page(connection, self._store, self._due_now(), after)
            if not page:
                return
            yield page
            after = page[-1].recipient, page[-1].day

    def _group_by_recipient(self, page: list[PendingDigest], together: Groups) -> Iterator[list[PendingDigest]]:
        for digest in page:
            others = together.get(digest.recipient)
            if not self._may_be_mine(digest):
                continue
            if others is None:
                yield [digest]
            elif digest.recipient == others[0] or digest.recipient in self._left_alone(others, digest):
                with self._store.reading() as connection:
                    yield pending_of(connection, self._store, self._due_now(), digest.day, others)

    def _left_alone(self, others: list[str], digest: PendingDigest) -> list[str]:
        """Of a group whose other members may be done, the first with something left to send."""
        with self._store.reading() as connection:
            return [
                item.recipient for item in pending_of(connection, self._store, self._due_now(), digest.day, others)
            ][:1]

    def _shared_addresses(self) -> Groups:
        channel = self._channel
        if channel is None:
            return {}
        return groups_by_address((digest.recipient, channel.address(self._contact(digest)))
                                 for page in self._pages() for digest in page)  # fmt: skip

    def _contact(self, digest: PendingDigest) -> Contact:
        now = self._delivery.campaign_time()
        return effective_contact(digest.contact, now.campaign) if now else digest.contact

    def _may_be_mine(self, digest: PendingDigest) -> bool:
        """Whether this channel may be the digest's next one; the digest's stream decides."""
        if digest.started_by:
            return digest.started_by == self.name
        channels = self._channels_of(digest)
        if self.name == INBOX:
            return digest.attempt > 0 or not channels
        return self.name in channels

    def _channels_of(self, digest: PendingDigest) -> list[str]:
        """The channels for the digest; empty if the recipient wants no message of it."""
        if digest.letter_is_muted:
            return []
        return self._delivery.channels_for(self._contact(digest), digest.preferences)

    def _send(self, now: CampaignTime, previous: SentMessage | None, group: list[PendingDigest]) -> SentMessage | None:
        """Record the previous outcome and this start in one transaction, then send.  Returns the message, or None if
        nothing was sent."""
        remaining = [self._remaining_items(digest) for digest in group]
        with self._units_of_work.begin(ACTOR) as work:
            self._record_within(work, previous)
            commands = [self._start_command(now, group, digest, items, work.now)
                        for digest, items in zip(group, remaining, strict=True)]  # fmt: skip
            started = [event for events in work.execute_all(DELIVERY, commands) for event in events
                       if isinstance(event, DeliveryStarted)]  # fmt: skip
            states = work.states(DELIVERY, [event.stream for event in started])
        if not started or self._channel is None:
            return None
        perhaps_repeated = any(state.may_have_arrived for state in states.values())
        sent = {digest.recipient: digest for digest in group}
        text = self._message_text(now, [(sent[event.recipient], event) for event in started], perhaps_repeated)
        contact = self._contact(sent[started[0].recipient])
        self._delivery.monitor.forget(self.loop)  # a send may take long; the channel's own timeouts end it
        outcome = self._channel.send(Message(started[0].message_id, self.now(), contact, text))
        places = [(event.recipient, sent[event.recipient].day) for event in started]
        return SentMessage(places, outcome, self._health(outcome))

    def _health(self, outcome: Outcome) -> RecordChannelOutcome | None:
        """The outcome for the circuit breaker; None if it would change nothing, which saves a query per mail."""
        is_fault = outcome.fault == "channel" and outcome.result != "succeeded"
        self._faults_in_a_row = self._faults_in_a_row + 1 if is_fault else 0
        if not (is_fault or self._probing):
            return None
        return RecordChannelOutcome(self.name, outcome, self._faults_in_a_row, self.now())

    def _remaining_items(self, digest: PendingDigest) -> list[DigestItem]:
        with self._store.reading() as connection:
            return self._recheck.remaining_items(connection, digest.recipient, digest.day, digest.items)

    def _start_command(
        self, now: CampaignTime, group: list[PendingDigest], digest: PendingDigest, remaining: list[DigestItem], at: str
    ) -> StartDelivery:
        contact, day = self._contact(digest), iso(digest.day)
        channels = self._channels_of(digest)
        busy = [name for name in channels if self._delivery.channels[name].wait(contact) > 0]
        if not digest.letter_is_muted and digest.preferences.mutes({item.stage for item in remaining}):
            remaining = []  # everything was settled meanwhile, or is in the inbox only
        message_id = self._delivery.message_ids.of_digest(group[0].recipient, day)
        return StartDelivery(
            digest.recipient, day, channels, remaining, message_id, at, self.name, iso(now.day), busy
        )  # fmt: skip

    def _record(self, sent: SentMessage | None) -> None:
        if sent is not None:
            with self._units_of_work.begin(ACTOR) as work:
                self._record_within(work, sent)

    def _record_within(self, work: UnitOfWork, sent: SentMessage | None) -> None:
        if sent is None:
            return
        work.execute_all(DELIVERY, [RecordOutcome(recipient, iso(day), sent.outcome, work.now)
                                    for recipient, day in sent.digests])  # fmt: skip
        if sent.health is not None:
            work.execute(CHANNEL_HEALTH, sent.health)

    def _message_text(
        self, now: CampaignTime, started: list[tuple[PendingDigest, DeliveryStarted]], perhaps_repeated: bool
    ) -> MessageText:
        addressees = [
            Addressee(
                digest.recipient, digest.unit_id, _unmuted_items(digest, parse_items(event.items_left) or digest.items)
            )
            for digest, event in started
        ]
        people = [item.person_id for addressee in addressees for item in addressee.items if item.person_id]
        with self._store.reading() as connection:
            names = self._delivery.names.display_names(connection, now.campaign, people)
        return render_message(addressees, iso(started[0][0].day), now.clock, names, perhaps_repeated)


def _unmuted_items(digest: PendingDigest, items: list[DigestItem]) -> list[DigestItem]:
    """The items of the digest that the message contains."""
    return [item for item in items if item.stage not in digest.preferences.muted]
