"""补录: the records of an import that the campaign office enters late bear the reason; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.http.routes import ROUTES
from contracts.participation import RecordSubmitted
from services.participation.history.queries import history_of_row
from tests.services.participation import cluster, importing
from tests.services.participation.cluster import OPERATOR, Replica, attended, district

REASON = "系统停机期间的纸质台账"
HEADER = "record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def begun(replica: Replica, body: bytes, late_entry: str) -> tuple[str, bool]:
    return importing.begun(replica, {"records.csv": body}, late_entry=late_entry)


def imported(replica: Replica, record_id: str, late_entry: str, dry: bool = False) -> None:
    body = f"{HEADER}{record_id},attendance,,P1,2022-12-01T09:00:00,,,,\n".encode()
    shown = importing.imported(replica, {"records.csv": body}, late_entry=late_entry, dry_run=dry)
    assert shown["files"][0]["accepted"] == 1


def reasons(replica: Replica) -> dict[str, str]:
    events = [recorded.event() for recorded in replica.log()]
    return {event.record_id: event.late_entry for event in events if isinstance(event, RecordSubmitted)}


def test_only_records_of_the_late_import_bear_its_reason(replica: Replica) -> None:
    imported(replica, "R1", REASON)
    imported(replica, "R2", "")
    assert attended(replica, "R3") == "accepted"
    assert reasons(replica) == {"R1": REASON, "R2": "", "R3": ""}
    with replica.runtime.store.reading() as connection:
        (entry,) = history_of_row(connection, "records", "R1", OPERATOR)
    assert entry["late_entry"] == REASON and f"补录：{REASON}" in entry["sentence"]


def test_a_dry_run_of_a_late_import_writes_nothing(replica: Replica) -> None:
    imported(replica, "R1", REASON, dry=True)
    assert reasons(replica) == {}


def test_an_import_that_was_cut_off_goes_on_only_with_the_same_reason(replica: Replica) -> None:
    first, resumed = begun(replica, HEADER.encode(), REASON)
    assert not resumed
    assert begun(replica, HEADER.encode(), REASON) == (first, True)
    assert begun(replica, HEADER.encode(), "")[1] is False


def test_only_the_operator_the_campaign_office_and_a_unit_s_posts_begin_an_import() -> None:
    (route,) = [route for route in ROUTES if (route.method, route.url) == ("POST", "/api/imports")]
    assert route.roles == ("operator", "campaign_office", "head", "clerk")
