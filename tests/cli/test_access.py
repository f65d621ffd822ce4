"""`qihang access`: passwords are printed once, as CSV; the count of unchanged accounts goes to stderr."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, FakeGateway

ACCESS = "/s/console/api/access"


def test_passwords_are_printed_as_csv_and_the_rest_is_counted(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.on("POST", ACCESS, {"accounts": [{"name": "clerk-X1", "password": "s3cret"}]})
    (tmp_path / "names").write_text("clerk-X2\nclerk-X3\n")
    result = qihang("access", "add", "clerk-X1", "--file", tmp_path / "names")
    assert (result.code, result.out) == (0, "account,password\nclerk-X1,s3cret\n")
    assert "2 个账号已经开通，没有变化" in result.err
    assert gateway.calls[-1].json == {"names": ["clerk-X1", "clerk-X2", "clerk-X3"], "renew": False}


def test_renewing_removing_listing(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", ACCESS, {"accounts": []})
    assert "1 个账号还没有开通" in qihang("access", "rotate", "clerk-X1").err
    assert gateway.calls[-1].json["renew"] is True
    gateway.on("DELETE", f"{ACCESS}/clerk-X1", Answer(204, {}))
    assert qihang("access", "remove", "clerk-X1").out == "已注销 clerk-X1\n"
    gateway.on("GET", ACCESS, {"accounts": [{"name": "head-X1", "since": "2022-12-01"}]})
    assert "head-X1 2022-12-01" in " ".join(qihang("access", "list").out.split())
    assert qihang("access", "add").code == 2
