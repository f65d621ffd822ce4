"""The supervision office's month in a real browser: a sheet scored by column and by unit, confirmed by a second hand;
a monthly report opened and given back, which the unit's 待办 shows."""

from __future__ import annotations

import json

from tests.journeys.console_system import ConsoleSystem, import_rows, person_of, sign_in
from tests.support.chromium import Chromium
from tests.support.processes import wait_until

UNIT, OTHER = "S02", "S03"
"""Secondary units of which no other journey has a sheet."""


def page(chromium: Chromium) -> str:
    return str(chromium.run("document.querySelector('main').innerText"))


def press(chromium: Chromium, button: str, shows: str) -> str:
    """The button, and the text of the page that it leads to."""
    chromium.run("document.body.dataset.left = '1'; 0")
    chromium.run(f"document.querySelector({json.dumps(button)}).click()")
    loaded = "document.readyState === 'complete' && !document.body.dataset.left"
    wait_until(lambda: bool(chromium.run(loaded)), 60, shows)
    assert chromium.run(f"!!document.querySelector({json.dumps(shows)})"), page(chromium)
    return page(chromium)


def type_in(chromium: Chromium, name: str, text: str) -> None:
    chromium.run(f"document.getElementsByName({json.dumps(name)})[0].focus()")
    chromium.call("Input.insertText", text=text)


def test_a_sheet_is_scored_by_column_and_by_unit_and_counts_by_a_second_hand(
    console_system: ConsoleSystem, chromium: Chromium
) -> None:
    address = console_system.address
    sign_in(console_system, chromium, "supervision")
    chromium.open(f"{address}/sheets")
    press(chromium, "thead a[href*='item=organisation']", "form[data-column]")
    type_in(chromium, f"points.{UNIT}", "36")
    chromium.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert chromium.run("document.activeElement.name") == f"points.{OTHER}", "Enter goes down"
    chromium.call("Input.insertText", text="41")
    assert "应在 0 到 40 之间" in press(chromium, "button[value=save]", ".invalid-feedback"), "and nothing is kept"
    chromium.run(f"document.getElementsByName('points.{OTHER}')[0].value = ''")
    assert "已保存 1 个单位的评分" in press(chromium, "button[value=save]", ".sheets-grid")
    press(chromium, f"tbody a[href*='unit={UNIT}']", ".sheet-form")
    type_in(chromium, "points.depth", "27.5")
    type_in(chromium, "points.results", "20")
    assert "请本科室其他同志复核" in press(chromium, "button[value=complete]", ".sheets-grid")
    sign_in(console_system, chromium, "campaign_office")
    chromium.open(f"{address}/sheets")
    chromium.run(f"document.querySelector('input[name=sheet][value^=\"{UNIT}|\"]').click()")
    text = press(chromium, "button[value=confirm]", ".sheets-grid")
    assert "已复核 1 张" in text and "83.5" in text
    correct_the_sheet(console_system, chromium)
    sign_in(console_system, chromium, "head")
    chromium.open(f"{address}/sheets")
    assert "没有权限" in page(chromium) or "不能" in page(chromium), "a school's head has no such page"


def correct_the_sheet(system: ConsoleSystem, chromium: Chromium) -> None:
    """With a reason, and by a second hand too."""
    sign_in(system, chromium, "supervision")
    chromium.open(f"{system.address}/sheets")
    press(chromium, f"tbody a[href*='unit={UNIT}']", "#f-correct")
    chromium.run("document.querySelector('#f-correct').value = '多记了一次活动'; 0")
    assert "更正中" in press(chromium, "form[action$='/correct'] button", ".sheet-form")
    chromium.run("document.getElementsByName('points.results')[0].value = '15'; 0")
    press(chromium, "button[value=complete]", ".sheets-grid")
    sign_in(system, chromium, "campaign_office")
    chromium.open(f"{system.address}/sheets")
    chromium.run(f"document.querySelector('input[name=sheet][value^=\"{UNIT}|\"]').click()")
    assert "78.5" in press(chromium, "button[value=confirm]", ".sheets-grid")


def test_a_leader_scores_the_supervision_office_itself(console_system: ConsoleSystem, chromium: Chromium) -> None:
    sign_in(console_system, chromium, "leader")
    chromium.open(f"{console_system.address}/sheets")
    press(chromium, "tbody a[href*='unit=O01']", ".sheet-form")
    type_in(chromium, "points.depth", "26")
    press(chromium, "button[value=save]", ".flash")
    chromium.open(f"{console_system.address}/sheets")
    assert "26" in chromium.run("document.querySelector('tbody a[href*=\"unit=O01\"]').closest('tr').innerText")


def test_a_monthly_report_from_a_file_is_given_back_too(console_system: ConsoleSystem, chromium: Chromium) -> None:
    columns = "record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"
    row = "MR-O04,monthly_report,O04,,2022-12-01T08:00:00,2022-11,11月汇报,,\n"
    import_rows(console_system, "records", columns + row)
    console_system.qihang("settle")
    sign_in(console_system, chromium, "supervision")
    chromium.open(f"{console_system.address}/monthly-reports?period=2022-11")
    form = "form:has([value='MR-O04'])"
    chromium.run(f"document.querySelector(\"{form} [name=reason]\").value = '请补充下月安排'; 0")
    text = press(chromium, f"{form} button", "#list-title")
    assert "已退回，单位的待办里会列出" in text and not chromium.run(f'!!document.querySelector("{form}")')
    filings = console_system.get("participation", "/api/filings?kind=monthly_report&period=2022-11&unit_id=O04")
    assert [(each["status"], each["recalled"]) for each in filings["filings"]] == [("returned", True)]


def test_a_monthly_report_is_given_back_and_stands_in_the_to_do_of_its_unit(
    console_system: ConsoleSystem, chromium: Chromium
) -> None:
    deed = {"kind": "monthly_report", "unit_id": "O03", "occurred_at": "2022-12-01", "period": "2022-11",
            "title": "11月汇报"}  # fmt: skip
    clerk = console_system.token_of_person(person_of("office"))
    status, answer = console_system.ask("POST", "participation", "/api/filings", {"deeds": [deed], "submit": True},
                                        token=clerk)  # fmt: skip
    assert status == 200 and answer["filings"][0]["counts"], answer
    console_system.qihang("settle")
    sign_in(console_system, chromium, "supervision")
    chromium.open(f"{console_system.address}/monthly-reports?period=2022-11")
    text = page(chromium)
    missing = str(chromium.run("document.querySelector('#chat-text').value"))
    assert "2022 年 11 月 月汇报" in text and "人事股" not in missing and "办公室" in missing
    press(chromium, "td a[href*='/records/filing']", "#return-title")
    type_in(chromium, "reason", "请补充下月安排")
    assert "已退回" in press(chromium, "form[action$='/return'] button", "#list-title")
    sign_in(console_system, chromium, "office")
    chromium.open(f"{console_system.address}/todo")
    assert "退回修改" in page(chromium) and "11月汇报" in page(chromium)
