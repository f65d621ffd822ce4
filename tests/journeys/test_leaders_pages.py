"""A leader looks at the district and opens a unit; the campaign office enters a decision on an award, a leader confirms
it, and only then it binds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.journeys.test_accessible import OWN_PASSWORD, begin, submit
from tests.support.chromium import Chromium
from tests.support.system import EmbeddedSystem

POSTS = {"P00011": "leader", "P00012": "campaign_office"}
DOCUMENT = "纪要〔2022〕7号"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    folder = tmp_path_factory.mktemp("leaders")
    system = EmbeddedSystem(folder / "system")
    begin(system, folder)
    held = "".join(f"B01,{post},{person},2022-09-01,\n" for person, post in POSTS.items())
    (folder / "more.csv").write_text(f"unit_id,post,person_id,from,to\n{held}")
    system.qihang("import", folder / "more.csv")
    system.qihang("settle")
    yield system
    system.discard()


@pytest.fixture(scope="module")
def sessions(system: EmbeddedSystem) -> dict[str, requests.Session]:
    codes = dict(re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", system.qihang("accounts", "create", *POSTS)))
    result = {}
    for person, post in POSTS.items():
        session = result[post] = requests.Session()
        session.trust_env = False
        code = codes[person.lower()]
        submit(session, f"{system.address}/signin", user=person, password=code)
        submit(session, f"{system.address}/account/password", old=code, new=OWN_PASSWORD, again=OWN_PASSWORD)
    return result


def page(system: EmbeddedSystem, session: requests.Session, path: str) -> str:
    """The page, once nothing of it is calculated any more."""
    for _ in range(40):
        answer = session.get(f"{system.address}{path}", timeout=60)
        assert answer.status_code == 200, answer.text
        if "正在计算" not in answer.text:
            return answer.text
        time.sleep(0.5)
    raise AssertionError(f"{path} is still calculated")


def test_a_leader_goes_from_the_district_to_a_unit_in_a_browser(
    system: EmbeddedSystem, sessions: dict[str, requests.Session], tmp_path: Path
) -> None:
    browser = Chromium(tmp_path / "profile")
    try:
        for cookie in sessions["leader"].cookies:
            browser.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=system.address)
        browser.open(f"{system.address}/overview")
        assert "长期没有填报的单位" in browser.run("document.body.innerText")
        address = browser.run("document.querySelector('a[href*=\"/unit-detail\"]').href")
        browser.open(address)
        text = browser.run("document.body.innerText")
        assert "任务完成分由哪些任务组成" in text and "单位的任务" in text
    finally:
        browser.close()
    book = sessions["leader"].get(f"{system.address}/overview/all.xlsx", timeout=60)
    assert book.status_code == 200 and book.content[:2] == b"PK"


def test_a_decision_binds_only_when_a_second_hand_confirmed_it(
    system: EmbeddedSystem, sessions: dict[str, requests.Session]
) -> None:
    office, leader = sessions["campaign_office"], sessions["leader"]
    form = {"kind": "veto", "year": "2022", "unit_id": "X001", "document": DOCUMENT, "decided_on": "2022-11-30",
            "reason": "年度考核不合格", "act": "sign"}  # fmt: skip
    entered = submit(office, f"{system.address}/commendation/decide?year=2022", **form)
    assert entered.status_code == 200
    own, other = page(system, office, "/commendation?year=2022"), page(system, leader, "/commendation?year=2022")
    assert DOCUMENT in own and "复核通过</button>" not in own
    assert "复核通过</button>" in other and "已签署的决定" not in other
    match = re.search(r'name="proposal" value="([^"]+)"', other)
    assert match
    submit_to(system, leader, "/commendation/confirm", proposal=match[1], year="2022")
    signed = page(system, leader, "/commendation?year=2022")
    assert "已签署的决定" in signed and "待复核的决定" not in signed and "复核记录" in signed
    (decision,) = system.get("assessment", "/api/candidates?year=2022")["decisions"]
    assert (decision["unit_id"], decision["kind"], decision["document"]) == ("X001", "veto", DOCUMENT)
    assert leader.get(f"{system.address}/commendation/decide?year=2022", timeout=60).status_code == 403


def submit_to(system: EmbeddedSystem, session: requests.Session, path: str, **form: str) -> None:
    match = re.search(r'name="csrf" value="([^"]+)"', session.get(f"{system.address}/account", timeout=60).text)
    assert match
    answer = session.post(f"{system.address}{path}", data={**form, "csrf": match[1]}, timeout=60)
    assert answer.status_code == 200, answer.text
