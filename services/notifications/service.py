"""The notifications service: its routes by feature; what it projects and handles is listed in `subscriptions`."""

from chassis.http.operator_routes import OperatorRoutes
from chassis.runtime.provider import RuntimeProvider
from services.notifications.assembly import Notifications
from services.notifications.calendar.routes import CalendarRoutes
from services.notifications.contacts.routes import ContactRoutes
from services.notifications.delivery.routes import DeliveryRoutes
from services.notifications.digests.routes import DigestRoutes


class Service(CalendarRoutes, ContactRoutes, DigestRoutes, DeliveryRoutes, OperatorRoutes):
    """Notifications under nameko."""

    name = "notifications"
    runtime: Notifications = RuntimeProvider(Notifications)
