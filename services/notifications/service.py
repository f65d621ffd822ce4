"""The notifications service: its routes, subscriptions, loops and parts."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import eventlet

from chassis.events.canonical_json import instant
from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
from chassis.process.tokens import Signer
from chassis.runtime.extensions import (
    ClockProvider,
    FeatureProvider,
    PeersProvider,
    RuntimeProvider,
    SettingsProvider,
    StoreProvider,
    UnitsOfWorkProvider,
    every,
    subscribe,
)
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.database import Store
from chassis.store.security_events import OF_OPERATIONS, Members
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from duties.reminders import CHANNELS
from services.notifications.calendar.queries import count_unknown_years
from services.notifications.calendar.routes import CalendarRoutes
from services.notifications.channels.configured_channels import channel_addresses, open_channels
from services.notifications.contacts import handlers as contacts_handlers
from services.notifications.contacts.own_address import CodesSent
from services.notifications.contacts.own_address_routes import OwnAddressRoutes
from services.notifications.contacts.routes import ContactRoutes
from services.notifications.delivery.campaign_clock import CampaignClock
from services.notifications.delivery.caught_up import SourcesCaughtUp
from services.notifications.delivery.channel_queries import open_channels_at
from services.notifications.delivery.delivery_worker import Delivery, DeliveryWorker, MessageIds
from services.notifications.delivery.domain import INBOX
from services.notifications.delivery.intervention_routes import InterventionRoutes
from services.notifications.delivery.queries import count_ended, count_pending
from services.notifications.delivery.routes import DeliveryRoutes
from services.notifications.delivery.schedule import LOOP, TICK_SECONDS, ChannelLoop, ReminderSchedule
from services.notifications.digests.names import NameLookup
from services.notifications.digests.preview import READY_SECONDS, DigestPreview
from services.notifications.digests.recheck import DigestRecheck
from services.notifications.digests.routes import DigestRoutes
from services.notifications.preferences.routes import PreferenceRoutes
from services.notifications.record_routes import RecordRoutes
from services.notifications.security_events import SECURITY_MEMBERS
from services.notifications.subscriptions import PROJECTIONS
from services.notifications.tables import metadata, registry
from services.registry.identity import identify_by


def _folder(runtime: ServiceRuntime) -> Path:
    return runtime.data / runtime.service


def _recheck(runtime: ServiceRuntime) -> DigestRecheck:
    return DigestRecheck(runtime.store, runtime.inbox)


def _delivery(runtime: ServiceRuntime, campaign_clock: CampaignClock, names: NameLookup) -> Delivery:
    settings = runtime.settings
    message_ids = MessageIds(settings.district, settings.mail_from.rpartition("@")[2] or "qihang.invalid")
    return Delivery(runtime.units_of_work, runtime.monitor, open_channels(settings), message_ids,
                    campaign_clock.now, names)  # fmt: skip


def _caught_up(runtime: ServiceRuntime) -> SourcesCaughtUp:
    return SourcesCaughtUp(runtime.catch_up, runtime.inbox.sources, runtime.now)


def _schedule(
    runtime: ServiceRuntime, folder: Path, campaign_clock: CampaignClock, recheck: DigestRecheck
) -> ReminderSchedule:
    return ReminderSchedule(runtime.units_of_work, runtime.monitor, _caught_up(runtime), folder, campaign_clock,
                            recheck)  # fmt: skip


def _channel_loops(
    runtime: ServiceRuntime, folder: Path, campaign_clock: CampaignClock, recheck: DigestRecheck, delivery: Delivery
) -> dict[str, ChannelLoop]:
    """A loop per channel, including channels that are no longer configured: their loop takes up what they left."""
    return {name: ChannelLoop(DeliveryWorker(name, delivery, recheck), runtime.units_of_work, folder, campaign_clock,
                              _caught_up(runtime)) for name in (INBOX, *CHANNELS)}  # fmt: skip


def _signer(runtime: ServiceRuntime) -> Signer:
    return runtime.signer


def _digest_preview(store: Store, names: NameLookup, delivery: Delivery) -> DigestPreview:
    return DigestPreview(store, names, delivery.channels_for, eventlet.spawn_n)


class Service(CalendarRoutes, ContactRoutes, DigestRoutes, DeliveryRoutes, InterventionRoutes, PreferenceRoutes,
              OwnAddressRoutes, RecordRoutes, OperatorRoutes):  # fmt: skip
    """The nameko service class of notifications."""

    name = "notifications"
    security_members: ClassVar[Members] = {**OF_OPERATIONS, **SECURITY_MEMBERS}

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry), channels=channel_addresses,
                              channel_states=lambda connection, now: open_channels_at(connection, instant(now)),
                              counters={
        "reminders_waiting": lambda connection, _: count_pending(connection),
        "reminders_given_up": lambda connection, now: count_ended(connection, now, "given_up"),
        "reminders_unknown": lambda connection, now: count_ended(connection, now, "unknown"),
        "calendar_unknown": lambda connection, now: count_unknown_years(connection, now.date().toordinal()),
    })  # fmt: skip
    store, units_of_work, peers = StoreProvider(), UnitsOfWorkProvider(), PeersProvider()
    clock, settings = ClockProvider(), SettingsProvider()
    folder = FeatureProvider(_folder, runtime)
    names = FeatureProvider(NameLookup, peers)
    campaign_clock = FeatureProvider(CampaignClock, store, clock)
    recheck = FeatureProvider(_recheck, runtime)
    delivery = FeatureProvider(_delivery, runtime, campaign_clock, names)
    schedule = FeatureProvider(_schedule, runtime, folder, campaign_clock, recheck)
    channel_loops = FeatureProvider(_channel_loops, runtime, folder, campaign_clock, recheck, delivery)
    signer, codes_sent = FeatureProvider(_signer, runtime), FeatureProvider(CodesSent)
    digest_preview = FeatureProvider(_digest_preview, store, names, delivery)

    @subscribe(PersonErased)
    def forget_contact(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for event, _recorded in batch:
            self.names.keys.forget(event.person_id)
        contacts_handlers.forget_contact(unit_of_work, batch)

    @every(seconds=TICK_SECONDS, name=LOOP, wakeup=lambda service: service.schedule.wakeup)
    def decide_reminders(self) -> None:
        if self.schedule.tick():
            for loop in self.channel_loops.values():
                loop.wakeup.set()  # what was decided is sent now, not up to TICK_SECONDS later

    @every(seconds=READY_SECONDS, name="keeping the preview ready")
    def keep_preview_ready(self) -> None:
        if (now := self.campaign_clock.now()) is not None:
            self.digest_preview.keep_ready(now.day)

    @every(seconds=TICK_SECONDS, name="sending by inbox", wakeup=lambda service: service.channel_loops["inbox"].wakeup)
    def end_deliveries(self) -> None:
        self.channel_loops["inbox"].tick()

    @every(seconds=TICK_SECONDS, name="sending by email", wakeup=lambda service: service.channel_loops["email"].wakeup)
    def send_by_email(self) -> None:
        self.channel_loops["email"].tick()

    @every(seconds=TICK_SECONDS, name="sending by wecom", wakeup=lambda service: service.channel_loops["wecom"].wakeup)
    def send_by_wecom(self) -> None:
        self.channel_loops["wecom"].tick()

    @every(seconds=TICK_SECONDS, name="sending by dingtalk",
           wakeup=lambda service: service.channel_loops["dingtalk"].wakeup)  # fmt: skip
    def send_by_dingtalk(self) -> None:
        self.channel_loops["dingtalk"].tick()
