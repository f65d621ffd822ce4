"""Tests that share a running system are sent to one lane, whatever else they are parametrized by."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.lanes import LaneScheduling, lane_of, next_lane


@pytest.mark.parametrize("way", ["embedded", "district"])
def test_tests_of_a_shared_system_share_a_lane(way: str) -> None:
    tests = (
        f"tests/journeys/test_publishers.py::test_new_secrets_end_the_old_ones[{way}]",
        f"tests/journeys/test_publishers.py::TestOnTheBroker::test_everything_else_is_forbidden[publish events-{way}]",
        f"tests/journeys/test_replaced_keys.py::test_every_service_honours_both_keys[console-{way}]",
        f"tests/journeys/test_waiting.py::test_units_that_name_each_other_enter_together[{way}]",
    )
    assert {lane_of(each) for each in tests} == {f"small system, {way}"}


def test_the_ways_do_not_share_one() -> None:
    test = "tests/journeys/test_import.py::test_a_rehearsal[{}]"
    assert lane_of(test.format("embedded")) == "sample system, embedded"
    assert lane_of(test.format("district")) == "sample system, district"


def test_a_file_without_a_shared_system_is_a_lane_a_way() -> None:
    test = "tests/journeys/test_other_districts.py::test_its_figures_are_the_oracle_s[{}]"
    assert lane_of(test.format("embedded-23")) == lane_of(test.format("embedded-45"))
    assert lane_of(test.format("embedded-23")) != lane_of(test.format("district-30"))


LANES = ("sample system, district", "tests/journeys/test_outages.py, ", "tests/chassis/test_store.py, ")


def test_a_worker_calculates_while_the_others_wait() -> None:
    assert next_lane(LANES, wait=True) == LANES[0]
    assert next_lane(LANES, wait=False) == LANES[2]


def test_no_worker_rests_for_want_of_its_kind_of_lane() -> None:
    assert next_lane(LANES[:2], wait=False) == LANES[0]
    assert next_lane(LANES[2:], wait=True) == LANES[2]


def test_the_scheduler_leaves_one_of_its_workers_to_what_calculates() -> None:
    workers = [Worker(), Worker(), Worker()]
    config = SimpleNamespace(getvalue=lambda _: ["popen"] * 3, option=SimpleNamespace(loadscopereorder=False))
    scheduler = LaneScheduling(config)
    tests = [f"tests/journeys/test_{at}.py::test_{end}" for at in range(4) for end in "abc"]
    tests += [f"tests/chassis/test_{at}.py::test_{end}" for at in range(2) for end in "abc"]
    for worker in workers:
        scheduler.add_node(worker)
    for worker in workers:
        scheduler.add_node_collection(worker, tests)
    scheduler.schedule()
    assert [[tests[at] for at in worker.sent] for worker in workers] == [tests[:3], tests[3:6], tests[12:15]]
    for at in (12, 13, 14):
        scheduler.mark_test_complete(workers[2], at)
    assert workers[2].sent[3:] == [15, 16, 17], "it goes on so"


class Worker:
    """What is sent to one."""

    shutting_down, gateway = False, SimpleNamespace(id="")

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True
