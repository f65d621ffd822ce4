"""Every contract with the outside and between services: its JSON Schema of today and its frozen example."""

import functools
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import marshmallow
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.events import operator_events
from chassis.events.definition import REGISTRY, Event, personal_fields
from chassis.events.schemas import schema_of
from chassis.process.settings import SERVICES
from contracts import intake, public_events

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "contracts" / "frozen"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

assert operator_events  # its events belong to the registry
for _path in (ROOT / "contracts").glob("[a-z]*.py"):
    importlib.import_module(f"contracts.{_path.stem}")


@dataclass(frozen=True)
class Contract:
    """One wire name: who publishes it (a service, `any` service, `outside`, or `public`: for subscribers), what it
    means, what people call it, and the schema of its `data`."""

    wire: str
    publisher: str
    summary: str
    schema: Mapping[str, Any]
    label: str = ""
    cls: type[Event] | None = None

    @property
    def example(self) -> Any:
        """The frozen example's data."""
        return json.loads((FROZEN / f"{self.wire}.example.json").read_text(encoding="utf-8"))


@functools.cache
def contracts() -> list[Contract]:
    """All of them: events by service, then the intake's types, the receipt, and what subscribers read."""
    order = (*SERVICES, "operations")
    events = sorted(REGISTRY.classes.values(), key=lambda cls: order.index(cls.wire.split(".")[0]))
    return [
        *map(_event, events),
        *map(_report, intake.REPORT_TYPES),
        _receipt(),
        *map(_public, public_events.PUBLIC_TYPES),
    ]


def _event(cls: type[Event]) -> Contract:
    service = cls.wire.split(".", 1)[0]
    publisher = "any" if service == "operations" else service
    return Contract(cls.wire, publisher, _summary(cls), event_schema(cls), cls.label, cls)


def _summary(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def event_schema(cls: type[Event]) -> dict[str, Any]:
    """JSON Schema of an event's data.  More members than these are allowed: a reader passes over what it does not
    know, so a new optional field needs no new version."""
    properties, required = _json_schema(schema_of(cls))
    for name, subject in personal_fields(cls):
        properties[name]["x-personal"] = subject
    return _object(cls.wire, _summary(cls), properties, required)


def _json_schema(schema: type[marshmallow.Schema]) -> tuple[dict[str, Any], list[str]]:
    """(properties, required) as apispec reads them from a marshmallow schema."""
    plugin = MarshmallowPlugin()
    APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    result = plugin.converter.schema2jsonschema(schema)  # type: ignore[union-attr]
    return {name: _without_empty(about) for name, about in result["properties"].items()}, result.get("required", [])


def _without_empty(about: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in about.items() if value != {}}


def _report(report: intake.ReportType) -> Contract:
    properties = {column.name: _column(column) for column in report.columns}
    required = [column.name for column in report.columns if column.required]
    schema = _object(report.wire, report.summary, properties, required)
    return Contract(report.wire, "outside", report.summary, schema, report.label)


def _column(column: intake.Column) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "string", "minLength": 1} if column.required else {"type": ["string", "null"]}
    return kind | {"description": column.meaning}


def _receipt() -> Contract:
    summary = _summary(intake.ReceiptData)
    schema = _object(intake.RECEIPT, summary, *_json_schema(intake.ReceiptData))
    return Contract(intake.RECEIPT, "participation", summary, schema, intake.RECEIPT_LABEL)


def _public(public: public_events.PublicType) -> Contract:
    properties = {field.name: _member(field) for field in public.fields}
    always = (public_events.Kind.OPEN, public_events.Kind.NAMED)
    required = [field.name for field in public.fields if field.kind in always]
    schema = _object(public.wire, public.summary, properties, required)
    return Contract(public.wire, "public", public.summary, schema, public.label)


def _member(field: public_events.PublicField) -> dict[str, Any]:
    items = {"items": {"type": "string"}} if field.type == "array" else {}
    more = f"; {field.kind.value}" if field.kind is not public_events.Kind.OPEN else ""
    return {"type": field.type, **items, "description": f"{field.meaning}{more}"}


def _object(wire: str, summary: str, properties: dict[str, Any], required: Iterable[str]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"urn:qihang:{wire}", "title": wire, "description": summary, "type": "object",
            "properties": properties, "required": sorted(required)}  # fmt: skip
