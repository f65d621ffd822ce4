"""RabbitMQ's alarms by name: why it blocks a connection that publishes (memory, disk), which py-amqp reads over."""

from typing import Any
from urllib.parse import urlsplit

from amqp import spec
from amqp.serialization import loads
from kombu.transport import pyamqp

from chassis.messaging.memory_transport import WakingTransport

MEMORY, DISK, BLOCKED = "memory", "disk", "blocked"


class AlarmConnection(pyamqp.Connection):  # type: ignore[misc]
    """Knows in `alarm` why the broker blocks it; '' while it does not."""

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
    """`low on disk`, as the broker says it; an alarm of both is told as the disk's, which does not pass by itself."""
    return DISK if "disk" in reason else MEMORY if "memory" in reason else BLOCKED


def transport_for(url: str) -> type | None:
    """The transport for an address; None: kombu's own."""
    ours = {"amqp": AlarmTransport, "pyamqp": AlarmTransport, "amqps": AlarmSSLTransport, "memory": WakingTransport}
    return ours.get(urlsplit(url).scheme)


def alarm_of(connection: Any) -> str:
    """Why the broker blocks this connection; '' where it does not, or there is none."""
    return str(getattr(getattr(connection, "_connection", None), "alarm", ""))
