"""The registry of pages: menu, guard and addresses agree with it; the pages of one unit show what the services say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import console
from console.page_registry import PAGES, menu_of, page_of, usual_pages
from console.users import OF_POSTS, Post, Profile, User
from services.registry import rights
from tests.console.conftest import person_with
from tests.support.fake_gateway import FakeGateway, problem

UNIT = ("clerk", "X1", "一小")


def line(duty: str, period: str, **more: Any) -> dict[str, Any]:
    title = {"video": "视频展播", "note": "学习笔记"}.get(duty, duty)
    return {"duty": duty, "title": title, "record": duty, "every": "month", "period": period, "needed": 1,
            "weight": "10", "worth": "8.3333", "unit_id": "X1", "person_id": "", "start": f"{period}-01",
            "due": f"{period}-28", "done": 0, "state": "open", "excuse": "", "records": [], **more}  # fmt: skip


def answer(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"campaign": "c", "title": "学论述", "window": "2023", "as_of": "2023-02-10", "known_at": None,
            "unit_id": "X1", "name": "一小", "person_id": "", "duties": list(lines), "people": [], "figures": None,
            "parts": [], "points": None, "ranking": None, "windows": ["2023", "2023-spring"], **more}  # fmt: skip


def test_every_page_is_served_at_its_address_and_has_its_icon(app: Flask) -> None:
    addresses = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {page.endpoint: addresses.get(page.endpoint) for page in PAGES} == {
        page.endpoint: page.path for page in PAGES
    }
    assert len({page.endpoint for page in PAGES}) == len(PAGES), "each once in the menu"
    assert len({page.endpoint for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    symbols = (Path(console.__file__).parent / "static" / "icons.svg").read_text(encoding="utf-8")
    assert [page.icon for page in PAGES if f'id="{page.icon}"' not in symbols] == []
    known = {right.name for right in rights.RIGHTS} | {"", "own", "system"}
    assert {page.right for page in PAGES} <= known


def test_the_operator_is_offered_what_the_rules_give_the_operator() -> None:
    assert {right.name for right in rights.RIGHTS if "operator" not in right.system} == OF_POSTS


def test_a_thing_under_a_page_belongs_to_it_in_the_menu() -> None:
    assert page_of("duties.records") == page_of("duties.unit_duties")
    assert page_of("pages.differences") is None and page_of(None) is None


def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    return person_with(app, services, "P00001", ("see_duties", "see_duties_by_person", "keep_roster"), posts=[UNIT])


def test_the_grid_has_a_cell_for_each_duty_and_period(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", answer(
        line("video", "2023-01", state="overdue"), line("video", "2023-02"),
        line("discussion-day", "2023-01", state="late", done=1)))  # fmt: skip
    page = clerk(app, services).get("/duties").text
    assert services.called("GET", "/api/duties")[-1].query == {"unit_id": "X1"}
    cells = re.findall(r'class="cell state-(\w+)"[^>]*><span[^>]*>[^<]*</span>(\d/\d)', page)
    assert cells == [("overdue", "0/1"), ("open", "0/1"), ("late", "1/1")]
    assert '<a href="/duties" aria-current="page">' in page
    assert '<option value="2023" selected>2023 年</option>' in page and "2023 年春季学期" in page
    shown = clerk(app, services).get("/duties/records?duty=video&period=2023-01").text
    assert "视频展播 2023 年 1 月" in shown and "逾期未完成" in shown
    assert clerk(app, services).get("/duties/records?duty=video&period=1999-01").status_code == 404


def test_a_person_without_a_post_sees_their_own_duties(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", answer(line("note", "2023-01"), unit_id="", person_id="P1", name=""))
    page = person_with(app, services, "P00001", ("see_duties",)).get("/duties").text
    assert "person_id" in services.called("GET", "/api/duties")[-1].query and "我的任务" in page


def test_the_score_says_what_can_still_be_won_the_most_first(app: Flask, services: FakeGateway) -> None:
    figures = {"base": "81.25", "sheet": None, "deduction": "0.25", "score": "81.00", "completion": "0.8000",
               "on_time": "0.9000", "evidence": "0.5000"}  # fmt: skip
    part = {"duty": "video", "title": "视频展播", "weight": "10", "instances": 4, "complete": 3, "on_time": 3,
            "late": 0, "credit": "0.7500", "points": "7.5000", "most": "10.0000"}  # fmt: skip
    services.on("GET", "/api/duties", answer(
        line("video", "2023-02", worth="2.5000"), line("anthology", "2023-02", worth="10.0000"),
        line("note", "2023-02", worth=None), figures=figures, parts=[part],
        ranking={"rank": 3, "band": "middle", "score": "81.00", "position": ""}))  # fmt: skip
    page = clerk(app, services).get("/score").text
    assert "81.00" in page and "中段" in page and 'width="75"' in page
    won = page[page.index("还可以争取") :]
    assert won.index("anthology") < won.index("视频展播") and "学习笔记" not in won
    assert not re.search(r"名次|第 ?3 ?名", page)


def test_the_list_of_who_has_not_handed_in_has_names_and_a_text_to_copy(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties/people", answer(
        line("note", "2023-01", person_id="P2", state="overdue"), line("note", "2023-01", person_id="P1"),
        line("note", "2023-01", person_id="P3", state="done", done=1)))  # fmt: skip
    services.on(
        "GET",
        "/api/units/X1/people",
        {
            "unit_id": "X1",
            "unit_name": "一小",
            "people": [
                {"person_id": "P1", "name": "王芳"},
                {"person_id": "P2", "name": "李明"},
                {"person_id": "P3", "name": "张三"},
            ],
        },
    )
    page = clerk(app, services).get("/not-handed-in").text
    assert "还有 2 人未交" in page and "王芳" in page and "李明" in page and "张三" not in page
    assert "【2023 年 1 月 学习笔记】截止日 2023-01-28，还没有收到：李明、王芳。" in page
    services.on("GET", "/api/units/X1/people", problem(502, "service_away"))
    page = clerk(app, services).get("/not-handed-in").text
    assert page.count("（姓名暂时看不到）") == 2 and "没有姓名" not in page


def test_a_service_that_does_not_answer_is_named_in_words(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", problem(409, "no_campaign", "还没有启动活动方案。"))
    assert "还没有发布主题活动" in clerk(app, services).get("/duties").text
    services.on("GET", "/api/duties", problem(403, "not_allowed", "您无权办理这一事项。"))
    assert "您不能查看这个单位" in clerk(app, services).get("/score?unit=X9").text


def test_a_duty_of_one_time_names_neither_codes_nor_a_form_that_is_not_the_readers(
    app: Flask, services: FakeGateway
) -> None:
    record = {"record_id": "filing-0123456789-1", "day": "2023-01-08", "on_time": True, "evidence": False}
    services.on("GET", "/api/duties", answer(line("book", "once", start="2023-01-01", records=[record], done=1)))
    kinds = [{"id": "book", "title": "书籍", "filed_by": "unit"}]
    services.on("GET", "/api/record-kinds", {"kinds": kinds})
    teacher = person_with(app, services, "P00009", ("see_duties", "file_record"))
    page = teacher.get("/duties/records?duty=book&period=once").text
    assert "<h1>book</h1>" in page and ">filing-0123456789-1<" not in page
    assert "/file/form?" not in page
    kinds[0]["filed_by"] = "person"
    assert "/file/form?kind=book&amp;period=once" in teacher.get("/duties/records?duty=book&period=once").text


def held(*posts: str, rights: tuple[str, ...] = ()) -> User:
    of = tuple(Post(post, "O1", "督查室", "office") for post in posts)
    return User("P1", "p1", profile=Profile("王小明", of, frozenset(rights)))


def test_a_post_s_main_work_stands_next_to_its_own_pages_in_the_menu() -> None:
    operator = User("operator", "operator")
    assert [group for group, _ in menu_of(operator)][:3] == ["我的", "系统", "本单位"]
    leader = held("leader", rights=("see_figures", "see_duties", "see_publicity"))
    assert [group for group, _ in menu_of(leader)] == ["我的", "全区", "本单位", "宣传"]
    research = held("head", rights=("arrange_reviews", "see_duties"))
    assert [group for group, _ in menu_of(research)] == ["我的", "宣传", "本单位"]
    clerk = held("clerk", rights=("see_duties", "see_publicity"))
    assert [group for group, _ in menu_of(clerk)] == ["我的", "本单位", "宣传"]


def test_the_pages_that_a_post_is_about_are_named_first_and_none_that_it_may_not_open() -> None:
    liaison = held("clerk", rights=("supervise", "file_record", "see_duties", "see_findings"))
    assert [page.title for page in usual_pages(liaison)] == ["包联学校", "督查问题", "填报", "任务台账"]
    supervision = held("head", rights=("see_figures", "assess_unit", "supervise", "see_duties", "confirm_filing"))
    assert [page.title for page in usual_pages(supervision)][:3] == ["月汇报", "季考核表", "包联学校"]
    assert [page.title for page in usual_pages(held(rights=("file_record",)))] == ["填报", "我的记录"]
    assert len(usual_pages(held("leader", "campaign_office", rights=tuple(right.name for right in rights.RIGHTS)))) == 6


def test_whoever_holds_a_post_opens_what_they_owe_in_person_too(app: Flask, services: FakeGateway) -> None:
    own = answer(line("note", "2023-02"), unit_id="", name="")
    services.on("GET", "/api/duties", lambda call: answer() if "unit_id" in call.query else own)
    browser = person_with(app, services, "P00009", ("see_duties",), posts=[UNIT])
    link = "/duties/records?duty=note&amp;period=2023-02&amp;own=1"
    assert link in browser.get("/own-record").text
    assert "学习笔记" in browser.get(link.replace("&amp;", "&")).text
    assert services.called("GET", "/api/duties")[-1].query["person_id"] == "P00009"
