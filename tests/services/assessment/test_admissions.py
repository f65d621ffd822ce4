"""What a decision admits to a frozen window: rows and corrections, each alone and nothing else (scoring.md 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts import corrections, participation
from contracts.assessment import WindowFrozen
from duties.days import day_of
from services.assessment.freezes.admissible import AmbiguousRow, RowNotOfficial, find_admissible
from services.assessment.freezes.queries import frozen_windows, official_facts
from services.assessment.scores import score_run
from services.registry.versions import instant_of
from tests.services.assessment.test_facts_as_known import (
    CAMPAIGN,
    DOCUMENT,
    History,
    at,
    finding,
    launched,
    membership,
    record,
    unit,
)
from tests.services.assessment.test_facts_as_known import make_store as make_store
from tests.services.assessment.test_freezes import WINDOW, admit, deductions, result_files

SUBMITTED = participation.RecordSubmitted(**record("2023-03"))


def correction(correction_id: str, points: str, *columns: str, **more: Any) -> Any:
    return corrections.FindingCorrected(**(finding(points) | more), voided=False, columns=columns or ("points",),
                                        correction_id=correction_id, correction_reason="核实")  # fmt: skip


@pytest.fixture
def history(make_store: Any) -> History:
    """A unit with a teacher and a finding of 5 points; the quarter is frozen on day 40."""
    result: History = make_store()
    result.record(0, launched(), participation.UnitRegistered(**unit("一小")),
                  participation.MembershipStarted(**membership("teacher")),
                  participation.FindingReported(**finding("5")))  # fmt: skip
    result.record(40, WindowFrozen(CAMPAIGN, WINDOW, at(40)))
    score_run.open_store.cache_clear()
    return result


def official(history: History) -> dict[str, Any]:
    """The facts that the window's official figures read."""
    with history.store.reading() as connection:
        facts = official_facts(connection, CAMPAIGN, frozen_windows(connection, CAMPAIGN)[WINDOW])
        units = facts.units()
        return {"units": units, "people": list(facts.person_facts()), "names": facts.unit_names(),
                "decisions": facts.decisions(),
                "of units": list(facts.unit_facts([unit.unit_id for unit in units]))}  # fmt: skip


def findings(history: History) -> list[tuple[str, int]]:
    (facts,) = official(history)["of units"]
    return [(str(item.points), item.found_on) for item in facts.findings]


def test_a_correction_lays_its_own_cells_on_the_row_as_the_freeze_knew_it(history: History, tmp_path: Path) -> None:
    history.record(50, correction("C1", "2"), correction("C2", "2", "found_on", found_on="2023-02-01"))
    assert findings(history) == [("5", day_of("2023-03-01"))]
    assert admit(history, 60, "C2") == ["corrections/C2"]
    assert findings(history) == [("5", day_of("2023-02-01"))]
    assert deductions(result_files(history, tmp_path / "one"))[WINDOW] == "5.00"
    assert admit(history, 61, "corrections/C1") == ["corrections/C1"]
    assert findings(history) == [("2", day_of("2023-02-01"))]
    assert deductions(result_files(history, tmp_path / "both")) == {WINDOW: "2.00", "2023-03": "2.00"}


def test_later_corrections_of_an_admitted_row_wait_for_a_decision_of_their_own(history: History) -> None:
    late = finding("1") | {"finding_id": "F2"}
    history.record(50, participation.FindingReported(**late))
    admit(history, 51, "findings/F2")
    history.record(52, corrections.FindingCorrected(**(late | {"points": "3"}), voided=False, columns=("points",),
                                                    correction_id="C3", correction_reason="核实"))  # fmt: skip
    assert [points for points, _ in findings(history)] == ["5", "1"]
    admit(history, 53, "C3")
    assert [points for points, _ in findings(history)] == ["5", "3"]


def test_a_void_and_a_restoration_are_admitted_as_other_corrections_are(history: History) -> None:
    for days, correction_id, voided in ((50, "C1", True), (51, "C2", False)):
        cells = finding("5") | {"correction_id": correction_id, "correction_reason": "x"}
        history.record(days, corrections.FindingCorrected(**cells, voided=voided, columns=("*",)))
    admit(history, 60, "C1")
    assert findings(history) == []
    admit(history, 61, "C2")
    assert [points for points, _ in findings(history)] == ["5"]


def test_a_unit_and_a_membership_are_admitted_by_their_ids(history: History) -> None:
    there = membership("teacher") | {"person_id": "P/2", "unit_id": "X/2", "since": "2023-01-01"}
    history.record(50, participation.UnitRegistered(**(unit("二小") | {"unit_id": "X/2"})),
                   participation.MembershipStarted(**there))  # fmt: skip
    before = official(history)
    assert [item.unit_id for item in before["units"]] == ["X1"]
    assert [person.person_id for person in before["people"]] == ["P1"]
    assert admit(history, 60, "X/2", "P/2/X/2/2023-01-01") == ["people/P/2/X/2/2023-01-01", "units/X/2"]
    after = official(history)
    assert [item.unit_id for item in after["units"]] == ["X/2", "X1"]
    assert after["names"] == {"X1": "一小", "X/2": "二小"}
    assert [(person.person_id, person.memberships[0].unit_id) for person in after["people"]] == [
        ("P/2", "X/2"), ("P1", "X1"),
    ]  # fmt: skip


def test_an_admitted_record_is_not_asked_when_it_was_recorded(history: History) -> None:
    history.record(50, SUBMITTED)
    (person,) = official(history)["people"]
    assert person.records == []
    admit(history, 60, "R1")
    (person,) = official(history)["people"]
    assert [(item.record_id, item.reported_on) for item in person.records] == [("R1", None)]


