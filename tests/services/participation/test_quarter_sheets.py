"""The supervision office's sheets of a quarter: drafted, completed, confirmed by somebody else, corrected; only then
are they rows from which the score is calculated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.store import event_log
from contracts.participation import SheetReported
from services.participation.batch.handlers import submit_foreign_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain.rows import SheetRow
from tests.services.participation.supervised_district import SupervisedDistrict

QUARTER = "2022-Q4"
FULL = {"organisation": "36", "depth": "27.5", "results": "20"}


class Office(SupervisedDistrict):
    """The routes of sheets."""

    def post(self, who: str, what: str, *sheets: dict[str, Any], **more: Any) -> tuple[int, Any]:
        body = {"period": QUARTER, "sheets": list(sheets)} | more
        return self.ask(who, "POST", f"/api/quarter-sheets/{what}", body)

    def on(self, who: str, unit_id: str, what: str, **body: Any) -> tuple[int, Any]:
        url = f"/api/quarter-sheets/<unit_id>/<period>/{what}"
        return self.ask(who, "POST", url, body, unit_id=unit_id, period=QUARTER)

    def grid(self, who: str) -> dict[str, Any]:
        status, answer = self.ask(who, "GET", "/api/quarter-sheets", query=f"period={QUARTER}")
        assert status == 200, answer
        return {line["unit_id"]: line for line in answer["sheets"]}

    def detail(self, who: str, unit_id: str) -> tuple[int, Any]:
        return self.ask(who, "GET", "/api/quarter-sheets/<unit_id>/<period>", unit_id=unit_id, period=QUARTER)

    def own(self, who: str, unit_id: str) -> tuple[int, Any]:
        return self.ask(who, "GET", "/api/units/<unit_id>/quarter-sheets", unit_id=unit_id)

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Events of rows: type, unit, item, points, reason of the correction."""
        with self.runtime.store.reading() as connection:
            every = [each for each in event_log.read(connection, 0, 0, 100_000) if ".sheet_" in each.type]
        events: list[Any] = [each.event() for each in every]
        return [(each.type.split(".")[1], event.unit_id, event.item, event.points,
                 getattr(event, "correction_reason", ""))
                for each, event in zip(every, events, strict=True)]  # fmt: skip

    def confirmed(self, unit_id: str = "O1", points: dict[str, str] | None = None) -> None:
        for who, what in (("first", "draft"), ("first", "complete"), ("second", "confirm")):
            sheet = {"unit_id": unit_id} | ({"points": points or FULL} if what == "draft" else {})
            status, answer = self.post(who, what, sheet)
            assert status == 200 and all(each["outcome"] == "done" for each in answer.get("outcomes", [])), answer


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    client = Office(tmp_path)
    yield client
    client.runtime.store.close()


def test_what_is_not_scored_yet_stands_there_and_a_column_is_entered_at_once(office: Office) -> None:
    assert {(unit, line["state"]) for unit, line in office.grid("first").items()} == {
        ("O1", "pending"), ("D1", "pending"), ("O9", "pending")}  # fmt: skip
    status, answer = office.post("first", "draft", {"unit_id": "O1", "points": {"depth": " ２７.5 "}},
                                 {"unit_id": "D1", "points": {"depth": "12"}})  # fmt: skip
    assert (status, answer["changed"]) == (200, ["O1", "D1"])
    line = office.grid("second")["O1"]
    assert (line["state"], line["points"], line["total"], line["may"]) == ("draft", {"depth": "27.5"}, "", ["draft"])
    assert office.post("second", "draft", {"unit_id": "O1", "points": {"results": "20"}})[0] == 200
    assert office.grid("first")["O1"]["points"] == {"depth": "27.5", "results": "20"}, "a column keeps the others"
    assert office.rows() == []


