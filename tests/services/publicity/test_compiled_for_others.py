"""One unit shows works of several (各校选登) where the campaign lets it; else another's is as unknown as none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis.process.problems import Problem
from contracts.articles import ArticleDrafted
from contracts.corrections import UnitCorrected
from contracts.participation import UnitRegistered, UnitRelated
from services.publicity.domain.refusals import Refused
from tests.services.publicity.district import Bureau

BUREAU = UnitRegistered("B00", "区教育局", "bureau", (), "", "", "", "2010-09-01", "", "d")
RESEARCH = UnitRegistered("O09", "教研室", "office", ("research_office",), "", "", "", "2010-09-01", "", "d")


def opened(build: Callable[[], Bureau], section: str) -> Bureau:
    bureau = build()
    bureau.open(section)
    bureau.receive(BUREAU, RESEARCH)
    bureau.work("W1")
    return bureau


@pytest.mark.parametrize("unit_id", ["B00", "O09"])
def test_bureau_and_research_office_show_works_of_the_district_s_units(
    build: Callable[[], Bureau], unit_id: str
) -> None:
    bureau = opened(build, "\npublicity: {compile_for: [district]}\n")
    bureau.article("A1", "W1", unit_id=unit_id)
    drafted = bureau.events_of_type("article_drafted")[0].event()
    assert isinstance(drafted, ArticleDrafted) and (drafted.unit_id, drafted.units) == (unit_id, ("S01",))


@pytest.mark.parametrize(("section", "unit_id"), [("", "B00"), ("\npublicity: {compile_for: [district]}\n", "S02")])
def test_nobody_else_does(build: Callable[[], Bureau], section: str, unit_id: str) -> None:
    bureau = opened(build, section)
    with pytest.raises((Problem, Refused)) as refused:
        bureau.article("A1", "W1", unit_id=unit_id)
    assert refused.value.code == "work_of_another_unit"


ZONE = "\npublicity: {compile_for: [zone]}\n"
CENTRAL = UnitRegistered("S05", "中心小学", "school", ("central_school",), "", "", "", "2010-09-01", "", "d")


def related(zone_id: str, since: str) -> UnitRelated:
    return UnitRelated("S01", zone_id, "", "", since)


def corrected(zone_id: str, *columns: str) -> UnitCorrected:
    return UnitCorrected("S01", "S01小学", "school", (), zone_id, "", "", "2010-09-01", "", "d", "", False, columns,
                         "C1", "登记有误")  # fmt: skip


def test_a_central_school_shows_works_of_the_zone_that_it_leads(build: Callable[[], Bureau]) -> None:
    bureau = opened(build, ZONE)
    bureau.receive(CENTRAL, related("S05", "2022-12-05"))
    bureau.article("A1", "W1", unit_id="S05")
    drafted = bureau.events_of_type("article_drafted")[0].event()
    assert isinstance(drafted, ArticleDrafted) and (drafted.unit_id, drafted.units) == ("S05", ("S01",))


@pytest.mark.parametrize(
    ("section", "unit_id", "facts"),
    [
        (ZONE, "S05", ()),
        (ZONE, "S05", (related("S02", "2022-09-01"),)),
        (ZONE, "S05", (related("S05", "2022-12-06"),)),  # from tomorrow on
        (ZONE, "S05", (related("S05", "2022-09-01"), related("S02", "2022-12-01"))),  # it was, until December
        (ZONE, "S05", (related("S05", "2022-09-01"), corrected("", "zone_id"))),
        (ZONE, "S02", (related("S02", "2022-09-01"),)),  # which is no central school
        ("\npublicity: {compile_for: [district]}\n", "S05", (related("S05", "2022-09-01"),)),
        (ZONE, "B00", ()),
    ],
)
def test_a_zone_is_as_of_the_day_and_the_campaign_names_it(
    build: Callable[[], Bureau], section: str, unit_id: str, facts: tuple[UnitRelated | UnitCorrected, ...]
) -> None:
    bureau = opened(build, section)
    bureau.receive(CENTRAL, *facts)
    with pytest.raises((Problem, Refused)) as refused:
        bureau.article("A1", "W1", unit_id=unit_id)
    assert refused.value.code == "work_of_another_unit"


def test_a_correction_of_another_column_leaves_the_zone(build: Callable[[], Bureau]) -> None:
    bureau = opened(build, ZONE)
    bureau.receive(CENTRAL, related("S05", "2022-09-01"), corrected("", "name"))
    bureau.article("A1", "W1", unit_id="S05")
