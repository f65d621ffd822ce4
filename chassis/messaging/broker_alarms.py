"""The reason why RabbitMQ blocks publishing connections (memory or disk alarm), which py-amqp does not expose."""

from typing import Any
from urllib.parse import urlsplit

from amqp import spec
from amqp.serialization import loads
from kombu.transport import pyamqp

from chassis.messaging.memory_transport import WakingTransport

MEMORY, DISK, BLOCKED = "memory", "disk", "blocked"


class AlarmConnection(pyamqp.Connection):  # type: ignore[misc]
    """A connection whose `alarm` is the reason for being blocked (MEMORY, DISK, BLOCKED), '' while it is not."""

    alarm = ""

    def on_inbound_method(self, channel_id: int, method_sig: tuple[int, int], payload: bytes, content: Any) -> Any:
        if method_sig == spec.Connection.Blocked:
            (reason,), _ = loads("s", payload, 4)
            self.alarm = alarm_word(reason)
        elif method_sig == spec.Connection.Unblocked:
            self.alarm = ""
        return super().on_inbound_method(channel_id, method_sig, payload, content)


class AlarmTransport(pyamqp.Transport):  # type: ignore[misc]
    Connection = AlarmConnection


class AlarmSSLTransport(pyamqp.SSLTransport):  # type: ignore[misc]
    Connection = AlarmConnection


def alarm_word(reason: str) -> str:
    """The alarm in the broker's reason, such as `low on disk`.  Of two alarms the disk's counts: it does not clear by
    itself."""
    return DISK if "disk" in reason else MEMORY if "memory" in reason else BLOCKED


def transport_for(url: str) -> type | None:
    """The kombu transport class for a URL; None: kombu's default."""
    ours = {"amqp": AlarmTransport, "pyamqp": AlarmTransport, "amqps": AlarmSSLTransport, "memory": WakingTransport}
    return ours.get(urlsplit(url).scheme)


def alarm_of(connection: Any) -> str:
    """The alarm that blocks this connection; '' if none does or there is no connection."""
    return str(getattr(getattr(connection, "_connection", None), "alarm", ""))
