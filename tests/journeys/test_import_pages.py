"""In a browser: a clerk fills in the month's template, mends what was refused, sees the score move and undoes it; the
office applies a roster of 300 people line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openpyxl import Workbook, load_workbook

from tests.journeys.conftest import SMALL_CAMPAIGN, AnySystem
from tests.journeys.small_district import figures, report_events, teacher, unit
from tests.support.chromium import Chromium
from tests.support.processes import wait_until
from tests.support.reported import event
from tests.support.system import EmbeddedSystem

OWN_PASSWORD = "春江潮水连海平，海上明月"
GROUP = {"joined": 12, "moved": 12, "role_changed": 12, "renamed": 12, "left": 12, "unsure": 1}


def submit(session: requests.Session, address: str, **form: str) -> None:
    match = re.search(r'name="csrf" value="([^"]+)"', session.get(address, timeout=60).text)
    assert match
    session.post(address, data={**form, "csrf": match[1]}, timeout=60)


def signed_in(system: AnySystem, chromium: Chromium, person: str) -> requests.Session:
    """A session that the browser shares; with an account that is given now, or the operator's."""
    session = requests.Session()
    session.trust_env = False
    if person == "operator":
        submit(session, f"{system.address}/signin", user=person,
               password=(system.data / "operator.password").read_text().strip())  # fmt: skip
    else:
        (code,) = re.findall(r"\w{4}-\w{4}-\w{4}", system.qihang("accounts", "create", person))
        submit(session, f"{system.address}/signin", user=person, password=code)
        form = {"old": code, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
        submit(session, f"{system.address}/account/password", **form)
    for cookie in session.cookies:
        chromium.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=system.address)
    return session


