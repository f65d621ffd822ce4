"""The district server's file: who reaches what, that every secret is made, that nothing filled in sends nothing."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.process import settings
from chassis.process.file_readers import READERS
from chassis.runtime.extensions import unstarted
from cli.version import VERSION
from services.notifications.service import Service
from services.participation.imports import upload_reading
from services.participation.publishers.broker_address import BrokerAddress
from services.publicity.rendering.renderer import READ_LIMITS, RENDER_LIMITS
from services.publicity.wechat.accounts import accounts
from tests.architecture.kept import ROOT
from tests.support.command import run_command

FOLDER = "${QIHANG_SECRETS:-./deploy/secrets}"
SERVICE_ALONE = 160 << 20
"""Bytes that a service has in use without a file to read."""
SENDING = {"publicity", "notifications"}
FILLED_IN = ("smtp.url", "smtp-ca.pem", "oidc.client-secret", "oidc-ca.pem", "wechat/accounts.yaml")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    result: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return result


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> None:
    subprocess.run([ROOT / "deploy" / "make-secrets", folder], check=True, capture_output=True, timeout=60)


def networks(compose: dict[str, Any], network: str) -> set[str]:
    return {name for name, item in compose["services"].items() if network in item["networks"]}


def test_only_what_sends_has_a_way_out(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    assert networks(compose, "outside") == SENDING
    assert networks(compose, "ingress") == {"console"}
    way_in = compose["networks"]["ingress"]["driver_opts"]
    assert way_in == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    assert networks(compose, "inside") == set(compose["services"])
    assert set(compose["networks"]) == {"inside", "ingress", "outside"}


ROOT_AT_FIRST = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
"""What an image needs that starts as root, sees to its folder and becomes another user."""


def test_every_container_has_limits_and_no_rights_that_it_does_not_need(compose: dict[str, Any]) -> None:
    for name, container in compose["services"].items():
        assert {"mem_limit", "cpus", "pids_limit"} <= set(container), name
        assert container["read_only"] is True and "/tmp" in container["tmpfs"], name  # noqa: S108
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert set(container.get("cap_add", ())) <= (ROOT_AT_FIRST if name in ("rabbitmq", "postgres") else set()), name
        assert not {"privileged", "pid", "ipc", "devices", "network_mode"} & set(container), name


def test_a_reader_of_files_and_its_service_have_room_in_their_container(compose: dict[str, Any]) -> None:
    for name, reader in (
        ("participation", upload_reading.READ_LIMITS),
        ("publicity", READ_LIMITS),
        ("publicity", RENDER_LIMITS),
    ):
        room = int(compose["services"][name]["mem_limit"].removesuffix("m")) << 20
        assert READERS * reader.memory + SERVICE_ALONE < room, name


def test_every_file_that_containers_are_given_is_made(compose: dict[str, Any], secrets_folder: Path) -> None:
    given = {secret["file"].removeprefix(f"{FOLDER}/") for secret in compose["secrets"].values()}
    given |= {result for service in compose["services"].values() for volume in service.get("volumes", ())
              for result in re.findall(rf"^{re.escape(FOLDER)}/([^:]+):", volume)}  # fmt: skip
    assert {"trusted", "wechat", "smtp.url"} < given
    assert {name for name in given if not (secrets_folder / name).exists()} == set()


def test_an_installation_that_was_there_before_gets_what_is_new_and_keeps_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    before = (folder / "postgres.password").read_text()
    (folder / "smtp.url").write_text("smtps://mail.example.cn\n")
    for name in FILLED_IN[1:]:
        (folder / name).unlink()
    (folder / "wechat").rmdir()
    make_secrets(folder)
    assert all((folder / name).exists() for name in FILLED_IN)
    assert (folder / "postgres.password").read_text() == before
    assert (folder / "smtp.url").read_text() == "smtps://mail.example.cn\n"


def found_by(compose: dict[str, Any], service: str, path: Path, **filled_in: str) -> settings.Settings:
    """The settings as a container reads them, with its files where they were made."""
    places = {"/etc/qihang": str(path)}
    for secret in compose["services"][service]["secrets"]:
        name, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
        places[f"/run/secrets/{target}"] = compose["secrets"][name]["file"].replace(FOLDER, str(path))
    environment = {}
    for name, written in compose["services"][service]["environment"].items():
        value = re.sub(r"\$\{(\w+):?-([^}]*)\}", lambda given: filled_in.get(given[1], given[2]), written)
        place = next(
            (item for item in sorted(places, reverse=True) if value == item or value.startswith(f"{item}/")), ""
        )
        environment[name] = places[place] + value.removeprefix(place) if place else value
    return settings.load(environment)


def test_what_is_set_in_containers_is_a_setting(compose: dict[str, Any]) -> None:
    known = {f"QIHANG_{name.upper()}" for name in settings.Settings.__dataclass_fields__}
    known |= {f"{name}_FILE" for name in known}
    for service in settings.SERVICES:
        assert set(compose["services"][service]["environment"]) <= known, service


def test_images_are_tagged_by_the_version_that_the_command_shows(compose: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
    images = {compose["services"][service]["image"] for service in (*settings.SERVICES, "console")}
    assert images == {f"${{QIHANG_IMAGE:-qihang:{VERSION}}}"}
    shown = subprocess.run(["bash", "-c", ". deploy/compose.sh; echo $QIHANG_IMAGE"], cwd=ROOT, capture_output=True,
                           env={"PATH": "/usr/bin:/bin"}, text=True, check=True)  # fmt: skip
    assert shown.stdout.strip() == f"qihang:{VERSION}"
    assert run_command(["--version"], {}).out == f"qihang {VERSION}\n"


OF_THE_IMAGE = {"DATA", "HTTP_HOST", "HTTP_PORT", "FONTS"}
OF_TESTS = {"REHEARSAL_CLOCK", "CHECK_RESPONSES"}
OF_AMQPS = {"AMQPS_ADDRESS", "AMQPS_CA_FILE"}
"""Where the broker is published: deploy/amqps.yml."""
OF_WEBHOOKS = {"WEBHOOK_CA_FILE"}
"""Where events are sent to webhooks: deploy/webhooks.yml."""
OF_ONE = {
    **{name: {"participation"} for name in (
        "BROKER_API_URL", "EVIDENCE_QUOTA", "EVIDENCE_DAYS", "CLAMD", "CLAMD_AWAY")},
    "WECHAT_ACCOUNTS": {"publicity"}, "LOOK_AT_LINKS": {"publicity"},
    **{name: {"notifications"} for name in (
        "SMTP_URL", "SMTP_CA_FILE", "SMTP_SECONDS", "MAIL_FROM", "WECOM_URL", "DINGTALK_URL")},
}  # fmt: skip
"""Settings that only one service reads."""


def documented(page: str) -> set[str]:
    """The variables of a page's tables, without QIHANG_."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `QIHANG_([A-Z_]+)`", text, re.MULTILINE))


