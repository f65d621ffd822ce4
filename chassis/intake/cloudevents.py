"""Parses reports of outside systems as CloudEvents and builds their receipts.

What a report means is decided by the service."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.events import strict_json
from chassis.intake.envelope_rules import JSON_TYPE, LONGEST, Fault, attribute_fault, fault_in_data, text_attribute
from chassis.process.text import escape_line

LARGEST, MOST_EVENTS = 1024 * 1024, 1000
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
JSON = "application/json"
_REVISION = re.compile(r"[0-9]{1,9}")


class BadBody(ValueError):
    """The body as a whole cannot be parsed: a problem over HTTP (`status`), quarantine over AMQP.  `line` and
    `position` count from 1 (0: unknown), `excerpt` is what was found there."""

    def __init__(
        self, code: str, detail: str, status: int = 400, line: int = 0, position: int = 0, excerpt: str = ""
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status
        self.line, self.position, self.excerpt = line, position, excerpt

    @property
    def place(self) -> dict[str, Any]:
        """The known parts of where the error is."""
        known = {"line": self.line, "position": self.position, "excerpt": self.excerpt}
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True)
class Report:
    """One reported event.  `fault`: what is wrong with the event itself, None if nothing is.  While reports with the
    same (source, id) are pending, the one with the highest `revision` counts."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    raw: Any
    fault: Fault | None = None
    revision: int = 0

    @property
    def named(self) -> bool:
        """Whether the report has the source and id that a receipt refers to."""
        return bool(self.source and self.id)


def read(body: bytes, content_type: str | None, attributes: Mapping[str, Any] | None = None) -> list[Report]:
    """The reports of a body, in order.  `attributes`: those found in headers; with them the body is the data of one
    event (binary mode), unless its content type says otherwise.  Raises BadBody."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if len(body) > LARGEST:
        raise BadBody("too_large", f"more than {LARGEST} bytes", 413)
    if attributes and not kind.startswith("application/cloudevents"):
        return [_of_binary(dict(attributes), content_type, body)]
    if kind not in (SINGLE, BATCH, JSON):
        detail = f"send {SINGLE}, {BATCH} or {JSON}, or the attributes as headers"
        raise BadBody("bad_content_type", detail, 415, excerpt=escape_line(kind[:100]))
    try:
        result = strict_json.parse(body, LARGEST)
    except strict_json.BadJson as error:
        raise BadBody(error.code, str(error), 400, error.line, error.position, error.excerpt) from None
    if isinstance(result, str):
        raise BadBody("bad_event", "the body is a JSON string: it was encoded twice; send the object itself",
                      excerpt="string")  # fmt: skip
    if kind == JSON:
        kind = BATCH if isinstance(result, list) else SINGLE
    if kind == SINGLE:
        if not isinstance(result, dict):
            raise BadBody("bad_event", "a single event is a JSON object")
        return [report(result)]
    if not isinstance(result, list):
        raise BadBody("bad_event", "a batch of events is a JSON array")
    if len(result) > MOST_EVENTS:
        raise BadBody("too_many", f"at most {MOST_EVENTS} events a body", 413)
    return [report(item, f"/{number}") for number, item in enumerate(result)]


def _of_binary(event: dict[str, Any], content_type: str | None, body: bytes) -> Report:
    """An event in binary mode as the equivalent in structured mode; data that is not JSON is kept as base64, for the
    quarantine."""
    if content_type:
        event["datacontenttype"] = content_type
    event["data_base64"] = base64.b64encode(body).decode()
    return report(event, in_body=True)


def report(result: Any, path: str = "", in_body: bool = False) -> Report:
    """One event, parsed as far as it can be; never raises.  `path`: JSON pointer of the event in the body; `in_body`:
    the body itself is the event's data."""
    if not isinstance(result, dict):
        return Report("", "", "", {}, result, Fault("", "bad_event", "事件须是一个 JSON 对象。", path))
    named = {name: text_attribute(result, name) for name in LONGEST}
    fault = attribute_fault(result, named, path)
    data = result.get("data")
    if fault is None and "data_base64" in result and "data" not in result:
        data, fault = _decode_data(result, "" if in_body else f"{path}/data_base64")
        if in_body and fault is None:
            result = {name: value for name, value in result.items() if name != "data_base64"} | {"data": data}
    fault = fault or fault_in_data(result, data, "" if in_body else f"{path}/data")
    cells = {k: v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}
    revision = str(result.get("revision") or "0")
    return Report(named["source"], named["id"], named["type"], cells, result, fault,
                  int(revision) if _REVISION.fullmatch(revision) else 0)  # fmt: skip