def test_wrong_points_keep_the_whole_column_and_say_where(office: Office) -> None:
    status, answer = office.post("first", "draft", {"unit_id": "O1", "points": {"depth": "31"}},
                                 {"unit_id": "D1", "points": {"depth": "好", "nothing": "1"}})  # fmt: skip
    assert status == 422
    assert [(each["field"], each["code"]) for each in answer["problems"]] == [
        ("O1.depth", "out_of_range"), ("D1.depth", "bad_number"), ("D1.nothing", "unknown_item")]  # fmt: skip
    assert office.grid("first")["O1"]["state"] == "pending"


def test_it_counts_when_somebody_else_has_confirmed_it(office: Office) -> None:
    office.post("first", "draft", {"unit_id": "O1", "points": {"organisation": "36", "depth": "27.5"}})
    (refused,) = office.post("first", "complete", {"unit_id": "O1"})[1]["outcomes"]
    assert refused["outcome"] == "refused" and "工作成效" in refused["message"]
    office.post("first", "draft", {"unit_id": "O1", "points": {"results": "20"}})
    assert office.post("first", "complete", {"unit_id": "O1"})[1]["outcomes"][0]["outcome"] == "done"
    assert office.grid("first")["O1"]["may"] == ["return"] and "confirm" in office.grid("second")["O1"]["may"]
    (own,) = office.post("first", "confirm", {"unit_id": "O1"})[1]["outcomes"]
    assert own["outcome"] == "refused" and "其他同志" in own["message"]
    assert office.rows() == [] and office.own("clerk-o1", "O1")[1]["sheets"] == []
    assert office.post("second", "confirm", {"unit_id": "O1"})[1]["outcomes"][0]["outcome"] == "done"
    reported = [("sheet_reported", "O1", item, points, "") for item, points in sorted(FULL.items())]
    assert sorted(office.rows()) == reported
    line = office.grid("first")["O1"]
    assert (line["state"], line["total"], line["may"]) == ("confirmed", "83.5", ["correct"])
    rows = office.detail("first", "O1")[1]["rows"]
    assert set(rows) == set(FULL) and len(set(rows.values())) == len(FULL), "by item, for the history of each"
    status, answer = office.own("clerk-o1", "O1")
    assert status == 200
    assert answer["sheets"] == [{"period": QUARTER, "points": FULL, "total": "83.5", "assessed_on": "2022-12-05",
                                 "assessors": ["单位O9"]}]  # fmt: skip


def test_the_second_hand_returns_it_with_a_reason_that_stands_in_the_history(office: Office) -> None:
    office.post("first", "draft", {"unit_id": "D1", "points": FULL})
    office.post("first", "complete", {"unit_id": "D1"})
    assert office.on("second", "D1", "return", reason="")[0] in (400, 422)
    assert office.on("second", "D1", "return", reason="学习深度请核对")[0] == 200
    status, sheet = office.detail("first", "D1")
    assert (status, sheet["state"]) == (200, "draft")
    assert [(each["what"], each["by"], each["reason"]) for each in sheet["history"]] == [
        ("填写", "考核人 姓first", ""), ("提交复核", "考核人 姓first", ""),
        ("退回", "考核人 姓second", "学习深度请核对")]  # fmt: skip
    outside = office.detail("leader", "D1")[1]["history"]
    assert {each["by"] for each in outside} == {"考核人"}, "no name leaves the office"


def test_what_counts_is_corrected_with_a_reason_and_again_by_two_hands(office: Office) -> None:
    office.confirmed()
    assert office.post("first", "draft", {"unit_id": "O1", "points": {"depth": "20"}})[0] == 409
    assert office.on("first", "O1", "correct", reason="漏记一次督查")[0] == 200
    office.post("first", "draft", {"unit_id": "O1", "points": {"depth": "20"}})
    assert office.own("clerk-o1", "O1")[1]["sheets"][0]["total"] == "83.5", "it counts as it is until it is confirmed"
    office.post("first", "complete", {"unit_id": "O1"})
    office.post("second", "confirm", {"unit_id": "O1"})
    assert office.rows()[3:] == [("sheet_corrected", "O1", "depth", "20", "漏记一次督查")]
    assert office.own("clerk-o1", "O1")[1]["sheets"][0]["total"] == "76"
    assert office.grid("first")["O1"]["correcting"] is False


