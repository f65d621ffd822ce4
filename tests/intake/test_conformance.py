"""The public conformance cases of CloudEvents: what is an event is read as one, what is none is refused where it is
wrong; whatever the envelope, our own rule of the data comes after it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.intake import bindings
from chassis.intake.cloudevents import BATCH, JSON, SINGLE, BadBody, Report, digest, read
from tests.intake.conformance import (
    BINARY_CONTENT_TYPES,
    INVALID_BATCHES,
    INVALID_EVENTS,
    SOME_DATA,
    SOME_EVENT,
    STRUCTURED_CONTENT_TYPES,
    VALID_BATCHES,
    VALID_EVENTS,
    differing,
)

OURS = ("data", "datacontenttype")
"""What we ask beyond the specification: data, and that they are JSON."""
CELLS = {"unit_id": "U1", "name": "学校"}


def envelope_is_good(report: Report) -> bool:
    return report.fault is None or report.fault.column in OURS


def only(body: Any, kind: str | None = SINGLE, attributes: dict[str, Any] | None = None) -> Report:
    (report,) = read(body if isinstance(body, bytes) else json.dumps(body).encode(), kind, attributes)
    return report


@pytest.mark.parametrize("name", VALID_EVENTS)
def test_an_event_of_the_format_is_read(name: str) -> None:
    event = differing(VALID_EVENTS[name])
    report = only(event)
    assert envelope_is_good(report) and (report.id, report.source) == (event["id"], event["source"])


@pytest.mark.parametrize("name", INVALID_EVENTS)
def test_what_is_no_event_is_refused_where_it_is_wrong(name: str) -> None:
    column, changes = INVALID_EVENTS[name]
    fault = only(differing(changes)).fault
    assert fault and (fault.code, fault.column) == ("bad_event", column)
    assert fault.path == f"/{column}" and fault.message


@pytest.mark.parametrize("name", VALID_BATCHES)
def test_a_batch_of_the_format_is_read(name: str) -> None:
    events = [differing(changes) for changes in VALID_BATCHES[name]]
    reports = read(json.dumps(events).encode(), BATCH)
    assert len(reports) == len(events) and all(envelope_is_good(report) for report in reports)


@pytest.mark.parametrize("name", INVALID_BATCHES)
def test_of_a_batch_what_is_no_event_is_refused_by_its_number(name: str) -> None:
    reports = read(json.dumps(INVALID_BATCHES[name]).encode(), BATCH)
    wrong = [(number, report.fault) for number, report in enumerate(reports) if not envelope_is_good(report)]
    assert len(wrong) == 1
    number, fault = wrong[0]
    assert fault and fault.path.split("/")[1] == str(number)


@pytest.mark.parametrize("content_type", BINARY_CONTENT_TYPES)
def test_binary_content_mode_of_http(content_type: str) -> None:
    headers = [
        ("Host", "example.com"),
        ("Content-Type", content_type),
        *((f"ce-{k}", v) for k, v in SOME_EVENT.items()),
    ]
    report = only(SOME_DATA, content_type, bindings.http_attributes(headers))
    assert report.raw == {**SOME_EVENT, "datacontenttype": content_type, "data": SOME_DATA}
    assert report.fault is None and report.data == SOME_DATA


@pytest.mark.parametrize("content_type", STRUCTURED_CONTENT_TYPES)
def test_structured_content_mode_of_http(content_type: str) -> None:
    event = {**SOME_EVENT, "datacontenttype": "application/json", "data": SOME_DATA}
    report = only(event, content_type, {"id": "a header does not count beside an event in the body"})
    assert report.raw == event and report.fault is None


EVENT = {**SOME_EVENT, "source": "/人事", "data": CELLS}
SAME: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "structured": (EVENT, SINGLE, {}),
    "a batch of one": ([EVENT], BATCH, {}),
    "plain JSON": (EVENT, JSON, {}),
    "plain JSON, an array": ([EVENT], "application/json; charset=utf-8", {}),
    "data in base64": (
        {k: v for k, v in EVENT.items() if k != "data"}
        | {"data_base64": base64.b64encode(json.dumps(CELLS).encode()).decode()}, SINGLE, {}),
    "HTTP, percent-encoded": (CELLS, JSON, bindings.http_attributes(
        [("Ce-Id", "1234%2D1234-1234"), ("CE-Source", "%2F%E4%BA%BA%E4%BA%8B"), ("ce-type", SOME_EVENT["type"]),
         ("ce-specversion", '"1.0"'), ("ce-time", "2018-04-05T03%3A56%3A24Z")])),
    "HTTP, raw UTF-8": (CELLS, JSON, bindings.http_attributes(
        [(f"ce-{k}", v) for k, v in SOME_EVENT.items() if k != "source"]
        + [("ce-source", "/人事".encode().decode("latin-1"))])),
    "AMQP, cloudEvents:": (CELLS, JSON, bindings.amqp_attributes(
        {f"cloudEvents:{k}": v for k, v in SOME_EVENT.items()} | {"cloudEvents:source": "/人事"})),
    "AMQP, cloudEvents_ of JMS, time as a number": (CELLS, JSON, bindings.amqp_attributes(
        {f"cloudEvents_{k}": v for k, v in SOME_EVENT.items()}
        | {"cloudEvents_source": "/人事", "cloudEvents_time": 1522900584000})),
    "AMQP, ce-, time as AMQP's own": (CELLS, JSON, bindings.amqp_attributes(
        {f"ce-{k}": v for k, v in SOME_EVENT.items()}
        | {"ce-source": "/人事", "ce-time": datetime(2018, 4, 5, 3, 56, 24, tzinfo=UTC), "x-other": {"a": [1]}})),
}  # fmt: skip


@pytest.mark.parametrize("way", SAME)
def test_the_same_event_by_every_way_is_the_same_report(way: str) -> None:
    body, kind, attributes = SAME[way]
    report = only(body, kind, attributes)
    assert report.fault is None, report.fault
    assert (report.source, report.id, report.type, report.data) == ("/人事", EVENT["id"], EVENT["type"], CELLS)
    assert digest(b"secret", report) == digest(b"secret", only(EVENT))


UNREADABLE: dict[str, tuple[bytes, str, int, int, str]] = {
    "a full-width comma": ('{"id": "1"，\n "a": 1}'.encode(), "bad_json", 1, 11, "U+FF0C"),
    "a comma too many": (b'{\n  "id": "1",\n}', "bad_json", 3, 1, "}"),
    "cut off": (b'{"id":\n', "bad_json", 2, 1, "end"),
    "GB18030": ('{"id": "1",\n "名": "张"}'.encode("gb18030"), "not_utf8", 2, 3, "0xC3"),
    "a byte order mark, and then none of ours": (b"\xef\xbb\xbf\xef\xbb\xbf{}", "bad_json", 1, 1, "U+FEFF"),
    "not a number": (b'{"a": "NaN",\n"b": NaN}', "bad_json", 2, 6, "NaN"),
    "a number past 64 bits": (b'{"a":\n 99999999999999999999}', "bad_json", 2, 2, "99999999999999999999"),
    "a key twice": (b'{"a": 1, "a": 2}', "bad_json", 0, 0, "a"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused_with_its_place(name: str) -> None:
    body, code, line, position, excerpt = UNREADABLE[name]
    with pytest.raises(BadBody) as raised:
        read(body, SINGLE)
    error = raised.value
    assert (error.code, error.line, error.position, error.excerpt) == (code, line, position, excerpt)


def test_data_that_cannot_be_read_in_binary_mode_have_a_place_and_stand_whole() -> None:
    report = only(b'{"unit_id":\n"U1",}', JSON, dict(SOME_EVENT))
    assert report.named and report.fault
    assert (report.fault.column, report.fault.code, report.fault.line, report.fault.position) == (
        "data",
        "bad_json",
        2,
        6,
    )
    assert base64.b64decode(report.raw["data_base64"]) == b'{"unit_id":\n"U1",}'


@pytest.mark.parametrize("value", ["%ff%fe", "\ud800", ""])
def test_a_header_that_is_no_text_is_as_if_it_were_not_there(value: str) -> None:
    attributes = bindings.http_attributes(
        [("ce-id", value), ("ce-source", "/a"), ("ce-type", "t"), ("ce-specversion", "1.0")]
    )
    fault = only(CELLS, JSON, attributes).fault
    assert fault and fault.column == "id"
