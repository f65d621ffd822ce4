"""Exemptions are granted for several duties in periods in one act, listed, and taken back; each is a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from duties.days import day_of
from services.participation.campaign.queries import campaign_in_force
from services.participation.exemptions.handlers import end_exemptions, grant_exemptions
from services.participation.exemptions.projections import exemptions
from services.participation.exemptions.queries import candidates, exemptions_in_force
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district

OFFICE = Actor("console", "P-office", frozenset({"person", "campaign_office"}))
UNIT = {"unit_id": "S1", "person_id": ""}
PERSON = {"unit_id": "", "person_id": "P1"}
ITEMS = [{"duty": "video", "period": "2023-03"}, {"duty": "forum", "period": "2023-spring"}]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def grant(replica: Replica, subject: dict[str, str], items: Any = None, entry: str = "entry-01") -> dict[str, Any]:
    wanted = {"entry_id": entry, **subject, "items": items or ITEMS, "reason": "校舍维修"}
    wake = replica.service.pending_loop.wake
    return grant_exemptions(replica.runtime.units_of_work, wanted, OFFICE, "", wake)


def end(replica: Replica, *names: str, reason: str = "已经恢复") -> dict[str, Any]:
    return end_exemptions(replica.runtime.units_of_work, names, reason, OFFICE, "", replica.service.pending_loop.wake)


def listed(replica: Replica, actor: Actor = OFFICE, **query: Any) -> dict[str, Any]:
    with replica.runtime.store.reading() as connection:
        stored = campaign_in_force(connection)
        assert stored
        asked = {"unit_id": "", "person_id": "", "after": 0, "limit": 50, **query}
        return exemptions_in_force(connection, stored.rules, actor, asked)


def offered(replica: Replica, since: str, until: str, **subject: str) -> list[tuple[str, str, bool]]:
    with replica.runtime.store.reading() as connection:
        stored = campaign_in_force(connection)
        assert stored
        offers = candidates(connection, stored.rules, {**subject}, day_of(since), day_of(until))
    return [(each["duty"], each["period"], each["exempt"]) for each in offers]


def test_one_act_exempts_from_several_duties_and_again_changes_nothing(replica: Replica) -> None:
    assert grant(replica, UNIT)["changed"] == 2
    before = len(replica.log())
    assert grant(replica, UNIT)["outcome"] == "unchanged" and len(replica.log()) == before
    lines = listed(replica)["exemptions"]
    assert {(line["unit_id"], line["title"], line["period"], line["reason"]) for line in lines} == {
        ("S1", "视频展播", "2023-03", "校舍维修"), ("S1", "专题论坛", "2023-spring", "校舍维修")}  # fmt: skip


def test_one_that_may_not_be_takes_the_others_back(replica: Replica) -> None:
    before = len(replica.log())
    with pytest.raises(Problem) as refused:
        grant(replica, UNIT, [*ITEMS, {"duty": "video", "period": "2023-13"}])
    assert (refused.value.status, refused.value.code) == (422, "unknown_period")
    assert len(replica.log()) == before and listed(replica)["total"] == 0


def test_the_reason_of_a_person_is_for_them_and_the_operator(replica: Replica) -> None:
    grant(replica, PERSON, [{"duty": "notes", "period": "2023-spring"}])
    (line,) = listed(replica)["exemptions"]
    assert line["reason"] is None and line["person_name"]
    (shown,) = listed(replica, OPERATOR)["exemptions"]
    assert shown["reason"] == "校舍维修"
    rows = str(replica.rows(exemptions))
    assert "校舍维修" not in rows


def test_what_is_taken_back_is_listed_no_more_and_may_be_granted_anew(replica: Replica) -> None:
    grant(replica, UNIT)
    first, second = (line["exemption_id"] for line in listed(replica)["exemptions"])
    assert end(replica, first)["changed"] == 1 and end(replica, first)["outcome"] == "unchanged"
    assert [line["exemption_id"] for line in listed(replica)["exemptions"]] == [second]
    with pytest.raises(Problem) as conflict:
        end(replica, first, reason="别的原因")
    assert conflict.value.status == 422
    assert grant(replica, UNIT, entry="entry-02")["changed"] == 2
    assert listed(replica)["total"] == 3, "granted anew by another act"


def test_an_unknown_one_cannot_be_taken_back(replica: Replica) -> None:
    with pytest.raises(Problem) as unknown:
        end(replica, "none")
    assert unknown.value.code == "unknown_row"


def test_lists_are_by_subject_and_by_page(replica: Replica) -> None:
    grant(replica, UNIT)
    grant(replica, PERSON, [{"duty": "notes", "period": "2023-spring"}], "entry-03")
    assert listed(replica, person_id="P1")["total"] == 1 and listed(replica, unit_id="S1")["total"] == 2
    page = listed(replica, limit=2)
    assert (len(page["exemptions"]), page["total"], page["next"]) == (2, 3, 2)
    rest = listed(replica, limit=2, after=page["next"])
    assert len(rest["exemptions"]) == 1 and rest["next"] == 0


def test_offered_is_what_binds_the_subject_between_the_days(replica: Replica) -> None:
    unit = offered(replica, "2023-03-01", "2023-04-10", **UNIT)
    assert ("video", "2023-03", False) in unit and ("video", "2023-04", False) in unit
    assert ("forum", "2023-spring", False) in unit and ("annual-plan", "2023", False) in unit
    assert not {duty for duty, _, _ in unit} & {"notes", "monthly-report", "journal", "plan"}
    grant(replica, UNIT)
    assert ("video", "2023-03", True) in offered(replica, "2023-03-01", "2023-04-10", **UNIT)
    person = offered(replica, "2023-03-01", "2023-04-10", **PERSON)
    assert {duty for duty, _, _ in person} == {"notes", "summary"}
    with pytest.raises(Problem) as unknown:
        offered(replica, "2023-03-01", "2023-04-10", unit_id="none", person_id="")
    assert unknown.value.code == "unknown_unit"


def test_a_file_s_exemptions_are_listed_too(replica: Replica) -> None:
    receipt = replica.submit(
        "exemption", exemption_id="E1", unit_id="S1", duty="video", period="2023-05", reason="停办"
    )
    assert receipt.outcome == "accepted"
    (line,) = listed(replica)["exemptions"]
    assert (line["exemption_id"], line["reason"]) == ("E1", "停办")
