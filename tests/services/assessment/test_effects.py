"""What a plan would do to the figures is what it does: the comparison says before it is launched what calculations of
the one and the other plan say, and writes nothing."""

from __future__ import annotations

import copy
import functools
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from duties import result_files
from duties.campaign import Campaign
from duties.days import day_of
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from services.assessment.effects import effect_run
from services.assessment.scores.calculation import calculate
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.service import Service
from tests.services.assessment.both_services import District, launch, of_file, opened_district, sample
from tests.services.assessment.test_kept_scores import district as district
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

DOCUMENT = document_of((SAMPLES / "campaign.yaml").read_bytes())
TODAY = day_of("2022-12-20")
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    document["version"] = 2
    change(document)
    return document


def duty(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["duties"] if each["id"] == name)


def effect(district: District, document: dict[str, Any], folder: Path) -> dict[str, Any]:
    url = district.assessment.runtime.store.url.render_as_string(hide_password=False)
    order: Any = {"database_url": url, "document": document, "closes_on": 0, "today": TODAY, "folder": str(folder)}
    return effect_run.run(order)


def figures(district: District, document: dict[str, Any]) -> dict[str, Any]:
    """By a calculation of its own under these rules."""
    year, award = ScoreRequest("2022", TODAY), AwardRequest(2022)
    with district.assessment.runtime.store.reading() as connection:
        facts = FactsAsKnown(connection).under(Campaign.from_data(document))
        outcome = calculate(facts, [year, award, OutstandingRequest(TODAY)])
    scores = {item.unit_id: item for item in outcome.scores(year)}
    overdue = [row for row in outcome.outstanding(OutstandingRequest(TODAY)) if row.overdue]
    awarded = [item for item in outcome.individuals(award) if item.status == "awarded"]
    mean = sum((item.score for item in scores.values()), Fraction(0)) / len(scores)
    return {"scores": {unit: item.score for unit, item in scores.items()}, "mean": result_files.points(mean),
            "overdue": [sum(not row.person_id for row in overdue), sum(bool(row.person_id) for row in overdue)],
            "seats": len(awarded), "cut": min((item.points for item in awarded), default=None)}  # fmt: skip


@pytest.fixture(scope="module")
def folder_with_records(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Stores that nobody has open, with the sample's records and exemptions, and how many events were consumed."""
    folder = tmp_path_factory.mktemp("records")
    district = opened_district(folder, functools.partial(of_file, folder))
    launch(district.participation, DOCUMENT)
    for kind, name in (("unit", "units"), ("membership", "people"), ("record", "records"), ("exemption", "exemptions")):
        district.report(kind, *sample(name))
    district.close()
    return folder, district.consumed


@pytest.fixture
def district_with_records(folder_with_records: tuple[Path, int], tmp_path: Path) -> Iterator[District]:
    folder, consumed = folder_with_records
    shutil.copytree(folder, tmp_path / "district")
    district = opened_district(tmp_path / "district", functools.partial(of_file, tmp_path / "district"))
    district.consumed = consumed
    yield district
    district.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: duty(d, "discussion-day").update(weight=30),
        lambda d: duty(d, "summary").update(count=1),
        lambda d: duty(d, "book").update(due="2022-12-25"),
        lambda d: d["duties"].remove(duty(d, "study-session")),
        lambda d: duty(d, "forum")["who"].update(kinds=["school"]),
        lambda d: d.update(pauses=[{"duties": ["video"], "kinds": ["school"], "periods": ["2022-11"]}]),
        lambda d: d["awards"]["individuals"].update(seats=20),
    ],
    ids=["weight", "count", "due day", "no duty", "fewer owe", "pause", "seats"],
)
def test_it_says_beforehand_what_the_plan_does(district_with_records: District, change: Change, tmp_path: Path) -> None:
    district = district_with_records
    document = changed(change)
    before, after = figures(district, DOCUMENT), figures(district, document)
    result = effect(district, document, tmp_path)
    year = next(window for window in result["windows"] if window["window"] == "2022")
    moved = {unit for unit in before["scores"] if before["scores"][unit] != after["scores"].get(unit)}
    assert year["changed"] == len(moved) and year["score"] == [before["mean"], after["mean"]]
    assert [result["overdue"]["units"][1], result["overdue"]["people"][1]] == after["overdue"]
    assert [result["overdue"]["units"][0], result["overdue"]["people"][0]] == before["overdue"]
    people = result["awards"]["people"]
    assert people["seats"] == [before["seats"], after["seats"]]
    assert people["cut"] == [
        "" if side["cut"] is None else result_files.points(side["cut"]) for side in (before, after)
    ]
    assert {item["unit_id"] for item in result["units"]} <= moved and (len(result["units"]) == min(len(moved), 30))
    launch(district.participation, document)
    district.consume()
    assert figures(district, document) == after, "nothing else has changed by the comparison"


def test_a_moved_due_day_is_counted_for_whoever_owes_it(district: District, tmp_path: Path) -> None:
    owed = effect(district, changed(lambda d: duty(d, "monthly-report").update(due_days=10)), tmp_path)["owed"]
    with district.assessment.runtime.store.reading() as connection:
        units = FactsAsKnown(connection).units()
    offices = sum(unit.kind in ("office", "secondary") for unit in units)
    expected = {"subjects": len(units), "changed": offices, "more": 0, "less": 0, "due_changed": 2 * offices}
    assert owed["units"] == expected, "November and December"
    assert owed["people"]["changed"] == 0


def test_the_same_plan_changes_nothing(district: District, tmp_path: Path) -> None:
    result = effect(district, {**DOCUMENT, "version": 2}, tmp_path)
    assert result["units"] == [] and {window["changed"] for window in result["windows"]} == {0}
    assert {part["changed"] for part in result["owed"].values()} == {0}
    assert [window["window"] for window in result["windows"]] == ["2022-12", "2022-Q4", "2022-autumn", "2022"]


@pytest.mark.parametrize("district", ["sqlite"], indirect=True)
def test_an_order_is_answered_within_a_second_or_asked_again(district: District, tmp_path: Path) -> None:
    effects = district.assessment.effects
    begun = effects.begin(changed(lambda d: duty(d, "video").update(weight=1)))
    for _ in range(60):
        if effects.effect(begun.job_id).state != "running":
            break
        effects._wait(begun)
    assert (begun.state, begun.detail) == ("done", "") and begun.result is not None and begun.done == begun.total
    with pytest.raises(Problem) as unknown:
        effects.effect("none")
    assert unknown.value.status == 404


@pytest.mark.parametrize("district", ["sqlite"], indirect=True)
def test_another_campaign_and_a_broken_plan_have_no_effect_to_show(district: District) -> None:
    with pytest.raises(Problem) as other:
        district.assessment.effects.begin({**DOCUMENT, "campaign": "other"})
    assert (other.value.status, other.value.code) == (409, "other_campaign")
    with pytest.raises(Problem) as broken:
        district.assessment.effects.begin({"campaign": "x"})
    assert (broken.value.status, broken.value.code) == (422, "invalid_campaign")


def test_before_the_first_campaign_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    service = unstarted(Service, Settings(data=str(tmp_path)))
    service.store.install("assessment", "district")
    with pytest.raises(Problem) as nothing:
        service.effects.begin(DOCUMENT)
    assert nothing.value.code == "no_campaign"
    service.store.close()
