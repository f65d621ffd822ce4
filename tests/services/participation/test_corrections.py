"""Corrections in a real store: what the log says is enough for the next one, after every commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.events.sealed_text import decipher
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.store import subject_keys
from duties.calendar_warnings import DistrictFacts
from services.participation.batch.handlers import submit_rows
from services.participation.campaign.preview import district_facts
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, Decision, Refused, Unchanged, row_of
from services.participation.records.projections import records
from services.participation.registry.handlers import erase_person
from services.participation.registry.projections import memberships
from services.participation.service import Service
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district


@pytest.fixture
def participation(tmp_path: Path) -> Iterator[Replica]:
    result = Replica(unstarted(Service, Settings(data=str(tmp_path))))
    result.runtime.store.install("participation", "district")
    cluster.campaign(result)
    district(result)
    yield result
    result.runtime.store.close()


def rows(replica: Replica, *given: tuple[str, dict[str, str]]) -> list[Decision]:
    """Rows of a file, in one transaction."""
    with replica.runtime.units_of_work.begin(OPERATOR) as unit_of_work:
        rules = rules_in_force(unit_of_work)
        return submit_rows(unit_of_work, [row_of(kind, cells) for kind, cells in given], rules)


def correction(name: str, table: str, row: str, column: str, value: str) -> tuple[str, dict[str, str]]:
    cells = {"correction_id": name, "table": table, "row": row, "column": column, "value": value, "reason": "有误"}
    return "correction", cells


def evidence_of(replica: Replica, row: Any) -> str | None:
    """In plain: it stands under the person's key."""
    with replica.runtime.store.reading() as connection:
        return decipher(
            row.evidence, row.person_id, subject_keys.existing_keys(connection, [row.person_id])[row.person_id]
        )


def record(record_id: str = "R1", **cells: str) -> tuple[str, dict[str, str]]:
    cells = {"record": "attendance", "person_id": "P1", "occurred_at": "2022-12-01", "title": "私密的题目", **cells}
    return "record", {"record_id": record_id, **cells}


def test_a_private_title_is_read_from_the_log_and_written_back_under_the_key(participation: Replica) -> None:
    assert isinstance(rows(participation, record())[0], Accepted)
    assert isinstance(rows(participation, correction("C1", "records", "R1", "evidence", "新.jpg"))[0], Accepted)
    assert "私密的题目" not in "".join(json.dumps(item.data, ensure_ascii=False) for item in participation.log())
    assert isinstance(rows(participation, record(evidence="新.jpg"))[0], Unchanged)
    assert isinstance(rows(participation, record())[0], Unchanged)
    assert rows(participation, record(title="别的"))[0] == Refused("record_id", "conflict")


def test_rows_of_an_erased_person_can_still_be_corrected(participation: Replica) -> None:
    rows(participation, record(content_sha256="a" * 64, evidence="P1 的病历.jpg"))
    assert "病历" not in participation.rows(records)[0].evidence
    store, units_of_work = participation.runtime.store, participation.runtime.units_of_work
    erase_person(store, units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert isinstance(rows(participation, correction("C1", "records", "R1", "occurred_at", "2022-12-09"))[0], Accepted)
    (kept,) = participation.rows(records)
    assert kept.evidence and not kept.title, "that there was evidence still counts"
    (membership,) = participation.rows(memberships)[:1]
    name = f"P1/{membership.unit_id}/{membership.since}"
    assert isinstance(rows(participation, correction("C2", "people", name, "role", "other"))[0], Accepted)


def test_corrections_of_one_batch_see_each_other(participation: Replica) -> None:
    decided = rows(
        participation, record(), correction("C1", "records", "R1", "evidence", "甲"),
        correction("C2", "records", "R1", "evidence", "乙"), correction("C3", "records", "R1", "*", ""),
        correction("C4", "records", "R1", "title", "丙"), correction("C5", "records", "R1", "*", "restore"),
    )  # fmt: skip
    assert [type(item) for item in decided] == [Accepted, Accepted, Accepted, Accepted, Refused, Accepted]
    (kept,) = participation.rows(records)
    assert (evidence_of(participation, kept), kept.withdrawn_at) == ("乙", "")


def test_a_rival_of_an_earlier_transaction_is_a_duplicate_until_it_is_void(participation: Replica) -> None:
    def decision(name: str) -> tuple[str, dict[str, str]]:
        return "decision", {"decision_id": name, "kind": "veto", "year": "2022", "person_id": "P1",
                            "document": "纪要", "decided_on": "2023-01-18", "reason": "师德"}  # fmt: skip

    assert isinstance(rows(participation, decision("D1"))[0], Accepted)
    assert rows(participation, decision("D2"))[0] == Refused("kind", "duplicate")
    assert isinstance(rows(participation, correction("C1", "decisions", "D1", "year", "2023"))[0], Accepted)
    assert isinstance(rows(participation, decision("D2"))[0], Accepted)
    assert rows(participation, correction("C2", "decisions", "D1", "year", "2022"))[0] == Refused("value", "duplicate")
    assert isinstance(rows(participation, correction("C3", "decisions", "D2", "*", ""))[0], Accepted)
    assert isinstance(rows(participation, correction("C4", "decisions", "D1", "year", "2022"))[0], Accepted)


def test_a_correction_by_event_waits_for_its_row(participation: Replica) -> None:
    answer: Any = participation.submit("record_corrected", record_id="R1", evidence="新.jpg", reason="有误")
    assert answer.outcome == "waiting"
    kind, cells = record(evidence="旧")
    assert participation.submit(kind, **cells).outcome == "accepted"
    participation.settle()
    (kept,) = participation.rows(records)
    assert evidence_of(participation, kept) == "新.jpg"


def test_what_is_void_or_withdrawn_bears_no_name_of_the_campaign(participation: Replica) -> None:
    """A warning says what a campaign names and nothing bears."""
    given = rows(participation, ("unit", {"unit_id": "K1", "name": "幼儿园", "kind": "kindergarten",
                                          "tags": "central_school", "opened_on": "2010-09-01"}), record())  # fmt: skip
    assert all(isinstance(decision, Accepted) for decision in given)
    assert facts(participation) == DistrictFacts(
        frozenset({"school", "kindergarten"}), frozenset({"central_school"}), frozenset({"teacher"}),
        frozenset({"attendance"}),
    )  # fmt: skip
    voids = [correction(f"C{number}", table, row, "*", "") for number, (table, row) in enumerate(
        [("units", "K1"), ("records", "R1"), ("people", "P1/S1/2020-09-01")])]  # fmt: skip
    assert all(isinstance(decision, Accepted) for decision in rows(participation, *voids))
    assert facts(participation) == DistrictFacts(frozenset({"school"}))


def facts(replica: Replica) -> DistrictFacts:
    with replica.runtime.store.reading() as connection:
        return district_facts(connection)
