"""A deed that is filed at a form: the figures follow its confirmation, correction and withdrawal, and a private text is
in no store but under its person's key."""

from __future__ import annotations

from typing import Any

from chassis.process import tokens
from tests.journeys.canaries import forms
from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import figures, report_events, teacher, unit
from tests.support.reported import event
from tests.support.stores import every_cell

WORD = "黑嘴鸥"


def ask(system: AnySystem, who: str, method: str, path: str, body: Any = None) -> Any:
    key = tokens.private_key(system.data / "keys" / "console.key")
    token = tokens.Signer("console", "district", key).issue(who, ["person"], 300)
    status, answer = system.ask(method, "participation", path, body, token=token)
    assert status == 200, answer
    return answer


def session(day: str) -> dict[str, Any]:
    return {"kind": "study_session", "unit_id": "FI1", "occurred_at": day, "title": "集中学习"}


def test_the_figures_follow_a_filing_and_a_private_text_is_nobodys_else(small_system: AnySystem) -> None:
    post = event("post.reported", "fi-clerk", unit_id="FI1", post="clerk", person_id="FIP1", from_="2022-09-01")
    outcomes = report_events(small_system, unit("FI1"), teacher("FIP1", "FI1"), post)
    assert set(outcomes) == {"accepted"}
    before = figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"]
    draft = ask(small_system, "FIP1", "POST", "/api/filings", {"deeds": [session("2022-11-08")]})
    assert figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"] == before, "a draft counts for nothing"
    path = f"/api/filings/{draft['filings'][0]['filing_id']}"
    ask(small_system, "FIP1", "POST", f"{path}/submit", {"revision": 1})
    counted = figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"]
    assert float(counted) > float(before)
    ask(small_system, "FIP1", "PUT", path, {"revision": 2, "content": session("2022-08-08"), "reason": "日期写错"})
    assert figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"] == before
    ask(small_system, "FIP1", "PUT", path, {"revision": 3, "content": session("2022-11-09"), "reason": "又写错"})
    assert figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"] == counted
    ask(small_system, "FIP1", "POST", f"{path}/withdraw", {"revision": 4, "reason": "重复"})
    assert figures(small_system, "FI1", "2022-Q4", "2022-12-31")["base"] == before
    assert [item["what"] for item in ask(small_system, "FIP1", "GET", path)["history"]] == [
        "保存草稿", "提交", "更正", "更正", "撤回"]  # fmt: skip

    own = {"kind": "note", "occurred_at": "2022-12-01", "title": f"{WORD}笔记", "fields": {"text": f"{WORD}正文"}}
    noted = ask(small_system, "FIP1", "POST", "/api/filings", {"deeds": [own], "submit": True})
    shown = ask(small_system, "FIP1", "GET", f"/api/filings/{noted['filings'][0]['filing_id']}")
    assert (shown["title"], shown["fields"], shown["counts"]) == (f"{WORD}笔记", {"text": f"{WORD}正文"}, True)
    ask(small_system, "FIP1", "GET", "/api/mine/filings")
    plain = [(service, table) for service, table, row in every_cell(small_system)
             if any(form in cell.encode() for cell in row.values() for form in forms(WORD))]  # fmt: skip
    assert plain == []
