"""`qihang accounts`: one-time passwords go to slips or are shown once; `qihang security-log` reads what happened."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, FakeGateway

ACCOUNTS = "/s/console/api/accounts"
UNTIL = 1_700_000_000.0


def issued(person_id: str, code: str = "abcd-efgh-jkmn") -> dict[str, object]:
    return {"account_id": person_id, "sign_in_name": person_id.lower(), "code": code, "expires_at": UNTIL}


def test_the_people_of_a_unit_get_slips_that_only_their_owner_can_read(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    people = [{"person_id": "P1", "name": "许悦"}, {"person_id": "P2", "name": "<b>"}]
    gateway.on("GET", "/s/participation/api/people", {"unit_id": "X1", "unit_name": "一小", "people": people})
    gateway.on("POST", ACCOUNTS, {"accounts": [issued("P2")]})
    result = qihang("accounts", "create", "--unit", "X1", "--slips", tmp_path / "slips.html", "--address", "http://q")
    assert result.code == 0 and "开通 1 个账号" in result.out and "1 人已有账号" in result.err
    assert "abcd" not in result.out
    assert gateway.calls[-1].json == {"person_ids": ["P1", "P2"]}
    assert gateway.called("GET", ".*/people")[0].query == {"unit_id": "X1"}
    page = (tmp_path / "slips.html").read_text(encoding="utf-8")
    assert "abcd-efgh-jkmn" in page and "&lt;b&gt;" in page and "一小" in page and "许悦" not in page
    assert "2023 年 11 月 15 日" in page and "http://q" in page
    assert (tmp_path / "slips.html").stat().st_mode & 0o777 == 0o600


def test_slips_of_persons_named_by_id_bear_their_names(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.on("POST", "/s/participation/api/names", {"units": {}, "people": {"P1": "许悦"}})
    gateway.on("POST", ACCOUNTS, {"accounts": [issued("P1"), issued("P9")]})
    assert qihang("accounts", "create", "P1", "P9", "--slips", tmp_path / "slips.html").code == 0
    assert gateway.called("POST", ".*/names")[0].json == {"people": ["P1", "P9"]}
    page = (tmp_path / "slips.html").read_text(encoding="utf-8")
    assert "<h2>许悦</h2>" in page and "<h2>p9</h2>" in page


def test_slips_never_replace_a_file_and_nothing_is_created_without_them(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    (tmp_path / "slips.html").write_text("mine")
    assert qihang("accounts", "create", "P1", "--slips", tmp_path / "slips.html").code == 1
    assert qihang("accounts", "create", "--all").code == 2
    assert qihang("accounts", "create").code == 2
    assert qihang("accounts", "create", "P1", "--unit", "X1").code == 2
    assert not gateway.calls and (tmp_path / "slips.html").read_text() == "mine"


def test_all_units_are_gone_through(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.on("GET", "/s/participation/api/units", {"units": [{"unit_id": "X1"}, {"unit_id": "X2"}]})
    gateway.on("GET", "/s/participation/api/people", lambda call: {
        "unit_id": "", "unit_name": "", "people": [{"person_id": f"P-{call.query['unit_id']}", "name": "许"}]
    })  # fmt: skip
    gateway.on("POST", ACCOUNTS, lambda call: {"accounts": [issued(each) for each in call.json["person_ids"]]})
    assert "开通 2 个账号" in qihang("accounts", "create", "--all", "--slips", tmp_path / "s.html").out
    assert (tmp_path / "s.html").read_text(encoding="utf-8").count("<section>") == 2


def test_one_account_is_shown_reset_disabled_enabled_renamed_removed_listed(
    qihang: Qihang, gateway: FakeGateway
) -> None:
    gateway.on("POST", ACCOUNTS, {"accounts": [issued("P1")]})
    assert "p1  abcd-efgh-jkmn" in qihang("accounts", "create", "P1").out
    gateway.on("POST", f"{ACCOUNTS}/P1/reset", issued("P1", "code-code-code"))
    assert "code-code-code" in qihang("accounts", "reset", "P1").out
    gateway.on("POST", f"{ACCOUNTS}/P1/(disable|enable|name|second-step/reset)", lambda *_: Answer(204, b""))
    assert qihang("accounts", "disable", "P1").out == "已停用 P1\n"
    assert qihang("accounts", "enable", "P1").out == "已启用 P1\n"
    assert qihang("accounts", "rename", "P1", "Xuy").out == "P1 的登录账号是 xuy\n"
    assert gateway.calls[-1].json == {"sign_in_name": "Xuy"}
    assert qihang("accounts", "reset-second-step", "P1").out == "已停用 P1 的两步验证\n"
    gateway.on("DELETE", f"{ACCOUNTS}/P1", Answer(204, b""))
    assert qihang("accounts", "remove", "P1").out == "已注销 P1\n"
    shown = {"account_id": "P1", "sign_in_name": "xuy", "state": "must_change", "created_at": 0, "changed_at": UNTIL,
             "second_step": True}  # fmt: skip
    gateway.on("GET", ACCOUNTS, {"accounts": [shown]})
    assert "P1 xuy 待首次登录 已启用 2023-11-15" in " ".join(qihang("accounts", "list").out.split())


def test_the_security_log_is_read_by_day_account_and_event(qihang: Qihang, gateway: FakeGateway) -> None:
    entry = {"at": UNTIL, "event": "signin_failed", "actor": "unknown", "account_id": "P1", "address": "192.0.2.1",
             "device": "Edge · Windows", "detail": {"reason": "wrong"}}  # fmt: skip
    gateway.on("GET", "/s/console/api/security-log", {"entries": [entry]})
    for service in ("participation", "assessment", "publicity", "notifications"):
        gateway.on("GET", f"/s/{service}/api/security-events", {"entries": []})
    result = qihang("security-log", "--since", "2023-11-01", "--account", "P1", "--event", "signin_failed")
    assert "2023-11-15 06:13:20 登录失败 P1 unknown 192.0.2.1 Edge · Windows reason=wrong" in " ".join(
        result.out.split()
    )
    asked = {"since": "1698768000.0", "account": "P1", "event": "signin_failed", "limit": "100"}
    assert gateway.calls[0].query == asked
    assert qihang("security-log", "--since", "yesterday").code == 2


def test_the_security_log_has_what_the_services_wrote_and_names_who_does_not_answer(
    qihang: Qihang, gateway: FakeGateway
) -> None:
    signed_in = {"at": UNTIL, "event": "signin", "actor": "P1", "account_id": "P1", "address": "", "device": "",
                 "detail": {}}  # fmt: skip
    added = {"at": "2023-11-14T23:00:00.000000Z", "event": "publisher_registered", "actor": "operator:operator",
             "place": "0/7", "detail": {"name": "oa"}}  # fmt: skip
    post = added | {"event": "post_assigned", "actor": "campaign_office:P9@B1", "detail": {"post": "head"}}
    gateway.on("GET", "/s/console/api/security-log", {"entries": [signed_in]})
    gateway.on("GET", "/s/participation/api/security-events", {"entries": [added, post]})
    for service in ("assessment", "publicity"):
        gateway.on("GET", f"/s/{service}/api/security-events", {"entries": []})
    result = qihang("security-log")
    shown = " ".join(result.out.split())
    assert "接入系统登记 operator:operator participation/0/7 name=oa" in shown
    assert shown.index("接入系统登记") < shown.index("2023-11-15 06:13:20 登录"), "the newest first"
    assert result.code == 1 and "notifications" in result.err and "assessment" not in result.err
    of_one = qihang("security-log", "--account", "P9", "--event", "post_assigned").out
    assert "岗位职务" in of_one and "接入系统登记" not in of_one
