"""The campaign office revises the plan, exempts a unit and sees what follows, in a real browser: problems of a wrong
file by line, difference and effect before the launch, the new due day and the exemption in the units' 任务台账."""

from __future__ import annotations

import json

import pytest

from tests.journeys.console_system import ConsoleSystem, School, sign_in
from tests.support.chromium import Chromium
from tests.support.processes import wait_until

SUBMIT = "document.querySelector({form}).requestSubmit()"


def page(chromium: Chromium) -> str:
    return str(chromium.run("document.querySelector('main').innerText"))


def submit(chromium: Chromium, form: str, shows: str) -> str:
    """Sends the form as its button does; the text of the page that shows this."""
    chromium.run(SUBMIT.format(form=json.dumps(form)))
    chromium.wait_for_page(shows)
    return page(chromium)


def revise(chromium: Chromium, district: ConsoleSystem, old: str, new: str, shows: str) -> str:
    """The plan in force, changed on the page and sent to be checked."""
    chromium.open(f"{district.address}/campaign/revise")
    change = "(text.value = text.value.replace(before, after)).includes(after)"
    words = f"document.querySelector('#f-text'), {json.dumps(old)}, {json.dumps(new)}"
    assert chromium.run(f"((text, before, after) => {change})({words})")
    return submit(chromium, "form[action='/campaign/revise']", shows)


@pytest.fixture(scope="module")
def district(console_system: ConsoleSystem) -> ConsoleSystem:
    return console_system


@pytest.fixture
def office(chromium: Chromium, district: ConsoleSystem) -> Chromium:
    sign_in(district, chromium, "campaign_office")
    return chromium


def version(district: ConsoleSystem) -> int:
    return int(district.get("participation", "/api/campaign")["version"])


def test_a_wrong_file_shows_its_problems_by_line(district: ConsoleSystem, office: Chromium) -> None:
    text = revise(office, district, "due_days: 5", "due_dais: 5", "#problems-title")
    assert "方案有 1 处问题，没有发布" in text and "due_dais: 5" in text and "due_days" in text
    line = int(str(office.run("document.querySelector('[data-label=\"行\"]').innerText")))
    shown = str(office.run(f"document.querySelector('#f-text').value.split('\\n')[{line - 1}]"))
    assert shown.strip() == "due_dais: 5", "the text is kept to be mended, and the line is the right one"


def test_a_later_due_day_is_looked_at_launched_and_stands_in_the_books(
    district: ConsoleSystem, office: Chromium
) -> None:
    before = version(district)
    text = revise(office, district, "due_days: 5", "due_days: 20", "#difference-title")
    assert "任务“月汇报”：顺延天数由“5”改为“20”" in text and "2022-12-20" in text
    wait_until(lambda: "截止日有变" in page(office), 60, "the effect on figures")
    effect = page(office)
    assert "没有改动任何数据" in effect and "→" in effect
    assert f"方案版本\n{before}" in open_text(office, district, "/campaign"), "the check launches nothing"
    revise(office, district, "due_days: 5", "due_days: 20", "#difference-title")
    office.run("document.querySelector('#f-agreed').checked = true")
    assert "活动方案已更新。" in submit(office, "form[action='/campaign/launch']", ".flash")
    assert f"方案版本 {before + 1}" in open_text(office, district, "/campaign/versions")
    sign_in(district, office, "office")
    where = "/duties/records?duty=monthly-report&period=2022-11"
    wait_until(lambda: "2022-12-20" in open_text(office, district, where), 60, "the new due day in 任务台账")


def test_an_exemption_lowers_what_is_due(district: ConsoleSystem, school: School, office: Chromium) -> None:
    office.open(
        f"{district.address}/campaign/exemptions/new?unit_id={school.unit_id}&since=2022-12-01&until=2022-12-31"
    )
    assert office.run("document.querySelectorAll('[name=item]:checked').length") > 0
    office.run("document.querySelector('#f-reason').value = '校舍维修'")
    text = submit(office, "form[action='/campaign/exemptions/new'][method=post]", ".flash")
    assert "已登记免计" in text and "校舍维修" in text
    sign_in(district, office, school.clerk)
    where = "/duties/records?duty=study-session&period=2022-12"
    wait_until(lambda: "免计" in open_text(office, district, where), 60, "the exemption in 任务台账")


def test_a_person_mutes_what_is_not_compulsory(district: ConsoleSystem, chromium: Chromium) -> None:
    sign_in(district, chromium, "teacher")
    chromium.open(f"{district.address}/inbox/settings")
    assert "必须送达，不能关闭" in page(chromium)
    assert chromium.run("document.querySelector('#s-overdue').disabled")
    chromium.run("document.querySelector('#s-due_soon').checked = false")
    assert "提醒方式已保存。" in submit(chromium, "form[action='/inbox/settings']", ".flash")
    assert not chromium.run("document.querySelector('#s-due_soon').checked")
    assert chromium.run("document.querySelector('#s-overdue').checked"), "compulsory"


def open_text(chromium: Chromium, district: ConsoleSystem, path: str) -> str:
    chromium.open(f"{district.address}{path}")
    return page(chromium)