def imported(office: Office, *rows: tuple[str, ...]) -> None:
    with office.runtime.unit_of_work("service:test") as unit_of_work:
        submit_foreign_rows(unit_of_work, [SheetRow(*row) for row in rows], rules_in_force(unit_of_work))


def test_an_imported_sheet_counts_as_complete_and_is_corrected_on_the_page(office: Office) -> None:
    imported(office, *((f"Q-{item}", "O1", "O9", QUARTER, item, points, "2022-12-01") for item, points in FULL.items()))
    line = office.grid("first")["O1"]
    assert (line["state"], line["official"], line["may"]) == ("confirmed", FULL, ["correct"])
    office.on("first", "O1", "correct", reason="录入有误")
    office.post("first", "draft", {"unit_id": "O1", "points": {"results": "21"}})
    office.post("first", "complete", {"unit_id": "O1"})
    assert office.post("second", "confirm", {"unit_id": "O1"})[1]["outcomes"][0]["outcome"] == "done"
    assert office.rows()[3:] == [("sheet_corrected", "O1", "results", "21", "录入有误")]


def test_what_was_imported_meanwhile_is_not_overwritten_in_silence(office: Office) -> None:
    office.post("first", "draft", {"unit_id": "O1", "points": FULL})
    office.post("first", "complete", {"unit_id": "O1"})
    imported(office, ("Q-1", "O1", "O9", QUARTER, "depth", "10", "2022-12-01"))
    (refused,) = office.post("second", "confirm", {"unit_id": "O1"})[1]["outcomes"]
    assert refused["outcome"] == "refused" and "导入" in refused["message"]
    assert office.grid("second")["O1"]["state"] == "completed", "nothing of it was kept"


def test_nobody_assesses_their_own_unit_but_the_leading_group_does(office: Office) -> None:
    assert office.post("first", "draft", {"unit_id": "O9", "points": FULL})[0] == 403
    assert office.detail("first", "O9")[0] == 403 and office.grid("first")["O9"]["may"] == []
    assert office.post("office", "draft", {"unit_id": "O9", "points": FULL})[0] == 200
    assert office.grid("first")["O9"]["points"] == {}, "nor sees what is drafted of it"
    office.post("office", "complete", {"unit_id": "O9"})
    assert office.post("leader", "confirm", {"unit_id": "O9"})[1]["outcomes"][0]["outcome"] == "done"
    assert office.own("first", "O9")[1]["sheets"][0]["assessors"] == ["单位B1"]


def test_a_school_has_no_sheet_and_a_stranger_sees_none(office: Office) -> None:
    assert office.post("first", "draft", {"unit_id": "S1", "points": FULL})[0] == 422
    status, answer = office.own("head1", "S1")
    assert (status, answer["has_sheets"], answer["sheets"]) == (200, False, [])
    assert office.own("head1", "O1")[0] == 403 and office.ask("clerk1", "GET", "/api/quarter-sheets")[0] == 403


def test_an_older_look_does_not_overwrite(office: Office) -> None:
    office.post("first", "draft", {"unit_id": "O1", "points": {"depth": "20"}})
    office.post("second", "draft", {"unit_id": "O1", "points": {"depth": "22"}, "revision": 1})
    status, answer = office.post("first", "draft", {"unit_id": "O1", "points": {"depth": "21"}, "revision": 1})
    assert (status, answer["code"], answer["revision"]) == (409, "changed_meanwhile", 2)


def test_an_id_that_the_page_makes_is_refused_from_outside(office: Office) -> None:
    imported(office, ("quarter-sheet-1", "O1", "O9", QUARTER, "depth", "10", "2022-12-01"))
    assert office.rows() == [] and SheetReported.wire == "participation.sheet_reported.v1"
