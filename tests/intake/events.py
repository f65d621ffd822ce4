"""Readable bodies with events that are refused, held or odd: attributes, types, cells, ids, whole batches."""
# ruff: noqa: E501 - a table: one kind a line

from __future__ import annotations

import json
from typing import Any

from tests.intake.kinds import ACCEPTED, BATCH, SOURCE, Kind, Quarantined, Receipt, body, event, faulty, nameless

RECORD = "qihang.record.reported.v1"


def unit(name: str, /, **cells: Any) -> dict[str, Any]:
    return {"unit_id": f"U-{name}", "name": "学校", "kind": "school", "opened_on": "2010-09-01"} | cells


def cell(name: str, column: str, code: str, value: Any) -> Kind:
    """A unit with one bad cell."""
    return faulty(name, column, code, data=unit(name, **{column: value}))


def record(name: str, code: str, column: str, /, **cells: str) -> Kind:
    given = {
        "record_id": f"R-{name}"[:100],
        "record": "video",
        "unit_id": "U-base",
        "occurred_at": "2023-05-08T16:30:00",
    }
    return faulty(name, column, code, data=given | cells, type=RECORD)


ATTRIBUTES: list[Kind] = [
    nameless("no id", "id", id=None),
    nameless("an empty id", "id", id=""),
    nameless("an id of 257 characters", "id", id="i" * 257),
    nameless("a number as id", "id", id=7),
    nameless("a NUL in the id", "id", id="a\0b"),
    nameless("a lone surrogate in the id", "id", id="\ud800"),
    nameless("spaces around the id", "id", id=" a "),
    nameless("no source", "source", source=None),
    nameless("an object as source", "source", source={"a": "b"}),
    nameless("a source of 300 characters", "source", source="s" * 300),
    faulty("no type", "type", "bad_event", type=None),
    faulty("a list as type", "type", "bad_event", type=["x"]),
    faulty("a type of 10,000 characters", "type", "bad_event", type="t" * 10_000),
    faulty("a type with a NUL", "type", "bad_event", type="qihang.\0"),
    faulty("an unknown type", "type", "unknown_type", type="qihang.unit.exploded.v1"),
    faulty("an unknown version", "type", "unknown_type", type="qihang.unit.reported.v9"),
    faulty("a type that only services may say", "type", "unknown_type", type="participation.record_submitted.v1"),
    faulty("a receipt sent back", "type", "unknown_type", type="qihang.receipt.v1"),
    faulty("no specversion", "specversion", "bad_event", specversion=None),
    faulty("specversion 0.3", "specversion", "bad_event", specversion="0.3"),
    faulty("specversion as a number", "specversion", "bad_event", specversion=1),
    faulty("data said to be XML", "datacontenttype", "bad_event", datacontenttype="text/xml"),
    faulty("data said to be a number", "datacontenttype", "bad_event", datacontenttype=5),
    faulty("data in base64", "data", "bad_event", data_base64="e30="),
    faulty("no data", "data", "bad_event", data="", type="qihang.unit.reported.v1"),
    faulty("data as text", "data", "bad_event", data="unit_id=1"),
    faulty("data as a list", "data", "bad_event", data=[unit("x")]),
    faulty("data as a number", "data", "bad_event", data=5),
    faulty("kombu's typed value as a cell", "unit_id", "bad_event",
           data=unit("t", unit_id={"__type__": "uuid", "__value__": "zz"})),
    faulty("kombu's typed value as data", "__type__", "bad_event", data={"__type__": 5, "__value__": "zz"}),
    faulty("a prototype's key", "__proto__", "bad_event", data=unit("p") | {"__proto__": {"a": 1}}),
    faulty("an unknown column that is a number", "colour", "bad_event", data=unit("c", colour=5)),
    faulty("a column of 10,000 characters that is a number", "k" * 128, "bad_event", data=unit("l") | {"k" * 10_000: 5}),
    faulty("a column named by a lone surrogate that is a number", "\\ud800", "bad_event", data=unit("s") | {"\ud800": 5}),
    faulty("a column named by a NUL that is a number", "\\x00", "bad_event", data=unit("n") | {"\0": 5}),
]  # fmt: skip

