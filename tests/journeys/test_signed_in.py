"""A clerk and a teacher sign in to the console: each sees the messages to them, with names where they may."""

from __future__ import annotations

import csv
import io
import re

import pytest
import requests

from tests.journeys.conftest import AnySystem
from tests.journeys.test_publicity import people
from tests.support.processes import wait_until
from tests.support.system import SAMPLES

DAY = "2022-12-01"


@pytest.fixture(scope="module")
def district(build: object, tmp_path_factory: pytest.TempPathFactory) -> AnySystem:
    """A day after the books were due, with nothing reported: everybody has a message."""
    clock = tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(f"{DAY}T07:00:00+08:00")
    system: AnySystem = build(QIHANG_REHEARSAL_CLOCK=str(clock), QIHANG_WECOM_URL="")  # type: ignore[operator]
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    system.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    system.qihang("settle")
    clock.write_text(f"{DAY}T09:00:00+08:00")  # only now: a day is decided once, from what is there by then
    system.qihang("notify", "run")
    wait_until(lambda: system.get("notifications", f"/api/runs/{DAY}")["decided"], 60, system.logs)
    return system


def signed_in(system: AnySystem, name: str, password: str) -> requests.Session:
    browser = requests.Session()
    browser.trust_env = False
    page = browser.get(f"{system.address}/signin", timeout=30).text
    match = re.search(r'name="csrf" value="([^"]+)"', page)
    assert match
    form = {"user": name, "password": password, "csrf": match[1]}
    answer = browser.post(f"{system.address}/signin", data=form, timeout=30)
    assert answer.status_code == 200 and answer.url.endswith("/inbox"), answer.text
    return browser


def test_each_sees_what_is_theirs(district: AnySystem) -> None:
    by_unit = people(district)
    unit, other = sorted(by_unit)[:2]
    person, name = by_unit[unit][0]
    output = district.qihang("access", "add", f"clerk-{unit}", f"person-{person}")
    given = {row["account"]: row["password"] for row in csv.DictReader(io.StringIO(output))}

    def status(browser: requests.Session, path: str) -> int:
        return browser.get(f"{district.address}{path}", timeout=30).status_code

    clerk = signed_in(district, f"clerk-{unit}", given[f"clerk-{unit}"])
    inbox = clerk.get(f"{district.address}/inbox", timeout=30).text
    assert "逾期未完成" in inbox and name in inbox
    assert status(clerk, f"/s/notifications/api/inboxes/clerk-{unit}") == 200
    assert status(clerk, f"/s/notifications/api/inboxes/clerk-{other}") == 403
    assert status(clerk, "/s/notifications/api/inboxes") == 403
    assert status(clerk, "/scoreboard") == 403

    teacher = signed_in(district, f"person-{person}", given[f"person-{person}"])
    assert "消息箱" in teacher.get(f"{district.address}/inbox", timeout=30).text
    assert status(teacher, f"/s/notifications/api/inboxes/person-{person}") == 200
    assert status(teacher, f"/s/notifications/api/inboxes/clerk-{unit}") == 403

    district.qihang("access", "remove", f"clerk-{unit}")
    assert clerk.get(f"{district.address}/inbox", timeout=30).url.startswith(f"{district.address}/signin")
    assert status(teacher, "/inbox") == 200
