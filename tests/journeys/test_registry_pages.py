"""In a real browser: a clerk adds, corrects and transfers a teacher, and the duties follow; a head hands over the
clerk's post and opens the account; a teacher takes the own data out; each page is shut to a post that may not."""

from __future__ import annotations

import json
import re

import pytest

from tests.journeys.console_system import DAY, ConsoleSystem, School, person_of, sign_in
from tests.support.chromium import Chromium

NEWCOMER = "P90001"


@pytest.fixture(scope="module")
def school(console_system: ConsoleSystem) -> School:
    return console_system.school()


class Browser:
    """Somebody at the console, as they click and type."""

    def __init__(self, chromium: Chromium, system: ConsoleSystem, who: str) -> None:
        self.chromium, self.system = chromium, system
        chromium.width(390)
        sign_in(system, chromium, who)

    def open(self, path: str) -> str:
        self.chromium.open(f"{self.system.address}{path}")
        return self.text()

    def text(self) -> str:
        return str(self.chromium.run("document.querySelector('main').innerText"))

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            field = f"document.querySelector('main [name={name}]:not([type=hidden])')"
            self.chromium.run(f"{field}.value = {json.dumps(value)}; 0")

    def click(self, selector: str, shows: str) -> str:
        """What the page says to which the click leads; it shows this selector."""
        self.chromium.run(f"setTimeout(() => document.querySelector({json.dumps(selector)}).click()); 0")
        self.chromium.wait_for_page(shows)
        return self.text()

    def store(self, shows: str = ".flash") -> str:
        """From the form over what it would do to the page after it."""
        before = self.click("main form [type=submit]", "[value=store]")
        self.click("[value=store]", shows)
        return before


def owing(system: ConsoleSystem, school: School) -> set[int]:
    """How many of the unit owe what every person owes."""
    system.qihang("settle")
    lines = system.get("assessment", "/api/duties", unit_id=school.unit_id)["people"]
    return {line["owing"] for line in lines if line["duty"] == "notes"}


def test_a_clerk_keeps_the_people_of_the_unit_and_the_duties_follow(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    clerk = Browser(chromium, console_system, school.clerk)
    before = max(owing(console_system, school))
    assert school.name in clerk.open("/registry")
    clerk.click("a[href*='what=join']", "[name=person_id]")
    clerk.fill(person_id=NEWCOMER, name="李新", role="teacher", since="2022-10-10")
    assert f"李新（P90001）从 2022-10-10 起在{school.name}任教师。" in clerk.store()
    assert "已保存。" in clerk.text() and max(owing(console_system, school)) == before + 1
    assert f"{before + 1}" in clerk.open("/duties")

    clerk.open(f"/registry/person?person={NEWCOMER}")
    clerk.click("a[href*='what=correct']", "[name=new_since]")
    clerk.fill(new_since="2022-10-01", reason="合同上是十月一日")
    assert "任职开始由“2022-10-10”更正为“2022-10-01”" in clerk.store()
    assert "录入错误：合同上是十月一日" in clerk.text() and max(owing(console_system, school)) == before + 1

    clerk.click("a[href*='what=transfer'][href*='2022-10-01']", "[name=to_unit_id]")
    clerk.fill(to_unit_id="X001", day=DAY)
    assert "第1中学任教师" in clerk.store()
    assert max(owing(console_system, school)) == before
    page = clerk.open(f"/registry?text={NEWCOMER}&state=left")
    assert "李新" in page and "已离任" in page
    assert clerk.open("/registry?text=lx") and "李新" not in clerk.text()


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    clerk = Browser(chromium, console_system, school.clerk)
    clerk.open(f"/registry/change?what=join&unit_id={school.unit_id}")
    clerk.fill(person_id=school.colleague, name="李新", role="teacher", since=DAY)
    page = clerk.click("main form [type=submit]", "#e-person_id")
    assert "这个工号登记的是另一个姓名" in page
    assert chromium.run("document.querySelector('[name=name]').value") == "李新"


def test_a_head_hands_the_clerk_s_post_over_and_opens_the_account(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    head = Browser(chromium, console_system, school.head)
    assert school.name in head.open("/posts")
    head.click("a[href*='post=clerk']", "[name=successor]")
    head.fill(successor=school.colleague, day=DAY)
    page = head.click("main form.filter [type=submit]", ".alert-success")
    assert "岗位已移交" in page and "还没有登录账号" in page
    slip = head.click("main form[action$='/account'] [type=submit]", ".slip")
    assert school.names[school.colleague] in slip and re.search(r"\w{4}-\w{4}-\w{4}", slip)
    held = console_system.get("participation", "/api/posts", unit_id=school.unit_id)["posts"]
    assert [row["person_id"] for row in held if row["post"] == "clerk" and row["in_force"]] == [school.colleague]


def test_a_person_reads_the_own_record_and_takes_the_own_data_out(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    teacher = Browser(chromium, console_system, "teacher")
    page = teacher.open("/own-record")
    assert "学习笔记" in page and "2015-09-01" in page
    own = chromium.run("fetch('/account/record.json').then(answer => answer.text())")
    assert json.loads(own)["person_id"] == person_of("teacher")
    assert "岗位职务" in teacher.open("/account")


@pytest.mark.parametrize(("who", "path"), [
    ("teacher", "/registry"), ("teacher", "/registry/change?what=join&unit_id=X001"), ("teacher", "/posts"),
    ("office", "/posts"), ("operator", "/own-record"),
])  # fmt: skip
def test_a_page_is_shut_to_whoever_may_not(
    console_system: ConsoleSystem, chromium: Chromium, who: str, path: str
) -> None:
    browser = Browser(chromium, console_system, who)
    browser.open(path)
    assert chromium.run(f"fetch({json.dumps(path)}).then(answer => answer.status)") == 403