def given_to(compose: dict[str, Any], service: str) -> set[str]:
    """The settings that a container is given, as a value or as a file, without QIHANG_."""
    names = {name.removeprefix("QIHANG_") for name in compose["services"][service]["environment"]}
    return names | {name.removesuffix("_FILE") for name in names}


def test_every_documented_setting_reaches_the_containers_that_it_concerns(compose: dict[str, Any]) -> None:
    wanted = documented("settings.md") - OF_THE_IMAGE - OF_TESTS - OF_AMQPS - OF_WEBHOOKS
    assert {"PARTITIONS", "HEADS", "SCRAPE_TOKEN", "WATCHDOG"} <= wanted
    for service in settings.SERVICES:
        own = {name for name in wanted if service in OF_ONE.get(name, {service})}
        assert own - given_to(compose, service) == set(), service


def test_every_documented_setting_of_the_console_reaches_it(compose: dict[str, Any]) -> None:
    oidc = yaml.safe_load((ROOT / "deploy" / "oidc.yml").read_text(encoding="utf-8"))
    given = given_to(compose, "console") | given_to(oidc, "console")
    assert documented("console.md") - OF_THE_IMAGE - given == set()


def test_what_a_district_sets_has_the_same_default_in_the_file_and_in_the_code(compose: dict[str, Any]) -> None:
    plain = settings.load({})
    for service in settings.SERVICES:
        for name, value in compose["services"][service]["environment"].items():
            if default := re.fullmatch(r"\$\{(\w+):?-([^}]*)\}", value):
                assert default[1] == name, "by its own name"
                assert default[2] == str(getattr(plain, name.removeprefix("QIHANG_").lower())), name


def test_heads_are_kept_where_a_folder_of_another_machine_may_be_mounted(compose: dict[str, Any]) -> None:
    for service in settings.SERVICES:
        item = compose["services"][service]
        assert "${QIHANG_HEADS:-heads}:" + item["environment"]["QIHANG_HEADS"] in item["volumes"], service


def test_sign_in_by_a_provider_gives_the_console_a_way_out_its_secret_and_its_settings(secrets_folder: Path) -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "oidc.yml").read_text(encoding="utf-8"))
    console, files = compose["services"]["console"], compose["secrets"]
    assert set(console["networks"]) == {"inside", "ingress", "outside"} and set(compose["services"]) == {"console"}
    targets = {f"/run/secrets/{secret['target']}" for secret in console["secrets"]}
    assert {value for value in console["environment"].values() if value.startswith("/run")} == targets
    for secret in console["secrets"]:
        assert (secrets_folder / files[secret["source"]]["file"].removeprefix(f"{FOLDER}/")).read_text() == ""
    read = set(re.findall(r"QIHANG_(?:OIDC|PUBLIC)_[A-Z_]+", (ROOT / "console" / "settings.py").read_text()))
    assert set(console["environment"]) == read


COMPOSE_FILES = [ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("*.y*ml"), *(ROOT / "tests").glob("e2e/*.yml")]


