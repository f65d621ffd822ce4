"""The supervision office gives back a monthly report that counted: it counts no more, and again once handed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.participation.batch.handlers import submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, row_of
from tests.services.participation.filing_client import session
from tests.services.participation.supervised_district import SupervisedDistrict

REPORT = {"kind": "monthly_report", "unit_id": "O1", "occurred_at": "2022-12-02", "period": "2022-11",
          "title": "11月汇报", "fields": {"done": "开展了两次集中学习。"}}  # fmt: skip


@pytest.fixture
def district(tmp_path: Path) -> Iterator[SupervisedDistrict]:
    client = SupervisedDistrict(tmp_path)
    yield client
    client.runtime.store.close()


def handed_in(district: SupervisedDistrict, content: dict[str, Any] = REPORT, who: str = "head-o1") -> str:
    status, answer = district.file(who, content, submit=True)
    assert status == 200 and answer["filings"][0]["counts"], answer
    return str(answer["filings"][0]["filing_id"])


def counted(district: SupervisedDistrict, filing_id: str) -> bool:
    return district.records()[f"filing-{filing_id}"][2]


def test_what_counted_is_given_back_changed_and_counts_again(district: SupervisedDistrict) -> None:
    name = handed_in(district)
    assert "return" in district.read("first", name)[1]["may"]
    assert district.act("first", name, "return", reason="请补充下月安排")[0] == 200 and not counted(district, name)
    returned = district.read("clerk-o1", name)[1]
    assert (returned["status"], returned["counts"]) == ("returned", False)
    assert returned["history"][-1]["reason"] == "请补充下月安排" and "edit" in returned["may"]
    changed = {**REPORT, "fields": {"done": "开展了两次集中学习。", "next": "下月办论坛。"}}
    assert district.change("clerk-o1", name, changed)[0] == 200
    assert district.act("clerk-o1", name, "submit")[0] == 200 and not counted(district, name), (
        "it awaits the head again"
    )
    assert district.act("head-o1", name, "confirm")[0] == 200 and counted(district, name)
    assert district.act("first", name, "return", reason="再补充")[0] == 200 and not counted(district, name)


def test_the_office_sees_that_it_was_given_back_but_not_what_is_made_of_it(district: SupervisedDistrict) -> None:
    name = handed_in(district)
    district.act("first", name, "return", reason="请补充")
    district.change("clerk-o1", name, {**REPORT, "title": "草稿里的话"})
    status, answer = district.ask("first", "GET", "/api/filings", query="kind=monthly_report&period=2022-11")
    (line,) = answer["filings"]
    assert (status, line["recalled"], line["status"], line["title"]) == (200, True, "returned", "")
    assert district.read("first", name)[0] == 403
    district.act("head-o1", name, "submit")
    assert district.ask("first", "GET", "/api/filings", query="period=2022-11")[1]["filings"][0]["recalled"] is False


def test_only_who_collects_it_gives_back_what_counts_and_nothing_else(district: SupervisedDistrict) -> None:
    name = handed_in(district)
    assert district.act("liaison", name, "return", reason="x")[0] in (403, 409), "its own clerk"
    assert district.act("leader", name, "return", reason="x")[0] == 403
    forum = handed_in(district, session(), "clerk1")
    assert "return" not in district.read("office", forum)[1]["may"]
    assert district.act("office", forum, "return", reason="x")[0] in (403, 409) and counted(district, forum)
    own = handed_in(district, {**REPORT, "unit_id": "O9"}, "second")
    assert district.act("first", own, "return", reason="x")[0] in (403, 409), "nobody returns their own unit's"
    assert district.act("office", own, "return", reason="请补充")[0] == 200


def imported(district: SupervisedDistrict, record_id: str, **more: str) -> None:
    cells = {"record_id": record_id, "record": "monthly_report", "unit_id": "O1", "occurred_at": "2022-12-02T09:00:00",
             "period": "2022-11", "title": "11月汇报", **more}  # fmt: skip
    with district.runtime.unit_of_work("service:test") as work:
        rules = rules_in_force(work)
        assert rules is not None
        (decision,) = submit_rows(work, [row_of("record", cells)], rules)
        assert isinstance(decision, Accepted), decision


def give_back(district: SupervisedDistrict, who: str, record_id: str) -> tuple[int, dict[str, Any]]:
    url = "/api/records/<path:record_id>/return"
    return district.ask(who, "POST", url, {"reason": "请补充下月安排"}, record_id=record_id)


def test_a_report_from_a_file_is_given_back_as_a_filing_that_its_unit_hands_in_again(
    district: SupervisedDistrict,
) -> None:
    imported(district, "R-11/月")
    assert give_back(district, "clerk-o1", "R-11/月")[0] == 403
    assert give_back(district, "leader", "R-11/月")[0] == 403
    status, answer = give_back(district, "first", "R-11/月")
    assert status == 200, answer
    name = str(answer["filings"][0]["filing_id"])
    assert not district.records()["R-11/月"][2] and f"filing-{name}" not in district.records()
    (line,) = district.ask("first", "GET", "/api/filings", query="kind=monthly_report&period=2022-11")[1]["filings"]
    assert line["recalled"] and line["filing_id"] == name
    detail = district.read("clerk-o1", name)[1]
    assert (detail["status"], detail["title"], detail["period"]) == ("returned", "11月汇报", "2022-11")
    assert detail["history"][-1]["reason"] == "请补充下月安排"
    changed = {**REPORT, "fields": {"done": "开展了两次集中学习。", "next": "下月办论坛。"}}
    assert district.change("head-o1", name, changed)[0] == 200
    assert district.act("head-o1", name, "submit")[0] == 200 and counted(district, name)
    assert give_back(district, "first", "R-11/月")[0] == 409, "it counts no more"
    assert give_back(district, "first", "none")[0] in (403, 404)
    assert give_back(district, "first", f"filing-{name}")[0] in (403, 404), "that one's filing is given back"


def test_what_nobody_collects_is_not_given_back(district: SupervisedDistrict) -> None:
    imported(district, "R-12", record="study_session", period="")
    assert give_back(district, "first", "R-12")[0] == 409 and district.records()["R-12"][2]
