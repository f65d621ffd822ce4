"""Commands executed in a unit of work: loaded once, decided in order, each seeing what those before it appended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.store.decider import Decider
from tests.chassis.conftest import Pair
from tests.chassis.toys import ThingReported
from tests.chassis.worlds import append, recorded, things


@dataclass(frozen=True)
class ReportThing:
    """The text of a thing, unless it is the same already."""

    thing_id: str
    text: str

    @property
    def stream(self) -> str:
        return f"thing-{self.thing_id}"


@dataclass(frozen=True)
class Copy:
    """One thing's text to another."""

    source: str
    target: str


class TooLong(Exception):
    """More characters than are allowed."""


def decide(text: str, command: ReportThing, most: int) -> list[Event]:
    if len(command.text) > most:
        raise TooLong
    return [] if text == command.text else [ThingReported(command.thing_id, command.text)]


def evolve(text: str, event: Any) -> str:
    return event.text  # type: ignore[no-any-return]


THINGS = Decider(str, decide, evolve)


def decide_copy(texts: dict[str, str], command: Copy) -> str | ThingReported:
    return ThingReported(command.target, texts[command.source]) if command.source in texts else "unknown"


def evolve_all(texts: dict[str, str], event: Any) -> dict[str, str]:
    return texts | {event.thing_id: event.text}


def both(command: Copy) -> Iterable[str]:
    return f"thing-{command.source}", f"thing-{command.target}"


COPIES: Decider[dict[str, str], Copy, str | ThingReported] = Decider(
    dict, decide_copy, evolve_all, both, lambda outcome: [outcome] if isinstance(outcome, ThingReported) else []
)


def test_a_command_is_decided_against_what_its_stream_has_come_to(pair: Pair) -> None:
    source, _ = pair()
    append(source, *things("a:1"))
    with source.unit_of_work("operator:test") as unit_of_work:
        assert unit_of_work.execute(THINGS, ReportThing("a", "1"), 5) == []
        assert unit_of_work.execute(THINGS, ReportThing("a", "2"), 5, causation="cause") == [ThingReported("a", "2")]
    assert [(event.version, event.causation) for event in recorded(source)] == [(1, ""), (2, "cause")]


def test_commands_of_one_unit_of_work_see_each_other(pair: Pair) -> None:
    source, _ = pair()
    with source.unit_of_work("operator:test") as unit_of_work:
        unit_of_work.append(*things("b:0"))
        commands = [ReportThing("a", "1"), ReportThing("a", "1"), ReportThing("b", "0"), ReportThing("a", "2")]
        outcomes = unit_of_work.execute_all(THINGS, commands, 5, causations=list("wxyz"))
        assert [len(events) for events in outcomes] == [1, 0, 0, 1]
        unit_of_work.flush()
        assert unit_of_work.execute(THINGS, ReportThing("a", "2"), 5) == []
        unit_of_work.append(*things("a:3"))
        assert unit_of_work.states(THINGS, ["thing-a", "thing-c"]) == {"thing-a": "3", "thing-c": ""}
    assert [(event.stream, event.causation) for event in recorded(source)] == [
        ("thing-b", ""), ("thing-a", "w"), ("thing-a", "z"), ("thing-a", "")]  # fmt: skip


def test_the_streams_of_many_commands_are_loaded_by_one_query(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = pair()
    with source.unit_of_work("operator:test") as unit_of_work:
        loaded, load = [], unit_of_work.load
        monkeypatch.setattr(unit_of_work, "load", lambda names: (loaded.append(list(names)), load(names))[1])
        unit_of_work.execute_all(THINGS, [ReportThing("a", "1"), ReportThing("b", "1"), ReportThing("a", "2")], 5)
        unit_of_work.execute(THINGS, ReportThing("b", "2"), 5)
    assert loaded == [["thing-a", "thing-b"]]


def test_a_refusal_leaves_nothing(pair: Pair) -> None:
    source, _ = pair()
    with pytest.raises(TooLong), source.unit_of_work("operator:test") as unit_of_work:
        unit_of_work.execute_all(THINGS, [ReportThing("a", "1"), ReportThing("a", "123456")], 5)
    assert recorded(source) == []


def test_a_decider_of_several_streams_has_one_state(pair: Pair) -> None:
    """Other deciders may hold the same streams; an outcome may be a refusal as data."""
    source, _ = pair()
    append(source, *things("a:1"))
    with source.unit_of_work("operator:test") as unit_of_work:
        unit_of_work.execute(THINGS, ReportThing("c", "3"), 5)
        outcomes = unit_of_work.execute_all(COPIES, [Copy("a", "b"), Copy("b", "d"), Copy("c", "a"), Copy("x", "a")])
        assert outcomes == [*things("b:1", "d:1", "a:3"), "unknown"]
        assert unit_of_work.combined_state(COPIES) == {"a": "3", "b": "1", "c": "3", "d": "1"}
        assert unit_of_work.execute(THINGS, ReportThing("a", "3"), 5) == []
    assert [event.event() for event in recorded(source)] == things("a:1", "c:3", "b:1", "d:1", "a:3")