def choose_file(chromium: Chromium, path: Path) -> None:
    root = chromium.call("DOM.getDocument")["root"]["nodeId"]
    node = chromium.call("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    chromium.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])


def click(chromium: Chromium, words: str, then: str) -> None:
    """The button or link that says so; and what the next page shows."""
    without = chromium.run(f"""(() => {{ window.left = true;
        const each = [...document.querySelectorAll('main button, main a')].find(it => it.textContent.includes({json.dumps(words)}));
        if (!each) return document.querySelector('main').innerText; each.click(); return ''; }})()""")  # noqa: E501
    assert not without, f"no {words} in {without}"
    wait_until(lambda: chromium.run("window.left !== true"), 30, f"the page behind {words}")
    chromium.wait_for_page(then)


def page(chromium: Chromium) -> str:
    return str(chromium.run("document.querySelector('main').innerText"))


def cell(sheet: Any, row: int, label: str) -> Any:
    """The cell under the header that begins so."""
    for header in sheet.iter_rows(max_row=row - 1):
        for each in header:
            if str(each.value or "").replace("*", "").strip().startswith(label):
                return sheet.cell(row, each.column)
    raise AssertionError(f"no column {label}")


def filled(template: bytes, target: Path, day_of_note: str) -> Path:
    """With the month's study session, and a note of the first person."""
    target.write_bytes(template)
    book = load_workbook(target)
    for name, day, title in (("单位填报", "2022-11-08", "第一次集中学习"), ("个人填报", day_of_note, "学习第一章")):
        sheet = book[name]
        at = next(row for row in range(2, 40) if any("2022" in str(each.value) for each in sheet[row]))
        cell(sheet, at, "完成时间").value, cell(sheet, at, "标题").value = day, title
    compute(book)
    book.save(target)
    return target


def compute(book: Any) -> None:
    """The ids of rows that are filled in, as a spreadsheet program computes them before it saves."""
    for row in (row for sheet in book for row in sheet.iter_rows()):
        for each in row:
            if match := re.fullmatch(r'=IF\((\w+)="","","(.*)"\)', str(each.value)):
                each.value = match[2] if each.parent[match[1]].value else None


def upload(chromium: Chromium, system: AnySystem, path: Path) -> None:
    chromium.open(f"{system.address}/imports")
    choose_file(chromium, path)
    click(chromium, "上传并检查", "#import")
    chromium.wait_for_page("#counts-title")


def test_a_clerk_s_month_by_a_workbook(small_system: AnySystem, chromium: Chromium, tmp_path: Path) -> None:
    system = small_system
    post = event("post.reported", "ip-post", unit_id="IP-1", post="clerk", person_id="IP-P1", from_="2020-09-01")
    people = [teacher(f"IP-P{number}", "IP-1", name=name) for number, name in ((1, "许悦"), (2, "李静"))]
    assert set(report_events(system, unit("IP-1", name="柳堤小学"), *people, post)) == {"accepted"}
    before = figures(system, "IP-1", "2022-Q4", "2022-12-31")["base"]
    session = signed_in(system, chromium, "IP-P1")
    template = session.get(f"{system.address}/imports/template?kind=month&unit=IP-1&month=2022-11", timeout=60)
    assert template.status_code == 200, template.text

    upload(chromium, system, filled(template.content, tmp_path / "十一月.xlsx", "2022年13月8日"))
    checked = page(chromium)
    assert "未接收 1" in checked and "13月" in checked and "不是有效" in checked and "还没有写入" in checked
    assert figures(system, "IP-1", "2022-Q4", "2022-12-31")["base"] == before
    click(chromium, "不导入", ".alert-success")

    upload(chromium, system, filled(template.content, tmp_path / "十一月改.xlsx", "2022-11-09"))
    chromium.open(f"{system.address}/imports")
    assert "待确认" in page(chromium), "left and found again"
    click(chromium, "十一月改.xlsx", "#counts-title")
    click(chromium, "确认导入 2 行", "#undo-title")
    assert "导入完成" in page(chromium) and "取回 十一月改.xlsx" in page(chromium)
    system.qihang("settle")
    counted = figures(system, "IP-1", "2022-Q4", "2022-12-31")["base"]
    assert float(counted) > float(before)
    chromium.open(f"{system.address}/score?unit=IP-1&window=2022-Q4&as_of=2022-12-31")
    assert counted in page(chromium)

    chromium.open(f"{system.address}/imports")
    click(chromium, "十一月改.xlsx", "#undo-title")
    chromium.run("document.querySelector('#f-reason').value = '导错了'; 0")
    click(chromium, "撤销整个导入", ".alert-success")
    assert "撤销了 2 行" in page(chromium) and "已经撤销" in page(chromium)
    system.qihang("settle")
    assert figures(system, "IP-1", "2022-Q4", "2022-12-31")["base"] == before


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[EmbeddedSystem]:
    """Two schools with 150 teachers each."""
    system = EmbeddedSystem(tmp_path / "system")
    system.settings |= {"QIHANG_OPERATOR_MUST_CHANGE": "0"}
    system.start()
    system.qihang("campaign", "launch", SMALL_CAMPAIGN)
    (tmp_path / "units.csv").write_text(
        "unit_id,name,kind,tags,zone_id,community_id,liaison_id,opened_on,closed_on\n"
        + "".join(f"R{n},东街{n}小,school,,,,,2010-09-01,\n" for n in (1, 2)))  # fmt: skip
    rows = [f"T{n:03},教师{n:03},teacher,R{1 + n // 150},2020-09-01,\n" for n in range(300)]
    (tmp_path / "people.csv").write_text("person_id,name,role,unit_id,from,to\n" + "".join(rows))
    system.qihang("import", tmp_path / "units.csv", tmp_path / "people.csv")
    yield system
    system.discard()


def roster(target: Path) -> Path:
    """Twelve of each change among 300 people; twelve are not listed, twelve are new, one stands in two rows."""
    book = Workbook()
    sheet = book.active
    sheet.append(("工号", "姓名", "岗位", "单位", "任职止"))
    for n in range(12, 300):
        name, role, at, until = f"教师{n:03}", "教师", 1 + n // 150, ""
        match n // 12:
            case 1:
                at = 2
            case 2:
                role = "干部"
            case 3:
                name = f"新名{n:03}"
            case 4:
                until = "2023-02-20"
        sheet.append((f"T{n:03}", name, role, f"东街{at}小", until))
    for n in range(300, 312):
        sheet.append((f"T{n:03}", f"新人{n:03}", "教师", "东街1小", ""))
    sheet.append(("T299", "教师299", "教师", "东街1小", ""))
    book.save(target)
    return target


def test_a_roster_of_300_people_is_applied_line_by_line(
    staffed: EmbeddedSystem, chromium: Chromium, tmp_path: Path
) -> None:
    system = staffed
    signed_in(system, chromium, "operator")
    chromium.open(f"{system.address}/rosters")
    choose_file(chromium, roster(tmp_path / "三月.xlsx"))
    chromium.run("document.querySelector('[name=as_of]').value = '2023-03-01'; 0")
    click(chromium, "上传并比对", "#group-title")
    first = page(chromium)
    for words in ("新增 12", "调动 12", "岗位变动 12", "更名 12", "离任 12", "需确认 1", "未出现 12"):
        assert words in first, first[:400]
    rows = "document.querySelectorAll('[name=line]')"
    assert chromium.run(f"[...{rows}].every(each => each.checked)") and chromium.run(f"{rows}.length") == 12
    chromium.run(f"[...{rows}].slice(2).forEach(each => {{ each.checked = false }}); 0")
    click(chromium, "办理勾选的", ".alert-success")
    assert "共已办理 2 人" in page(chromium) and chromium.run(f"{rows}.length") == 10
    click(chromium, "办理本组全部", ".alert-success")
    assert "共已办理 12 人" in page(chromium)
    click(chromium, "需确认 1", "select[name^='choice:']")
    chromium.run("(() => { const s = document.querySelector(\"select[name^='choice:']\"); s.selectedIndex = 1; })(); 0")
    click(chromium, "办理已选择的", ".flash")
    click(chromium, "调动 12", "[name=line]")
    click(chromium, "办理全部不需确认的", ".alert-success")
    click(chromium, "未出现 12", "[name=line]")
    chromium.run(f"{rows}[0].checked = true; 0")
    click(chromium, "办理勾选的", ".alert-success")
    served = {
        unit_id: system.get("participation", f"/api/units/{unit_id}/people")["people"] for unit_id in ("R1", "R2")
    }
    today = {each["person_id"] for people in served.values() for each in people}
    assert "T300" in today and "T311" in today and "T001" in today

    chromium.open(f"{system.address}/rosters")
    click(chromium, "2023-03-01", "#group-title, #undo-title")
    roster_id = re.findall(r"roster=([0-9a-f-]+)", str(chromium.run("location.href")))[0]
    chromium.open(f"{system.address}/rosters/outcomes?roster={roster_id}")
    chromium.run("document.querySelector('#f-reason').value = '月份错了'; 0")
    click(chromium, "撤销整份花名册", ".alert-success, .flash")
    after = system.get("participation", "/api/units/R1/people")["people"]
    assert "T300" not in {each["person_id"] for each in after}
