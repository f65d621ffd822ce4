"""What was accepted wrongly is mended by one act, by file, by event or by route, and its history says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.participation.entries.handlers import enter_row
from services.participation.history.queries import history_of_row
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district
from tests.services.participation.importing import imported, outcome_of

FINDING = {"finding_id": "F1", "unit_id": "S1", "assessor_id": "B1", "found_on": "2022-11-20", "points": "5"}
MARK = {"table": "findings", "row": "F1", "column": "points", "value": "0.5", "reason": "小数点漏填"}
Correct = Callable[[Replica], str]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a bureau, a school with its teacher, and a finding of 5."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    replica.submit("unit", unit_id="B1", name="教育局", kind="bureau", opened_on="2010-09-01")
    assert replica.submit("finding", **FINDING).outcome == "accepted"
    yield replica
    replica.runtime.store.close()


def by_file(replica: Replica) -> str:
    body = ("correction_id," + ",".join(MARK) + "\nC1," + ",".join(MARK.values()) + "\n").encode()
    return outcome_of(imported(replica, {"corrections.csv": body}))


def by_event(replica: Replica) -> str:
    return replica.submit("finding_corrected", finding_id="F1", points="0.5", reason=MARK["reason"]).outcome


def by_route(replica: Replica) -> str:
    return entered(replica, "corrections", correction_id="C1", **MARK)


def entered(replica: Replica, into: str, /, **cells: str) -> str:
    units_of_work, wake = replica.runtime.units_of_work, replica.service.pending_loop.wake
    return enter_row(units_of_work, into, cells, "", OPERATOR, "", wake)[0]


def history(replica: Replica, table: str, row: str) -> list[dict[str, Any]]:
    with replica.runtime.store.reading() as connection:
        return history_of_row(connection, table, row, OPERATOR)


def changed(entry: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {change["column"]: (change["before"], change["after"]) for change in entry["changes"]}


@pytest.mark.parametrize("correct", [by_file, by_event, by_route])
def test_a_finding_of_5_becomes_one_of_0_5_and_its_history_says_so(replica: Replica, correct: Correct) -> None:
    assert correct(replica) == "accepted"
    corrected = history(replica, "findings", "F1")[1]
    assert (corrected["what"], changed(corrected)) == ("corrected", {"points": ("5", "0.5")})
    assert corrected["reason"] == "小数点漏填"
    assert correct(replica) == "unchanged"
    assert len(history(replica, "findings", "F1")) == 2


def test_a_nightly_dump_that_repeats_the_row_is_unchanged(replica: Replica) -> None:
    by_event(replica)
    assert replica.submit("finding", **FINDING | {"points": "0.5"}).outcome == "unchanged"
    assert replica.submit("finding", **FINDING).outcome == "unchanged", "as it was accepted"
    assert replica.submit("finding", **FINDING | {"points": "1"}).code == "conflict"


def test_a_wrong_name_is_mended(replica: Replica) -> None:
    who = {"person_id": "P1", "unit_id": "S1", "from_": "2020-09-01"}
    assert replica.submit("membership_corrected", **who, name="许月", reason="错字").outcome == "accepted"
    assert changed(history(replica, "people", "P1/S1/2020-09-01")[1]) == {"name": ("许悦", "许月")}


def test_a_membership_that_never_was_is_voided_and_restored(replica: Replica) -> None:
    who = {"person_id": "P1", "unit_id": "S1", "from_": "2020-09-01", "reason": "同名误录"}
    assert replica.submit("membership_voided", **who).outcome == "accepted"
    assert attended(replica, "R1").startswith("waiting")
    assert replica.submit("membership_restored", **who).outcome == "accepted"
    replica.settle()
    assert [entry["what"] for entry in history(replica, "people", "P1")] == ["accepted", "voided", "restored"]
    assert history(replica, "records", "R1")[0]["what"] == "accepted"


def test_an_exemption_of_the_wrong_person_goes_to_the_right_one(replica: Replica) -> None:
    replica.submit("membership", person_id="P2", name="周", role="teacher", unit_id="S1", from_="2020-09-01")
    duty = cluster.DOCUMENT["duties"][0]["id"]
    given = {"exemption_id": "E1", "person_id": "P1", "duty": duty, "reason": "病假"}
    periods = ("once", "2022-11", "2022-Q4", "2022-autumn", "2022")
    outcomes = [replica.submit("exemption", **given, period=period).outcome for period in periods]
    assert outcomes.count("accepted") == 1
    mended = replica.submit("exemption_corrected", exemption_id="E1", person_id="P2", reason="给错了人")
    assert mended.outcome == "accepted"
    last = history(replica, "exemptions", "E1")[-1]
    assert (changed(last), last["reason"]) == ({"person_id": ("P1", "P2")}, "给错了人")


def test_a_signed_decision_is_entered_by_route(replica: Replica) -> None:
    row = {"decision_id": "D1", "kind": "veto", "year": "2022", "unit_id": "S1", "document": "纪要〔2023〕1号",
           "decided_on": "2023-01-10", "reason": "重大事故"}  # fmt: skip
    assert entered(replica, "decisions", **row) == "accepted"
    (entry,) = history(replica, "decisions", "D1")
    assert "决定 一票否决" in entry["sentence"]


def test_a_correction_of_a_row_still_to_come_waits_and_keeps_its_emptied_cell(replica: Replica) -> None:
    body = cluster.event("finding_corrected", "", "clerk", {"finding_id": "F2", "reason": "无期限"})
    body = body.replace(b'"finding_id"', b'"deadline": "", "finding_id"')
    receipts, _ = replica.service.intake.submit_reports(body, cluster.SINGLE, OPERATOR, "")
    assert receipts[0].outcome == "waiting"
    replica.submit("finding", **FINDING | {"finding_id": "F2", "deadline": "2022-12-01"})
    replica.settle()
    assert changed(history(replica, "findings", "F2")[-1]) == {"deadline": ("2022-12-01", "")}
