"""花名册: a file is compared, its differences stand in groups, and are applied line by line, a group at once, or all
that is certain; words are explained, and a roster is undone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

UNIT, ID = ("clerk", "X1", "一小"), "20230301-0123456789"
COUNTS = {"joined": 2, "moved": 0, "role_changed": 1, "renamed": 0, "left": 0, "missing": 1, "unchanged": 3,
          "unsure": 1}  # fmt: skip


def held(unit: str = "X1", **more: str) -> dict[str, str]:
    return {"unit_id": unit, "unit_name": "一小", "role": "teacher", "name": "王平", "since": "2020-09-01", "until": "",
            **more}  # fmt: skip


def line(key: str, group: str, *options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"line": key, "group": group, "rows": [2], "person_id": "P7", "name": "王平", "options": list(options),
            "code": "", "column": "", "value": "", "message": "", "notes": [], "outcome": "", **more}  # fmt: skip


def option(key: str, before: Any, after: Any, person: str = "P7") -> dict[str, Any]:
    return {"option": key, "person_id": person, "before": before, "after": after}


def summary(**more: Any) -> dict[str, Any]:
    return {"roster_id": ID, "unit_id": "X1", "as_of": "2023-03-01", "file": "三月.xlsx", "actor": "clerk:P00001@X1",
            "created_at": "2023-03-01T01:00:00.000000Z", "revision": 4, "groups": COUNTS, "unknown_units": [],
            "unknown_roles": [], "notes": [], "latest": "2023-02-01", "state": "compared", "done": 0, "total": 0,
            "fault": "", **more}  # fmt: skip


LINES = {
    "joined": [line("row-2", "joined", option("apply", None, held())), line("row-3", "joined", outcome="accepted")],
    "missing": [line("missing-P7", "missing", option("end", held(), held(until="2023-03-01")))],
    "unsure": [
        line(
            "row-9",
            "unsure",
            option("keep", held(), held()),
            option("new", None, held(), "P8"),
            message="工号只差前面的 0。",
        )
    ],
}


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    return browser_of(app, services, ("keep_roster",))


def browser_of(app: Flask, services: FakeGateway, rights: tuple[str, ...]) -> FlaskClient:
    services.on("GET", "/api/rosters", {"previews": [], "applied": []})
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小", "closed_on": ""}]})
    services.on("GET", f"/api/rosters/{ID}", lambda call: summary(
        lines=LINES.get(call.query["group"], []), more=call.query["group"] == "joined"))  # fmt: skip
    return person_with(app, services, "P00001", rights, posts=[UNIT])


def confirmed(browser: FlaskClient, services: FakeGateway, **form: Any) -> dict[str, Any]:
    """What is asked of the service."""
    given = {"csrf": csrf(browser, "/rosters"), "roster": ID, "revision": "4", **form}
    assert browser.post("/rosters/confirm", data=given).status_code == 303
    result: dict[str, Any] = services.called("POST", f"/api/rosters/{ID}/confirm")[-1].json
    return result


def test_a_file_is_sent_with_its_day(clerk: FlaskClient, services: FakeGateway) -> None:
    assert "还没有花名册" in clerk.get("/rosters").text
    services.on("POST", "/api/rosters", Answer(201, summary()))
    sent = {"csrf": csrf(clerk, "/rosters"), "unit": "X1", "as_of": "2023-03-01", "older": "yes"}
    answer = clerk.post("/rosters", data={**sent, "file": (io.BytesIO(b"PK" * 50_000), "三月.xlsx")})
    assert (answer.status_code, answer.location) == (303, f"/rosters/preview?roster={ID}")
    call = services.called("POST", "/api/rosters")[-1]
    assert call.query == {"as_of": "2023-03-01", "name": "三月.xlsx", "older": "yes", "unit_id": "X1"}
    assert call.body == b"PK" * 50_000
    services.on("POST", "/api/rosters", problem(409, "older_roster", "已确认过 2023-03-01 的花名册。", column="as_of"))
    refused = clerk.post("/rosters", data={**sent, "file": (io.BytesIO(b"PK"), "三月.xlsx")})
    assert refused.status_code == 422 and "已确认过 2023-03-01 的花名册。" in refused.text
    assert clerk.post("/rosters", data={**sent, "file": (io.BytesIO(b""), "")}).status_code == 422


def test_a_comparison_that_runs_can_be_left_and_found_and_says_why_it_ended(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    running = summary(state="comparing", done=600, total=800, revision=1, groups={})
    services.on("GET", f"/api/rosters/{ID}", running | {"lines": [], "more": False})
    page = clerk.get(f"/rosters/preview?roster={ID}").text
    assert "已比对 600 行，共 800 行" in page and "76%" in page and "可以离开这一页" in page
    assert 'hx-trigger="every 2s"' in page and "办理勾选的" not in page
    ended = summary(state="unreadable", groups={}, fault="文件已损坏，请重新导出。")
    services.on("GET", "/api/rosters", {"previews": [running, ended], "applied": []})
    listed = clerk.get("/rosters").text
    assert "正在比对" in listed and "文件无法读取" in listed
    services.on("GET", f"/api/rosters/{ID}", ended | {"lines": [], "more": False})
    page = clerk.get(f"/rosters/preview?roster={ID}").text
    assert "文件已损坏，请重新导出。" in page and "重新上传" in page and "hx-trigger" not in page
    again = summary(state="abandoned", fault="比对没有做完，请重新上传。", lines=LINES["joined"], more=False)
    services.on("GET", f"/api/rosters/{ID}", again)
    page = clerk.get(f"/rosters/preview?roster={ID}").text
    assert "比对没有做完" in page and "办理勾选的" in page, "what was compared before stays"


def test_differences_stand_in_groups_with_what_was_and_what_is(clerk: FlaskClient, services: FakeGateway) -> None:
    page = clerk.get(f"/rosters/preview?roster={ID}").text
    assert services.called("GET", f"/api/rosters/{ID}")[-1].query["group"] == "joined"
    assert "新增 2" in page and "未出现 1" in page and "调动 0" not in page
    assert ">一小 教师 2020-09-01 起" in page and "办理全部不需确认的" in page and "after=2" in page
    assert page.count('name="line"') == 1 and "已办理" in page, "what is settled cannot be ticked"
    unsure = clerk.get(f"/rosters/preview?roster={ID}&group=unsure").text
    assert "工号只差前面的 0。" in unsure and "不改动" in unsure and "P8 新增 王平 一小" in unsure
    missing = clerk.get(f"/rosters/preview?roster={ID}&group=missing").text
    assert "checked" not in missing and "办理本组全部" not in missing


def test_lines_groups_and_choices_are_confirmed_as_the_buttons_say(clerk: FlaskClient, services: FakeGateway) -> None:
    done = {"left": 0, "accepted": 1, "unchanged": 0, "refused": 0, "positions": []}
    services.on("POST", f"/api/rosters/{ID}/confirm", done)
    ticked = confirmed(clerk, services, group="joined", act="ticked", line=["row-2"])
    assert ticked == {"revision": 4, "groups": [], "lines": {"row-2": "apply"}, "missing_on": ""}
    ended = confirmed(clerk, services, group="missing", line=["missing-P7"], missing_on="2023-02-15")
    assert (ended["lines"], ended["missing_on"]) == ({"missing-P7": "end"}, "2023-02-15")
    assert confirmed(clerk, services, group="joined", act="group", line=["row-2"])["groups"] == ["joined"]
    every = confirmed(
        clerk, services, group="joined", act="certain", **{"count:joined": "2", "count:role_changed": "1"}
    )
    assert (every["groups"], every["lines"]) == (["joined", "role_changed"], {})
    chosen = confirmed(clerk, services, group="unsure", **{"choice:row-9": "keep", "choice:row-10": ""})
    assert chosen["lines"] == {"row-9": "keep"}
    nothing = {"csrf": csrf(clerk, "/rosters"), "roster": ID, "group": "joined", "act": "ticked"}
    assert "请先勾选要办理的行。" in clerk.post("/rosters/confirm", data=nothing).text


def test_what_is_long_is_repeated_in_the_same_words(clerk: FlaskClient, services: FakeGateway) -> None:
    left = [400, 200, 0]
    done = {"accepted": 600, "unchanged": 0, "refused": 1, "positions": ["participation/0/7"]}
    services.on("POST", f"/api/rosters/{ID}/confirm", lambda _: {**done, "left": left.pop(0)})
    confirmed(clerk, services, group="joined", act="group")
    calls = services.called("POST", f"/api/rosters/{ID}/confirm")
    assert len(calls) == 3 and calls[0].json == calls[2].json
    assert "共已办理 600 人，无变化 0，未接收 1" in clerk.get(f"/rosters/preview?roster={ID}").text
    assert services.called("GET", f"/api/rosters/{ID}")[0].headers.get("x-qihang-after") == "participation/0/7"


def test_a_preview_that_changed_is_shown_again(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", f"/api/rosters/{ID}/confirm", problem(409, "preview_changed", "预览已重新生成。"))
    form = {"csrf": csrf(clerk, "/rosters"), "roster": ID, "revision": "3", "group": "joined", "line": "row-2"}
    answer = clerk.post("/rosters/confirm", data=form)
    assert answer.status_code == 422 and "预览已重新生成。" in answer.text and "新增 2" in answer.text


def test_words_are_explained_by_whoever_enters_for_all(app: Flask, services: FakeGateway) -> None:
    clerk = browser_of(app, services, ("keep_roster",))
    unknown = summary(unknown_units=["一小学"], unknown_roles=["校医"], lines=[], more=False)
    services.on("GET", f"/api/rosters/{ID}", unknown)
    assert "请活动领导小组办公室指明" in clerk.get(f"/rosters/preview?roster={ID}").text
    office = person_with(app, services, "P00002", ("keep_roster", "enter_facts"), [("campaign_office", "B1", "局")])
    page = office.get(f"/rosters/preview?roster={ID}").text
    assert "单位“一小学”" in page and "岗位“校医”" in page
    services.on("POST", "/api/roster-words", {"positions": []})
    services.on("POST", f"/api/rosters/{ID}/compare", summary())
    form = {"csrf": csrf(office, "/rosters"), "roster": ID, "column": ["unit_id", "role"], "word": ["一小学", "校医"],
            "value": ["X1", ""]}  # fmt: skip
    assert office.post("/rosters/words", data=form).status_code == 303
    assert services.called("POST", "/api/roster-words")[-1].json == {
        "words": [{"column": "unit_id", "word": "一小学", "value": "X1"}]}  # fmt: skip
    assert len(services.called("POST", f"/api/rosters/{ID}/compare")) == 1
    assert clerk.post("/rosters/words", data={**form, "csrf": csrf(clerk, "/rosters")}).status_code == 403


def test_an_applied_roster_says_what_became_of_its_lines_and_is_undone(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    applied = {"roster_id": ID, "unit_id": "X1", "as_of": "2023-03-01", "actor": "clerk:P00001@X1",
               "at": "2023-03-01T01:00:00.000000Z"}  # fmt: skip
    settled = [{"line": "row-2", "choice": "apply", "outcome": "refused", "column": "", "code": "changed_since",
                "message": "此人的任职已有变动。"}]  # fmt: skip
    services.on("GET", f"/api/rosters/{ID}/outcomes", {"roster": applied, "lines": settled, "more": False})
    page = clerk.get(f"/rosters/outcomes?roster={ID}").text
    assert "此人的任职已有变动。" in page and "本人" in page and "2023-03-01 09:00" in page
    form = {"csrf": csrf(clerk, "/rosters"), "roster": ID}
    assert clerk.post("/rosters/undo", data=form).status_code == 422
    services.on("POST", f"/api/rosters/{ID}/undo", {"undone": 5, "left": [], "place": None, "positions": []})
    assert clerk.post("/rosters/undo", data={**form, "reason": "月份错了"}).location == f"/rosters/outcomes?roster={ID}"
    assert "撤销了 5 行。" in clerk.get(f"/rosters/outcomes?roster={ID}").text