CELLS: list[Kind] = [
    faulty("empty data", "unit_id", "missing", data={}),
    faulty("data of another type", "unit_id", "missing", data={"person_id": "P1", "from": "2020-01-01"}),
    cell("a number for text", "name", "bad_event", 5),
    cell("true for text", "name", "bad_event", True),
    cell("a list for text", "tags", "bad_event", ["central_school"]),
    cell("an object for text", "zone_id", "bad_event", {}),
    cell("a fraction for text", "name", "bad_event", 1.5),
    cell("a null where text is required", "name", "missing", None),
    cell("a NUL in a cell", "name", "bad_text", "a\0b"),
    cell("a lone surrogate in a cell", "name", "bad_text", "a\udfffb"),
    cell("a lone surrogate in an id cell", "unit_id", "bad_text", "\ud83d"),
    cell("a NUL in an id cell", "unit_id", "bad_text", "U\0"),
    cell("4,001 characters", "name", "bad_text", "名" * 4001),
    cell("an id of 129 characters", "unit_id", "bad_text", "U" * 129),
    cell("a surrogate in a kind", "kind", "bad_text", "\udc00"),
    cell("an unknown kind", "kind", "bad_kind", "castle"),
    cell("a formula as kind", "kind", "bad_kind", "=cmd|' /C calc'!A0"),
    cell("an unknown tag", "tags", "bad_tag", "central_school;castle"),
    cell("the day 0", "opened_on", "bad_date", "2010-09-00"),
    cell("the 30th of February", "opened_on", "bad_date", "2010-02-30"),
    cell("the year 0", "opened_on", "bad_date", "0000-01-01"),
    cell("the year 10000", "opened_on", "bad_date", "10000-01-01"),
    cell("a date with spaces", "opened_on", "bad_date", " 2010-09-01"),
    cell("a date in full-width digits", "opened_on", "bad_date", "２０１０-09-01"),
    cell("a date and time for a date", "opened_on", "bad_date", "2010-09-01T00:00:00"),
    cell("closed before it opened", "closed_on", "bad_order", "2009-01-01"),
    record("hour 25", "bad_instant", "occurred_at", occurred_at="2023-05-08T25:00:00"),
    record("an offset of 99 hours", "bad_instant", "occurred_at", occurred_at="2023-05-08T10:00:00+99:00"),
    record("the last instant with an offset past the end", "bad_instant", "occurred_at",
           occurred_at="9999-12-31T23:59:59-14:00"),
    record("the first instant with an offset before the start", "bad_instant", "occurred_at",
           occurred_at="0001-01-01T00:00:00+14:00"),
    record("an instant of 4,001 characters", "bad_text", "occurred_at", occurred_at="2" * 4001),
    record("a hash that is none", "bad_sha256", "content_sha256", content_sha256="g" * 64),
    record("an unknown kind of record", "unknown_record_kind", "record", record="castle"),
    record("a period of another world", "unknown_period", "period", period="2023-Q99"),
]  # fmt: skip

WAITING = [
    Kind("a unit that nobody knows", body(event("awaits", {
        "record_id": "R-awaits", "record": "video", "unit_id": "U-never", "occurred_at": "2023-05-08"}, type=RECORD)),
        Receipt("waiting", "unit_id", "unknown_unit"), Receipt("waiting", "unit_id", "unknown_unit"), event="awaits"),
]  # fmt: skip

