"""One unit shows works of several (各校选登) where the campaign lets it; else another's is as unknown as none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis.process.problems import Problem
from contracts.articles import ArticleDrafted
from contracts.participation import UnitRegistered
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
