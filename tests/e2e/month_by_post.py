"""A month at the pages, post by post, as people of a district do it in a browser; and every page of the menu by every
post that has it.  Of any running system with the sample's units and people; it does not ask what day it is."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import requests

from console.page_registry import PAGES
from tests.journeys.console_system import OWN_PASSWORD, submit
from tests.support.chromium import Chromium
from tests.support.photos import photo
from tests.support.processes import wait_until

SCHOOL, OFFICE, SECONDARY = "X006", "O02", "S02"
"""A school, the office over it, and a unit whose sheet is made."""
CLERK, HEAD, TEACHER = "P00013", "P00095", "P00078"
LIAISON, LIAISON_HEAD = "P00002", "P00046"
SUPERVISION, SECOND_HAND = "P00142", "P00171"
CAMPAIGN, LEADER, RESEARCH, INSPECTOR = "P00004", "P00032", "P00168", "P00158"
REVIEWERS = {"P00053": "S02", "P00003": "O03"}
OPERATOR = "operator"
POSTS = {CLERK: ("clerk", SCHOOL), HEAD: ("head", SCHOOL), LIAISON: ("clerk", OFFICE), LIAISON_HEAD: ("head", OFFICE),
         SUPERVISION: ("clerk", "O01"), SECOND_HAND: ("head", "O01"), CAMPAIGN: ("campaign_office", "B01"),
         LEADER: ("leader", "B01"), RESEARCH: ("head", "S01"), INSPECTOR: ("inspector", SCHOOL)}  # fmt: skip
EVERY_POST = (CLERK, HEAD, TEACHER, LIAISON, SUPERVISION, CAMPAIGN, LEADER, RESEARCH, INSPECTOR, OPERATOR)
DONE = ".alert-success"
WRONG = """window.wrong = []; addEventListener('securitypolicyviolation', each => window.wrong.push(
    each.violatedDirective + ' ' + each.blockedURI)); addEventListener('error', each => window.wrong.push(
    String(each.message || (each.target && (each.target.src || each.target.href)))), true)"""
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
AWAY = ("暂时没有答复", "已断开，截至", "答复太慢，截至")
"""Of a service that showed no life for a second, on a machine where three installations run: the page asks to be opened
again."""
REFUSED = ("现在看不了", "不能查看这个单位")
CALCULATED_SECONDS, AWAY_SECONDS = 60, 30
Qihang = Callable[..., str]


class Offices:
    """People with accounts and posts, and the operator, at one console."""

    def __init__(self, address: str, qihang: Qihang, operator_password: str, folder: Path) -> None:
        self.address, self._folder = address, folder
        (folder / "posts.csv").write_text("unit_id,post,person_id,from,to\n" + "".join(
            f"{unit},{post},{person},2022-09-01,\n" for person, (post, unit) in POSTS.items()))  # fmt: skip
        qihang("import", folder / "posts.csv")
        people = [*POSTS, TEACHER, *REVIEWERS]
        printed = qihang("accounts", "create", *people)
        codes = {name.upper(): code for name, code in re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", printed)}
        qihang("settle")
        self.sessions = {person: self._signed_in(person, codes[person]) for person in people}
        self.sessions[OPERATOR] = self._signed_in(OPERATOR, operator_password)

    def _signed_in(self, user: str, password: str) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        answer = submit(session, f"{self.address}/signin", user=user, password=password)
        if urlsplit(answer.url).path == "/account/password":
            form = {"old": password, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
            answer = submit(session, f"{self.address}/account/password", **form)
        assert answer.status_code == 200 and "/signin" not in answer.url, (user, answer.url)
        return session

    @contextlib.contextmanager
    def browser_of(self, person: str) -> Iterator[Hand]:
        hand = Hand(self, person)
        try:
            yield hand
        finally:
            hand.chromium.close()

    def photo(self, number: int) -> Path:
        return photo(self._folder / f"IMG_{number:04}.JPG", number, (1600, 1200))

    def file(self, name: str, text: str) -> Path:
        (self._folder / name).write_text(text)
        return self._folder / name


class Hand:
    """Somebody at a browser, under the pages' own policy; each page that comes is looked at."""

    def __init__(self, offices: Offices, person: str) -> None:
        self.address, self.person, self.chromium = offices.address, person, Chromium()
        self.chromium.call("Page.setBypassCSP", enabled=False)
        self.chromium.call("Page.addScriptToEvaluateOnNewDocument", source=WRONG)
        self.chromium.width(1440)
        for cookie in offices.sessions[person].cookies:
            self.chromium.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=self.address)

    def open(self, path: str) -> str:
        until = time.monotonic() + AWAY_SECONDS
        while True:
            self.chromium.open(f"{self.address}{path}")
            if not any(word in self.text() for word in AWAY) or time.monotonic() > until:
                return self.look()
            time.sleep(1)

    def calculated(self, path: str) -> str:
        """The page, once nothing of it is calculated any more."""
        until = time.monotonic() + CALCULATED_SECONDS
        while "正在计算" in (text := self.open(path)):
            assert time.monotonic() < until, f"{path} is still calculated"
            time.sleep(0.5)
        return text

    def look(self) -> str:
        """What the page says, in which nothing is wrong."""
        text, where = str(self.chromium.run("document.body.innerText")), str(self.chromium.run("location.href"))
        assert self.chromium.run(STATUS) == 200, f"{self.person} {where}: {self.chromium.run(STATUS)}\n{text[:800]}"
        assert not [word for word in (*AWAY, *REFUSED) if word in text], f"{self.person} {where}: {text[-2000:]}"
        assert self.chromium.run("window.wrong") == [], f"{self.person} {where}: {self.chromium.run('window.wrong')}"
        return text

    def click(self, selector: str) -> None:
        """What people can see there."""
        seen = f"(() => {{ const it = document.querySelector({json.dumps(selector)}); if (!it || !it.checkVisibility()) return false; it.click(); return true; }})()"  # noqa: E501
        assert self.chromium.run(seen), f"{selector}: {self.chromium.run('document.body.innerText')[:1500]}"

    def follow(self, selector: str, shown: str) -> str:
        """A click that leads to another page."""
        self.chromium.run("document.body.dataset.left = '1'; 0")
        self.click(selector)
        loaded = f"document.readyState === 'complete' && !document.body.dataset.left && !!document.querySelector({json.dumps(shown)})"  # noqa: E501
        wait_until(lambda: bool(self.chromium.run(loaded)), 60, lambda: f"{shown}: {self.text()[:2000]}")
        return self.look()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = f"document.querySelector('main [name={json.dumps(name.replace('__', '.'))}]:not([type=hidden])')"
            self.chromium.run(f"""(() => {{ const it = {field}; it.value = {json.dumps(value)};
                it.dispatchEvent(new Event('input', {{bubbles: true}}));
                it.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")

    def choose(self, selector: str, path: Path) -> None:
        node = self.chromium.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.chromium.call("DOM.setFileInputFiles", files=[str(path)], objectId=node["result"]["objectId"])

    def put_photo(self, path: Path) -> None:
        self.choose(".files input[type=file]", path)
        wait_until(
            lambda: self.chromium.run("document.querySelectorAll('input[name=evidence]').length") == 1, 60, "sent"
        )

    def text(self) -> str:
        return str(self.chromium.run("document.body.innerText"))

    def figure(self) -> float:
        """The first of those that stand large."""
        return float(self.chromium.run("document.querySelector('.lead-figures dd').innerText"))

    def picture(self, path: Path) -> None:
        shot = self.chromium.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


def walk(offices: Offices) -> None:
    """The month."""
    the_school_files(offices)
    the_clerk_imports(offices)
    a_finding_is_raised_answered_and_closed(offices)
    a_sheet_is_completed_and_confirmed(offices)
    a_work_is_assigned_to_reviewers(offices)
    the_campaign_office_looks(offices)
    the_operator_looks(offices)


def the_school_files(offices: Offices) -> None:
    score = time.strftime("/score?window=%Y&as_of=%Y-12-31")
    with offices.browser_of(CLERK) as clerk:
        clerk.open(score)
        before = clerk.figure()
        assert "集中学习" in clerk.open("/file")
        clerk.open(f"/file/form?kind=study_session&unit={SCHOOL}")
        clerk.click('input[name="study_session.guided"][value="guided"]')
        clerk.click('input[name="study_session.platform"][value="political_study"]')
        clerk.fill(study_session__speaker="校长", study_session__readings__0__title="第一篇")
        clerk.put_photo(offices.photo(1))
        assert "计入任务台账" in clerk.follow('.send button[value="submit"]', DONE)
        assert clerk.chromium.run("fetch(document.querySelector('.gallery img').src).then(each => each.status)") == 200
        clerk.open(score)
        assert clerk.figure() > before, "on the next page"
        clerk.open(f"/file/form?kind=monthly_report&unit={SCHOOL}")
        clerk.fill(monthly_report__done="本月开展了两次集中学习。")
        if clerk.chromium.run("document.getElementsByName('monthly_report.period')[0].type !== 'hidden'"):
            clerk.fill(monthly_report__period=str(clerk.chromium.run("new Date().toISOString().slice(0, 7)")))
        assert "待主要负责人确认" in clerk.follow('.send button[value="submit"]', DONE)
    with offices.browser_of(HEAD) as head:
        assert "等您确认" in head.open("/todo")
        head.follow('.todo a[href$="/confirm"]', "#bulk")
        head.follow("#bulk button[name=all]", DONE)
        assert "等您确认" not in head.open("/todo"), "on the next page"
    with offices.browser_of(TEACHER) as teacher:
        teacher.chromium.width(390)
        teacher.open("/file/form?kind=note")
        teacher.fill(note__text="学有所得。")
        assert "学有所得。" in teacher.follow('.send button[value="submit"]', DONE)
        assert "学习笔记" in teacher.open("/records")


def the_clerk_imports(offices: Offices) -> None:
    row = f"MP-1,internal_display,{SCHOOL},,{time.strftime('%Y-%m-%d')},,内部展示\n"
    heading = "record_id,record,unit_id,person_id,occurred_at,period,title\n"
    with offices.browser_of(CLERK) as clerk:
        clerk.open("/imports")
        clerk.choose("#f-file", offices.file("records.csv", heading + row))
        clerk.follow("form[enctype] [type=submit]", "#import")
        clerk.chromium.wait_for_page("#counts-title")
        assert "可导入\n1" in clerk.look()
        clerk.follow("form[action$='/imports/confirm'] button", "#import")
        clerk.chromium.wait_for_page("#undo-title")
        assert "导入完成" in clerk.look()
        assert "内部展示" in clerk.open("/records?kind=internal_display")


def a_finding_is_raised_answered_and_closed(offices: Offices) -> None:
    with offices.browser_of(LIAISON) as office:
        assert "第6小学" in office.open("/liaison")
        office.follow(f'main tbody th a[href*="unit={SCHOOL}"]', "main table")
        office.open(f"/findings/new?unit={SCHOOL}")
        office.chromium.run("document.querySelector('[name=category]').selectedIndex = 1; 0")
        office.fill(description="签到表不全", points="0")
        office.put_photo(offices.photo(2))
        office.follow("form[action$='/findings/new'] [type=submit]", DONE)
    with offices.browser_of(CLERK) as clerk:
        assert "签到表不全" in clerk.open("/todo")
        clerk.follow('.todo a.btn[href*="/findings/finding"]', "#answer-title")
        clerk.fill(text="已补齐签到表。")
        clerk.follow("form[action$='/findings/answer'] [type=submit]", DONE)
    with offices.browser_of(LIAISON_HEAD) as other:
        other.open("/todo")
        other.follow('.todo a.btn[href*="/findings/finding"]', "#review-title")
        other.follow("form[action$='/findings/close'] [type=submit]", DONE)
        assert "已销号" in other.text()
    with offices.browser_of(CLERK) as clerk:
        assert "签到表不全" not in clerk.open("/todo")


def a_sheet_is_completed_and_confirmed(offices: Offices) -> None:
    with offices.browser_of(SUPERVISION) as office:
        office.open("/sheets")
        office.follow("thead a[href*='item=organisation']", "form[data-column]")
        office.chromium.run(f"document.getElementsByName('points.{SECONDARY}')[0].value = '36'; 0")
        office.follow("button[value=save]", ".sheets-grid")
        office.follow(f"tbody a[href*='unit={SECONDARY}']", ".sheet-form")
        office.fill(points__depth="27.5", points__results="20")
        office.follow("button[value=complete]", ".sheets-grid")
    with offices.browser_of(SECOND_HAND) as other:
        other.open("/sheets")
        other.click(f"input[name=sheet][value^='{SECONDARY}|']")
        text = other.follow("button[value=confirm]", ".sheets-grid")
        assert "已复核 1 张" in text and "83.5" in text


def a_work_is_assigned_to_reviewers(offices: Offices) -> None:
    with offices.browser_of(TEACHER) as teacher:
        teacher.open("/works/hand-in")
        teacher.fill(title="做引路人", text="立德树人，是教师的根本任务。" * 20)
        teacher.click("[name=levels][value=inside]")
        teacher.follow("main form.filing button", "#text-title")
    with offices.browser_of(HEAD) as head:
        assert "待单位推荐的作品" in head.open("/todo")
        head.open("/works")
        head.follow("main tbody th a", "#text-title")
        head.follow("main form[action$=put-forward] button", DONE)
    with offices.browser_of(RESEARCH) as office:
        for person, unit in REVIEWERS.items():
            office.open("/assignments")
            office.fill(people=unit)
            office.follow("main form [name=choose]", f"[name=reviewer][value={person}]")
            office.click(f"[name=reviewer][value={person}]")
            office.click("main [name=work]:not([type=hidden])")
            office.follow("#assign p.acts button", DONE)
        assert "评审中" in office.text()
    with offices.browser_of(next(iter(REVIEWERS))) as reviewer:
        assert "等我评审的作品" in reviewer.open("/todo")
        reviewer.open("/reviews")
        text = reviewer.follow("main tbody th a", "#text-title")
        assert "立德树人" in text and "第6小学" not in text


def the_campaign_office_looks(offices: Offices) -> None:
    with offices.browser_of(CAMPAIGN) as office:
        assert "长期没有填报的单位" in office.calculated("/overview")
        assert "第6小学" in office.calculated("/scoreboard")
        office.follow(f'main a[href*="unit={SCHOOL}"]', "main h1")
        assert "现任职" not in office.calculated("/commendation") and "名额" in office.text()


def the_operator_looks(offices: Offices) -> None:
    with offices.browser_of(OPERATOR) as operator:
        assert operator.open("/status").count("已就绪\n是") == 4
        assert "没有待处理的异常件" in operator.open("/quarantine")
        operator.open("/deliveries")
        operator.open("/reminders")


def every_page(offices: Offices) -> None:
    """Of the menu, by every post that has it; in the browser by the first."""
    with ThreadPoolExecutor(3) as pool:
        menus = dict(zip(EVERY_POST, pool.map(lambda person: menu_of(offices, person), EVERY_POST), strict=True))
        first = {path: person for person in reversed(EVERY_POST) for path in menus[person]}
        assert first.keys() == {page.path for page in PAGES}
        list(pool.map(lambda person: sweep(offices, person, menus[person], first), EVERY_POST))
    for person in EVERY_POST:
        with offices.browser_of(person) as hand:
            for path in sorted(path for path, by in first.items() if by == person):
                hand.open(path)


def menu_of(offices: Offices, person: str) -> set[str]:
    page = loaded(offices.sessions[person], f"{offices.address}/account").text
    return set(re.findall(r'href="(/[^"?#]*)"', page.partition('<nav id="menu"')[2].partition("</nav>")[0]))


def sweep(offices: Offices, person: str, menu: set[str], first: dict[str, str]) -> None:
    """The pages of one post, but for those that the browser opens."""
    for path in sorted(path for path in menu if first[path] != person):
        answer = loaded(offices.sessions[person], f"{offices.address}{path}")
        wrong = [word for word in (*AWAY, *REFUSED) if word in answer.text]
        assert answer.status_code == 200 and not wrong, f"{person} {path}: {answer.status_code} {wrong}"


def loaded(session: requests.Session, address: str) -> requests.Response:
    """Opened again while it says that a service is away."""
    until = time.monotonic() + AWAY_SECONDS
    while True:
        answer = session.get(address, timeout=60)
        if not any(word in answer.text for word in AWAY) or time.monotonic() > until:
            return answer
        time.sleep(1)
