"""The changes of interfaces.md: closed, related, ended, rectified."""

from functools import partial

import pytest

from services.participation.domain import Row, row_of
from tests.domain.participation.scripted import given, good


@pytest.mark.parametrize("what", ["unit_closed", "unit_related", "membership_ended", "finding_rectified"])
def test_the_same_change_again_is_unchanged(what: str) -> None:
    given(good("finding"), good(what)).when(good(what)).then_unchanged()


def test_a_unit_closes_and_may_be_reported_to_close_on_another_day() -> None:
    closed = given(good("unit_closed"))
    closed.when(good("unit_closed", closed_on="2024-01-01")).then_accepted(unit_id="S1", closed_on="2024-01-01")


def test_a_unit_does_not_close_before_it_opened() -> None:
    given().when(good("unit_closed", closed_on="2010-09-01")).then_refused("closed_on", "bad_order")


def test_a_unit_that_is_not_there_may_still_come() -> None:
    given().when(good("unit_closed", unit_id="X")).then_refused("unit_id", "unknown_unit")
    given().when(good("unit_closed", unit_id="X"), allow_pending=True).then_pending_for("unit:X")
    given().when(good("unit_related", unit_id="X"), allow_pending=True).then_pending_for("unit:X")
    given().when(good("unit_related", zone_id="Y"), allow_pending=True).then_pending_for("unit:Y")


def test_a_relation_that_is_not_given_stays_as_it_was() -> None:
    zoned = given(good("unit_related"), good("unit_related", liaison_id="", zone_id="S1", from_="2023-06-01"))
    zoned.when(good("finding", assessor_id="O3", found_on="2023-07-01")).then_accepted()


def test_of_two_changes_from_one_day_the_later_reported_is_in_force() -> None:
    twice = given(good("unit_related"), good("unit_related", liaison_id="O2"))
    twice.when(good("finding", assessor_id="O2", found_on="2023-07-01")).then_accepted()
    twice.when(good("unit_related", liaison_id="O2")).then_unchanged()
    twice.when(good("unit_related")).then_accepted(liaison_id="O3")


def test_a_change_reported_late_leaves_what_was_changed_from_a_later_day() -> None:
    late = given(good("unit_related", from_="2023-06-01"), good("unit_related", liaison_id="B1", from_="2023-03-01"))
    late.when(good("finding", assessor_id="O3", found_on="2023-07-01")).then_accepted()


def test_a_corrected_liaison_is_that_of_the_change_reported_last_from_the_same_day() -> None:
    corrected = given(good("unit_related"), liaison_corrected("B1"))
    finding = partial(good, "finding", finding_id="F2")
    corrected.when(finding(assessor_id="O2", found_on="2023-02-28")).then_accepted()
    corrected.when(finding(assessor_id="O3", found_on="2023-07-01")).then_refused("assessor_id", "not_assigned")
    corrected.when(finding(assessor_id="B1", found_on="2023-07-01")).then_accepted()


def test_a_corrected_liaison_without_any_change_is_so_from_the_beginning() -> None:
    corrected = given(liaison_corrected("O3"))
    corrected.when(good("finding", assessor_id="O3", found_on="2022-09-01")).then_accepted()
    corrected.when(good("finding", assessor_id="O2")).then_refused("assessor_id", "not_assigned")


def test_a_unit_whose_change_of_liaison_was_a_mistake_has_none_from_that_day() -> None:
    emptied = given(good("unit_related"), liaison_corrected(""))
    emptied.when(good("finding", assessor_id="O3", found_on="2023-07-01")).then_refused("assessor_id", "not_assigned")
    emptied.when(good("finding", assessor_id="O2", found_on="2023-02-28")).then_accepted()


def test_a_change_of_liaison_that_was_corrected_is_unchanged_as_reported_and_as_it_stands() -> None:
    corrected = given(good("unit_related"), liaison_corrected("B1"))
    corrected.when(good("unit_related")).then_unchanged()
    corrected.when(good("unit_related", liaison_id="B1")).then_unchanged()
    corrected.when(good("unit_related", liaison_id="O2")).then_accepted(liaison_id="O2")


def liaison_corrected(unit_id: str) -> Row:
    return row_of("unit_corrected", {"unit_id": "S1", "liaison_id": unit_id, "reason": "填写有误"})


def test_a_change_that_relates_the_unit_to_nothing_is_missing_something() -> None:
    given().when(good("unit_related", liaison_id="")).then_refused("zone_id", "missing")


def test_a_membership_that_the_book_lacks_cannot_end_yet() -> None:
    given().when(good("membership_ended", from_="2021-01-01")).then_refused("from", "not_in_service")
    given().when(good("membership_ended", from_="2021-01-01"), allow_pending=True).then_pending_for("person:P1")
    given().when(good("membership_ended", person_id="P9"), allow_pending=True).then_pending_for("person:P9")
    given().when(good("membership_ended", unit_id="X")).then_refused("unit_id", "unknown_unit")


def test_a_membership_in_a_unit_that_was_voided_since_may_end_as_a_correction_may_end_it() -> None:
    """scoring.md 1: what is wrong already does not forbid mending something else."""
    void = given(row_of("unit_voided", {"unit_id": "S1", "reason": "重复登记"}))
    void.when(good("membership_corrected", to="2023-03-01")).then_accepted(until="2023-03-01")
    void.when(good("membership_ended"), allow_pending=True).then_accepted(until=good("membership_ended").to)


def test_a_membership_does_not_end_before_it_began() -> None:
    given().when(good("membership_ended", to="2020-09-01")).then_refused("to", "bad_order")


def test_a_membership_is_not_prolonged_into_the_next_one() -> None:
    moved = given(good("membership_ended"), good("membership", unit_id="O2", from_="2023-03-01"))
    moved.when(good("membership_ended", to="2023-03-02")).then_refused("from", "overlapping")
    moved.when(good("membership_ended", to="2023-02-01")).then_accepted(until="2023-02-01")


@pytest.mark.parametrize("day", ["2022-11-19", "2022-11-20"])
def test_the_day_on_which_a_finding_was_put_right_is_taken_by_file_and_by_event_alike(day: str) -> None:
    """scoring.md 1 orders no days of a finding."""
    given().when(good("finding", rectified_on=day)).then_accepted(rectified_on=day)
    result = given(good("finding"))
    result.when(good("finding_rectified", rectified_on=day)).then_accepted(rectified_on=day)
    result.when(good("finding_corrected", rectified_on=day)).then_accepted(rectified_on=day)


def test_a_finding_that_is_not_there_may_still_come() -> None:
    given().when(good("finding_rectified")).then_refused("finding_id", "unknown_finding")
    given().when(good("finding_rectified"), allow_pending=True).then_pending_for("finding:F1")


def test_a_finding_reported_as_rectified_needs_no_second_word() -> None:
    given(good("finding", rectified_on="2022-12-10")).when(good("finding_rectified")).then_unchanged()