ODD_BUT_GOOD: list[Kind] = [
    Kind("a line break and spaces around", b"\n\t " + body(event("spaces")) + b"\r\n", ACCEPTED, ACCEPTED, event="spaces"),
    Kind("a content type with a parameter and capitals", body(event("charset")), ACCEPTED, ACCEPTED, event="charset",
         content_type="Application/CloudEvents+JSON; charset=UTF-8"),
    Kind("extension attributes", body(event("extended", traceparent="00-x", qihangrole="operator")), ACCEPTED, ACCEPTED,
         event="extended"),
    Kind("an emoji as a pair of escapes", json.dumps(event("emoji", unit("emoji", name="😀"))).encode(), ACCEPTED, ACCEPTED,
         event="emoji"),
    Kind("an unknown column with text", body(event("extra", unit("extra", colour="red"))), ACCEPTED, ACCEPTED, event="extra"),
    Kind("a null where nothing is required", body(event("null", unit("null") | {"tags": None})), ACCEPTED, ACCEPTED,
         event="null"),
    Kind("minus zero in an extension", body(event("minus"))[:-1] + b',"x":-0}', ACCEPTED, ACCEPTED, event="minus"),
    Kind("an id of 256 characters", body(event("i" * 256, unit("i256"))), ACCEPTED, ACCEPTED, event="i" * 256),
    Kind("markup in every cell", body(event("<script>alert(1)</script>", unit("markup", name="'; DROP TABLE log_events;--"))),
         ACCEPTED, ACCEPTED, event="<script>alert(1)</script>"),
    Kind("plain JSON's type", body(event("plain")), ACCEPTED, ACCEPTED, event="plain", content_type="application/json"),
    Kind("plain JSON's type, an array", body(event("plain-1"), event("plain-2")), ACCEPTED, ACCEPTED, event="plain-2",
         content_type="application/json; charset=utf-8"),
    Kind("an event in a batch of one", b"[" + body(event("one")) + b"]", ACCEPTED, ACCEPTED, event="one", content_type=BATCH),
    Kind("the same event twice in one batch", body(event("twice"), event("twice")), ACCEPTED, ACCEPTED, event="twice",
         content_type=BATCH),
    Kind("exactly 1 MiB", body(event("mib")) + b" " * (1024 * 1024 - len(body(event("mib")))), ACCEPTED, ACCEPTED,
         event="mib"),
]  # fmt: skip

MIXED: list[Kind] = [
    Kind("a batch of things that are no events", b'[5,"x",null,true,[],1.5]', Receipt("refused", "", "bad_event"),
         Quarantined("bad_event"), content_type=BATCH, stands_as=1.5),
    Kind("a good event beside one that is none", body(event("beside"), 17), ACCEPTED, ACCEPTED, event="beside",
         content_type=BATCH),
    Kind("a good event beside one with an unwritable column", body(event("beside2"), "x")[:-4]
         + json.dumps(event("unwritable", unit("w") | {"\ud800": 5})).encode() + b"]",
         ACCEPTED, ACCEPTED, event="beside2", content_type=BATCH),
    Kind("an id again with another body", body(event("again"), event("again", unit("other"))),
         Receipt("refused", "id", "conflict"), Receipt("refused", "id", "conflict"), event="again", content_type=BATCH),
    Kind("a unit's id again with another name", body(event("clash", unit("base", name="另一所"))),
         Receipt("refused", "unit_id", "conflict"), Receipt("refused", "unit_id", "conflict"), event="clash"),
    Kind("somebody else's source", body(event("stolen", source="neighbour")), Receipt("refused", "source", "not_your_source"),
         Receipt("refused", "source", "not_your_source"), event="stolen"),
    Kind("a source that nobody has", body(event("claimed", source="unclaimed")),
         Receipt("refused", "source", "not_your_source"), Receipt("refused", "source", "not_your_source"), event="claimed"),
    Kind("a record's id that only we make",
         body(event("taken", {"record_id": "publicity-article-1", "record": "attendance"}, type="qihang.record.reported.v1")),
         Receipt("refused", "record_id", "reserved_id"), Receipt("refused", "record_id", "reserved_id"), event="taken"),
    Kind("the source of a service", body(event("posing", source=f"/qihang/district/{SOURCE}")), ACCEPTED, ACCEPTED,
         event="posing"),
]  # fmt: skip

EVENTS: list[Kind] = [*ATTRIBUTES, *CELLS, *WAITING, *ODD_BUT_GOOD, *MIXED]
