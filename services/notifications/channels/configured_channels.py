"""The channels that the settings configure."""

from chassis.process.settings import Settings
from duties.reminders import CHANNELS
from services.notifications.channels import Channel
from services.notifications.channels.dingtalk import DingTalk
from services.notifications.channels.email import Email, MailServer
from services.notifications.channels.smtp_transfer import Timeouts
from services.notifications.channels.wecom import Wecom


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The configured channels by name."""
    channels: dict[str, Channel] = {}
    if settings.smtp_url:
        server = MailServer.of(settings.smtp_url, settings.mail_from, settings.smtp_ca_file)
        channels["email"] = Email(server, Timeouts.of(settings.smtp_seconds))
    if settings.wecom_url:
        channels["wecom"] = Wecom(settings.wecom_url)
    if settings.dingtalk_url:
        channels["dingtalk"] = DingTalk(settings.dingtalk_url)
    return channels


def channel_addresses(settings: Settings) -> dict[str, str]:
    """Where each channel leads; empty if it is not configured."""
    channels = open_channels(settings)
    return {name: channels[name].to if name in channels else "" for name in CHANNELS}
