"""A finding from its raising to its closing, in a real browser: by the office with a photograph, answered by the unit
with another, sent back, answered again, closed by somebody else of the office; and nobody else's business."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.console.test_files_field import choose, wait_for
from tests.journeys.console_system import DAY, ConsoleSystem, give_posts, person_of, sign_in
from tests.journeys.test_registry_pages import Browser
from tests.support.chromium import Chromium
from tests.support.photos import photo

UNIT, OFFICE = "K003", "O03"
"""A kindergarten of no other journey, and the office that stands over it, whose clerk is one of the cast."""
WHAT, ANSWER, AGAIN, REASON = "签到表缺三个人的签名", "已补签", "已补签并公示", "照片看不清，请重拍"


@pytest.fixture(scope="module")
def people(console_system: ConsoleSystem) -> dict[str, str]:
    """The unit's clerk and the office's head, with accounts."""
    held = {}
    for name, unit_id in (("clerk", UNIT), ("head", OFFICE)):
        serving = console_system.get("participation", f"/api/units/{unit_id}/people", on=DAY)["people"]
        taken = {person_of("office"), *held.values()}
        held[name] = min(each["person_id"] for each in serving if each["person_id"] not in taken)
    give_posts(console_system, {held["clerk"]: ("clerk", UNIT), held["head"]: ("head", OFFICE)})
    console_system.give_accounts(*held.values())
    console_system.qihang("settle")
    return held


class Somebody(Browser):
    """At the pages of findings."""

    def attach(self, picture: Path) -> None:
        """By the script of the page, before the form is sent."""
        wait_for(self.chromium, "document.querySelector('.files-choose') !== null")
        choose(self.chromium, picture)
        wait_for(self.chromium, "document.querySelectorAll('.file [name=evidence]').length === 1", 120)

    def press(self, deed: str, shows: str = ".flash") -> str:
        return self.click(f"form[action$='/{deed}'] button[type=submit]", shows)

    def to_do(self) -> str:
        """The finding by 我的待办."""
        self.open("/todo")
        return self.click("a.btn[href*='/findings/finding']", "#history-title")


def open_findings(browser: Browser) -> list[str]:
    """How many each unit has, at 包联学校: other journeys leave some."""
    return re.findall(r"督查问题 \d+", browser.text())


def test_a_finding_goes_to_and_fro_and_is_closed_by_another_of_the_office(
    console_system: ConsoleSystem, people: dict[str, str], chromium: Chromium, tmp_path: Path
) -> None:
    office = Somebody(chromium, console_system, "office")
    assert "第3幼儿园" in office.open("/liaison")
    open_before = open_findings(office)
    office.open(f"/findings/new?unit={UNIT}")
    office.fill(category="印证资料", description=WHAT, deadline="2022-12-09", points="1")
    office.attach(photo(tmp_path / "IMG_1.JPG", 1))
    text = office.press("new")
    assert "单位会收到提醒" in text and WHAT in text and "须由本股室另一位同志复查销号" in text
    address = str(chromium.run("location.pathname + location.search"))
    assert chromium.run("document.querySelectorAll('.gallery img').length") == 1

    clerk = Somebody(chromium, console_system, people["clerk"])
    assert WHAT in clerk.to_do() and "2022-12-09" in clerk.text()
    clerk.fill(text=ANSWER)
    clerk.attach(photo(tmp_path / "IMG_2.JPG", 2))
    assert "等待复查" in clerk.press("answer") and ANSWER in clerk.text()

    head = Somebody(chromium, console_system, people["head"])
    assert ANSWER in head.to_do()
    assert chromium.run("document.querySelectorAll('.gallery img').length") == 2
    chromium.run("document.querySelector(\"form[action$='/return']\").closest('details').open = true; 0")
    chromium.run(f"document.querySelector('#r-return').value = {json.dumps(REASON)}; 0")
    assert "已退回" in head.press("return")

    clerk = Somebody(chromium, console_system, people["clerk"])
    assert REASON in clerk.to_do()
    clerk.fill(text=AGAIN)
    clerk.press("answer")
    office = Somebody(chromium, console_system, "office")
    assert "须由本股室另一位同志" in office.open(address)
    assert not chromium.run("document.querySelector(\"form[action$='/close']\") !== null"), "who raised it may not"
    head = Somebody(chromium, console_system, people["head"])
    head.to_do()
    head.fill(note="现场看过")
    assert "已复查销号" in head.press("close") and "已销号" in head.text()
    console_system.qihang("settle")
    assert "第3幼儿园" in head.open("/liaison") and open_findings(head) == open_before


def test_it_is_nobody_else_s_business(
    console_system: ConsoleSystem, people: dict[str, str], chromium: Chromium
) -> None:
    assert people
    listed = console_system.get("participation", "/api/findings", unit_id=UNIT)["findings"]
    address = f"/findings/finding?finding={listed[0]['finding_id']}"
    other = Somebody(chromium, console_system, "clerk")
    assert WHAT not in other.open("/findings?status=all")
    assert WHAT not in other.open(address)
    teacher = Somebody(chromium, console_system, "teacher")
    assert WHAT not in teacher.open(address) and "您不能查看这个页面" in teacher.text()
    sign_in(console_system, chromium, "leader")
    chromium.open(f"{console_system.address}{address}")
    assert WHAT in str(chromium.run("document.body.innerText")) and not chromium.run(
        "document.querySelector('main form[method=post]') !== null"
    ), "a leader reads"
