"""Who a caller is, and who serves in a unit: what the console asks before it offers pages and opens accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from contracts.participation import PostAssigned, UnitRegistered
from services.participation.registry.handlers import erase_person
from services.participation.registry.identity import identify
from services.participation.registry.people import describe_caller, people_of_unit, search_people
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district

NOW = datetime(2022, 12, 1, tzinfo=UTC)
PERSON = Actor("console", "P1", frozenset({"person"}))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def caller(replica: Replica, actor: Actor, now: datetime = NOW) -> dict[str, Any]:
    with replica.runtime.store.reading() as connection:
        return describe_caller(connection, identify(connection, actor, now))


def assign(replica: Replica, post: str, since: str, until: str = "") -> None:
    with replica.runtime.unit_of_work(OPERATOR) as unit_of_work:
        unit_of_work.append(PostAssigned("S1", post, "P1", since, until, "d"))


def test_a_person_without_a_post_has_their_name_and_what_is_their_own(replica: Replica) -> None:
    me = caller(replica, PERSON)
    assert (me["subject"], me["name"], me["posts"]) == ("P1", "许悦", [])
    assert {"see_row", "inbox", "consent"} <= set(me["rights"])
    assert not {"see_figures", "keep_accounts", "see_publicity", "publish_for_unit"} & set(me["rights"])


def test_posts_give_rights_on_the_days_that_they_are_in_force(replica: Replica) -> None:
    assign(replica, "clerk", "2022-09-01", "2023-01-01")
    me = caller(replica, PERSON)
    assert me["posts"] == [{"unit_id": "S1", "unit_name": "一小", "unit_kind": "school", "post": "clerk"}]
    assert {"see_publicity", "publish_for_unit", "see_duties_by_person"} <= set(me["rights"])
    assert caller(replica, PERSON, datetime(2023, 1, 1, 12, tzinfo=UTC))["posts"] == []


def test_whoever_stands_over_a_unit_is_offered_its_pages_whatever_their_own_unit_is(replica: Replica) -> None:
    assign(replica, "clerk", "2022-09-01")
    assert "supervise" not in caller(replica, PERSON)["rights"]
    with replica.runtime.unit_of_work(OPERATOR) as unit_of_work:
        unit_of_work.append(UnitRegistered("X7", "七小", "school", (), "", "", "S1", "2010-09-01", "", "d"))
    assert {"supervise", "raise_finding"} <= set(caller(replica, PERSON)["rights"])


def test_a_leader_of_a_unit_that_is_no_bureau_leads_nothing(replica: Replica) -> None:
    assign(replica, "campaign_office", "2022-09-01")
    assert not {"keep_accounts", "see_figures"} & set(caller(replica, PERSON)["rights"])


def test_the_operator_keeps_accounts_and_is_no_person(replica: Replica) -> None:
    me = caller(replica, OPERATOR)
    assert (me["name"], me["posts"]) == ("", []) and "keep_accounts" in me["rights"] and "consent" not in me["rights"]


def test_the_people_of_a_unit_are_those_who_serve_or_hold_a_post_there(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        serving = people_of_unit(connection, "S1", NOW)
        assert serving == {"unit_id": "S1", "unit_name": "一小", "people": [{"person_id": "P1", "name": "许悦"}]}
        with pytest.raises(Problem, match="unknown_unit"):
            people_of_unit(connection, "S9", NOW)


def test_people_are_listed_by_part_of_a_name_or_an_id_and_never_more_than_asked(replica: Replica) -> None:
    person = {"person_id": "P1", "name": "许悦", "unit_id": "S1", "unit_name": "一小"}
    with replica.runtime.store.reading() as connection:
        for text in ("悦", "许悦", "p1"):
            assert search_people(connection, text) == {"people": [person], "more": False}
        assert search_people(connection, "p", most=0) == {"people": [], "more": True}
        assert search_people(connection, "%") == {"people": [], "more": False}
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    with replica.runtime.store.reading() as connection:
        assert search_people(connection, "悦") == {"people": [], "more": False}
