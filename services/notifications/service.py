"""The notifications service: the routes, the subscription and the loop that it has, and what it is composed of."""

from collections.abc import Sequence

from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
from chassis.runtime.extensions import FeatureProvider, RuntimeProvider, every, subscribe
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.notifications.calendar.queries import count_unknown_years
from services.notifications.calendar.routes import CalendarRoutes
from services.notifications.channels.configured import channel_addresses, open_channels
from services.notifications.contacts import handlers as contacts_handlers
from services.notifications.contacts.routes import ContactRoutes
from services.notifications.delivery.delivery_worker import LOOP
from services.notifications.delivery.queries import count_pending
from services.notifications.delivery.routes import DeliveryRoutes
from services.notifications.delivery.schedule import TICK_SECONDS, ReminderSchedule
from services.notifications.digests.preview import DigestPreview
from services.notifications.digests.routes import DigestRoutes
from services.notifications.subscriptions import PROJECTIONS
from services.notifications.tables import metadata, registry
from services.registry.identity import identify_by


def _schedule(runtime: ServiceRuntime) -> ReminderSchedule:
    mail_domain = runtime.settings.mail_from.rpartition("@")[2] or "qihang.invalid"
    return ReminderSchedule(runtime, open_channels(runtime.settings), mail_domain)


def _digest_preview(runtime: ServiceRuntime, schedule: ReminderSchedule) -> DigestPreview:
    return DigestPreview(runtime, schedule.names, schedule.delivery_worker.channels_for)


class Service(CalendarRoutes, ContactRoutes, DigestRoutes, DeliveryRoutes, OperatorRoutes):
    """Notifications under nameko."""

    name = "notifications"

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry), channels=channel_addresses,
                              counters={
        "reminders_waiting": lambda connection, _: count_pending(connection),
        "calendar_unknown": lambda connection, now: count_unknown_years(connection, now.date().toordinal()),
    })  # fmt: skip
    schedule = FeatureProvider(_schedule, runtime)
    digest_preview = FeatureProvider(_digest_preview, runtime, schedule)

    @subscribe(PersonErased)
    def forget_contact(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        contacts_handlers.forget_contact(unit_of_work, batch)

    @every(seconds=TICK_SECONDS, name=LOOP, wakeup=lambda service: service.schedule.wakeup)
    def send_reminders(self) -> None:
        self.schedule.tick()
