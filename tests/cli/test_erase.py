"""`qihang erase`: says what was erased where, and fails while a service has not done its part."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import FakeGateway, problem

ERASED = {
    "positions": ["participation/0/9"],
    "erased": {"pending_reports": 1, "quarantine": 2, "import_rows": 3, "statements": 4},
    "scrubbed": True,
}


NO_MENTIONS: dict[str, object] = {"mentions": [], "more": False, "quarantine": []}


@pytest.fixture(autouse=True)
def _nothing_named(gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/names", {"units": {}, "people": {"P1": "许悦"}})
    gateway.on("POST", "/s/[a-z]+/api/mentions", NO_MENTIONS)


def account(account_id: str) -> dict[str, str]:
    return {"account_id": account_id, "sign_in_name": account_id.lower()}


def test_every_service_is_waited_for_and_named(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/people/P1/erase", ERASED)
    gateway.on("GET", "/s/[a-z]+/api/status", {"ready": True})
    gateway.on("GET", "/s/console/api/accounts", {"accounts": [account("P1"), account("P2"), account("operator")]})
    gateway.on("DELETE", "/s/console/api/accounts/P1", {})
    result = qihang("erase", "P1", "--yes")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == [
        *("participation", "assessment", "publicity", "notifications", "console")
    ]
    assert [call.path for call in gateway.calls if call.method == "DELETE"] == ["/s/console/api/accounts/P1"]
    assert "待关联的报送 1、异常件 2、导入中的数据行 3、学习平台的学习记录 4" in result.out
    waited = [call for call in gateway.calls if call.path.endswith("/api/status")]
    assert len(waited) == 3
    assert {call.headers["x-qihang-after"] for call in waited} == {"participation/0/9"}


def test_a_service_that_has_not_erased_yet_is_named(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/people/P1/erase", ERASED)
    gateway.on("GET", "/s/(assessment|publicity)/api/status", {"ready": True})
    gateway.on("GET", "/s/notifications/api/status", problem(500, "failed", "故障"))
    gateway.on("GET", "/s/console/api/accounts", {"accounts": []})
    result = qihang("erase", "P1")
    assert "console" not in result.err
    assert result.code == 1 and "notifications" in result.err and "assessment" not in result.err


def test_an_account_that_is_still_there_is_named(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/people/P1/erase", ERASED)
    gateway.on("GET", "/s/[a-z]+/api/status", {"ready": True})
    gateway.on("GET", "/s/console/api/accounts", {"accounts": [account("P1")]})
    gateway.on("DELETE", "/s/console/api/accounts/P1", problem(500, "failed", "故障"))
    result = qihang("erase", "P1", "--yes")
    assert result.code == 1 and "console" in result.err and "notifications" not in result.err


def test_texts_on_units_in_which_the_name_stands_are_listed_for_somebody_to_correct(
    qihang: Qihang, gateway: FakeGateway
) -> None:
    mention = {"stream": "finding-D1", "field": "description", "label": "督查问题", "recorded_at": "2022-12-01T"}
    gateway.on("POST", "/s/participation/api/people/P1/erase", ERASED)
    gateway.on("POST", "/s/participation/api/mentions", {"mentions": [mention], "more": True, "quarantine": [7]})
    gateway.on("GET", "/s/[a-z]+/api/status", {"ready": True})
    gateway.on("GET", "/s/console/api/accounts", {"accounts": []})
    out = qihang("erase", "P1", "--yes").out
    assert "finding-D1 description（督查问题，2022-12-01）" in out and "异常件 7" in out and "更多" in out
    asked = [call.json for call in gateway.calls if call.path.endswith("/api/mentions")]
    assert asked == [{"name": "许悦"}] * 2, "asked before the key was gone"


def test_bytes_that_a_reader_held_back_are_named(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/people/P1/erase", ERASED | {"scrubbed": False})
    gateway.on("GET", "/s/[a-z]+/api/status", {"ready": True})
    gateway.on("GET", "/s/console/api/accounts", {"accounts": []})
    assert "残留" in qihang("erase", "P1", "--yes").out


def test_an_unknown_person_is_one_clear_line(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", "/s/participation/api/people/.*", problem(404, "unknown_person", "没有编号为 P9 的人员。"))
    result = qihang("erase", "P9")
    assert result.code == 1 and len(result.err.strip().splitlines()) == 1 and "P9" in result.err
