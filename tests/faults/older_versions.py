"""Programs before two upgrades: every event type of a run exists in three versions.

0.1 and 0.2 are older than what the product writes; each is a class with an upcaster to the next."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, NamedTuple
from zlib import crc32

from chassis.events.definition import REGISTRY, Event, upcasts
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import FindingReported, MembershipStarted, RecordSubmitted, UnitRegistered

Data = dict[str, Any]


class Difference(NamedTuple):
    """How a version differs from the next: fields (name, type) that stand in the place of others, and the ways up and
    down of the data."""

    gone: tuple[str, ...]
    had: tuple[tuple[str, type], ...]
    up: Callable[[Data], Data]
    down: Callable[[Data], Data]


def renamed(new: str, old: str) -> Difference:
    """The same text under another name."""
    return Difference((new,), ((old, str),), lambda data: {new: data[old]}, lambda data: {old: data[new]})


TAGS = Difference(
    ("tags",), (("tag_list", str),),
    lambda data: {"tags": tuple(filter(None, data["tag_list"].split(",")))},
    lambda data: {"tag_list": ",".join(data["tags"])},
)  # fmt: skip
RULES = Difference(
    ("campaign", "campaign_version"), (("rules", str),),
    lambda data: {"campaign": data["rules"].split("/")[0], "campaign_version": int(data["rules"].split("/")[1])},
    lambda data: {"rules": f"{data['campaign']}/{data['campaign_version']}"},
)  # fmt: skip
HUNDREDTHS = Difference(("points",), (("hundredths", int),), lambda data: {"points": f"{data['hundredths'] / 100:g}"},
                   lambda data: {"hundredths": round(float(data["points"]) * 100)})  # fmt: skip

VERSIONS: dict[type[Event], tuple[Difference, Difference]] = {  # from 0.2 to 1, from 0.1 to 0.2
    UnitRegistered: (TAGS, renamed("opened_on", "since")),
    MembershipStarted: (renamed("unit_id", "school"), renamed("since", "from_day")),
    RecordSubmitted: (renamed("unit_id", "school"), RULES),
    FindingReported: (renamed("unit_id", "school"), HUNDREDTHS),
}
_previous_versions: dict[
    type[Event], tuple[type[Event], Difference]
] = {}  # a class -> the one before it, and how they differ


def register_older_versions() -> None:
    """This process can read every version."""
    for newest, ladder in VERSIONS.items():
        cls: type[Event] = newest
        for version, older in zip(("0.2", "0.1"), ladder, strict=True):
            cls = _older_class(cls, older, newest.wire.removesuffix("v1") + f"v{version}")


def _older_class(newer: type[Event], older: Difference, name: str) -> type[Event]:
    hints = typing.get_type_hints(newer)
    kept = [(f.name, hints[f.name], f) for f in fields(newer) if f.name not in older.gone]  # type: ignore[arg-type]
    raised = {"stream": property(lambda self: REGISTRY.upcast(self).stream),
              "occurred": property(lambda self: REGISTRY.upcast(self).occurred)}  # fmt: skip
    result: Any = make_dataclass(newer.__name__, [*older.had, *kept], bases=(Event,), namespace=raised, frozen=True)
    result.wire, result.version = name, 0
    REGISTRY.add(result)
    upcasts(result)(lambda old: newer(**_changed(old, dict(older.had), older.up)))
    _previous_versions[newer] = (result, older)
    return result  # type: ignore[no-any-return]


def _changed(event: Event, left: typing.Iterable[str], change: Callable[[Data], Data]) -> Data:
    return {name: value for name, value in vars(event).items() if name not in left} | change(vars(event))


def write_older_versions() -> None:
    """A third of the streams is written in each version."""
    original = UnitOfWork._record

    def record(self: UnitOfWork, pending: Any) -> Any:
        event = pending.event
        for _ in range(crc32(event.stream.encode()) % 3):
            if (previous_version := _previous_versions.get(type(event))) is not None:
                before, older = previous_version
                event = before(**_changed(event, older.gone, older.down))
        return original(self, pending._replace(event=event))

    UnitOfWork._record = record  # type: ignore[method-assign]