def _decode_data(event: Mapping[str, Any], path: str) -> tuple[Any, Fault | None]:
    """The data of an event in `data_base64`, which must be JSON as well; or the fault."""
    form = event.get("datacontenttype") or JSON
    if not isinstance(form, str) or not JSON_TYPE.fullmatch(form):
        return None, None  # the rule of datacontenttype reports it
    try:
        text = base64.b64decode(event["data_base64"], validate=True)
        return strict_json.parse(text, LARGEST), None
    except (TypeError, ValueError, binascii.Error) as error:
        if isinstance(error, strict_json.BadJson):
            where = (path, error.excerpt, error.line, error.position)
            return None, Fault("data", error.code, unreadable_message(error.code, *where[1:]), *where)
        return None, Fault("data", "bad_event", "data_base64 不是 base64 文字。", path)


_SENTENCES: Mapping[str, str] = {
    "bad_json": "不是合格的 JSON。请用 JSON 程序库生成正文，不要拼接文字。",
    "not_utf8": "不是 UTF-8 文字（Windows 命令行发出的多是 GBK）。请把正文存为 UTF-8 文件再报送。",
    "too_deep": "嵌套层次过深（最多 32 层）。",
    "bad_text": "含有不能使用的字符，请删去。",
    "too_large": "正文超过 1 MiB，请分批报送。",
    "too_many": "一次超过 1000 条，请分批报送。",
    "compressed": "不接受压缩的或非 UTF-8 的正文，请原样以 UTF-8 报送。",
    "bad_content_type": f"内容类型不对。请用 {SINGLE}、{BATCH} 或 {JSON}，或把事件属性放在消息头里。",
    "bad_event": "正文与内容类型不符：单条事件须是 JSON 对象，成批的须是数组。正文整个是一段文字的，编码了两次。",
}


def unreadable_message(code: str, excerpt: str = "", line: int = 0, position: int = 0) -> str:
    """The message (Chinese) for an unparsable body: the place, what was found there, and the remedy."""
    place = f"第 {line} 行第 {position} 个字符" if line else ""
    what = f"（此处是 {excerpt}）" if excerpt and place else f"（{excerpt}）" if excerpt else ""
    return f"{place}{what}{'：' if place or what else ''}{_SENTENCES.get(code, code)}"


def digest(secret: bytes, item: Report) -> str:
    """The keyed digest by which a report is recognised when it is sent again; nothing can be guessed from it."""
    text = json.dumps([item.type, item.data], sort_keys=True)
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """The outcome of one report: accepted, unchanged, waiting or refused (then with column, code, message).  `place`:
    where in the body something unreadable is, and what; `revision`: of the report that is answered."""

    source: str
    id: str
    outcome: str
    column: str = ""
    code: str = ""
    message: str = ""
    place: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0

    def event(self, district: str, service: str, at: str) -> dict[str, Any]:
        """The receipt as a CloudEvent."""
        data: dict[str, Any] = {"source": self.source, "id": self.id, "outcome": self.outcome}
        if self.revision:
            data["revision"] = self.revision
        if self.outcome == "refused" or self.code:
            data |= {"column": self.column, "code": self.code, "message": self.message, **self.place}
        return {
            "specversion": "1.0", "id": uuid.uuid4().hex, "source": f"/qihang/{district}/{service}",
            "type": "qihang.receipt.v1", "time": at, "datacontenttype": "application/json", "data": data,
        }  # fmt: skip


def receipt_of_fault(item: Report) -> Receipt:
    """The receipt of a report whose event itself is faulty."""
    assert item.fault is not None
    fault = item.fault
    return Receipt(item.source, item.id, "refused", fault.column, fault.code, fault.message, fault.place)


def texts(receipts: Sequence[Receipt], district: str, service: str, at: str) -> list[str]:
    return [json.dumps(receipt.event(district, service, at), ensure_ascii=False) for receipt in receipts]
