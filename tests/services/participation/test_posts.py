"""A post by file, by event and by route: the same row, its history, its corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.process.problems import Problem
from services.participation.entries.handlers import enter_row
from services.participation.history.queries import history_of_row
from services.participation.registry.posts import hand_over_post, posts_held
from services.participation.registry.projections import posts
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.importing import imported, outcome_of

POST = {"unit_id": "S1", "post": "clerk", "person_id": "P1", "from": "2022-09-01"}
ID = "S1/clerk/P1/2022-09-01"
Report = Callable[[Replica, str, dict[str, str]], str]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def by_file(replica: Replica, table: str, cells: dict[str, str]) -> str:
    body = (",".join(cells) + "\n" + ",".join(cells.values()) + "\n").encode()
    return outcome_of(imported(replica, {f"{table}.csv": body}))


def by_event(replica: Replica, table: str, cells: dict[str, str]) -> str:
    return replica.submit({"posts": "post"}[table], **cells).outcome


def by_route(replica: Replica, table: str, cells: dict[str, str]) -> str:
    try:
        return enter_row(replica.runtime.units_of_work, table, cells, "", OPERATOR, "", lambda: None)[0]
    except Problem as problem:
        return "refused" if problem.status == 422 else problem.code


def history(replica: Replica, table: str, row: str) -> list[dict[str, Any]]:
    with replica.runtime.store.reading() as connection:
        return history_of_row(connection, table, row, OPERATOR)


def rows(replica: Replica) -> list[tuple[Any, ...]]:
    with replica.runtime.store.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(posts))]


@pytest.mark.parametrize("report", [by_file, by_event, by_route])
def test_a_post_is_taken_by_file_by_event_and_by_route(replica: Replica, report: Report) -> None:
    assert report(replica, "posts", POST) == "accepted"
    assert report(replica, "posts", POST) == "unchanged"
    assert report(replica, "posts", {**POST, "to": "2023-01-01"}) == "refused"
    assert report(replica, "posts", {**POST, "post": "leader"}) == "refused"
    assert rows(replica) == [("P1", "S1", "clerk", "2022-09-01", "", 0)]


@pytest.mark.parametrize("report", [by_file, by_route])
def test_a_post_is_corrected_and_its_history_says_so_apart_from_memberships(replica: Replica, report: Report) -> None:
    by_event(replica, "posts", POST)
    correction = {"correction_id": "C1", "table": "posts", "row": ID, "column": "to", "value": "2023-02-01",
                  "reason": "移交"}  # fmt: skip
    assert report(replica, "corrections", correction) == "accepted"
    accepted, corrected = history(replica, "posts", ID)
    assert "岗位职务 填报员" in accepted["sentence"]
    assert [(change["column"], change["after"]) for change in corrected["changes"]] == [("to", "2023-02-01")]
    assert (corrected["what"], corrected["reason"], corrected["row"]) == ("corrected", "移交", ID)
    assert [entry["row"] for entry in history(replica, "people", "P1")] == ["P1/S1/2020-09-01"]


def test_a_post_is_corrected_voided_and_restored_by_event(replica: Replica) -> None:
    by_event(replica, "posts", POST)
    for kind, cells in (("corrected", {"to": "2023-02-01"}), ("voided", {}), ("restored", {})):
        assert replica.submit(f"post_{kind}", **POST, **cells, reason="移交").outcome == "accepted"
    assert [entry["what"] for entry in history(replica, "posts", ID)] == ["accepted", "corrected", "voided", "restored"]
    assert rows(replica) == [("P1", "S1", "clerk", "2022-09-01", "2023-02-01", 0)]


def test_a_post_waits_for_its_person_and_is_taken_when_they_come(replica: Replica) -> None:
    late = {**POST, "person_id": "P7"}
    assert by_event(replica, "posts", late) == "waiting"
    replica.submit("membership", person_id="P7", name="周", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    assert [row[0] for row in rows(replica)] == ["P7"]


def test_a_posts_row_survives_the_erasure_of_its_person_without_anything_personal(replica: Replica) -> None:
    by_event(replica, "posts", POST)
    replica.submit("post_voided", **POST, reason="许悦调离")
    with replica.runtime.units_of_work.begin(OPERATOR, "") as unit_of_work:
        unit_of_work.keys.destroy("P1")
    assert "许悦" not in str(history(replica, "posts", ID))
    assert history(replica, "posts", ID)[1]["reason_state"] == "erased"


HAND_OVER = {"unit_id": "S1", "post": "clerk", "person_id": "P1", "since": "2022-09-01", "successor_id": "P2",
             "day": "2022-12-01"}  # fmt: skip


def colleague(replica: Replica) -> None:
    cells = {"person_id": "P2", "name": "何青", "role": "teacher", "unit_id": "S1", "from": "2020-09-01"}
    assert replica.submit("membership", **cells).outcome == "accepted"
    assert by_event(replica, "posts", POST) == "accepted"


def hand_over(replica: Replica, **other: str) -> str:
    try:
        return str(hand_over_post(replica.runtime.units_of_work, HAND_OVER | other, OPERATOR, "")["outcome"])
    except Problem as problem:
        return problem.code


def test_a_post_goes_to_its_successor_on_a_day_and_the_same_again_changes_nothing(replica: Replica) -> None:
    colleague(replica)
    assert hand_over(replica) == "accepted"
    after = rows(replica)
    assert after == [("P1", "S1", "clerk", "2022-09-01", "2022-12-01", 0), ("P2", "S1", "clerk", "2022-12-01", "", 0)]
    assert hand_over(replica) == "unchanged" and rows(replica) == after
    with replica.runtime.store.reading() as connection:
        held = posts_held(connection, ["S1"], datetime(2022, 12, 1, 12, tzinfo=UTC))["posts"]
    assert [(each["name"], each["in_force"]) for each in held] == [("许悦", False), ("何青", True)]


def test_a_hand_over_that_is_refused_ends_no_post(replica: Replica) -> None:
    colleague(replica)
    before = rows(replica)
    assert hand_over(replica, successor_id="P9") == "unknown_person"
    assert hand_over(replica, successor_id="P1") == "same_person"
    assert hand_over(replica, day="2022-08-01") == "bad_order"
    assert hand_over(replica, since="2022-09-02") == "unknown_row"
    assert hand_over(replica, unit_id="S9") == "unknown_row"
    assert rows(replica) == before
