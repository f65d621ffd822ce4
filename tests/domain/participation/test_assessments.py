"""findings.csv and sheets.csv: who may assess whom, with how many points."""

import pytest

from duties.campaign import Campaign
from tests.domain.participation.district import campaign_document
from tests.domain.participation.scripted import given, good


def test_a_finding_keeps_its_points_as_they_were_written() -> None:
    given().when(good("finding", points="+1.50")).then_accepted(finding_id="F1", points="+1.50", rectified_on="")


def test_the_same_finding_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    result = given(good("finding"))
    result.when(good("finding")).then_unchanged()
    result.when(good("finding", points="1.50")).then_refused("finding_id", "conflict")


def test_bureau_supervision_office_and_the_units_own_liaison_office_may_find() -> None:
    for assessor in ("B1", "O1", "O2"):
        given().when(good("finding", assessor_id=assessor)).then_accepted(assessor_id=assessor)
    given().when(good("finding", assessor_id="O3")).then_refused("assessor_id", "not_assigned")


def test_nobody_assesses_their_own_unit() -> None:
    for unit in ("B1", "O1", "O3"):
        given().when(good("finding", unit_id=unit, assessor_id=unit)).then_refused("assessor_id", "self_assessment")
    given().when(good("sheet", assessor_id="O2")).then_refused("assessor_id", "self_assessment")


def test_the_liaison_office_is_that_of_the_day_of_the_finding() -> None:
    changed = given(good("unit_related", from_="2023-03-01"))
    changed.when(good("finding", assessor_id="O3", found_on="2023-03-01")).then_accepted()
    changed.when(good("finding", assessor_id="O3", found_on="2023-02-28")).then_refused("assessor_id", "not_assigned")
    changed.when(good("finding", assessor_id="O2", found_on="2023-02-28")).then_accepted()
    changed.when(good("finding", assessor_id="O2", found_on="2023-03-01")).then_refused("assessor_id", "not_assigned")


@pytest.mark.parametrize("points", ["two", ".5", "1.", "1e2", "1,5", "1/2", "１", " 1", "--1", "0x1", "1" * 101])
def test_points_are_a_decimal_number(points: str) -> None:
    given().when(good("finding", points=points)).then_refused("points", "bad_number")


def test_a_finding_takes_between_nothing_and_the_most_of_the_campaign() -> None:
    for points in ("0", "-0.0", "5", "+5.000"):
        given().when(good("finding", points=points)).then_accepted(points=points)
    for points in ("-0.01", "5.01"):
        given().when(good("finding", points=points)).then_refused("points", "out_of_range")


def test_a_campaign_without_findings_sets_no_most() -> None:
    document = {key: value for key, value in campaign_document().items() if key != "findings"}
    given(rules=Campaign.from_data(document)).when(good("finding", points="99")).then_accepted()


def test_a_finding_needs_its_units() -> None:
    given().when(good("finding", unit_id="X", assessor_id="Y")).then_refused("unit_id", "unknown_unit")
    given().when(good("finding", unit_id="X", assessor_id="Y"), allow_pending=True).then_pending_for("unit:X", "unit:Y")
    given().when(good("finding", unit_id="X", points="9"), allow_pending=True).then_refused("unit_id", "unknown_unit")


def test_a_sheet_scores_one_item_of_a_quarter() -> None:
    given().when(good("sheet")).then_accepted(sheet_id="Q1", period="2022-Q4", item="depth", points="26")


def test_the_same_sheet_row_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    scored = given(good("sheet"))
    scored.when(good("sheet")).then_unchanged()
    scored.when(good("sheet", points="27")).then_refused("sheet_id", "conflict")


def test_a_sheets_period_is_a_quarter_that_exists() -> None:
    for period in ("2022-11", "2022-Q3", "2022-Q5", "2022", "2022-autumn", "once"):
        given().when(good("sheet", period=period)).then_refused("period", "unknown_period")
    given().when(good("sheet", period="2031-Q1")).then_accepted()


def test_a_sheets_item_and_points_are_those_of_the_campaign() -> None:
    given().when(good("sheet", item="charm")).then_refused("item", "unknown_item")
    given().when(good("sheet", points="30.5")).then_refused("points", "out_of_range")
    given().when(good("sheet", points="-1")).then_refused("points", "out_of_range")
    given().when(good("sheet", item="organisation", points="40")).then_accepted()


def test_sheets_are_for_the_kinds_of_the_campaign_and_that_is_asked_before_the_assessor() -> None:
    given().when(good("sheet", unit_id="S1", assessor_id="O3")).then_refused("unit_id", "not_assigned")
    given().when(good("sheet", assessor_id="O3")).then_refused("assessor_id", "not_assigned")
    given().when(good("sheet", assessor_id="B1")).then_accepted()


def test_a_liaison_office_fills_in_no_sheet() -> None:
    supervised = given(good("unit", unit_id="O9", kind="office", liaison_id="O3"))
    supervised.when(good("sheet", unit_id="O9", assessor_id="O3")).then_refused("assessor_id", "not_assigned")


def test_a_campaign_without_sheets_takes_none() -> None:
    document = {key: value for key, value in campaign_document().items() if key != "sheets"}
    without = given(rules=Campaign.from_data(document))
    without.when(good("sheet")).then_refused("item", "unknown_item")
