"""Who did what is read from the log page by page, filtered by time, actor and stream, and never with its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import log_acts
from chassis.store.log_acts import ActsFilter, first_position_at, read_acts
from tests.chassis import toys
from tests.chassis.conftest import Pair
from tests.chassis.worlds import things


@pytest.fixture
def log(pair: Pair) -> ServiceRuntime:
    """Nine events by three: a clerk, a service, an operator."""
    source, _ = pair(notes=True)
    for number, actor in enumerate(("clerk:P1@X1", "service:participation", "operator:operator") * 3):
        with source.units_of_work.begin(actor, f"c{number}") as work:
            work.append(*things(f"s{number}:{number}"))
    return source


def pages(runtime: ServiceRuntime, wanted: ActsFilter, limit: int) -> list[list[str]]:
    result, before = [], dict[int, int]()
    with runtime.store.reading() as connection:
        while True:
            acts, before = read_acts(connection, wanted, before, limit)
            result.append([act["stream"] for act in acts])
            if not before:
                return result
            before = log_acts.places_of(log_acts.text_of_places(before))


def test_pages_go_back_to_the_first_event_and_name_each_once(log: ServiceRuntime) -> None:
    assert [name for page in pages(log, ActsFilter(), 4) for name in page] == [f"thing-s{n}" for n in range(8, -1, -1)]


@pytest.mark.parametrize(("wanted", "numbers"), [
    (ActsFilter(by="people"), [8, 6, 5, 3, 2, 0]), (ActsFilter(by="programs"), [7, 4, 1]),
    (ActsFilter(who="P1"), [6, 3, 0]), (ActsFilter(who="operator"), [8, 5, 2]), (ActsFilter(who="P"), []),
    (ActsFilter(type="participation.thing_reported"), [*range(8, -1, -1)]),
    (ActsFilter(type="participation.thing"), []),
    (ActsFilter(stream="thing-s4"), [4]), (ActsFilter(until="1970-01-01T00:00:00Z"), []),
])  # fmt: skip
def test_filters(log: ServiceRuntime, wanted: ActsFilter, numbers: list[int]) -> None:
    assert [name for page in pages(log, wanted, 2) for name in page] == [f"thing-s{n}" for n in numbers]


def test_a_page_looks_through_a_bounded_part_of_the_log(log: ServiceRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_acts, "SCANNED", 2)
    found_by_page = pages(log, ActsFilter(stream="thing-s0"), 10)
    assert [page for page in found_by_page if page] == [["thing-s0"]] and len(found_by_page) >= 4


def test_a_day_begins_at_its_first_event(log: ServiceRuntime) -> None:
    with log.store.reading() as connection:
        acts, _ = read_acts(connection, ActsFilter(), {}, 100)
        last = max(int(act["place"].partition("/")[2]) for act in acts)
        first = min(acts, key=lambda act: int(act["place"].partition("/")[2]))
        assert first_position_at(connection, 0, last, first["at"]) == int(first["place"].partition("/")[2])
        assert first_position_at(connection, 0, last, "9999-01-01T00:00:00Z") == last + 1
    assert Path(log_acts.__file__).exists() and "data" not in acts[0]


def test_what_may_be_asked_for_are_the_types_of_the_service_by_label(log: ServiceRuntime) -> None:
    types = log_acts.types_of("participation")
    assert {"type": "participation.thing_reported", "label": toys.ThingReported.label} in types
    assert all(each["type"].startswith(("participation.", "operations.")) for each in types)
    assert [each["label"] for each in types] == sorted(each["label"] for each in types)
