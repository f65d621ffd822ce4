"""Changes of publishers and posts, imports and erasures stand in the security log with their actor, without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.store.security_events import security_events
from services.participation.registry.handlers import erase_person
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import OutsideSystem, two_schools

CANARY = "canary-7f3a"


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    yield replica
    replica.runtime.store.close()


def listed(replica: Replica, since: str = "", limit: int = 100) -> list[dict[str, object]]:
    with replica.runtime.store.reading() as connection:
        return security_events(connection, replica.service.security_members, since, limit)


def test_each_change_of_rights_is_listed_with_its_actor_and_no_secret(replica: Replica) -> None:
    publishers = replica.service.publishers
    OutsideSystem(replica, "oa", types=["qihang.record.*"], units=["S1"])
    secrets = publishers.rotate_publisher("oa", OPERATOR, "")
    publishers.change_publisher("oa", {"units": ["S2"]}, OPERATOR, "")
    post = {"unit_id": "S1", "post": "head", "person_id": "P1", "from_": "2022-09-01"}
    assert replica.submit("post", **post).outcome == "accepted"
    replica.submit("membership", person_id="P3", name=CANARY, role="teacher", unit_id="S1", from_="2020-09-01")
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P3", OPERATOR, "")
    publishers.remove_publisher("oa", OPERATOR, "")
    entries = listed(replica)
    assert [entry["event"] for entry in entries] == [
        "publisher_removed", "person_erased", "post_assigned", "publisher_changed", "publisher_rotated",
        "publisher_registered"]  # fmt: skip
    assert {entry["actor"] for entry in entries} == {"operator:operator"}
    assert entries[2]["detail"] == {"unit_id": "S1", "post": "head", "person_id": "P1", "since": "2022-09-01"}
    assert entries[-1]["detail"] == {"name": "oa", "types": "qihang.record.*", "units": "S1",
                                     "sources": "oa、/oa、/oa/*", "unnamed": "False"}  # fmt: skip
    text = json.dumps(entries, ensure_ascii=False)
    shown = [value for value in secrets.values() if isinstance(value, str) and len(value) > 20]
    assert shown, "a token was given"
    assert not [value for value in (*shown, CANARY) if value in text]


def test_the_newest_come_first_and_older_ones_are_left_out(replica: Replica) -> None:
    OutsideSystem(replica, "oa")
    OutsideSystem(replica, "ob")
    assert [entry["detail"]["name"] for entry in listed(replica, limit=1)] == ["ob"]  # type: ignore[index]
    assert listed(replica, since="9999-01-01T00:00:00Z") == []
