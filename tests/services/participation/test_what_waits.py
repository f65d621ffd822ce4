"""What a publisher is told of a report that waits, waited too long, or is reported anew under its id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.intake.cloudevents import Receipt
from chassis.intake.pending_reports import erase
from chassis.store.schema import expired_reports, pending_reports
from chassis.store.schema import receipts as queued_receipts
from services.participation.intake.pending_loop import PendingLoop
from services.participation.records.projections import records
from tests.services.participation.cluster import Replica
from tests.services.participation.outside_system import OutsideSystem, attendance, delivered, outcome, two_schools


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    yield replica
    replica.runtime.store.close()


@pytest.fixture
def hr(replica: Replica) -> OutsideSystem:
    return OutsideSystem(replica, "hr")


def event(hr: OutsideSystem, id: str, revision: Any = None, /, **cells: str) -> dict[str, Any]:
    result = hr.event("record.reported", **attendance(f"R-{id}", **cells)) | {"id": id}
    return result if revision is None else result | {"revision": revision}


def why(receipt: Receipt) -> tuple[str, str, str]:
    return receipt.outcome, receipt.column, receipt.code


def wait_out(replica: Replica) -> None:
    """All that waits waited too long."""
    runtime = replica.runtime
    PendingLoop(runtime.units_of_work, runtime.monitor, -timedelta(days=1).total_seconds()).expire_reports()


WAITS = ("waiting", "person_id", "unknown_person")
UNKNOWN = {"person_id": "P9"}


def test_a_receipt_says_what_it_waits_for_and_says_it_again(hr: OutsideSystem) -> None:
    (receipt,) = hr.submit(event(hr, "e1", **UNKNOWN))
    assert why(receipt) == WAITS
    assert receipt.message.startswith("待关联：") and "P9" in receipt.message
    assert hr.submit(event(hr, "e1", **UNKNOWN)) == [receipt]
    data = receipt.event("d", "participation", "")["data"]
    assert (data["column"], data["code"]) == ("person_id", "unknown_person")


def test_a_later_row_of_the_same_id_says_that_it_waits_behind(hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    behind = hr.event("record.reported", **attendance("R-e1", title="另一题"))
    assert why(hr.submit(behind)[0]) == ("waiting", "record_id", "behind")
    assert why(hr.submit(behind)[0]) == ("waiting", "record_id", "behind")


def test_what_waited_too_long_is_refused_when_it_is_asked_again(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    wait_out(replica)
    assert replica.rows(pending_reports) == []
    for _ in range(2):
        (receipt,) = hr.submit(event(hr, "e1", **UNKNOWN))
        assert why(receipt) == ("refused", "person_id", "unknown_person")
        assert receipt.message.startswith("待关联已超过期限")
    assert replica.rows(pending_reports) == [], "it does not wait once more"


def test_what_waited_too_long_is_accepted_when_what_it_names_has_come(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    wait_out(replica)
    replica.submit("membership", person_id="P9", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    assert outcome(hr.submit(event(hr, "e1", **UNKNOWN))[0]) == "accepted"
    assert outcome(hr.submit(event(hr, "e1", **UNKNOWN))[0]) == "unchanged"
    assert replica.rows(expired_reports) == []


@pytest.mark.parametrize("again", [{"title": "改正后的题目"}, {"revision": 1}], ids=str)
def test_what_waited_too_long_waits_anew_with_other_content_or_a_revision(
    replica: Replica, hr: OutsideSystem, again: dict[str, Any]
) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    wait_out(replica)
    revision = again.get("revision")
    cells = {name: cell for name, cell in again.items() if name != "revision"}
    assert why(hr.submit(event(hr, "e1", revision, **UNKNOWN, **cells))[0]) == WAITS


def test_an_erased_person_s_reports_that_waited_too_long_are_forgotten(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", person_id="P1", occurred_at="2001-01-01T09:00:00"))
    wait_out(replica)
    assert len(replica.rows(expired_reports)) == 1
    with replica.runtime.store.writing() as connection:
        erase(connection, "P1")
    assert replica.rows(expired_reports) == []


@pytest.mark.parametrize("revision", [1, "1", 7])
def test_a_higher_revision_replaces_what_waits(replica: Replica, hr: OutsideSystem, revision: Any) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    assert outcome(hr.submit(event(hr, "e1", person_id="P1"))[0]) == "refused id conflict"
    assert outcome(hr.submit(event(hr, "e1", revision, person_id="P1"))[0]) == "accepted"
    assert replica.rows(pending_reports) == []
    assert [row.person_id for row in replica.rows(records)] == ["P1"]
    assert outcome(hr.submit(event(hr, "e1", revision, person_id="P1"))[0]) == "unchanged"


def test_a_replacement_may_wait_too_and_keeps_its_turn(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", 1, **UNKNOWN))
    behind = hr.event("record.reported", **attendance("R-e1", title="另一题"))
    hr.submit(behind)
    assert why(hr.submit(event(hr, "e1", 2, person_id="P8"))[0]) == WAITS
    assert outcome(hr.submit(event(hr, "e1", 1, **UNKNOWN))[0]) == "refused id superseded"
    assert len(replica.rows(pending_reports)) == 2
    replica.submit("membership", person_id="P8", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    assert [row.person_id for row in replica.rows(records)] == ["P8"], "the one behind it came after it"


def test_a_replacement_of_another_row_lets_go_of_the_id(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    behind = hr.event("record.reported", **attendance("R-e1"))
    hr.submit(behind)
    other = hr.event("record.reported", **attendance("R-other")) | {"id": "e1", "revision": 1}
    assert outcome(hr.submit(other)[0]) == "accepted"
    replica.settle()
    assert {row.record_id for row in replica.rows(records)} == {"R-e1", "R-other"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=str)
def test_of_two_revisions_in_one_body_the_higher_counts(
    replica: Replica, hr: OutsideSystem, order: tuple[int, int]
) -> None:
    result = hr.submit(*(event(hr, "e1", number, title=f"第{number}稿") for number in order))
    outcomes = dict(zip(order, map(outcome, result), strict=True))
    assert outcomes == {1: "refused id superseded", 2: "accepted"}
    assert [row.title for row in replica.rows(records)] == ["第2稿"] or len(replica.rows(records)) == 1


def test_nobody_replaces_another_system_s_report(replica: Replica, hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", **UNKNOWN))
    oa = OutsideSystem(replica, "oa")
    stolen = event(hr, "e1", 9, person_id="P1")
    assert outcome(oa.submit(stolen)[0]) == "refused source not_your_source"
    assert len(replica.rows(pending_reports)) == 1


def test_a_replaced_report_gets_one_receipt_by_the_broker(replica: Replica, hr: OutsideSystem) -> None:
    for number, person_id in ((1, "P9"), (2, "P1")):
        delivered(replica, event(hr, "e1", number, person_id=person_id), "hr")
    replica.settle()
    data = [json.loads(row.body)["data"] for row in replica.rows(queued_receipts)]
    assert [(each["outcome"], each["revision"]) for each in data] == [("waiting", 1), ("accepted", 2)]


def test_a_receipt_says_which_revision_it_answers(replica: Replica, hr: OutsideSystem) -> None:
    """So that who replaced a report is not told of the new one what became of the old."""
    for revision in (None, 2):
        delivered(replica, event(hr, "e1", revision, person_id="P8" if revision else "P9"), "hr")
    assert [receipt.revision for receipt in hr.submit(event(hr, "e1", 1, person_id="P9"))] == [1], "superseded"
    replica.submit("membership", person_id="P8", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    data = [json.loads(row.body)["data"] for row in replica.rows(queued_receipts)]
    assert [(each["outcome"], each.get("revision")) for each in data] == [
        ("waiting", None), ("waiting", 2), ("accepted", 2)]  # fmt: skip
    assert [receipt.revision for receipt in hr.submit(*(event(hr, "e1", n, person_id="P8") for n in (2, 3)))] == [2, 3]


SAME: dict[str, dict[str, Any]] = {
    "an unknown column": {"colour": "red"}, "an empty text": {"evidence": ""}, "both": {"colour": "", "period": ""},
    "null": {"evidence": None}, "all of them": {"colour": None, "shape": "round", "period": "", "content_sha256": None},
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_what_is_not_given_makes_no_other_event(hr: OutsideSystem, what: str) -> None:
    plain = event(hr, "e1", person_id="P1")
    more = plain | {"data": plain["data"] | SAME[what]}
    assert outcome(hr.submit(plain)[0]) == "accepted"
    assert [outcome(hr.submit(each)[0]) for each in (more, plain)] == ["unchanged"] * 2
    first, again = event(hr, "e3", person_id="P1"), event(hr, "e3", person_id="P1")
    assert outcome(hr.submit(first | {"data": first["data"] | SAME[what]})[0]) == "accepted"
    assert outcome(hr.submit(again)[0]) == "unchanged", "whichever came first"
    waiting = event(hr, "e2", **UNKNOWN)
    hr.submit(waiting)
    assert outcome(hr.submit(waiting | {"data": waiting["data"] | SAME[what]})[0]) == "waiting"


def test_an_empty_text_in_a_correction_says_something(hr: OutsideSystem) -> None:
    hr.submit(event(hr, "e1", person_id="P1"))
    correction = hr.event("record.corrected", record_id="R-e1", title="", reason="误填")
    assert outcome(hr.submit(correction)[0]) == "accepted"
    other = correction | {"data": {"record_id": "R-e1", "reason": "误填"}}
    assert outcome(hr.submit(other)[0]) == "refused id conflict"
