"""One webhook: the handshake, the requests, and the meaning of their answers."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from chassis.events.canonical_json import moment
from chassis.events.envelope import BATCH, SINGLE
from chassis.messaging.deliveries import Delivery
from chassis.process.outgoing_http import Answer, OutgoingHttp, Unreachable
from services.participation.deliveries.domain.answers import ClassifiedAnswer, Verdict, judge_answer
from services.participation.deliveries.signature import signed_headers
from services.participation.subscribers.cloud_event import attributes_of, binary_headers, cloud_event, text_of
from services.participation.subscribers.queries import PublicEvent

BINARY, STRUCTURED, BATCHED = "binary", "structured", "batched"
MODES = (STRUCTURED, BINARY, BATCHED)
AGENT = {"User-Agent": "qihang-webhook/1", "Accept": "*/*"}


class Webhook:
    """For one delivery, for one turn.  `pace`: when each delivery sent last, by a monotonic clock."""

    def __init__(
        self, delivery: Delivery, district: str, ca_file: str, now: Callable[[], datetime], pace: dict[str, float]
    ) -> None:
        self._delivery, self._district, self._now = delivery, district, now
        options = delivery.options
        self._mode: str = options["mode"]
        self._http = OutgoingHttp(delivery.address, options["allow_http"], options["allow_local"], ca_file)
        self._pace = pace

    @property
    def at_once(self) -> int:
        """Events per request; one at a time while an event is rejected, so that others are not."""
        return int(self._delivery.options["batch"]) if self._mode == BATCHED and not self._delivery.attempts else 1

    def shake_hands(self) -> tuple[ClassifiedAnswer, int]:
        """Ask whether the receiver accepts deliveries from here; returns that, and how many a minute (0: unlimited)."""
        asked = int(self._delivery.options["rate"])
        headers = {"WebHook-Request-Origin": origin(self._district), "WebHook-Request-Rate": str(asked), **AGENT}
        try:
            answer = self._http.call("OPTIONS", headers)
        except Unreachable as error:
            return _unreachable(error), 0
        judged = self._classify_answer(answer)
        if judged.verdict is not Verdict.DELIVERED:  # whatever the answer, it is about the receiver, not an event
            verdict = Verdict.GONE if judged.verdict is Verdict.GONE else Verdict.LATER
            return ClassifiedAnswer(verdict, judged.code, "handshake", judged.pause), 0
        origins = [each.strip().lower() for each in answer.headers.get("webhook-allowed-origin", "").split(",")]
        if "*" not in origins and origin(self._district) not in origins:
            return ClassifiedAnswer(Verdict.LATER, "origin_not_allowed", "handshake"), 0
        return judged, _rate(answer.headers.get("webhook-allowed-rate", ""), asked)

    def wait(self, rate: int) -> float:
        """Seconds until the next request may be sent, at so many a minute."""
        spoke = self._pace.get(self._delivery.name, float("-inf"))
        return max(0.0, spoke + 60 / rate - time.monotonic()) if rate else 0.0

    def send(self, events: Sequence[PublicEvent]) -> ClassifiedAnswer:
        """Send one request; returns the outcome for all its events."""
        headers, body, message_id = self._message(events)
        signed = signed_headers(self._secrets(), message_id, int(self._now().timestamp()), body)
        self._pace[self._delivery.name] = time.monotonic()
        try:
            answer = self._http.call("POST", {**AGENT, **headers, **signed}, body)
        except Unreachable as error:
            return _unreachable(error)
        return self._classify_answer(answer)

    def _message(self, events: Sequence[PublicEvent]) -> tuple[dict[str, str], bytes, str]:
        first = events[0]
        if self._mode == BATCHED:
            ids = "\n".join(each.recorded.id for each in events)
            message_id = f"batch-{hashlib.sha256(ids.encode()).hexdigest()[:32]}"
            return {"Content-Type": BATCH}, text_of([cloud_event(each, self._district) for each in events]), message_id
        if self._mode == BINARY:
            return binary_headers(attributes_of(first, self._district)), text_of(first.data), first.recorded.id
        return {"Content-Type": SINGLE}, text_of(cloud_event(first, self._district)), first.recorded.id

    def _secrets(self) -> list[str]:
        delivery = self._delivery
        former = delivery.former_secret and self._now() < moment(delivery.former_until)
        return [delivery.secret, *([delivery.former_secret] if former else [])]

    def _classify_answer(self, answer: Answer) -> ClassifiedAnswer:
        return judge_answer(answer.status, self._retry_after(answer.headers.get("retry-after", "")))

    def _retry_after(self, text: str) -> str:
        """The seconds until the date in a Retry-After header."""
        if text and not text.strip().isdigit():
            with contextlib.suppress(ValueError, TypeError):
                return str(max(0, int((parsedate_to_datetime(text) - self._now()).total_seconds())))
        return text

    def renew(self, delivery: Delivery) -> None:
        """Use the delivery as it is after an attempt."""
        self._delivery = delivery

    def close(self) -> None:
        self._http.close()


def origin(district: str) -> str:
    """How we identify ourselves to a receiver (WebHook-Request-Origin)."""
    return f"qihang.{district}".lower()


def _rate(text: str, asked: int) -> int:
    """The allowed rate: at most what was asked for; `*` is any."""
    text = text.strip()
    allowed = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else asked
    return max(1, min(allowed, asked))


def _unreachable(error: Unreachable) -> ClassifiedAnswer:
    return ClassifiedAnswer(Verdict.LATER, error.code, error.detail)
