"""Consumes the publisher's receipt queue while events are still being sent, so that the queue never overflows."""

import json
import ssl
import threading
from typing import Any, Self

import amqp
import kombu

from cli.failure import Failure
from cli.publishing.amqp_sender import ACCESS_ERRORS, TRANSIENT_ERRORS, open_connection
from cli.publishing.tally import Tally

EXCHANGE = "qihang.receipts"
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-max-length": 100_000, "x-overflow": "drop-head"}
PREFETCH = 500
PAUSE = 0.5


class ReceiptConsumer:
    """A thread with a connection of its own; it reconnects until it is closed, and stops for good on a refusal."""

    def __init__(self, url: str, tally: Tally) -> None:
        self._url = url
        self._tally = tally
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._has_consumed = False
        self._failure: Failure | None = None
        self._thread = threading.Thread(target=self._run, name="receipts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(timeout=10)

    def wait_until_ready(self, seconds: float) -> None:
        """To be called before anything is published: without the queue receipts would be lost."""
        self._ready.wait(seconds)
        self.check()
        if not self._ready.is_set():
            raise Failure(f"{seconds:g} 秒内连接不上消息服务")

    def check(self) -> None:
        """Raises the failure that ended the thread, if any."""
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with open_connection(self._url) as connection:
                    self._consume(connection)
            except Failure as failure:
                self._handle_refusal(failure)
            except ACCESS_ERRORS as error:
                self._handle_refusal(Failure(f"消息服务拒绝了这个用户：{error.reply_text or error}"))
            except ssl.SSLCertVerificationError as error:
                detail = f"消息服务的证书不可信：{error.verify_message}（颁发者的证书用变量 SSL_CERT_FILE 指明）"
                self._handle_refusal(Failure(detail))
            except (*TRANSIENT_ERRORS, amqp.AMQPError):
                self._closing.wait(PAUSE)

    def _handle_refusal(self, failure: Failure) -> None:
        """Ends the thread, unless it has consumed before: the services restore users and queues of a broker that lost
        its data."""
        if self._has_consumed:
            self._closing.wait(PAUSE)
            return
        self._failure = failure
        self._ready.set()
        self._closing.set()

    def _consume(self, connection: kombu.Connection) -> None:
        queue = f"qihang.receipts.{connection.userid or 'guest'}"
        channel = _with_queue(connection, queue)
        channel.basic_qos(0, PREFETCH, False)
        channel.basic_consume(queue, callback=self._take_message)
        self._has_consumed = True
        self._ready.set()
        while not self._closing.is_set():
            try:
                connection.drain_events(timeout=0.5)
            except TimeoutError:
                connection.heartbeat_check()

    def _take_message(self, message: Any) -> None:
        body = message.body.encode() if isinstance(message.body, str) else message.body
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        for receipt in value if isinstance(value, list) else [value]:
            self._tally.take(receipt)
        message.channel.basic_ack(message.delivery_tag)


def _with_queue(connection: kombu.Connection, queue: str) -> Any:
    """A channel on which the queue exists; where it does not, makes it, if the user may."""
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
        return channel
    except amqp.NotFound:
        channel = connection.channel()
    try:
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS)
        channel.queue_bind(queue, EXCHANGE, routing_key=connection.userid or "guest")
    except amqp.AccessRefused:
        raise Failure(f"没有回执队列 {queue}，也无权建立它（先执行 qihang publisher add）") from None
    except amqp.NotFound:
        raise Failure(f"消息服务里没有交换机 {EXCHANGE}：系统可能还没有启动过") from None
    return channel
