"""Sends an outbox by AMQP with publisher confirms, and takes the receipts from the publisher's own queue; by pika."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import pika
import pika.exceptions

from qihang_client.errors import NotAllowed, Unavailable
from qihang_client.outbox import NOTHING_AGAIN, REFUSED, Entry, Outbox, encoded
from qihang_client.patience import Patience
from qihang_client.reports import Answer
from qihang_client.service import BATCH

EVENTS, SIZE = 500, 256 * 1024
"""Of one message: what Qihang decides in one transaction, so that it waits for no other."""
PREFETCH = 1000
QUIET = 10.0
MESSAGE_ID = re.compile(r"outbox-(\d+)-(\d+)")
"""A message is named by the places (`seq`) of its first and last event."""
DENIED = (
    pika.exceptions.ProbableAuthenticationError,
    pika.exceptions.ProbableAccessDeniedError,
    pika.exceptions.AuthenticationError,
)


class AmqpSender:
    """Publishes at the exchange `qihang.intake.USER`, reads `qihang.receipts.USER`.  What has no receipt after `quiet`
    seconds without any is published again, with the same ids.

    `url`: `amqps://USER:PASSWORD@HOST:5671/VHOST`; the password may be given apart.  `ca`: the file with the
    certificate that `qihang publisher add` printed."""

    def __init__(self, outbox: Outbox, url: str, password: str = "", ca: str = "", patience: Patience | None = None,
                 quiet: float = QUIET) -> None:  # fmt: skip
        self._outbox, self._quiet, self._patience = outbox, quiet, patience or Patience()
        parts = urlsplit(url)
        self._user, host, is_tls = unquote(parts.username or ""), parts.hostname or "", parts.scheme == "amqps"
        self._parameters = pika.ConnectionParameters(
            host, parts.port or (5671 if is_tls else 5672), unquote(parts.path[1:]),
            pika.PlainCredentials(self._user, password or unquote(parts.password or "")), heartbeat=30,
            socket_timeout=10, stack_timeout=20, blocked_connection_timeout=60,
            ssl_options=pika.SSLOptions(ssl.create_default_context(cafile=ca or None), host) if is_tls else None,
        )  # fmt: skip

    def send(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Publishes everything that was not answered and waits for the receipts; how many events were answered.  Raises
        Unavailable if the broker was away, or nothing was answered, for longer than patience lasts; the rest stays."""
        before = self._outbox.unanswered()
        while left := self._outbox.unanswered():
            try:
                self._patience.until_answered(lambda: self._converse(progress))
            except Unavailable:
                if self._outbox.unanswered() >= left:
                    raise
        return before - self._outbox.unanswered()

    def receive(self, seconds: float) -> None:
        """Takes receipts that come later, of what waited, until none came for so long."""
        self._patience.until_answered(lambda: self._converse(lambda _: None, seconds))

    def _converse(self, progress: Callable[[int], None], receive_only: float = 0.0) -> None:
        """One connection, for as long as there is something to do."""
        try:
            with pika.BlockingConnection(self._parameters) as connection:
                conversation = _Conversation(self._outbox, self._user, connection, progress)
                if receive_only:
                    conversation.receive(receive_only)
                else:
                    conversation.send(self._quiet, self._patience.seconds)
        except (pika.exceptions.AMQPError, OSError) as error:
            raise _translate_error(error) from None


class _Conversation:
    """What is said on one connection."""

    def __init__(self, outbox: Outbox, user: str, connection: Any, progress: Callable[[int], None]) -> None:
        self._outbox, self._user, self._connection, self._progress = outbox, user, connection, progress
        self._publishing, self._receiving = connection.channel(), connection.channel()
        self._publishing.confirm_delivery()
        self._receiving.basic_qos(prefetch_count=PREFETCH)
        self._receiving.basic_consume(f"qihang.receipts.{user}", self._note)
        self._received: list[Answer] = []
        self._unread: list[tuple[str, Answer]] = []
        self._tag = 0
        self._last = time.monotonic()

    def send(self, quiet: float, patience: float) -> None:
        """Until everything is answered.  What an earlier connection sent is published again only once it is quiet:
        its receipts may be on their way."""
        again_after, again = NOTHING_AGAIN, quiet
        while True:
            if batch := self._outbox.take(again_after, EVENTS, SIZE):
                self._publish(batch)
                self._progress(len(batch))
                again_after = max(again_after, batch[-1].seq)
            elif not self._outbox.unanswered():
                return
            if self._take_receipts(0.0 if batch else 0.2) or batch:
                again = quiet
            silent = time.monotonic() - self._last
            if silent > patience:
                raise Unavailable(f"no receipt came for {patience:g} seconds")
            if silent > again:
                again_after, again = 0, again * 2

    def receive(self, seconds: float) -> None:
        while self._take_receipts(seconds):
            pass

    def _publish(self, batch: Sequence[Entry]) -> None:
        properties = pika.BasicProperties(
            content_type=BATCH, content_encoding="utf-8", delivery_mode=2, user_id=self._user,
            message_id=f"outbox-{batch[0].seq}-{batch[-1].seq}",
        )  # fmt: skip
        body = b"[" + b",".join(map(encoded, batch)) + b"]"
        self._publishing.basic_publish(f"qihang.intake.{self._user}", "qihang.batch", body, properties, mandatory=True)
        self._last = time.monotonic()

    def _take_receipts(self, seconds: float) -> bool:
        """Keeps the receipts that came, and only then lets go of them at the broker."""
        self._connection.process_data_events(time_limit=seconds)
        if not (self._received or self._unread):
            return False
        tag, received, unread = self._tag, self._received, self._unread
        self._received, self._unread = [], []
        self._outbox.answer(received)
        for name, answer in unread:
            self._divide(name, answer)
        self._receiving.basic_ack(tag, multiple=True)
        self._last = time.monotonic()
        return True

    def _divide(self, name: str, answer: Answer) -> None:
        """Of a message that could not be read its halves are published, so that one event stops no other."""
        named = MESSAGE_ID.fullmatch(name)
        entries = self._outbox.sent_between(*map(int, named.groups())) if named else []
        half = len(entries) // 2
        if half:
            self._publish(entries[:half])
            self._publish(entries[half:])
        for entry in entries if not half else ():
            refused = answer._replace(source=entry.source, id=entry.id, outcome=REFUSED, revision=entry.revision)
            self._outbox.answer([refused])

    def _note(self, _: Any, method: Any, __: Any, body: bytes) -> None:
        self._tag = method.delivery_tag
        data = json.loads(body)["data"]
        if data["id"] or "message_id" not in data:
            self._received.append(Answer.of(data))
        else:
            self._unread.append((data["message_id"], Answer.of(data)))


def _translate_error(error: Exception) -> Exception:
    """By what there is to do about it."""
    causes = [error, *getattr(error, "args", ())]
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return NotAllowed(f"the broker's certificate is not trusted: {error}")
    if isinstance(error, pika.exceptions.ChannelClosedByBroker) and error.reply_code in (403, 404):
        return NotAllowed(error.reply_text)
    if isinstance(error, DENIED):
        return NotAllowed(f"the broker refused the user: {error!r}")
    if isinstance(error, (pika.exceptions.NackError, pika.exceptions.UnroutableError)):
        return Unavailable("the queue of Qihang is full, or not there")
    return Unavailable(str(error) or repr(error))
