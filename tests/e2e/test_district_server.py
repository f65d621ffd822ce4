"""The sample district in containers, loaded through the console: the figures are exact."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Install, Installation, host_address
from tests.e2e.month_by_post import every_page, offices_of, walk
from tests.support.mail_server import MailServer
from tests.support.processes import wait_until

SAMPLES = ROOT / "tests" / "samples"
FIGURES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")
SERVICES = ("participation", "assessment", "publicity", "notifications")
READY = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8004/readyz').read().decode())"


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mail server on this machine's own address, which containers reach only by a way out."""
    mail_server = MailServer(tmp_path_factory.mktemp("mail"), host=host_address())
    yield mail_server
    mail_server.stop()


@pytest.fixture(scope="module")
def server(install: Install, mail: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A server into which the sample district's files were imported."""
    server = install("files", smtp_url=mail.url, **{"smtp-ca_pem": mail.ca_file.read_text()})
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    results = tmp_path_factory.mktemp("import")
    server.qihang("import", SAMPLES / "district", "--results", results)
    assert_same(results, "import.csv", "refused.csv")
    server.qihang("settle")
    return server


def assert_figures(server: Installation, folder: Path) -> None:
    server.qihang("report", "--windows", SAMPLES / "windows.csv", "--out", folder)
    assert_same(folder, *FIGURES)


def assert_same(folder: Path, *names: str) -> None:
    for name in names:
        assert (folder / name).read_bytes() == (SAMPLES / "expected" / name).read_bytes(), f"{name} is another"


def test_the_figures_after_the_import(server: Installation, tmp_path: Path) -> None:
    assert_figures(server, tmp_path)


def test_the_figures_after_every_service_was_rebuilt(server: Installation, tmp_path: Path) -> None:
    for service in SERVICES:
        server.qihang("rebuild", service)
    assert_figures(server, tmp_path)
    assert "intact" in server.qihang("verify")


def test_only_the_console_has_a_port_on_the_host(server: Installation) -> None:
    assert server.published() == {"console": {"8000/tcp": ["127.0.0.1"]}}


def test_a_mail_goes_and_what_is_not_set_is_reported(server: Installation, mail: MailServer) -> None:
    assert "对方已接收" in server.qihang("notify", "test", "me@edu.example.cn")
    ((to, text),) = [(item.to, item.text) for item in mail.mails]
    assert to == "me@edu.example.cn" and "测试消息" in text
    shown = server.qihang("status")
    assert f"smtp+starttls://{mail.host}:{mail.port}" in shown and "QIHANG_WECHAT_ACCOUNTS" in shown
    ready = json.loads(server.python("notifications", READY))
    assert ready["checks"]["channels"] == {"email": "on", "wecom": "on", "dingtalk": "on"}


def test_an_account_is_given_and_outlives_its_container(server: Installation) -> None:
    assert "p00001" in server.qihang("accounts", "create", "P00001")
    server.restart("console")
    assert "P00001" in server.qihang("accounts", "list")


def test_a_key_is_replaced_while_services_run_and_that_is_written_down(server: Installation) -> None:
    """Of all containers only the issuer's own is started again, to sign with the new key."""
    begun = {service: details["State"]["StartedAt"] for service, details in server.inspect().items()}
    addresses = [f"/s/{service}/api/people/P00001/record" for service in ("participation", "assessment", "publicity")]

    def honoured(token: str) -> set[bool]:
        return {server.ask(address, token)[0] != 401 for address in addresses}

    old = server.token_of_person("P00001")
    assert honoured(old) == {True}
    server.rotate_key("console")
    server.restart("console")
    new = server.token_of_person("P00001")
    wait_until(lambda: honoured(new) == {True}, 30, "the new key is honoured")
    assert old != new and honoured(old) == {True}, "while both count"
    server.rotate_key("--finish", "console")
    wait_until(lambda: honoured(old) == {False}, 30, "the old key has ended")
    assert honoured(new) == {True}
    after = {service: details["State"]["StartedAt"] for service, details in server.inspect().items()}
    assert {service for service in after if after[service] != begun[service]} == {"console"}

    def steps() -> list[int]:
        """How many keys counted, the newest entry last."""
        _, body = server.ask("/s/console/api/security-log?event=keys_changed")
        details = [entry["detail"] for entry in reversed(body["entries"])]
        return [len(detail["keys"].split()) for detail in details if detail["issuer"] == "console"]

    wait_until(lambda: steps() == [1, 2, 1], 60, "at the start, with both, with the new one alone")


def test_only_what_sends_has_a_way_out(server: Installation) -> None:
    """Docker lets nothing out of an internal network, and answers nobody's packets that leave without its address."""
    ways = {service: server.networks(service) for service in (*SERVICES, "console", "postgres")}
    open_ways = {
        service for service, networks in ways.items() for network in networks.values()
        if network["internal"] == "False" and network.get("com.docker.network.bridge.enable_ip_masquerade") != "false"
    }  # fmt: skip
    assert open_ways == {"publicity", "notifications"}
    assert all(networks["inside"]["internal"] == "True" for networks in ways.values())


def test_containers_are_neither_root_nor_writable(server: Installation) -> None:
    wait_until(lambda: set(server.health().values()) == {"healthy"}, 60, lambda: f"Docker says {server.health()}")
    for service, details in server.inspect().items():
        assert "no-new-privileges:true" in details["HostConfig"]["SecurityOpt"], service
        if service in (*SERVICES, "console"):
            assert details["Config"]["User"] == "qihang", service
            assert details["HostConfig"]["ReadonlyRootfs"], service
            megabytes = 512 if service in ("participation", "publicity") else 384
            assert details["HostConfig"]["Memory"] == megabytes * 1024 * 1024, service


def test_no_secret_is_in_what_docker_shows(server: Installation) -> None:
    details = json.dumps(server.inspect())
    secrets = {
        path.name: re.sub(r".*://[^:]*:([^@]*)@.*", r"\1", path.read_text().strip())
        for path in server.secrets.iterdir()
        if path.suffix in (".amqp", ".database", ".url", ".password", ".session") and path.read_text()
    }
    assert len(secrets) == 2 * len(SERVICES) + 7
    assert [name for name, secret in secrets.items() if secret in details] == []


def test_a_container_sees_only_its_own_secrets(server: Installation) -> None:
    for service, details in server.inspect().items():
        files = {Path(mount["Source"]).name for mount in details["Mounts"] if str(server.secrets) in mount["Source"]}
        foreign = {name for name in files for other in (*SERVICES, "console", "operator")
                   if name.startswith(other) and other != service and name != "operator.password"}  # fmt: skip
        assert not foreign, service
        assert ("operator.password" in files) == (service == "console")


def test_the_figures_after_down_and_up(server: Installation, tmp_path: Path) -> None:
    server.down()
    assert not server.containers()
    server.up()
    server.qihang("settle")
    assert_figures(server, tmp_path)


def test_a_month_by_post_through_the_pages_of_the_same_server(server: Installation, tmp_path: Path) -> None:
    """Last: what is filed here changes the figures."""
    server.qihang("campaign", "launch", in_full(tmp_path))
    password = (server.secrets / "operator.password").read_text().strip()
    offices = offices_of(f"http://127.0.0.1:{server.port}", server.qihang, password, tmp_path)
    walk(offices)
    every_page(offices)


def in_full(folder: Path) -> Path:
    """The shipped campaign with its forms, as the version after the sample's."""
    for name in ("xue-lun-shu.yaml", "xue-lun-shu-in-full.yaml"):
        text = (ROOT / "campaigns" / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub(r"(?m)^version: 1$", "version: 2", text), encoding="utf-8")
    return folder / "xue-lun-shu-in-full.yaml"
