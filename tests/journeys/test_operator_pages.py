"""The operator's pages in a real browser: an outside system is registered and reports, what waits and what stands aside
is dealt with, a contact is kept, a service verified; and who did it stands in the books."""

from __future__ import annotations

import json

from tests.journeys.console_system import ConsoleSystem, sign_in
from tests.journeys.test_accessible import chromium as chromium
from tests.journeys.test_accessible import here
from tests.support.chromium import Chromium
from tests.support.processes import wait_until
from tests.support.stores import execute

EVENT = "application/cloudevents+json"


class Operator:
    """At a browser, signed in."""

    def __init__(self, chromium: Chromium, system: ConsoleSystem) -> None:
        self.chromium, self.system = chromium, system
        sign_in(system, chromium, "operator")

    def open(self, path: str) -> str:
        self.chromium.open(f"{self.system.address}{path}")
        return self.text

    @property
    def text(self) -> str:
        return str(self.chromium.run("document.querySelector('main').innerText"))

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            selector = f"main form [name={json.dumps(name.replace('__', '-'))}]:not([type=hidden])"
            self.chromium.run(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")

    def send(self, action: str, shows: str, form: str = "") -> str:
        """The form with this action, as its button sends it."""
        selector = f"main form[action='{action}']{form}"
        self.chromium.run(f"document.querySelector({json.dumps(selector)}).requestSubmit()")
        self.chromium.wait_for_page(shows)
        return self.text


def report(system: ConsoleSystem, token: str, report_id: str, unit_id: str) -> str:
    data = {"record_id": report_id, "record": "study_session", "unit_id": unit_id, "occurred_at": "2022-11-08"}
    event = {"specversion": "1.0", "id": report_id, "source": "/attend/1", "type": "qihang.record.reported.v1",
             "data": data}  # fmt: skip
    status, answer = system.ask("POST", "participation", "/api/intake", event, token=token, Content_Type=EVENT)
    assert status == 200, answer
    return str(answer["receipts"][0]["data"]["outcome"])


def test_a_month_of_the_operator_s_work_needs_no_command(console_system: ConsoleSystem, chromium: Chromium) -> None:
    system, operator = console_system, Operator(chromium, console_system)
    operator.open("/publishers/new")
    operator.fill(name="attendance", type__record="new", sources="/attend/*")
    assert "请选择运维令牌文件" in operator.send("/publishers/new", ".alert-danger")
    operator.fill(token=system.token)
    shown = operator.send("/publishers/new", ".secrets")
    token = str(chromium.run("document.querySelector('.secret-text').innerText")).strip()
    assert "只显示这一次" in shown and here(chromium) == []
    assert [report(system, token, "AT-1", "X010"), report(system, token, "AT-2", "X-not-yet")] == [
        "accepted", "waiting"]  # fmt: skip
    assert "单位 X-not-yet" in operator.open("/waiting") and here(chromium) == []
    listed = operator.open("/publishers/publisher?name=attendance")
    assert "已接收" in listed and "待关联" in listed and here(chromium) == []
    stand_aside(system)
    stand_aside(system)
    assert "异常件" in operator.open("/status")
    assert chromium.run("document.querySelector('main a[href=\"/quarantine\"]').innerText") == "2"
    assert "不是 JSON" in operator.open("/quarantine")
    retry_and_correct(operator)
    address = str(chromium.run("document.querySelector('main table th a').href"))
    operator.open(address.removeprefix(system.address))
    chromium.run("document.querySelector('#list-title ~ .scroll th a').click()")
    chromium.wait_for_page("#f-body")
    assert "正文可能含有个人信息" in operator.text and here(chromium) == []
    operator.fill(reason="测试报文")
    assert "已放弃" in operator.send("/quarantine/discard", ".flash")


def retry_and_correct(operator: Operator) -> None:
    """A group, everything, one; what cannot be read stays, and one is corrected."""
    chromium, system = operator.chromium, operator.system
    for which in ("tbody form", "form:has([name=all])"):
        chromium.run(f"document.querySelector('main {which} button').click()")
        chromium.wait_for_page(".flash")
        assert "仍是异常件 2 件" in operator.text
        operator.open("/quarantine")
    operator.open(str(chromium.run("document.querySelector('main table th a').href")).removeprefix(system.address))
    chromium.run("document.querySelector('#list-title ~ .scroll th a').click()")
    chromium.wait_for_page("#f-body")
    operator.send("/quarantine/retry", ".flash")
    operator.open(str(chromium.run("location.href")).removeprefix(system.address))  # without what was said
    data = {"record_id": "AT-9", "record": "study_session", "unit_id": "X010", "occurred_at": "2022-11-09"}
    event = {"specversion": "1.0", "id": "AT-9", "source": "/attend/1", "type": "qihang.record.reported.v1",
             "data": data}  # fmt: skip
    operator.fill(body=json.dumps(event))
    assert "已更正并接收" in operator.send("/quarantine/edit", ".flash")


def stand_aside(system: ConsoleSystem) -> None:
    """What a broker would have brought, at a system that has none."""
    execute(
        system,
        "participation",
        """INSERT INTO quarantine (origin, state, source, partition, position, type, stream,
        code, detail, trace, attempts, publisher, at, body, digest) VALUES ('intake', 'open', 'attend', 0, 0, '', '',
        'bad_json', 'body: no JSON', '', 1, 'attendance', '2022-12-01T01:00:00.000000Z', X'7B', 'd')""",
    )


def test_contacts_verification_and_the_books(console_system: ConsoleSystem, chromium: Chromium) -> None:
    operator = Operator(chromium, console_system)
    operator.open("/contacts/contact")
    operator.fill(of="X011", email="no address")
    chromium.run("document.querySelector('#f-email').type = 'text'")
    assert "不是电子邮箱地址" in operator.send("/contacts/contact", ".alert-danger")
    operator.fill(email="clerk@x011.example.cn")
    chromium.run("document.querySelector('#f-of').value = 'X011'")
    assert "联系方式已登记" in operator.send("/contacts/contact", ".flash") and here(chromium) == []
    operator.open("/maintenance")
    operator.send("/maintenance", ".flash")
    wait_until(lambda: operator.open("/maintenance").count("完好") == 4, 60, "all four services are verified")
    assert here(chromium) == []
    acts = operator.open("/audit?service=notifications")
    assert "联系方式登记" in acts or "clerk-X011" in acts
    assert "查看或导出个人信息" in operator.open("/security-log?account=operator")
