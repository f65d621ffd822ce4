"""Publishes batches to the publisher's own exchange with confirms; what is not confirmed is sent again."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import amqp
import kombu
from kombu.exceptions import OperationalError

from cli.failure import Failure, WrongUsage
from cli.publishing.event_file import Batch

EXCHANGE = "qihang.intake"
"""Everybody's; a publisher's own is that with its user's name, and waits for nobody else's messages."""
SINGLE_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"
BATCH_KEY = "qihang.batch"
LONGEST_KEY = 255
CONFIRM_SECONDS = 30
ACCESS_ERRORS = (amqp.AccessRefused, amqp.NotAllowed)
"""A user or password that the broker does not know, and a user without permissions on the virtual host."""
TRANSIENT_ERRORS = (
    OSError,
    socket.timeout,
    amqp.RecoverableConnectionError,
    amqp.RecoverableChannelError,
    OperationalError,
)


def open_connection(url: str) -> kombu.Connection:
    """A connection with heartbeats; it connects when it is first used.  By TLS the certificate must be of that host and
    from an authority that is trusted here (the system's, or SSL_CERT_FILE)."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("amqp", "amqps") and parts.hostname and parts.port != 0:
            trust = {"ssl": {"server_hostname": parts.hostname}} if parts.scheme == "amqps" else {}
            options = {"confirm_publish": True}
            return kombu.Connection(url, connect_timeout=5, heartbeat=20, transport_options=options, **trust)
    except ValueError:
        pass
    raise WrongUsage("--amqp 应为 amqp://（或 amqps://）用户:密码@主机:端口/虚拟主机")


class Sender:
    """One publishing connection; reconnects whenever it breaks, until `patience` seconds pass without a confirm."""

    def __init__(self, url: str, patience: float) -> None:
        self._url = url
        self._patience = patience
        self._connection: kombu.Connection | None = None
        self._producer: kombu.Producer | None = None
        self._returned = False
        self._confirmed_once = False
        self._user = str(open_connection(url).userid or "guest")
        self._exchange = EXCHANGE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def send_all(self, batches: Iterator[Batch], sent: Callable[[int], None], check: Callable[[], None]) -> None:
        """Publishes in file order, one confirm at a time, so that a repeat never overtakes."""
        try:
            for batch in batches:
                check()
                self._send(batch, check)
                self._confirmed_once = True
                sent(len(batch.events))
        finally:
            self._drop()

    def _send(self, batch: Batch, check: Callable[[], None]) -> None:
        end = time.monotonic() + self._patience
        pause = 0.2
        while True:
            try:
                if self._publish(batch):
                    return
                problem = f"交换机 {self._exchange} 后面还没有收件队列，或队列已满，participation 可能没有运行"
            except (*ACCESS_ERRORS, amqp.NotFound) as error:
                problem = self._refusal(error)
                if not self._confirmed_once:  # later, the services restore a broker that lost its data
                    raise Failure(problem) from None
                self._drop()
            except TRANSIENT_ERRORS as error:
                problem = f"与消息服务的连接中断（{error or type(error).__name__}）"
                self._drop()
            except (amqp.ConnectionError, amqp.ChannelError) as error:
                raise Failure(f"{batch.lines}没有发出：{error}") from None
            if time.monotonic() >= end:
                raise Failure(f"{batch.lines}没有发出：{problem}")
            check()
            time.sleep(pause)
            pause = min(pause * 2, 5.0)

    def _refusal(self, error: amqp.AMQPError) -> str:
        if isinstance(error, ACCESS_ERRORS):
            return f"消息服务拒绝了用户 {self._user}：{error.reply_text or error}"
        return f"消息服务里没有交换机 {EXCHANGE}：{error.reply_text or error}"

    def _publish(self, batch: Batch) -> bool:
        """True when confirmed; False when no queue took it (the broker confirms those too)."""
        types = {event.type for event in batch.events}
        single = len(batch.events) == 1
        key = types.pop() if len(types) == 1 else BATCH_KEY
        self._returned = False
        try:
            self._ready().publish(
                batch.events[0].raw if single else batch.body,
                exchange=self._exchange,
                routing_key=key if len(key.encode()) <= LONGEST_KEY else BATCH_KEY,
                content_type=SINGLE_TYPE if single else BATCH_TYPE,
                content_encoding="utf-8",
                delivery_mode=2,
                user_id=self._user,
                mandatory=True,
                confirm_timeout=CONFIRM_SECONDS,
            )
        except amqp.exceptions.MessageNacked:
            return False
        return not self._returned

    def _ready(self) -> kombu.Producer:
        if self._producer is None:
            self._connection = open_connection(self._url)
            self._exchange, channel = self._found_exchange(self._connection)
            self._producer = kombu.Producer(channel, on_return=self._note_return, auto_declare=False)
        return self._producer

    def _found_exchange(self, connection: kombu.Connection) -> tuple[str, Any]:
        """The user's own exchange where it has one, and a channel.  A user that may publish without being allowed to
        look gets the common one."""
        own, channel = f"{EXCHANGE}.{self._user}", connection.channel()
        try:
            try:
                channel.exchange_declare(own, "", passive=True)
                return own, channel
            except amqp.NotFound:
                channel = connection.channel()
                channel.exchange_declare(EXCHANGE, "", passive=True)
                return EXCHANGE, channel
        except amqp.AccessRefused:
            return EXCHANGE, connection.channel()

    def _note_return(self, *_: Any) -> None:
        self._returned = True

    def _drop(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            try:
                connection.close()
            except (*TRANSIENT_ERRORS, amqp.AMQPError):
                pass  # it is broken already: that is why it is dropped
