"""What units and persons are called is answered by participation, which has the keys; now or as known before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from contracts import corrections
from services.participation.registry.handlers import erase_person
from services.participation.registry.names import instant_of, names_for, names_of_people, names_of_units
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district

ROW = {"person_id": "P1", "unit_id": "S1", "role": "teacher", "since": "2020-09-01", "until": "", "digest": "d",
       "correction_id": "", "correction_reason": "身份证为许月"}  # fmt: skip


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def people(replica: Replica, known_at: str = "") -> dict[str, str]:
    with replica.runtime.store.reading() as connection:
        return names_of_people(connection, ["P1", "P9"], instant_of(connection, known_at))


def correct_name(replica: Replica, name: str) -> None:
    with replica.runtime.unit_of_work(OPERATOR) as unit_of_work:
        unit_of_work.append(corrections.MembershipCorrected(**ROW, name=name, columns=("name",), voided=False))


def test_a_unit_and_a_person_have_their_names_and_who_is_unknown_is_absent(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        assert names_of_units(connection, ["S1", "S9"]) == {"S1": "一小"}
    assert people(replica) == {"P1": "许悦"}


def test_leaders_learn_the_names_of_units_and_no_person_s(replica: Replica) -> None:
    leader = Actor("console", "wang", frozenset({"leader"}))
    with replica.runtime.store.reading() as connection:
        assert names_for(leader, connection, ["S1"], [], None) == {"units": {"S1": "一小"}, "people": {}}
        assert names_for(OPERATOR, connection, [], ["P1"], None) == {"units": {}, "people": {"P1": "许悦"}}
        with pytest.raises(Problem, match="not_allowed"):
            names_for(leader, connection, ["S1"], ["P1"], None)


def test_a_corrected_name_is_the_new_one_now_and_the_old_one_as_known_before(replica: Replica) -> None:
    before = replica.log()[-1].recorded_at
    correct_name(replica, "许月")
    assert people(replica) == {"P1": "许月"}
    assert people(replica, before) == {"P1": "许悦"}


def test_the_latest_membership_that_is_not_void_names_the_person(replica: Replica) -> None:
    replica.submit("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2021-09-01")
    replica.submit("membership", person_id="P1", name="许月", role="teacher", unit_id="S1", from_="2022-09-01")
    assert people(replica) == {"P1": "许月"}
    with replica.runtime.unit_of_work(OPERATOR) as unit_of_work:
        row = ROW | {"since": "2022-09-01"}
        unit_of_work.append(corrections.MembershipCorrected(**row, name="许月", columns=("*",), voided=True))
    assert people(replica) == {"P1": "许悦"}


def test_the_name_of_an_erased_person_is_empty(replica: Replica) -> None:
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert people(replica) == {"P1": ""}


def test_an_instant_without_an_offset_is_local_time(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        assert instant_of(connection, "2024-01-01") == "2023-12-31T16:00:00.000000Z"
        with pytest.raises(Problem, match="bad_instant"):
            instant_of(connection, "gestern")
