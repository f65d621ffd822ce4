"""In a real browser: a clerk drafts an article, the head appoints readers, each reads what goes out and signs it,
and it is published by hand with link and screenshot; an anthology is compiled in order, sent back, compiled anew."""

from __future__ import annotations

import json
import urllib.parse
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.journeys.console_system import ConsoleSystem, School
from tests.journeys.test_registry_pages import Browser
from tests.support.chromium import Chromium
from tests.support.processes import wait_until

TITLES = ("做学生的引路人", "在课堂里落实立德树人", "读书札记")
TEXT = "立德树人，久久为功。\n通过学习，我对根本任务有了更深的理解。\n第{}篇\n"
LINK = "https://mp.weixin.qq.com/s/journey"


class Publicity:
    """What one school's people do before the pages come in, and who of them reads."""

    def __init__(self, system: ConsoleSystem, school: School) -> None:
        self.system, self.school = system, school
        free = [each for each in sorted(school.names) if each not in (school.head, school.clerk)]
        self.author, self.readers = free[-1], (school.teacher, school.clerk, school.colleague)
        self.give_works()

    def ask(self, method: str, path: str, body: Any = None, person: str = "", **headers: str) -> Any:
        token = self.system.token_of_person(person) if person else ""
        status, answer = self.system.ask(method, "publicity", path, body, token=token, **headers)
        assert status < 300, (path, answer)
        return answer

    def work(self, number: int) -> str:
        return f"{self.school.unit_id}-W{number}"

    def give_works(self) -> None:
        """Three of one author, read by two of another unit, selected."""
        query = urllib.parse.urlencode(
            {"author_id": self.author, "unit_id": self.school.unit_id, "levels": "inside,unit,district,print"}
        )
        for number, title in enumerate(TITLES):
            path = f"/api/works/{self.work(number)}"
            text, given = TEXT.format(number).encode(), urllib.parse.quote(title)
            self.ask("PUT", f"{path}?{query}", text, X_Qihang_Title=given)
            reviewers = ["P00003", "P00004"]
            self.ask("POST", f"{path}/reviewers", {"reviewers": reviewers})
            for reviewer in reviewers:
                marks = {"reviewer_id": reviewer, "marks": {"writing": "44", "usefulness": "43"}}
                self.ask("POST", f"{path}/marks", marks, reviewer)
            self.ask("POST", f"{path}/select", {})

    def read(self, subject: str, subject_id: str, *stages: str, reason: str = "") -> None:
        for stage, reader in zip(("first", "second", "final"), self.readers, strict=True):
            if stage in stages:
                self.ask("GET", f"/api/proofs/{subject}/{subject_id}", person=reader)
                reading = {"subject": subject, "subject_id": subject_id, "stage": stage, "reader_id": reader}
                self.ask("POST", "/api/readings", reading | {"reason": reason}, reader)

    def appoint(self, head: Browser) -> str:
        """By names, on the page that is open."""
        chosen = dict(zip(("first", "second", "final"), self.readers, strict=True))
        head.fill(**chosen)
        return head.click("main form[action$='/readers'] [type=submit]", ".board .state-open")


@pytest.fixture
def publicity(console_system: ConsoleSystem, school: School) -> Publicity:
    return Publicity(console_system, school)


def named(browser: Browser, parameter: str) -> str:
    """Of the address where the browser is."""
    query = urllib.parse.urlsplit(str(browser.chromium.run("location.href"))).query
    return urllib.parse.parse_qs(query)[parameter][0]


