"""The intake: reports of outside systems as CloudEvents; each gets a receipt, a problem, or stands in quarantine.

Reads and answers; what a row means is the service's own business."""

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.events import strict_json
from chassis.process.text import is_line, shown

LARGEST, MOST_EVENTS = 1024 * 1024, 1000
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_LONGEST = {"id": 256, "source": 256, "type": 256}
_JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE)


class BadBody(ValueError):
    """The body as a whole cannot be read: a problem, or quarantine.  `status` is HTTP's."""

    def __init__(self, code: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status


@dataclass(frozen=True)
class Report:
    """One reported event.  `fault` is (column, code, message) of what is wrong with the event itself."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    raw: Any
    fault: tuple[str, str, str] | None = None

    @property
    def named(self) -> bool:
        """Whether a receipt can say what it is for."""
        return bool(self.source and self.id)


def read(body: bytes, content_type: str | None) -> list[Report]:
    """The reports of a body, in order.  BadBody."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind not in (SINGLE, BATCH):
        raise BadBody("bad_content_type", f"send {SINGLE} or {BATCH}", 415)
    try:
        result = strict_json.parse(body, LARGEST)
    except strict_json.BadJson as error:
        raise BadBody(error.code, str(error), 413 if error.code == "too_large" else 400) from None
    if kind == SINGLE:
        if not isinstance(result, dict):
            raise BadBody("bad_event", "a single event is a JSON object")
        return [report(result)]
    if not isinstance(result, list):
        raise BadBody("bad_event", "a batch of events is a JSON array")
    if len(result) > MOST_EVENTS:
        raise BadBody("too_many", f"at most {MOST_EVENTS} events a body", 413)
    return [report(item) for item in result]


def report(result: Any) -> Report:
    """One event as far as it can be read; never raises."""
    if not isinstance(result, dict):
        return Report("", "", "", {}, result, ("", "bad_event", "an event is a JSON object"))
    named = {name: _attribute(result, name) for name in _LONGEST}
    fault = _fault(result, named)
    data = result.get("data")
    cells = {k: v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}
    return Report(named["source"], named["id"], named["type"], cells, result, fault)


def _attribute(result: dict[str, Any], name: str) -> str:
    value = result.get(name)
    return value if isinstance(value, str) and _fit(value, _LONGEST[name]) else ""


def _fit(value: str, longest: int) -> bool:
    return 0 < len(value) <= longest and is_line(value) and value == value.strip()


def _fault(result: dict[str, Any], named: dict[str, str]) -> tuple[str, str, str] | None:
    for name, value in named.items():
        if not value:
            return name, "bad_event", f"{name} must be text of 1 to {_LONGEST[name]} characters"
    if result.get("specversion") != "1.0":
        return "specversion", "bad_event", 'specversion must be "1.0"'
    form = result.get("datacontenttype", "application/json")
    if not isinstance(form, str) or not _JSON_TYPE.fullmatch(form):
        return "datacontenttype", "bad_event", "data must be application/json"
    if "data_base64" in result or not isinstance(result.get("data"), dict):
        return "data", "bad_event", "data must be a JSON object of texts"
    for name, value in result["data"].items():
        if value is not None and not isinstance(value, str):
            return shown(name[:128]), "bad_event", "columns are JSON strings; leave out what is not given"
    return None


def digest(secret: bytes, item: Report) -> str:
    """What (source, id) is remembered by: the same body gives the same, and nothing can be guessed from it."""
    text = json.dumps([item.type, item.data], sort_keys=True)
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """What became of one report: accepted, unchanged, waiting or refused (then with column, code, message)."""

    source: str
    id: str
    outcome: str
    column: str = ""
    code: str = ""
    message: str = ""

    def event(self, district: str, service: str, at: str) -> dict[str, Any]:
        """As a CloudEvent."""
        data = {"source": self.source, "id": self.id, "outcome": self.outcome}
        if self.outcome == "refused":
            data |= {"column": self.column, "code": self.code, "message": self.message}
        return {
            "specversion": "1.0", "id": uuid.uuid4().hex, "source": f"/qihang/{district}/{service}",
            "type": "qihang.receipt.v1", "time": at, "datacontenttype": "application/json", "data": data,
        }  # fmt: skip


def texts(receipts: Sequence[Receipt], district: str, service: str, at: str) -> list[str]:
    return [json.dumps(receipt.event(district, service, at), ensure_ascii=False) for receipt in receipts]
