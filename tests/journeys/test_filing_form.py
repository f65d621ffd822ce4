"""填报 in a real browser: what a clerk, a teacher with a phone and a head do, by clicks and fields that are counted,
and what the next pages show."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.journeys.test_accessible import OWN_PASSWORD, here, submit
from tests.support.chromium import Chromium
from tests.support.processes import wait_until
from tests.support.system import ROOT, SAMPLES, EmbeddedSystem

NOW = "2022-12-05T09:00:00+08:00"
UNIT, CLERK, HEAD, TEACHER = "X001", "P00008", "P00042", "P00050"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SESSION = {"together": "together", "line": "offline", "guided": "self", "platform": "staff_meeting",
           "readings": [{"title": "第一篇"}]}  # fmt: skip
DISCUSSION = {"declared_on": "2022-11-08", "held": "as_declared", "parts": ["gains", "shortcomings", "plans"]}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    """The campaign with every form, and a school with clerk and head, which filed one evening in November."""
    folder = tmp_path_factory.mktemp("filing")
    (folder / "now").write_text(NOW)
    system = EmbeddedSystem(folder / "system")
    system.settings |= {"QIHANG_REHEARSAL_CLOCK": str(folder / "now")}
    system.start()
    system.qihang("campaign", "launch", ROOT / "campaigns" / "xue-lun-shu-in-full.yaml")
    system.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    held = f"{UNIT},clerk,{CLERK},2022-09-01,\n{UNIT},head,{HEAD},2022-09-01,\n"
    (folder / "posts.csv").write_text(f"unit_id,post,person_id,from,to\n{held}")
    system.qihang("import", folder / "posts.csv")
    deed = {"unit_id": UNIT, "occurred_at": "2022-11-08"}
    ask(system, CLERK, "/api/filings", {"submit": True, "deeds": [
        {**deed, "kind": "study_session", "fields": SESSION, "evidence": ["a" * 64]},
        {**deed, "kind": "discussion_day", "fields": DISCUSSION, "evidence": ["a" * 64]},
        {**deed, "kind": "attendance", "people": [TEACHER]}]})  # fmt: skip
    system.qihang("settle")
    yield system
    system.discard()


def ask(system: EmbeddedSystem, who: str, path: str, body: Any) -> Any:
    status, answer = system.ask("POST", "participation", path, body, token=system.token_of_person(who))
    assert status == 200, answer
    return answer


@pytest.fixture(scope="module")
def cookies(district: EmbeddedSystem) -> dict[str, dict[str, str]]:
    """Of everybody's session."""
    printed = district.qihang("accounts", "create", CLERK, HEAD, TEACHER)
    result = {}
    for name, code in re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", printed):
        with requests.Session() as session:
            session.trust_env = False
            submit(session, f"{district.address}/signin", user=name, password=code)
            form = {"old": code, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
            submit(session, f"{district.address}/account/password", **form)
            result[name.upper()] = {cookie.name: cookie.value or "" for cookie in session.cookies}
    return result


class Hand:
    """Somebody at a browser.  `acts`: clicks and fields."""

    def __init__(self, district: EmbeddedSystem, cookies: dict[str, str]) -> None:
        self.chromium, self.address, self.acts = Chromium(), district.address, 0
        for name, value in cookies.items():
            self.chromium.call("Network.setCookie", name=name, value=value, url=self.address)

    def open(self, path: str) -> None:
        self.chromium.open(f"{self.address}{path}")

    def click(self, selector: str) -> None:
        """What people can see there."""
        self.acts += 1
        seen = f"(() => {{ const it = document.querySelector({json.dumps(selector)}); if (!it || !it.checkVisibility()) return false; it.click(); return true; }})()"  # noqa: E501
        assert self.chromium.run(seen), selector

    def follow(self, selector: str, shown: str) -> None:
        """A click that leads to another page."""
        self.chromium.run("document.body.dataset.left = '1'; 0")
        self.click(selector)
        loaded = f"document.readyState === 'complete' && !document.body.dataset.left && !!document.querySelector({json.dumps(shown)})"  # noqa: E501
        wait_until(lambda: bool(self.chromium.run(loaded)), 60, lambda: f"{shown}: {self.text()[:2000]}")

    def fill(self, name: str, value: str) -> None:
        self.acts += 1
        self.chromium.run(f"""(() => {{ const it = document.getElementsByName({json.dumps(name)})[0];
            it.value = {json.dumps(value)}; it.dispatchEvent(new Event('input', {{bubbles: true}}));
            it.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")

    def choose_files(self, *paths: Path) -> None:
        self.acts += 1
        node = self.chromium.call("Runtime.evaluate", expression="document.querySelector('.files input[type=file]')")
        self.chromium.call(
            "DOM.setFileInputFiles", files=[str(path) for path in paths], objectId=node["result"]["objectId"]
        )
        wait_until(
            lambda: self.chromium.run("document.querySelectorAll('input[name=evidence]').length") == len(paths),
            60,
            "sent",
        )

    def text(self) -> str:
        return str(self.chromium.run("document.body.innerText"))


@pytest.fixture
def hands(district: EmbeddedSystem, cookies: dict[str, dict[str, str]]) -> Iterator[Any]:
    opened: list[Hand] = []

    def hand(who: str) -> Hand:
        opened.append(Hand(district, cookies[who]))
        return opened[-1]

    yield hand
    for each in opened:
        each.chromium.close()


FILE_IT = '.todo a[href^="/file/form"][href*="study_session"]'
DONE = ".alert-success"


def test_a_clerk_reports_an_evening_in_a_few_clicks_and_the_next_pages_know(hands: Any, tmp_path: Path) -> None:
    clerk = hands(CLERK)
    (tmp_path / "photo.png").write_bytes(base64.b64decode(PIXEL))
    clerk.open("/score?window=2022&as_of=2022-12-31")
    before = clerk.chromium.run("document.querySelector('.lead-figures dd').innerText")
    clerk.open("/todo")
    clerk.follow(FILE_IT, "form.filing")
    clerk.follow('a[href*="like=last"]', "form.filing")
    clerk.fill("study_session.readings.0.title", "第二篇")
    clerk.choose_files(tmp_path / "photo.png")
    clerk.follow('.send button[value="submit"]', DONE)
    assert clerk.acts <= 5 and "已提交，计入任务台账。" in clerk.text()
    assert "第二篇" in clerk.text() and "全干会" in clerk.text()
    clerk.open("/todo")
    assert clerk.chromium.run(f"document.querySelector({json.dumps(FILE_IT)}) === null")
    clerk.open("/score?window=2022&as_of=2022-12-31")
    after = clerk.chromium.run("document.querySelector('.lead-figures dd').innerText")
    assert float(after) > float(before)
    clerk.open("/records?kind=attendance")
    assert "第1中学，19 人" in clerk.text()


def test_the_very_first_session_with_its_discussion_and_everybody_takes_few_clicks(hands: Any, tmp_path: Path) -> None:
    """Nothing to take over from a last time: what the campaign's file proposes stands there already."""
    clerk = hands(CLERK)
    photos = [tmp_path / f"{colour}.png" for colour in ("red", "green", "blue")]
    for photo in photos:
        Image.new("RGB", (900, 600), photo.stem).save(photo)
    clerk.open("/file")
    clerk.follow('a.kind-link[href*="kind=study_session"]', "form.filing")
    clerk.click('input[name="study_session.guided"][value="guided"]')
    clerk.fill("study_session.speaker", "校长")
    clerk.click('input[name="study_session.platform"][value="political_study"]')
    clerk.fill("study_session.readings.0.title", "第三篇")
    clerk.click('input[name="with"][value="discussion_day"]')
    clerk.click('input[name="with"][value="attendance"]')
    clerk.choose_files(*photos)
    clerk.acts += len(photos) - 1  # each a choice of its own
    clerk.follow('.send button[value="submit"]', DONE)
    assert clerk.acts <= 12
    clerk.open("/records?since=2022-12-05")
    shown = clerk.text()
    assert "研讨日" in shown and "19 人" in shown
    clerk.open("/records?kind=discussion_day&since=2022-12-05")
    clerk.follow('th a[href*="/records/filing"]', "#history-title")
    assert "谈收获、谈不足、谈打算" in clerk.text() and "如期" in clerk.text()


def test_a_teacher_hands_in_a_summary_on_a_phone(hands: Any) -> None:
    teacher = hands(TEACHER)
    teacher.chromium.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    teacher.open("/file")
    teacher.follow('a.kind-link[href*="kind=summary"]', "form.filing")
    assert teacher.chromium.run("document.scrollingElement.scrollWidth") <= 390
    teacher.fill("summary.text", "我的总结：学有所得。")
    teacher.fill("day", "2010-01-01")
    teacher.follow('.send button[value="submit"]', ".invalid-feedback")
    assert teacher.chromium.run("document.activeElement.name") == "day", "the first wrong field has the focus"
    assert "我的总结：学有所得。" in teacher.chromium.run("document.getElementsByName('summary.text')[0].value")
    teacher.fill("day", "2022-12-05")
    teacher.follow('.send button[value="submit"]', DONE)
    assert teacher.acts <= 12 and "我的总结：学有所得。" in teacher.text()


def test_a_draft_is_resumed_returned_with_a_reason_and_corrected(hands: Any, district: EmbeddedSystem) -> None:
    clerk, head = hands(CLERK), hands(HEAD)
    clerk.open(f"/file/form?kind=monthly_report&unit={UNIT}")
    clerk.fill("monthly_report.done", "本月开展了两次集中学习。")
    clerk.follow('.send button[value="draft"]', DONE)
    clerk.open("/file")
    clerk.follow('.todo a[href*="/file/form?filing="]', "form.filing")
    assert (
        clerk.chromium.run("document.getElementsByName('monthly_report.done')[0].value") == "本月开展了两次集中学习。"
    )
    if clerk.chromium.run("document.getElementsByName('monthly_report.period')[0].type !== 'hidden'"):
        clerk.fill("monthly_report.period", "2022-11")
    clerk.follow('.send button[value="submit"]', DONE)
    assert "待主要负责人确认" in clerk.text()
    head.open("/confirm")
    head.click("td details summary")
    head.fill("reason", "请写下月安排")
    head.follow("td details form button", DONE)
    clerk.open("/todo")
    clerk.follow('.todo a.btn[href*="/file/form?filing="]', "form.filing")
    assert "请写下月安排" in clerk.text()
    clerk.fill("monthly_report.next", "下月办论坛。")
    clerk.follow('.send button[value="submit"]', DONE)
    head.open("/confirm")
    head.follow("#bulk button[name=all]", DONE)
    head.open("/records?kind=monthly_report")
    head.follow('th a[href*="/records/filing"]', "#history-title")
    head.follow('a[href*="/file/form?filing="]', "form.filing")
    head.fill("monthly_report.next", "下月办论坛和展示。")
    head.fill("reason", "补充安排")
    head.follow('.send button[value="submit"]', DONE)
    shown_text = head.text()
    assert "已更正。" in shown_text and "退回修改：请写下月安排" in shown_text and "更正：补充安排" in shown_text


@pytest.mark.parametrize("kind", ["study_session", "zone_forum", "leading_group", "attendance", "task_list"])
def test_forms_are_accessible(hands: Any, kind: str) -> None:
    clerk = hands(CLERK)
    clerk.chromium.width(1280)
    clerk.open(f"/file/form?kind={kind}&unit={UNIT}&like=last")
    assert here(clerk.chromium) == []
