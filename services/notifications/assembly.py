"""The runtime of notifications: the loop and the channels that it adds to a service's runtime."""

from chassis.process.settings import Settings
from chassis.runtime.loops import Loop
from chassis.runtime.service_runtime import Additions, ServiceRuntime
from services.notifications.calendar.queries import count_unknown_years
from services.notifications.channels import Channel
from services.notifications.channels.email import Email, MailServer
from services.notifications.channels.wecom import Wecom
from services.notifications.delivery.delivery_worker import LOOP
from services.notifications.delivery.queries import count_pending
from services.notifications.delivery.schedule import ReminderSchedule
from services.notifications.digests.preview import DigestPreview
from services.notifications.subscriptions import PROJECTIONS, REACTIONS
from services.notifications.tables import metadata

CHANNELS = ("email", "wecom")


class Notifications(ServiceRuntime):
    """A service's runtime with the schedule of reminders and their preview."""

    def __init__(self, settings: Settings) -> None:
        channels = open_channels(settings)
        super().__init__("notifications", settings, metadata, PROJECTIONS, REACTIONS, Additions(
            loops=[Loop(LOOP, lambda: self.schedule.run(), lambda: self.schedule.wakeup.set())],  # noqa: PLW0108
            counters={
                "reminders_waiting": lambda connection, _: count_pending(connection),
                "calendar_unknown": lambda connection, now: count_unknown_years(connection, now.date().toordinal()),
            },
            channels={name: channels[name].to if name in channels else "" for name in CHANNELS},
        ))  # fmt: skip
        self.schedule = ReminderSchedule(self, channels, settings.mail_from.rpartition("@")[2] or "qihang.invalid")
        self.preview = DigestPreview(self, self.schedule.names, self.schedule.delivery_worker.channels_for)


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that are configured, by name."""
    channels: dict[str, Channel] = {}
    if settings.smtp_url:
        channels["email"] = Email(MailServer.of(settings.smtp_url, settings.mail_from, settings.smtp_ca_file))
    if settings.wecom_url:
        channels["wecom"] = Wecom(settings.wecom_url)
    return channels