def test_the_row_of_a_correction_is_admitted_with_it_or_before(history: History) -> None:
    history.record(50, SUBMITTED, corrections.RecordCorrected(**record("2023-02"), voided=False, columns=("period",),
                                                              correction_id="C9", correction_reason="x"))  # fmt: skip
    with pytest.raises(RowNotOfficial) as refused:
        admit(history, 60, "C9")
    assert refused.value.args == ("corrections/C9", "records/R1")
    assert admit(history, 60, "C9", "R1") == ["corrections/C9", "records/R1"]
    (person,) = official(history)["people"]
    assert [item.period for item in person.records] == ["2023-02"]


def test_an_id_of_two_tables_is_asked_for_with_its_table(history: History) -> None:
    history.record(50, correction("R1", "2"), SUBMITTED)
    with pytest.raises(AmbiguousRow) as refused:
        admit(history, 60, "R1")
    assert sorted(refused.value.args) == ["corrections/R1", "records/R1"]
    assert admit(history, 60, "records/R1") == ["records/R1"]


def test_the_id_of_a_known_record_that_was_withdrawn_since_is_that_of_its_withdrawal(
    make_store: Any,
) -> None:
    history = make_store()
    history.record(0, launched(), participation.UnitRegistered(**unit("一小")),
                   participation.MembershipStarted(**membership("teacher")), SUBMITTED)  # fmt: skip
    history.record(40, WindowFrozen(CAMPAIGN, WINDOW, at(40)))
    history.record(50, participation.RecordWithdrawn("R1", at(50), ""))
    assert admit(history, 60, "R1") == ["withdrawals/R1"]
    (person,) = official(history)["people"]
    assert person.records == []


def test_what_the_freeze_knew_stays_when_it_is_admitted(history: History) -> None:
    before = official(history)
    admit(history, 60, "F1", "units/X1")
    assert official(history) == before


def test_an_admission_is_of_one_window_and_one_campaign(history: History) -> None:
    history.record(41, WindowFrozen(CAMPAIGN, "2023-03", at(41)), WindowFrozen("another", WINDOW, at(41)))
    history.record(50, correction("C1", "2"))
    admit(history, 60, "C1", window="2023-03")
    assert [points for points, _ in findings(history)] == ["5"]
    with history.store.reading() as connection:
        assert frozen_windows(connection, "another")[WINDOW].admitted == []
        known_at = instant_of(at(40))
        assert len(find_admissible(connection, CAMPAIGN, ["C1"], known_at, ())) == 1


def of_record(*columns: str, correction_id: str, **cells: str) -> Any:
    """A correction of R1, which is of the unit that it names."""
    return corrections.RecordCorrected(**(record("2023-03") | cells), voided=False, columns=columns,
                                       correction_id=correction_id, correction_reason="x")  # fmt: skip


def test_a_correction_of_the_day_brings_no_earlier_correction_of_the_unit_with_it(history: History) -> None:
    history.record(1, participation.UnitRegistered(**(unit("二小") | {"unit_id": "X2"})), STUDY)
    moved = {"kind": STUDY.kind, "person_id": "", "unit_id": "X2", "unit_given": "X2"}
    history.record(50, of_record("unit_id", correction_id="C1", **moved),
                   of_record("occurred_at", correction_id="C2", day="2023-03-09", **moved))  # fmt: skip
    admit(history, 60, "C2")
    days = {facts.unit_id: [item.day for item in facts.records] for facts in official(history)["of units"]}
    assert days == {"X1": [day_of("2023-03-09")], "X2": []}


STUDY = participation.RecordSubmitted(**record("2023-03") | {"kind": "study_session", "person_id": ""})


@pytest.mark.parametrize(("columns", "content"), [
    (("record",), "of A for P1"),  # the kind alone: the file is the one that was accepted, its person too
    (("person_id",), ""),  # no version has this file for this person
    (("content_sha256", "person_id"), "of B for P2"),
    (("evidence",), "of A for P1"),
])  # fmt: skip
def test_a_correction_brings_no_earlier_correction_of_the_file_with_it(
    history: History, columns: tuple[str, ...], content: str
) -> None:
    there = membership("teacher") | {"person_id": "P2"}
    history.record(1, participation.MembershipStarted(**there),
                   participation.RecordSubmitted(**(record("2023-03") | {"content": "of A for P1"})))  # fmt: skip
    person = "P2" if "person_id" in columns else "P1"
    history.record(50, of_record("content_sha256", correction_id="C1", content="of B for P1"),
                   of_record(*columns, correction_id="C2", content=f"of B for {person}", person_id=person))  # fmt: skip
    admit(history, 60, "C2")
    contents = {facts.person_id: [item.content for item in facts.records] for facts in official(history)["people"]}
    assert contents == {"P1": [], "P2": [], person: [content]}


def test_a_person_s_record_that_names_no_unit_is_no_unit_s_when_later_rules_make_its_kind_one(history: History) -> None:
    kind = DOCUMENT["duties"][0]["record"]
    filled = record("2023-03") | {"kind": "note", "unit_given": ""}
    assert kind != "note"
    history.record(1, participation.RecordSubmitted(**filled))
    document = launched(2).document  # type: ignore[attr-defined]
    duties = [duty for duty in document["duties"] if duty["record"] != "note"]
    note = next(duty for duty in duties if duty["record"] == "study_session") | {"id": "note", "record": "note"}
    history.record(2, participation.CampaignAmended(CAMPAIGN, 2, document | {"duties": [*duties, note]}))
    (facts,) = history.facts()["of units"]
    assert facts.records == []
