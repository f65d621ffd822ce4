"""Statements of learning platforms by what became of them, and the outside systems that read."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from console.statement_words import activity_type, place, public_type, verb
from tests.console.conftest import csrf
from tests.console.test_campaign import text_of
from tests.console.test_publishers import OA
from tests.support.fake_gateway import FakeGateway, problem

AT, LATER = "2022-11-30T16:05:00.000000Z", "2022-12-30T16:05:00.000000Z"
MOODLE = "https://moodle.example.cn"
VIEWED = "http://id.tincanapi.com/verb/viewed"
COURSE = "http://id.tincanapi.com/activitytype/lms/course"
GROUP = {"publisher": "moodle", "verb": VIEWED, "activity_type": COURSE, "account": MOODLE,
         "code": "no_person", "reason": "学员账号对应不上人员", "count": 40, "first_at": AT, "last_at": LATER,
         "example": {"statement_id": "6690e6c9-3ef0-4ed3-8b37-7f3964730001", "at": LATER, "account_form": "a00000",
                     "activity": f"{MOODLE}/course/view.php?id=12", "activity_name": "师德研修"}}  # fmt: skip
KIND = {"publisher": "moodle", "verb": "http://adlnet.gov/expapi/verbs/completed", "activity_type": COURSE,
        "state": "recorded", "code": "", "count": 12, "voided": 2, "first_at": AT, "last_at": LATER}  # fmt: skip
REFUSED = {**KIND, "state": "refused", "code": "not_your_unit", "count": 1, "voided": 0}
SUBSCRIPTION: dict[str, Any] = {
    "name": "screen", "types": ["qihang.public.record.*", "qihang.public.unit.closed.v1"], "units": ["all"],
    "personal": False, "token_expires_at": "2099-11-30T16:05:00.000000Z",
}  # fmt: skip


@pytest.fixture
def platform(services: FakeGateway) -> FakeGateway:
    services.on("GET", "/api/xapi/unmapped", {"groups": [GROUP, {**GROUP, "code": "no_statement", "example": None}],
                                              "others": [], "kinds": [KIND, REFUSED]})  # fmt: skip
    return services


def test_statements_stand_by_verb_activity_and_account_without_a_name(
    operator: FlaskClient, platform: FakeGateway
) -> None:
    page = text_of(operator.get("/publishers/statements?name=moodle").text)
    assert platform.called("GET", "/api/xapi/unmapped")[-1].query["publisher"] == "moodle"
    assert (
        f"查看 {VIEWED} 课程 {COURSE} https://moodle.example.cn a00000 学员账号对应不上人员 40 2022-12-01 00:05" in page
    )
    assert "师德研修 https://moodle.example.cn/course/view.php?id=12" in page and "已不保留" in page
    assert f"完成 {KIND['verb']} 课程 {COURSE} 已成为填报记录 12 2" in page
    assert "未接收 不是登记的单位 not_your_unit 1 0" in page
    assert "没有成为填报记录 80" in page and "请用 qihang xapi actors 登记账号" in page


def test_what_became_no_record_is_mapped_again_some_at_once(operator: FlaskClient, platform: FakeGateway) -> None:
    done = {"looked_at": 5000, "recorded": 40, "waiting": 1, "refused": 2, "unmapped": 4957, "next": 5012}
    platform.on("POST", "/api/xapi/replay", lambda call: done)
    form = {"csrf": csrf(operator, "/publishers/statements?name=moodle"), "name": "moodle", "after": ""}
    answer = operator.post("/publishers/statements/replay", data=form)
    assert answer.status_code == 303 and answer.location.endswith("name=moodle&after=5012")
    assert platform.called("POST", "/api/xapi/replay")[-1].json == {"publisher": "moodle", "after": 0}
    page = operator.get(answer.location).text
    assert "看了 5000 条：40 条成为填报记录" in page and "继续重新对应" in page
    operator.post("/publishers/statements/replay", data={**form, "after": "5012"})
    assert platform.called("POST", "/api/xapi/replay")[-1].json == {"publisher": "moodle", "after": 5012}


def test_of_a_platform_that_sent_nothing_the_page_says_how(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/xapi/unmapped", {"groups": [], "others": [], "kinds": []})
    page = operator.get("/publishers/statements?name=moodle").text
    assert "还没有收到学习记录" in page and "/s/participation/xapi" in page and "重新对应</button>" not in page
    services.on("GET", "/api/xapi/unmapped", problem(502, "service_away"))
    assert "填报服务暂时没有答复" in operator.get("/publishers/statements?name=moodle").text


def test_who_reads_stands_beside_who_reports(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/publishers", {"publishers": [OA]})
    services.on("GET", "/api/subscriptions", {"subscriptions": [SUBSCRIPTION]})
    page = text_of(operator.get("/publishers").text)
    assert "screen 填报记录（全部事项）、单位撤销 全部 假名 对方自己来读 2099-12-01 到期" in page
    shown = text_of(operator.get("/publishers/subscription?name=screen").text)
    assert "填报记录（全部事项） qihang.public.record.*" in shown and "对方自己来读" in shown
    assert operator.get("/publishers/subscription?name=none").status_code == 404
    read = {"position": "9.a", "behind": 3, "behind_since": AT, "given": 7, "last_at": AT, "failing_since": AT,
            "code": "same_place"}  # fmt: skip
    services.on("GET", "/api/subscriptions", {"subscriptions": [{**SUBSCRIPTION, "read": read}]})
    assert "最近来读 2" in text_of(operator.get("/publishers").text)
    shown = text_of(operator.get("/publishers/subscription?name=screen").text)
    assert "还没有读的日志 3 其中最早的 2" in shown and "来读受阻 总从同一个位置来读，没有记住读到了哪里" in shown
    services.on("GET", "/api/subscriptions", {"subscriptions": [{**SUBSCRIPTION, "read": {**read, "last_at": ""}}]})
    assert "最近来读 还没有来读过" in text_of(operator.get("/publishers/subscription?name=screen").text)
    sent = {"way": "webhook", "state": "stopped", "attempts": 7, "last_at": AT, "code": "status", "detail": "503"}
    services.on("GET", "/api/subscriptions", {"subscriptions": [{**SUBSCRIPTION, "delivery": sent}]})
    assert "怎样送去 推送（webhook） 现在 因故障停止" in text_of(
        operator.get("/publishers/subscription?name=screen").text
    )
    services.on("GET", "/api/subscriptions", {"subscriptions": []})
    assert "还没有读取数据的系统" in operator.get("/publishers").text


def test_what_is_sent_to_a_system_is_paused_resumed_and_tried_again(
    operator: FlaskClient, services: FakeGateway
) -> None:
    delivery = {"way": "webhook", "state": "stopped", "attempts": 7, "behind": 12, "address": "https://w.example.cn",
                "code": "timeout", "detail": "", "last_at": AT}  # fmt: skip
    services.on("GET", "/api/subscriptions", {"subscriptions": [{**SUBSCRIPTION, "delivery": delivery}]})
    given_up = {"entry": 5, "event_id": "e-5", "type": "qihang.public.unit.closed.v1", "attempts": 9, "code": "tls",
                "detail": "", "at": AT, "state": "open"}  # fmt: skip
    services.on("GET", "/api/subscriptions/screen/failures", {"failures": [given_up]})
    for deed in ("pause", "resume", "retry", "skip"):
        services.on("POST", f"/api/subscriptions/screen/{deed}", lambda call: {"count": 1})
    address = "/publishers/subscription?name=screen"
    page = text_of(operator.get(address).text)
    assert (
        "还没有看的日志 12" in page
        and "最近的失败 对方没有按时应答" in page
        and "继续送" in page
        and "暂停 " not in page
    )
    assert "单位撤销 e-5 证书不对 9" in page and "再试一次" in page
    form = {"csrf": csrf(operator, address), "name": "screen"}
    for deed, entry, body in (("resume", "", {}), ("pause", "", {}), ("retry", "5", {"entries": [5]}),
                              ("retry", "", {"entries": []}), ("skip", "5", {"entries": [5]})):  # fmt: skip
        assert operator.post(f"/publishers/subscription/{deed}", data={**form, "entry": entry}).status_code == 303
        assert services.called("POST", f"/api/subscriptions/screen/{deed}")[-1].json == body
    services.on("POST", "/api/subscriptions/screen/resume", problem(404, "no_delivery", "没有推送"))
    refused = operator.post("/publishers/subscription/resume", data=form)
    assert refused.status_code == 422 and "没有推送" in refused.text


def test_words_of_statements() -> None:
    assert verb("http://adlnet.gov/expapi/verbs/passed") == "通过"
    assert verb("http://v.example/strange") == "strange" and verb("") == "其他（种类太多，合在一起）"
    assert activity_type("http://adlnet.gov/expapi/activities/cmi.interaction") == "题目"
    assert (place("mbox"), place(""), place("https://x.example")) == ("邮箱", "没有账号（小组）", "https://x.example")
    assert public_type("qihang.public.*") == "全部事项" and public_type("other.v1") == "other.v1"
