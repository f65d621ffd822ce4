"""The operator's commands: campaign, status, quarantine, rebuild, verify, publisher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

SERVICES = ("participation", "assessment", "publicity", "notifications")
CAMPAIGN = "/s/participation/api/campaign"


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text("campaign: xue\n名称: 学论述\n", encoding="utf-8")
    return path


def test_a_campaign_goes_up_as_it_is(qihang: Qihang, gateway: FakeGateway, campaign: Path) -> None:
    gateway.on("POST", CAMPAIGN, Answer(201, {"campaign": "xue", "version": 1, "outcome": "launched"}))
    result = qihang("campaign", "launch", campaign)
    assert result.code == 0 and "launched" in result.out
    assert gateway.calls[0].body == campaign.read_bytes()
    assert gateway.calls[0].headers["content-type"] == "application/yaml"


def test_every_problem_of_a_campaign_is_shown_with_its_line(
    qihang: Qihang, gateway: FakeGateway, campaign: Path
) -> None:
    rows = [{"line": 3, "path": "duties.1.due", "message": "不是日期"}, {"line": 9, "path": "pools", "message": "缺少"}]
    gateway.on("POST", CAMPAIGN, problem(422, "invalid_campaign", problems=rows))
    result = qihang("campaign", "launch", campaign)
    assert result.code == 1 and "2 处问题" in result.err
    assert result.out.splitlines() == [f"{campaign}:3: duties.1.due: 不是日期", f"{campaign}:9: pools: 缺少"]


def test_another_campaign_is_refused_in_one_line(qihang: Qihang, gateway: FakeGateway, campaign: Path) -> None:
    gateway.on("POST", CAMPAIGN, problem(409, "already_launched", "已有主题活动"))
    result = qihang("campaign", "launch", campaign)
    assert result.code == 1 and result.err.count("\n") == 1 and "已有主题活动" in result.err


def test_the_campaign_is_closed_today_or_on_a_day(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", f"{CAMPAIGN}/close", {"campaign": "xue", "closed_on": "2023-09-01", "outcome": "closed"})
    assert qihang("campaign", "close", "--on", "2023-09-01").out == "已结束 closed：xue，自 2023-09-01 起不再产生任务\n"
    assert qihang("campaign", "close").code == 0
    assert [call.json for call in gateway.calls] == [{"on": "2023-09-01"}, {"on": ""}]


def test_warnings_are_shown_at_launch_in_the_preview_and_in_the_status(
    qihang: Qihang, gateway: FakeGateway, campaign: Path
) -> None:
    warnings = [{"code": "no_period_ahead", "duty": "forum", "message": "任务“论坛”没有学期"}]
    gateway.on("POST", CAMPAIGN, {"campaign": "xue", "version": 1, "outcome": "amended", "warnings": warnings})
    assert "请留意：任务“论坛”没有学期" in qihang("campaign", "launch", campaign).out
    period = {"period": "2022-11", "start": "2022-11-01", "due": "2022-11-30", "late_limit": "2022-12-10"}
    duty = {"duty": "video", "title": "视频", "every": "month", "periods": [period]}
    gateway.on("POST", f"{CAMPAIGN}/preview", {"title": "学论述", "since": "2022-11-01", "duties": [duty],
                                               "warnings": warnings})  # fmt: skip
    shown = qihang("campaign", "preview", campaign).out
    assert "video 视频 2022-11 2022-11-01 2022-11-30 2022-12-10" in " ".join(shown.split()) and "请留意" in shown
    gateway.on("GET", "/s/participation/api/status", {"live": True, "ready": True})
    gateway.on("GET", f"{CAMPAIGN}/warnings", {"campaign": "xue", "title": "学论述", "warnings": warnings})
    assert "请留意：任务“论坛”没有学期" in qihang("status").out
    assert json.loads(qihang("status", "--json").out)["campaign"]["warnings"] == warnings


def test_the_campaigns_so_far_are_listed(qihang: Qihang, gateway: FakeGateway) -> None:
    ended = {"campaign": "xue", "title": "学论述", "version": 3, "open": False, "starts_on": "2022-11-01",
             "closes_on": "2023-09-01"}  # fmt: skip
    gateway.on("GET", f"{CAMPAIGN}s", {"campaigns": [ended]})
    assert "xue 学论述 3 已结束 2022-11-01 2023-09-01" in " ".join(qihang("campaign", "list").out.split())


def test_a_test_message_that_was_not_sent_is_a_failure(qihang: Qihang, gateway: FakeGateway) -> None:
    outcome = {"channel": "email", "to": "smtps://mail.example.cn:465", "result": "succeeded", "code": "", "detail": ""}
    gateway.on("POST", "/s/notifications/api/test-messages", {"outcomes": [outcome]})
    result = qihang("notify", "test", "me@edu.example.cn")
    assert (result.code, result.out) == (0, "邮件 smtps://mail.example.cn:465：对方已接收\n")
    assert gateway.calls[0].json == {
        "email": "me@edu.example.cn", "robot": "", "dingtalk": "", "dingtalk_secret": "",
    }  # fmt: skip
    failed = {**outcome, "result": "later", "code": "auth", "detail": "535"}
    gateway.on("POST", "/s/notifications/api/test-messages", {"outcomes": [failed]})
    result = qihang("notify", "test", "me@edu.example.cn")
    assert result.code == 1 and "没有发出，可稍后再试（auth 535）" in result.out
    assert qihang("notify", "test").code == 2


def test_a_person_s_decisions_about_letters_bear_a_reason(qihang: Qihang, gateway: FakeGateway) -> None:
    state = {"recipient": "clerk-X1", "day": "2022-12-01", "phase": "waiting"}
    held = {"holds": [{"recipient": "clerk-X1", "reason": "交接", "since": "2022-12-01T00:30:00.000000Z"}]}
    gateway.on("POST", "/s/notifications/api/deliveries/clerk-X1/resend", state)
    gateway.on("POST", "/s/notifications/api/deliveries/clerk-X1/cancel", {**state, "phase": "ended"})
    gateway.on("POST", "/s/notifications/api/holds/clerk-X1", held)
    gateway.on("POST", "/s/notifications/api/holds/clerk-X1/release", {"holds": []})
    gateway.on("GET", "/s/notifications/api/holds", held)
    assert "待发送" in qihang("notify", "resend", "clerk-X1", "--reason", "邮箱已更正", "--repeat").out
    assert gateway.calls[-1].json == {"reason": "邮箱已更正", "repeat": True}
    assert "不再发送" in qihang("notify", "cancel", "clerk-X1", "--reason", "已电话告知").out
    assert "交接" in qihang("notify", "hold", "clerk-X1", "--reason", "交接").out
    assert "交接" not in qihang("notify", "hold", "clerk-X1", "--reason", "完成", "--release").out
    assert "clerk-X1" in qihang("notify", "hold").out
    assert qihang("notify", "hold", "clerk-X1").code == 2


def test_status_names_an_open_channel_and_what_was_given_up(qihang: Qihang, gateway: FakeGateway) -> None:
    channels = {"email": {"state": "open", "to": "smtps://mail.example.cn:465"}}
    answer = {"live": True, "ready": True, "channels": channels, "reminders_given_up": 3, "reminders_unknown": 1}
    gateway.on("GET", "/s/notifications/api/status", answer)
    shown = qihang("status").out
    assert "暂停" in shown and "3 份提醒未能送达" in shown and "1 份提醒不能确定是否送达" in shown


def entry(number: int, **more: Any) -> dict[str, Any]:
    usual = {
        "origin": "inbox",
        "type": "t",
        "code": "boom",
        "detail": "原因",
        "attempts": 2,
        "state": "open",
        "at": "now",
    }
    return {"id": number, **usual, **more}


@pytest.fixture
def quarantine(gateway: FakeGateway) -> FakeGateway:
    """Entry 7 in participation and in assessment, entry 8 in assessment alone."""
    held = {"participation": [entry(7, origin="intake")], "assessment": [entry(7), entry(8)]}
    for service in SERVICES:
        entries = held.get(service, [])
        prefix = f"/s/{service}/api/quarantine"
        gateway.on(
            "GET", prefix, lambda call, e=entries: {"entries": [x for x in e if call.query.get("state") == x["state"]]}
        )
        for item in entries:
            gateway.on("GET", f"{prefix}/{item['id']}", {**item, "body": '{"a": 1}', "trace": "Trace line"})
        gateway.on("POST", f"{prefix}/retry", {"retried": len(entries), "still": 0})
        gateway.on("POST", f"{prefix}/\\d+/discard", {"discarded": 1})
    return gateway


def test_quarantine_is_listed_across_services(qihang: Qihang, quarantine: FakeGateway) -> None:
    entries = json.loads(qihang("quarantine", "list", "--json").out)
    assert [item["id"] for item in entries] == ["participation/7", "assessment/7", "assessment/8"]
    shown = qihang("quarantine", "list")
    assert "异常件 3" in shown.out and "assessment/8" in shown.out


def test_an_entry_is_shown_whole_by_either_form_of_its_id(qihang: Qihang, quarantine: FakeGateway) -> None:
    for words in ("assessment/8", "8"):
        result = qihang("quarantine", "show", words)
        assert result.code == 0 and '{"a": 1}' in result.out and "Trace line" in result.out
    result = qihang("quarantine", "show", "7")
    assert result.code == 1 and "不止一个服务" in result.err
    assert qihang("quarantine", "show", "99").code == 1
    assert qihang("quarantine", "show", "payroll/1").code == 2


def test_retry_goes_to_the_services_that_hold_the_entries(qihang: Qihang, quarantine: FakeGateway) -> None:
    result = qihang("quarantine", "retry", "assessment/7", "assessment/8", "participation/7")
    assert result.code == 0 and "retried 3" in result.out
    (call,) = quarantine.called("POST", "/s/assessment/api/quarantine/retry")
    assert call.json == {"ids": [7, 8]}


@pytest.mark.parametrize(
    ("words", "body"), [(["--all"], {"all": True}), (["--reason", "no_handler"], {"code": "no_handler"})]
)
def test_retry_of_all_or_of_a_reason_asks_every_service(
    qihang: Qihang, quarantine: FakeGateway, words: list[str], body: dict[str, Any]
) -> None:
    assert qihang("quarantine", "retry", *words).code == 0
    assert [call.json for call in quarantine.called("POST", ".*/retry")] == [body] * len(SERVICES)


def test_retry_wants_one_of_its_three_ways(qihang: Qihang) -> None:
    assert qihang("quarantine", "retry").code == 2
    assert qihang("quarantine", "retry", "1", "--all").code == 2


def test_discard_gives_its_reason_and_wants_one(qihang: Qihang, quarantine: FakeGateway) -> None:
    assert qihang("quarantine", "discard", "assessment/8", "--reason", "重复").code == 0
    assert quarantine.calls[-1].json == {"reason": "重复"}
    assert qihang("quarantine", "discard", "assessment/8").code == 2
    assert qihang("quarantine", "discard", "assessment/8", "--reason", " ").code == 2


def test_edit_sends_the_corrected_body_and_shows_the_receipts(
    qihang: Qihang, quarantine: FakeGateway, tmp_path: Path
) -> None:
    (tmp_path / "body.json").write_text('{"更正": 1}', encoding="utf-8")
    data = {"source": "hr", "id": "e1", "outcome": "accepted"}
    answer = {"outcome": "accepted", "receipts": [{"type": "qihang.receipt.v1", "data": data}]}
    quarantine.on("POST", "/s/participation/api/quarantine/7/edit", answer)
    result = qihang("quarantine", "edit", "participation/7", "--body", tmp_path / "body.json")
    assert result.code == 0 and "hr e1 accepted" in result.out
    assert quarantine.calls[-1].json == {"body": '{"更正": 1}'}


def test_rebuild_follows_to_its_end_and_prints_the_rate(qihang: Qihang, gateway: FakeGateway) -> None:
    running = iter([{"state": "running", "events": 10, "total": 100}])
    done = {"state": "done", "events": 100, "total": 100, "seconds": "0.500"}
    gateway.on("POST", "/s/assessment/api/rebuild", Answer(202, {"state": "running"}))
    gateway.on("GET", "/s/assessment/api/rebuild", lambda call: next(running, done))
    result = qihang("rebuild", "assessment")
    assert result.code == 0 and "200 events per second" in result.out
    assert qihang("rebuild", "console").code == 2


@pytest.mark.parametrize("state", [{"state": "failed", "detail": "位置不等"}, {"state": "idle"}])
def test_a_rebuild_that_did_not_swap_fails(qihang: Qihang, gateway: FakeGateway, state: dict[str, Any]) -> None:
    gateway.on("POST", "/s/assessment/api/rebuild", problem(409, "already_running"))
    gateway.on("GET", "/s/assessment/api/rebuild", state)
    assert qihang("rebuild", "assessment").code == 1


def test_verify_walks_every_log_to_its_head(qihang: Qihang, chain: dict[str, Any]) -> None:
    result = qihang("verify")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [f"{service}/0 intact 完好，12 件，head h12" for service in SERVICES]


def test_verify_compares_every_inbox_with_its_source(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any]
) -> None:
    received = {"position": 7, "detail": "inbox_events has no row of e7"}

    def part(call: Call) -> dict[str, Any]:
        last = min(int(call.query["after"]) + 5, 12)
        is_broken = received["position"] == 7 and last >= 7
        return {"source": "participation", "partition": 0, "checked": 5, "position": last, "head": 12,
                "broken": 7 if is_broken else None, "detail": received["detail"] if is_broken else ""}  # fmt: skip

    gateway.on("GET", "/s/assessment/api/status", {"cursors": [{"source": "participation", "partition": 0}]})
    gateway.on("GET", "/s/assessment/api/verify/inbox", part)
    result = qihang("verify", "assessment")
    assert result.code == 1 and "assessment ← participation/0" in result.err
    assert "assessment ← participation/0 broken 在位置 7：inbox_events has no row of e7" in result.out
    received["position"] = 0
    result = qihang("verify", "assessment")
    assert result.code == 0 and "assessment ← participation/0 一致，15 件" in result.out


def test_verify_compares_rows_only_when_asked(qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any]) -> None:
    done = {"state": "done", "events": 12, "total": 12, "seconds": "0.5", "detail": "", "tables": 3, "rows": 40,
            "different": 0, "differences": []}  # fmt: skip
    running = iter([done | {"state": "running", "rows": 7}])
    gateway.on("POST", "/s/assessment/api/verify/rows", Answer(202, done | {"state": "running", "rows": 0}))
    gateway.on("GET", "/s/assessment/api/verify/rows", lambda _: next(running, done))
    assert "数据" not in qihang("verify", "assessment").out
    result = qihang("verify", "assessment", "--rows")
    assert (result.code, result.out.splitlines()[1]) == (0, "assessment 数据 一致，3 张表 40 行，12 件事件")


def test_verify_names_rows_that_a_rebuild_makes_otherwise(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any]
) -> None:
    row = {"table": "records", "key": "R1, 2", "column": "", "kept": "", "rebuilt": ""}
    differences = [row | {"kind": "changed", "column": "score", "kept": "9", "rebuilt": "1"}, row | {"kind": "missing"},
                   row | {"kind": "extra"}]  # fmt: skip
    done = {"state": "done", "different": 70, "differences": differences, "events": 1, "rows": 1, "tables": 1}
    gateway.on("POST", "/s/assessment/api/verify/rows", done)
    result = qihang("verify", "assessment", "--rows")
    assert result.code == 1 and "assessment 数据" in result.err
    assert result.out.splitlines()[1:] == [
        "assessment 数据 broken 有 70 行与重建的不同",
        "  records（R1, 2） score：现为“9”，应为“1”",
        "  records（R1, 2） 缺少",
        "  records（R1, 2） 多出",
    ]


@pytest.mark.parametrize("state", [{"state": "failed", "detail": "a rebuild runs"}, {"state": "idle"}])
def test_rows_that_were_not_compared_are_not_called_equal(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any], state: dict[str, Any]
) -> None:
    gateway.on("POST", "/s/assessment/api/verify/rows", Answer(202, {"state": "running"}))
    gateway.on("GET", "/s/assessment/api/verify/rows", state)
    result = qihang("verify", "assessment", "--rows")
    assert result.code == 4 and "assessment 数据 无法核对" in result.out


def test_verify_names_the_first_broken_position(qihang: Qihang, chain: dict[str, Any]) -> None:
    chain["broken"] = 8
    result = qihang("verify", "assessment")
    assert result.code == 1 and "assessment/0" in result.err
    assert "broken 在位置 8 断开" in result.out
