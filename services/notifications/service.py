"""The notifications service: the routes, the subscription and the loop that it has, and what it is composed of."""

from collections.abc import Sequence
from pathlib import Path

from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
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
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.notifications.calendar.queries import count_unknown_years
from services.notifications.calendar.routes import CalendarRoutes
from services.notifications.channels.configured import channel_addresses, open_channels
from services.notifications.contacts import handlers as contacts_handlers
from services.notifications.contacts.routes import ContactRoutes
from services.notifications.delivery.campaign_clock import CampaignClock
from services.notifications.delivery.delivery_worker import LOOP, DeliveryWorker, MessageIds
from services.notifications.delivery.queries import count_pending
from services.notifications.delivery.routes import DeliveryRoutes
from services.notifications.delivery.schedule import TICK_SECONDS, ReminderSchedule
from services.notifications.digests.names import NameLookup
from services.notifications.digests.preview import DigestPreview
from services.notifications.digests.recheck import DigestRecheck
from services.notifications.digests.routes import DigestRoutes
from services.notifications.record_routes import RecordRoutes
from services.notifications.subscriptions import PROJECTIONS
from services.notifications.tables import metadata, registry
from services.registry.identity import identify_by


def _folder(runtime: ServiceRuntime) -> Path:
    return runtime.data / runtime.service


def _recheck(runtime: ServiceRuntime) -> DigestRecheck:
    return DigestRecheck(runtime.store, runtime.inbox)


def _delivery_worker(
    runtime: ServiceRuntime, campaign_clock: CampaignClock, recheck: DigestRecheck, names: NameLookup
) -> DeliveryWorker:
    settings = runtime.settings
    message_ids = MessageIds(settings.district, settings.mail_from.rpartition("@")[2] or "qihang.invalid")
    return DeliveryWorker(runtime.units_of_work, runtime.monitor, open_channels(settings), message_ids,
                          campaign_clock.now, recheck, names)  # fmt: skip


def _schedule(
    runtime: ServiceRuntime, folder: Path, campaign_clock: CampaignClock, recheck: DigestRecheck,
    delivery_worker: DeliveryWorker,
) -> ReminderSchedule:  # fmt: skip
    return ReminderSchedule(runtime.units_of_work, runtime.monitor, runtime.catch_up, runtime.inbox.sources, folder,
                            campaign_clock, recheck, delivery_worker)  # fmt: skip


def _digest_preview(store: Store, folder: Path, names: NameLookup, delivery_worker: DeliveryWorker) -> DigestPreview:
    return DigestPreview(store, folder, names, delivery_worker.channels_for)


class Service(CalendarRoutes, ContactRoutes, DigestRoutes, DeliveryRoutes, RecordRoutes, OperatorRoutes):
    """Notifications under nameko."""

    name = "notifications"

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry), channels=channel_addresses,
                              counters={
        "reminders_waiting": lambda connection, _: count_pending(connection),
        "calendar_unknown": lambda connection, now: count_unknown_years(connection, now.date().toordinal()),
    })  # fmt: skip
    store, units_of_work, peers = StoreProvider(), UnitsOfWorkProvider(), PeersProvider()
    clock, settings = ClockProvider(), SettingsProvider()
    folder = FeatureProvider(_folder, runtime)
    names = FeatureProvider(NameLookup, peers)
    campaign_clock = FeatureProvider(CampaignClock, store, clock)
    recheck = FeatureProvider(_recheck, runtime)
    delivery_worker = FeatureProvider(_delivery_worker, runtime, campaign_clock, recheck, names)
    schedule = FeatureProvider(_schedule, runtime, folder, campaign_clock, recheck, delivery_worker)
    digest_preview = FeatureProvider(_digest_preview, store, folder, names, delivery_worker)

    @subscribe(PersonErased)
    def forget_contact(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for event, _recorded in batch:
            self.names.keys.forget(event.person_id)
        contacts_handlers.forget_contact(unit_of_work, batch)

    @every(seconds=TICK_SECONDS, name=LOOP, wakeup=lambda service: service.schedule.wakeup)
    def send_reminders(self) -> None:
        self.schedule.tick()
