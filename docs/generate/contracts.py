"""Every contract with the outside and between services: its JSON Schema of today and its frozen example."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.events import operator_events
from chassis.events.definition import REGISTRY, Event, personal_fields, schema_of
from chassis.intake import cloudevents
from chassis.process.settings import SERVICES
from services.participation.domain import ROW_KINDS, RowKind

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "contracts" / "frozen"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

assert operator_events  # its events belong to the registry
for _path in (ROOT / "contracts").glob("[a-z]*.py"):
    importlib.import_module(f"contracts.{_path.stem}")


@dataclass(frozen=True)
class Contract:
    """One wire name: who says it (`any` service, or `outside`), what it means, and the schema of its `data`."""

    wire: str
    said_by: str
    summary: str
    schema: Mapping[str, Any]
    cls: type[Event] | None = None

    @property
    def example(self) -> Any:
        """The frozen example's data."""
        return json.loads((FROZEN / f"{self.wire}.example.json").read_text(encoding="utf-8"))


def contracts() -> list[Contract]:
    """All of them: events by service, then the intake's types, then the receipt."""
    order = (*SERVICES, "operations")
    events = sorted(REGISTRY.classes.values(), key=lambda cls: order.index(cls.wire.split(".")[0]))
    return [*map(_event, events), *map(_reported, ROW_KINDS.values()), _receipt()]


def _event(cls: type[Event]) -> Contract:
    service = cls.wire.split(".", 1)[0]
    return Contract(cls.wire, "any" if service == "operations" else service, _summary(cls), event_schema(cls), cls)


def _summary(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def event_schema(cls: type[Event]) -> dict[str, Any]:
    """JSON Schema of an event's data.  More members than these are allowed: a reader passes over what it does not
    know, so a new optional field needs no new version."""
    plugin = MarshmallowPlugin()
    APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    result = plugin.converter.schema2jsonschema(schema_of(cls))  # type: ignore[union-attr]
    properties = {name: _without_empty(about) for name, about in result["properties"].items()}
    for name, subject in personal_fields(cls):
        properties[name]["x-personal"] = subject
    return _framed(cls.wire, _summary(cls), properties, result.get("required", []))


def _without_empty(about: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in about.items() if value != {}}


def _reported(kind: RowKind) -> Contract:
    what = f"A row of {kind.file}, reported by an outside system." if kind.file else _CHANGES[kind.name]
    properties: dict[str, Any] = {column: {"type": ["string", "null"]} for column in kind.columns}
    for column in kind.required:
        properties[column] = {"type": "string", "minLength": 1}
    return Contract(kind.wire, "outside", what, _framed(kind.wire, what, properties, sorted(kind.required)))


_CHANGES = {
    "unit_closed": "A unit is not in service from `closed_on` on, told by an outside system.",
    "unit_related": "A unit's zone, community or liaison office changes from the day `from`; what is not given stays.",
    "membership_ended": "The membership (person_id, unit_id, from) ends: `to` is its first day out of service.",
    "finding_rectified": "A finding was put right on that day.",
}


def _receipt() -> Contract:
    what = "What became of a reported event: accepted, unchanged, waiting or refused (then with column, code, message)."
    text = {"type": "string"}
    properties: dict[str, Any] = {
        "source": text, "id": text,
        "outcome": {"enum": ["accepted", "unchanged", "waiting", "refused"]},
        "column": text, "code": text, "message": text,
    }  # fmt: skip
    assert cloudevents.Receipt("s", "i", "refused").event("d", "p", "")["type"] == "qihang.receipt.v1"
    return Contract("qihang.receipt.v1", "participation", what,
                    _framed("qihang.receipt.v1", what, properties, ["id", "outcome", "source"]))  # fmt: skip


def _framed(wire: str, summary: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"urn:qihang:{wire}", "title": wire, "description": summary, "type": "object",
            "properties": properties, "required": required}  # fmt: skip
