"""Publicity's pages in a browser, from hand to choice: an author hands a work in and agrees, the head puts it forward,
the research office asks reviewers, they mark it without knowing whose it is, unit and district choose it."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from tests.journeys.console_system import ConsoleSystem, School, give_posts, sign_in
from tests.journeys.test_accessible import here
from tests.support.chromium import Chromium

TITLE, TEXT = "做引路人", "立德树人，是教师的根本任务。我叫{name}，在{unit}这样做。"
REVIEWERS = ("teacher", "supervision")
"""Of CAST: they serve in other units than the author."""


def picture(chromium: Chromium, name: str) -> None:
    """To be looked at, where QIHANG_PICTURES names a folder: the page at both widths."""
    if folder := os.environ.get("QIHANG_PICTURES", ""):
        for width in (390, 1440):
            chromium.width(width)
            shot = chromium.call("Page.captureScreenshot", captureBeyondViewport=True)
            Path(folder, f"{name}-{width}.png").write_bytes(base64.b64decode(shot["data"]))


class Pages:
    """One browser before the console, which looks at every page that it comes to."""

    def __init__(self, system: ConsoleSystem, chromium: Chromium) -> None:
        self.system, self.chromium = system, chromium

    def as_person(self, who: str) -> None:
        sign_in(self.system, self.chromium, who)

    def open(self, path: str) -> None:
        self.chromium.width(1280)
        self.chromium.open(f"{self.system.address}{path}")

    def look(self, name: str) -> None:
        picture(self.chromium, name)
        assert here(self.chromium) == [], name
        self.chromium.width(1280)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.chromium.run(f"document.querySelector('main [name={name}]').value = {value!r}; 0")

    def tick(self, *selectors: str) -> None:
        for selector in selectors:
            self.chromium.run(f"document.querySelector({selector!r}).click(); 0")

    def send(self, selector: str, then: str = ".flash") -> None:
        """Presses a button or link; `then`: what the next page has."""
        self.tick(selector)
        self.chromium.wait_for_page(then)

    @property
    def text(self) -> str:
        return str(self.chromium.run("document.querySelector('main').textContent"))


def test_a_work_goes_from_its_author_to_the_district(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    office = school.colleague
    give_posts(console_system, {office: ("head", "S01")})
    console_system.give_accounts(office)
    console_system.qihang("settle")
    pages = Pages(console_system, chromium)
    name = school.names[school.teacher]
    hand_in(pages, school, TEXT.format(name=name, unit=school.name))
    put_forward(pages, school)
    assign(pages, office)
    for reviewer in REVIEWERS:
        mark(pages, reviewer, {name, school.name, TITLE, school.teacher})
    choose(pages, school, office)
    pages.as_person(school.teacher)
    pages.open("/works")
    assert "区级入选" in pages.text
    pages.send("main tbody th a", "#text-title")
    assert "事例可借鉴" in pages.text and "写得实在" in pages.text
    pages.look("work-chosen")
    pages.open("/permissions")
    pages.tick("main details.withdraw summary")
    pages.send("main details.withdraw button")
    assert "已撤回" in pages.text


def test_a_returned_work_is_revised_by_its_author(
    console_system: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    pages = Pages(console_system, chromium)
    hand_in(pages, school, "立德树人，初稿。")
    pages.as_person(school.head)
    pages.open("/works")
    pages.send("main tbody th a", "#return-title")
    pages.chromium.run("document.querySelector('#f-reason').value = '请补充事例'; 0")
    pages.send("section[aria-labelledby=return-title] form button")
    pages.as_person(school.teacher)
    pages.open("/todo")
    assert "退回修改的作品" in pages.text
    pages.open("/works")
    pages.send("main tbody th a", "#text-title")
    assert "请补充事例" in pages.text
    pages.send("main a.btn-primary[href*='/hand-in']", "main form.filing [name=text]")
    pages.fill(text="立德树人，改过的一稿。")
    pages.send("main form.filing button", "#text-title")
    assert "改过的一稿" in pages.text and "请补充事例" not in pages.text


def hand_in(pages: Pages, school: School, text: str) -> None:
    pages.as_person(school.teacher)
    pages.open("/assignments")
    assert "评审分派" not in pages.text, "not a teacher's page"
    pages.open("/works/hand-in")
    pages.look("hand-in")
    pages.fill(title=TITLE, text=text)
    pages.tick("[name=levels][value=inside]", "[name=levels][value=unit]")
    pages.send("main form.filing button", "#text-title")
    pages.look("work-own")
    pages.open("/permissions")
    pages.look("permissions")
    pages.send("main .todo li:nth-child(3) form button")
    assert pages.chromium.run("document.querySelectorAll('main .state-done').length") == 3


def put_forward(pages: Pages, school: School) -> None:
    pages.as_person(school.head)
    pages.open("/todo")
    assert "待单位推荐的作品" in pages.text
    pages.open("/works")
    pages.look("works-unit")
    pages.send("main tbody th a", "#text-title")
    pages.look("work-unit")
    pages.send("main form[action$=put-forward] button")
    assert "待分派评审" in pages.text
    pages.open(f"/works/hand-in?unit={school.unit_id}")
    pages.look("nominate")


def assign(pages: Pages, office: str) -> None:
    """To people of two units, one after the other."""
    pages.as_person(office)
    pages.open("/todo")
    pages.look("todo-office")
    pages.open("/assignments?progress=to_assign")
    assert TITLE not in pages.text
    for unit_id, person_id in (("S01", "P00005"), ("S03", "P00007")):
        pages.fill(people=unit_id)
        pages.send("main form [name=choose]", f"[name=reviewer][value={person_id}]")
        pages.tick(f"[name=reviewer][value={person_id}]", "main [name=work]:not([type=hidden])")
        pages.send("#assign p.acts button")
    pages.open("/assignments")
    pages.look("assigned")
    assert "评审中" in pages.text


def mark(pages: Pages, reviewer: str, hidden: set[str]) -> None:
    pages.as_person(reviewer)
    pages.open("/todo")
    assert "等我评审的作品" in pages.text
    pages.open("/reviews")
    if reviewer == REVIEWERS[0]:
        pages.look("reviews")
    pages.send("main tbody th a", "#text-title")
    assert not any(each in pages.text for each in hidden) and "立德树人" in pages.text
    if reviewer == REVIEWERS[0]:
        pages.look("review")
    for at, points in ((1, "42"), (2, "44")):
        pages.chromium.run(f"document.querySelector('#m-{at}').value = '{points}'; 0")
    pages.fill(comment="写得实在。")
    pages.send("main form.filing button")


def choose(pages: Pages, school: School, office: str) -> None:
    for who, of, reason in ((school.head, school.unit_id, "事例可借鉴"), (office, "district", "")):
        pages.as_person(who)
        pages.open(f"/selections?of={of}")
        pages.look(f"selections-{'district' if of == 'district' else 'unit'}")
        pages.send("main tbody th a", "#choose-title")
        pages.look("selection")
        pages.fill(reason=reason)
        pages.send("main form[action$=choose] button")
