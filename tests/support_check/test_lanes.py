"""Tests that share a running system are sent to one lane, whatever else they are parametrized by."""

from __future__ import annotations

import pytest

from tests.lanes import lane_of


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