def published(file: Path) -> dict[str, list[str]]:
    """The ports of each container that a compose file publishes; nothing of another file."""
    services = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("services", {})
    return {name: item["ports"] for name, item in services.items() if item.get("ports")}


def test_no_file_publishes_the_broker_but_by_tls() -> None:
    assert {file.name for file in COMPOSE_FILES} >= {"docker-compose.yml", "amqps.yml", "oidc.yml", "small-disk.yml"}
    ports_of_all = {(name, re.split(r":(?![-?])", port)[-1]) for file in COMPOSE_FILES
             for name, ports in published(file).items() for port in ports}  # fmt: skip
    assert ports_of_all == {("console", "8000"), ("rabbitmq", "5671")}


def test_the_broker_is_given_its_certificate_and_participation_says_whose_it_is(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "amqps.yml").read_text(encoding="utf-8"))
    broker, participation = compose["services"]["rabbitmq"], compose["services"]["participation"]
    assert set(compose["services"]) == {"rabbitmq", "participation"} and broker["networks"] == ["inside", "ingress"]
    given = {f"/run/secrets/{secret['target']}" for secret in broker["secrets"]}
    settings_of_tls = (ROOT / "deploy" / "rabbitmq" / "amqps.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"/run/secrets/\S+", settings_of_tls)) == given
    assert set(re.findall(r"tlsv[\d.]+", settings_of_tls)) == {"tlsv1.2", "tlsv1.3"}
    make_secrets(folder := tmp_path / "secrets")
    subprocess.run([ROOT / "deploy" / "make-broker-certificate", "--folder", folder, "mq.example.cn"], check=True,
                   capture_output=True, timeout=60)  # fmt: skip
    (where,) = re.findall(r"\./(\S+?):/etc/rabbitmq/conf.d/", broker["volumes"][0])
    assert (ROOT / where).is_file()
    files = {name: folder / item["file"].removeprefix(f"{FOLDER}/") for name, item in compose["secrets"].items()}
    assert {file.name for file in files.values()} == {"amqps.pem", "amqps.key", "amqps-ca.pem"}
    assert set(participation["environment"]) == {"QIHANG_AMQPS_ADDRESS", "QIHANG_AMQPS_CA_FILE"}
    (secret,) = participation["secrets"]
    assert participation["environment"]["QIHANG_AMQPS_CA_FILE"] == f"/run/secrets/{secret['target']}"
    reported = BrokerAddress.of("mq.example.cn", str(files["amqps-ca"]))
    assert reported.amqps_address == "mq.example.cn:5671" and reported.amqps_ca == files["amqps-ca"].read_text()


def test_participation_has_a_way_out_only_where_webhooks_are_wanted(compose: dict[str, Any], tmp_path: Path) -> None:
    assert compose["services"]["participation"]["networks"] == ["inside"]
    more = yaml.safe_load((ROOT / "deploy" / "webhooks.yml").read_text(encoding="utf-8"))
    assert list(more["services"]) == ["participation"]
    participation = more["services"]["participation"]
    assert participation["networks"] == ["inside", "outside"]
    assert {name.removeprefix("QIHANG_") for name in participation["environment"]} == OF_WEBHOOKS
    make_secrets(folder := tmp_path / "secrets")
    ((_, secret),) = more["secrets"].items()
    assert (folder / secret["file"].removeprefix(f"{FOLDER}/")).read_text() == ""


def test_with_nothing_filled_in_nothing_is_sent(compose: dict[str, Any], secrets_folder: Path) -> None:
    result = found_by(compose, "notifications", secrets_folder, QIHANG_WECOM_URL="", QIHANG_DINGTALK_URL="")
    assert (result.smtp_url, result.mail_from, result.wecom_url, result.dingtalk_url) == ("", "", "", "")
    assert accounts(found_by(compose, "publicity", secrets_folder).wechat_accounts) == {}


def test_what_is_filled_in_reaches_the_service(compose: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    (folder / "smtp.url").write_text("smtp+starttls://tixing%40edu.example.cn:s3cret@mail.example.cn:587\n")
    (folder / "wechat" / "accounts.yaml").write_text("accounts: {district: {appid: wx1, secret_file: d.secret}}\n")
    (folder / "wechat" / "d.secret").write_text("s\n")
    result = found_by(compose, "notifications", folder, QIHANG_MAIL_FROM="tixing@edu.example.cn")
    here = settings.load({"QIHANG_DATA": str(tmp_path)} | {f"QIHANG_{name.upper()}": getattr(result, name) for name in
                          ("smtp_url", "smtp_ca_file", "mail_from", "wecom_url", "dingtalk_url")})  # fmt: skip
    assert unstarted(Service, here).runtime.health.channels == {
        "email": "smtp+starttls://mail.example.cn:587", "wecom": "https://qyapi.weixin.qq.com",
        "dingtalk": "https://oapi.dingtalk.com",
    }  # fmt: skip
    (account,) = accounts(found_by(compose, "publicity", folder).wechat_accounts).values()
    assert (account.name, account.secret()) == ("district", "s")
