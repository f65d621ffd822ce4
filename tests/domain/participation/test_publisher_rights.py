"""What an operator may name for an outside system, and what the names mean."""

from __future__ import annotations

import pytest

from services.participation.domain import row_of
from services.participation.domain.reserved_ids import names_reserved_id
from services.participation.publishers.domain import BadRights, Rights, overlapping, rights_of


def rights(*, types: tuple[str, ...] = ("qihang.record.*",), units: tuple[str, ...] = (),
           sources: tuple[str, ...] = ()) -> Rights:  # fmt: skip
    return rights_of("hr", types, units, sources)


def test_a_type_is_named_whole_or_with_a_star() -> None:
    assert rights(types=("qihang.record.reported.v1",)).may_report("qihang.record.reported.v1")
    assert not rights(types=("qihang.record.reported.v1",)).may_report("qihang.record.voided.v1")
    assert rights(types=("qihang.record.*",)).may_report("qihang.record.voided.v1")
    assert not rights(types=("qihang.record.*",)).may_report("qihang.unit.closed.v1")
    assert rights(types=("qihang.*.reported.v1",)).may_report("qihang.unit.reported.v1")


@pytest.mark.parametrize(("short", "whole"), [
    ("record", "qihang.record.*"), ("record.reported", "qihang.record.reported.v1"), ("unit.*", "qihang.unit.*"),
])  # fmt: skip
def test_a_short_name_is_read_as_the_whole_one(short: str, whole: str) -> None:
    assert rights(types=(short,)).types == (whole,)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("types", value) for value in ("", "qihang.recrod.*", "participation.*", "qihang.[a-z]*", "qihang.?nit.*")),
        *(("units", value) for value in ("", "X*", "X\n1", "X" * 129)),
        *(("sources", value) for value in ("", " /hr", "*", "/*", "/h*", "/*/x", "/a\n", "s" * 257)),
    ],
)
def test_what_means_nothing_or_everything_cannot_be_named(column: str, value: str) -> None:
    with pytest.raises(BadRights) as refused:
        rights(**{column: (value,)})
    assert refused.value.column == column


def test_a_type_must_be_named() -> None:
    with pytest.raises(BadRights):
        rights(types=())


def test_all_units_are_named_alone() -> None:
    assert rights().of_all_units and rights(units=("all",)).of_all_units
    assert not rights(units=("X1",)).of_all_units
    with pytest.raises(BadRights):
        rights(units=("all", "X1"))


def test_without_sources_those_of_its_name_are_its_own() -> None:
    named = rights()
    assert named.owns("hr") and named.owns("/hr") and named.owns("/hr/staff")
    assert not named.owns("/hrx") and not named.owns("/")


@pytest.mark.parametrize(("mine", "theirs", "both"), [
    ("/hr", "/hr", "/hr"), ("/hr/*", "/hr/a", "/hr/*"), ("/hr/a", "/hr/*", "/hr/a"), ("/hr/*", "/hr/a/*", "/hr/*"),
    ("/hr", "/hr/*", ""), ("/hr/*", "/hr2/*", ""),
])  # fmt: skip
def test_no_source_is_named_for_two(mine: str, theirs: str, both: str) -> None:
    assert overlapping(rights(sources=(mine,)), rights(sources=(theirs,))) == both


@pytest.mark.parametrize("kind", ["record", "withdrawal", "record_corrected", "record_voided", "record_restored"])
@pytest.mark.parametrize(("record_id", "reserved"), [
    ("publicity-article-7", True), ("publicity-work-1-unit", True), ("publicity-anthology-1-1", True),
    ("publicity-video-3", True), ("publicity", False), ("R1", False), ("x-publicity-video-3", False),
])  # fmt: skip
def test_ids_of_our_own_deeds_are_reserved(kind: str, record_id: str, reserved: bool) -> None:
    assert names_reserved_id(row_of(kind, {"record_id": record_id})) == reserved


def test_other_rows_may_bear_such_ids() -> None:
    assert not names_reserved_id(row_of("unit", {"unit_id": "publicity-video-3"}))
