"""Decisions on a year's awards: the campaign office enters one, somebody else confirms it, and only then it binds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.store import event_log
from contracts.participation import MembershipStarted, PostAssigned
from tests.services.participation.filing_client import FilingClient

UNIT = {"kind": "choose", "year": "2022", "unit_id": "S1", "document": "纪要〔2023〕2号", "decided_on": "2022-12-05",
        "reason": "并列，经会议评定"}  # fmt: skip
PERSON = UNIT | {"kind": "veto", "unit_id": "", "person_id": "t1", "reason": "师德核查未通过"}
URL = "/api/decision-proposals"


class Office(FilingClient):
    """With a second person in the campaign office."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        with self.runtime.unit_of_work("service:test") as unit_of_work:
            unit_of_work.append(
                MembershipStarted("office2", "B1", "cadre", "2015-09-01", "", "d", "姓office2"),
                PostAssigned("B1", "campaign_office", "office2", "2022-09-01", "", "d"),
            )

    def propose(self, who: str = "office", name: str = "proposal-1", **wanted: str) -> tuple[int, Any]:
        return self.ask(who, "POST", URL, {"proposal_id": name, **(wanted or UNIT)})

    def confirm(self, who: str, name: str = "proposal-1") -> tuple[int, Any]:
        return self.ask(who, "POST", f"{URL}/<proposal_id>/confirm", proposal_id=name)

    def give_back(self, who: str, name: str = "proposal-1", reason: str = "文号有误") -> tuple[int, Any]:
        return self.ask(who, "POST", f"{URL}/<proposal_id>/return", {"reason": reason}, proposal_id=name)

    def listed(self, who: str = "office", query: str = "year=2022") -> list[Any]:
        status, answer = self.ask(who, "GET", URL, query=query)
        assert status == 200, answer
        return list(answer["proposals"])

    def rows(self) -> list[tuple[str, str, bool, str]]:
        """Decisions as events: kind, subject, voided, by whom."""
        with self.runtime.store.reading() as connection:
            every = [each for each in event_log.read(connection, 0, 0, 100_000)
                     if each.type.partition(".v")[0] in
                     ("participation.decision_signed", "participation.decision_corrected")]  # fmt: skip
        events: list[Any] = [each.event() for each in every]
        return [(event.kind, event.unit_id or event.person_id, getattr(event, "voided", False), each.actor)
                for each, event in zip(every, events, strict=True)]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    url = "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())
    office = Office(tmp_path, url)
    yield office
    office.runtime.store.close()


def test_a_decision_binds_when_somebody_else_has_confirmed_it(office: Office) -> None:
    assert office.propose()[0] == 200
    assert office.propose()[0] == 200  # the same again
    assert office.rows() == []
    (line,) = office.listed("leader")
    assert (line["status"], line["unit_name"], line["proposer_name"], line["reason"]) == (
        "waiting", "单位S1", "姓office", "并列，经会议评定")  # fmt: skip
    status, answer = office.confirm("office")
    assert (status, answer["code"]) == (409, "same_hand") and office.rows() == []
    assert office.confirm("office2")[0] == 200
    assert office.confirm("office2")[0] == 200  # the same again
    assert office.rows() == [("choose", "S1", False, "campaign_office:office2@B1")]
    (line,) = office.listed()
    assert (line["status"], line["settled_by"]) == ("confirmed", "campaign_office:office2@B1")
    assert office.give_back("leader")[1]["code"] == "not_now"


def test_a_leader_is_a_second_hand_and_enters_none(office: Office) -> None:
    assert office.propose("leader")[0] == 403
    assert office.propose(**PERSON)[0] == 200
    assert office.confirm("leader")[0] == 200
    assert office.rows() == [("veto", "t1", False, "leader:leader@B1")]
    (line,) = office.listed()
    assert (line["person_name"], line["reason"]) == ("姓t1", "师德核查未通过")


def test_what_is_returned_binds_nobody_and_may_be_proposed_again(office: Office) -> None:
    office.propose()
    assert office.propose(name="proposal-2")[1]["code"] == "already_proposed"
    assert office.give_back("leader")[0] == 200
    assert office.confirm("office2")[1]["code"] == "not_now" and office.rows() == []
    (line,) = office.listed()
    assert (line["status"], line["returned_because"]) == ("returned", "文号有误")
    assert office.propose(name="proposal-2")[0] == 200
    assert office.give_back("office", "proposal-2", "重复")[0] == 200  # by whoever entered it


@pytest.mark.parametrize(
    ("wanted", "column", "code"),
    [({"unit_id": "none"}, "unit_id", "unknown_unit"), ({"person_id": "t1"}, "person_id", "one_of"),
     ({"kind": ""}, "kind", "missing"), ({"decided_on": "2022-13-01"}, "decided_on", "bad_date"),
     ({"unit_id": "", "person_id": "nobody"}, "person_id", "unknown_person")],
)  # fmt: skip
def test_what_would_not_be_accepted_is_refused_at_its_field(
    office: Office, wanted: dict[str, str], column: str, code: str
) -> None:
    status, answer = office.propose(**{**UNIT, **wanted})
    assert (status, answer["column"], answer["code"]) == (422, column, code)
    assert office.listed() == []


def test_a_signed_decision_is_taken_back_by_two_hands_too(office: Office) -> None:
    office.propose()
    office.confirm("leader")
    (line,) = office.listed()
    void = {"act": "void", "decision_id": line["decision_id"], "document": "会议纪要〔2023〕5号", "reason": "异议成立"}
    assert office.propose(name="proposal-2", **void)[0] == 200
    assert office.rows()[-1][2] is False
    assert office.confirm("office", "proposal-2")[0] == 409
    assert office.confirm("office2", "proposal-2")[0] == 200
    assert office.rows()[-1] == ("choose", "S1", True, "campaign_office:office2@B1")
    assert office.propose(name="proposal-3", **void)[1]["code"] == "unknown_row"
    assert office.propose(name="proposal-4")[0] == 200  # the same decision may be signed anew


@pytest.mark.parametrize("who", ["clerk1", "head1", "liaison", "t1"])
def test_others_neither_see_nor_decide(office: Office, who: str) -> None:
    office.propose()
    assert office.ask(who, "GET", URL, query="year=2022")[0] == 403
    assert office.propose(who, "proposal-9")[0] == 403
    assert office.confirm(who)[0] == 403 and office.give_back(who)[0] == 403
    assert office.ask(who, "POST", "/api/candidate-names", {"people": ["t1"]})[0] == 403


def test_leaders_read_candidates_names(office: Office) -> None:
    status, answer = office.ask("leader", "POST", "/api/candidate-names", {"people": ["t1", "nobody"]})
    assert (status, answer) == (200, {"people": {"t1": "姓t1"}})


def test_nobody_confirms_what_is_not_there(office: Office) -> None:
    assert office.confirm("leader", "none-none")[0] == 404
