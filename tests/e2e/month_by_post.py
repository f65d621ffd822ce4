"""A month at the pages, post by post, as people of a district do it in a browser; and every page of the menu by every
post that has it.  Of any running system with the sample's units and people; it does not ask what day it is."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from console.page_registry import PAGES
from tests.e2e.offices import AWAY, CALCULATED_SECONDS, OPERATOR, REFUSED, Offices, Qihang, loaded

SCHOOL, OFFICE, SECONDARY = "X006", "O02", "S02"
"""A school, the office over it, and a unit whose sheet is made."""
CLERK, HEAD, TEACHER = "P00013", "P00095", "P00078"
LIAISON, LIAISON_HEAD = "P00002", "P00046"
SUPERVISION, SECOND_HAND = "P00142", "P00171"
CAMPAIGN, LEADER, RESEARCH, INSPECTOR = "P00004", "P00032", "P00168", "P00158"
REVIEWERS = {"P00053": "S02", "P00003": "O03"}
POSTS = {CLERK: ("clerk", SCHOOL), HEAD: ("head", SCHOOL), LIAISON: ("clerk", OFFICE), LIAISON_HEAD: ("head", OFFICE),
         SUPERVISION: ("clerk", "O01"), SECOND_HAND: ("head", "O01"), CAMPAIGN: ("campaign_office", "B01"),
         LEADER: ("leader", "B01"), RESEARCH: ("head", "S01"), INSPECTOR: ("inspector", SCHOOL)}  # fmt: skip
EVERY_POST = (CLERK, HEAD, TEACHER, LIAISON, SUPERVISION, CAMPAIGN, LEADER, RESEARCH, INSPECTOR, OPERATOR)
DONE = ".alert-success"


def offices_of(address: str, qihang: Qihang, operator_password: str, folder: Path) -> Offices:
    return Offices(address, qihang, operator_password, folder, POSTS, [TEACHER, *REVIEWERS])


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
        clerk.open(score, CALCULATED_SECONDS)  # the first look after the campaign was launched
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