def test_an_article_s_life(publicity: Publicity, chromium: Chromium, tmp_path: Path) -> None:
    system, school = publicity.system, publicity.school
    clerk = Browser(chromium, system, school.clerk)
    assert "没有在办的推文" in clerk.open("/articles") and TITLES[0] in clerk.open("/articles/draft")
    chromium.run("document.querySelectorAll('main [name=work]').forEach(each => each.click()); 0")
    chromium.run(f"document.querySelector('[name=\"order-{publicity.work(2)}\"]').value = '1'; 0")
    clerk.fill(title="教师学习体会选登")
    drafted = clerk.click("main form[method=post] [type=submit]", "#readings-title")
    assert "请指定初审的审读人" in drafted and "保存审读人" not in drafted, "a clerk appoints nobody"
    article = named(clerk, "article")

    head = Browser(chromium, system, school.head)
    assert "请指定初审的审读人" in head.open("/todo")
    head.open(f"/articles/article?article={article}")
    assert "等待初审" in publicity.appoint(head)
    teacher = Browser(chromium, system, school.teacher)
    assert "教师学习体会选登" in teacher.open("/todo")
    proof = teacher.open(f"/readings/read?subject=article&id={article}")
    assert proof.index(TITLES[2]) < proof.index(TITLES[0]) and "立德树人，久久为功。" in proof
    chromium.run("document.querySelector('#f-read').click(); 0")
    assert "已审读" in teacher.click("main form[action$='/pass'] [type=submit]", ".flash")
    publicity.read("article", article, "second", "final")

    clerk = Browser(chromium, system, school.clerk)
    assert "可以发布了" in clerk.open(f"/articles/article?article={article}")
    put_screenshot(chromium, tmp_path)
    clerk.fill(link=f"{LINK}{school.unit_id}")
    assert "已发布" in clerk.click("main form[action$='/confirm'] [type=submit]", "main details img")
    assert chromium.run("fetch(document.querySelector('main details img').src).then(answer => answer.status)") == 200
    record = f"publicity-article-{article}"
    wait_until(lambda: record in str(system.get("participation", "/feed/0", after="0", limit="5000")), 30, record)
    teacher = Browser(chromium, system, school.teacher)
    teacher.open("/articles")
    assert chromium.run("fetch('/articles').then(answer => answer.status)") == 403


def put_screenshot(chromium: Chromium, folder: Path) -> None:
    picture = BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "PNG")
    (folder / "page.png").write_bytes(picture.getvalue())
    root = chromium.call("DOM.getDocument")["root"]["nodeId"]
    node = chromium.call("DOM.querySelector", nodeId=root, selector="[name=screenshot]")["nodeId"]
    chromium.call("DOM.setFileInputFiles", nodeId=node, files=[str(folder / "page.png")])


def test_an_anthology_s_life(publicity: Publicity, chromium: Chromium) -> None:
    system, school = publicity.system, publicity.school
    clerk = Browser(chromium, system, school.clerk)
    page = clerk.open("/anthologies/compile?semester=2022-autumn")
    assert all(title in page for title in TITLES)
    chromium.run(f"document.querySelector('[name=\"order-{publicity.work(1)}\"]').value = '1'; 0")
    chromium.run(f"document.querySelector('[name=\"order-{publicity.work(0)}\"]').value = '2'; 0")
    compiled = clerk.click("main form[method=post] [type=submit]", "#readings-title")
    assert "第 1 版" in compiled and "请指定初审的审读人" in compiled
    anthology = named(clerk, "anthology")
    head = Browser(chromium, system, school.head)
    head.open(f"/anthologies/anthology?anthology={anthology}")
    assert "等待初审" in publicity.appoint(head)
    publicity.read("anthology", anthology, "first", reason="请换一个书名")

    clerk = Browser(chromium, system, school.clerk)
    assert "重新汇编" in clerk.open("/todo")
    assert "请换一个书名" in clerk.open(f"/anthologies/anthology?anthology={anthology}")
    clerk.click("main a.btn-primary[href*='/compile']", "#compile-title")
    clerk.fill(title="躬行集")
    assert "第 2 版" in clerk.click("main form[method=post] [type=submit]", "#editions-title")
    head = Browser(chromium, system, school.head)
    head.open(f"/anthologies/anthology?anthology={anthology}")
    publicity.appoint(head)
    publicity.read("anthology", anthology, "first", "second", "final")
    page = Browser(chromium, system, school.head).open(f"/anthologies/anthology?anthology={anthology}")
    assert "可以印发了" in page and "躬行集" in page
    files = [f"/s/publicity/api/anthologies/{anthology}/{ending}" for ending in ("docx", "pdf", "html")]
    for file in files:
        assert chromium.run(f"fetch({json.dumps(file)}).then(answer => answer.status)") == 200, file
