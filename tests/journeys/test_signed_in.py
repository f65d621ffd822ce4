"""A clerk and a teacher sign in with accounts of their own: each has what their posts give, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from tests.journeys.conftest import AnySystem
from tests.journeys.test_publicity import people

pytestmark = pytest.mark.parametrize("way", ["embedded"], indirect=True)

OWN_PASSWORD = "春江潮水连海平，海上明月"


class Browser(requests.Session):
    """Somebody's browser: forms are sent with the token of their page."""

    def __init__(self, system: AnySystem) -> None:
        super().__init__()
        self.trust_env, self.system = False, system

    def open(self, path: str) -> requests.Response:
        return self.get(f"{self.system.address}{path}", timeout=30)

    def submit(self, page: str, **form: str) -> requests.Response:
        match = re.search(r'name="csrf" value="([^"]+)"', self.open(page).text)
        assert match
        return self.post(f"{self.system.address}{page}", data={**form, "csrf": match[1]}, timeout=30)


def code_of(system: AnySystem, person: str) -> str:
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", system.qihang("accounts", "create", person))
    assert code
    return code[0]


def first_sign_in(system: AnySystem, person: str) -> Browser:
    """With the one-time password of the slip, which is changed before anything else."""
    browser, code = Browser(system), code_of(system, person)
    answer = browser.submit("/signin", user=person, password=code)
    assert answer.url.endswith("/account/password"), answer.text
    answer = browser.submit("/account/password", old=code, new=OWN_PASSWORD, again=OWN_PASSWORD)
    assert answer.status_code == 200 and answer.url.endswith("/todo"), answer.text
    return browser


def test_each_sees_what_is_theirs(staffed_system: AnySystem, tmp_path: Path) -> None:
    by_unit = people(staffed_system)
    unit, other = sorted(by_unit)[:2]
    (clerk_id, _), (person, name) = by_unit[unit][:2]
    posts = tmp_path / "posts.csv"
    posts.write_text(f"unit_id,post,person_id,from,to\n{unit},clerk,{clerk_id},2022-09-01,\n")
    staffed_system.qihang("import", posts)
    staffed_system.qihang("settle")

    clerk = first_sign_in(staffed_system, clerk_id)
    assert "填报员" in clerk.open("/account").text
    inbox = clerk.open(f"/inbox?of=clerk-{unit}").text
    assert "逾期未完成" in inbox and name in inbox
    assert clerk.open(f"/s/notifications/api/inboxes/clerk-{unit}").status_code == 200
    assert clerk.open(f"/s/notifications/api/inboxes/person-{clerk_id}").status_code == 200
    assert clerk.open(f"/s/notifications/api/inboxes/clerk-{other}").status_code == 403
    assert clerk.open("/s/notifications/api/inboxes").status_code == 403
    assert clerk.open("/scoreboard").status_code == 403
    assert clerk.open("/anthologies").status_code == 200

    teacher = first_sign_in(staffed_system, person)
    assert "消息箱" in teacher.open("/inbox").text
    assert teacher.open(f"/s/notifications/api/inboxes/person-{person}").status_code == 200
    assert teacher.open(f"/s/notifications/api/inboxes/clerk-{unit}").status_code == 403
    assert teacher.open("/anthologies").status_code == 403

    staffed_system.qihang("accounts", "disable", clerk_id)
    assert clerk.open("/inbox").url.startswith(f"{staffed_system.address}/signin")
    assert teacher.open("/inbox").url.endswith("/inbox")
    log = staffed_system.qihang("security-log", "--account", clerk_id)
    assert "登录" in log and "停用账号" in log and OWN_PASSWORD not in log


def test_a_unit_s_people_are_given_slips_to_sign_in_with(staffed_system: AnySystem, tmp_path: Path) -> None:
    unit = sorted(people(staffed_system))[2]
    slips = tmp_path / "slips.html"
    staffed_system.qihang("accounts", "create", "--unit", unit, "--slips", slips)
    assert slips.stat().st_mode & 0o777 == 0o600
    page = slips.read_text()
    printed = re.findall(r"<h2>(.*?)</h2>.*?登录账号</dt><dd>(.*?)</dd>.*?<dd class=\"code\">(.*?)</dd>", page, re.S)
    assert {(person.lower(), name) for person, name in people(staffed_system)[unit]} <= {
        (each[1], each[0]) for each in printed
    }
    answer = Browser(staffed_system).submit("/signin", user=printed[0][1], password=printed[0][2])
    assert answer.url.endswith("/account/password")
