"""docs/events.md, asyncapi.yaml, settings.md, http.md, import-columns.md and security.md say what the code says."""

import functools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from chassis.events import envelope
from chassis.http.routes import ROUTES
from chassis.intake import bindings, cloudevents
from contracts.public_events import PUBLIC_TYPES
from docs.generate import http
from docs.generate.asyncapi import example
from docs.generate.contracts import ROOT, contracts
from tests.intake import conformance

VENDOR = Path(__file__).parent / "vendor"
GENERATED = {"events.md", "asyncapi.yaml", "settings.md", "http.md", "security.md", "import-columns.md", "pages.md"}


@pytest.fixture(scope="module")
def document() -> Any:
    return asyncapi()


@functools.cache
def asyncapi() -> Any:
    text = (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # libyaml: 0.12 s, where PyYAML's own takes 0.72


def test_making_the_pages_again_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-m", "docs.generate", "--to", tmp_path], cwd=ROOT, check=True)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    result = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in written}
    assert set(result) == GENERATED | {f"zh/{path.name}" for path in (ROOT / "docs" / "zh").glob("*.md")}
    stale = [name for name in sorted(result) if result[name] != (ROOT / "docs" / name).read_bytes()]
    assert not stale, f"run `make docs`, and commit {stale}"


def test_the_asyncapi_document_is_one(document: Any) -> None:
    official = Draft7Validator(json.loads((VENDOR / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8")))
    assert [error.message for error in official.iter_errors(document)] == []
    broken = {**document, "channels": {"events": {"address": 1}}}
    assert list(official.iter_errors(broken))


def test_it_has_the_channels_with_their_exchanges_and_servers(document: Any) -> None:
    channels = document["channels"]
    exchanges = {each["bindings"]["amqp"]["exchange"]["name"] for each in channels.values() if "bindings" in each}
    assert exchanges == {
        "qihang.events",
        "qihang.intake",
        "qihang.intake.<publisher>",
        "qihang.receipts",
        "qihang.subscription",
    }
    assert {operation["action"] for operation in document["operations"].values()} == {"send", "receive"}
    servers = {each["servers"][0]["$ref"].rpartition("/")[2] for each in channels.values()}
    assert servers == set(document["servers"]) == {"broker", "web", "subscriber"}


def test_its_servers_say_how_a_publisher_shows_who_it_is(document: Any) -> None:
    asked = [each["$ref"] for server in document["servers"].values() for each in server["security"]]
    assert {each.rpartition("/")[2] for each in asked} == set(document["components"]["securitySchemes"])
    (route,) = [each for each in ROUTES if (each.method, each.url) == ("POST", "/api/intake")]
    assert route.basic and document["channels"]["webIntake"]["address"] == route.url


def test_public_events_are_described_as_they_are_sent(document: Any) -> None:
    channels = document["channels"]
    (feed,) = [each.url for each in ROUTES if each.roles == ("subscriber",)]
    assert channels["subscriptionFeed"]["address"] == feed.replace("<name>", "{subscription}")
    known = {each.wire for each in PUBLIC_TYPES}
    for channel, prefix in (("publicEventBinary", "ce-"), ("publicEventMessage", "cloudEvents:")):
        headers = document["components"]["messages"][channel]["headers"]
        assert set(headers["properties"][f"{prefix}type"]["enum"]) == known
    event = {"specversion": "1.0", "id": "a-0-1", "source": "/qihang/district/public", "time": "2022-12-05T01:02:03Z",
             "type": "qihang.public.unit.closed.v1", "data": {"unit_id": "X1", "closed_on": "2023-01-01"}}  # fmt: skip
    checked = Draft202012Validator({**document["components"]["schemas"]["AnyPublicEvent"],
                                    "components": document["components"]})  # fmt: skip
    checked.validate(event | {"cursor": "1.000000000000"})
    assert list(checked.iter_errors(event))


def test_the_headers_of_binary_mode_are_those_that_the_intake_reads(document: Any) -> None:
    checked = Draft202012Validator(document["components"]["messages"]["binaryReport"]["headers"])
    report = example(next(each for each in contracts() if each.wire == "qihang.unit.reported.v1"))
    headers = {f"ce-{name}": value for name, value in report.items() if name != "data"}
    checked.validate(headers)
    assert list(checked.iter_errors({name: value for name, value in headers.items() if name != "ce-id"}))
    attributes = bindings.http_attributes(headers.items())
    (item,) = cloudevents.read(json.dumps(report["data"]).encode(), cloudevents.JSON, attributes)
    assert item.fault is None and (item.id, item.data) == (report["id"], report["data"])


@pytest.mark.parametrize("name", ["validMinimalWithTimeUtc", "invalidCapitalizedExtension", "invalidEmptySubject"])
def test_the_envelope_says_what_the_intake_asks(name: str) -> None:
    changes = conformance.VALID_EVENTS.get(name) or conformance.INVALID_EVENTS[name][1]
    errors = list(resolver("CloudEvent").iter_errors(conformance.differing(changes) | {"data": {}}))
    assert bool(errors) == name.startswith("invalid")


@functools.cache
def resolver(name: str) -> jsonschema_rs.Draft202012Validator:
    """By the validator that schemathesis brings: an event that is one of all the others takes 5 s with `jsonschema`,
    0.1 with this."""
    reference = {"$ref": f"#/components/schemas/{name}", "components": asyncapi()["components"]}
    return jsonschema_rs.Draft202012Validator(reference)


@pytest.mark.parametrize("contract", contracts(), ids=lambda item: item.wire)
def test_every_message_s_schema_takes_its_example_and_refuses_a_bad_one(contract: Any) -> None:
    good = example(contract)
    checked = resolver(contract.wire)
    checked.validate(good)
    assert list(checked.iter_errors({**good, "type": "another.type.v1"}))
    assert list(checked.iter_errors({**good, "data": []}))
    first = contract.schema["required"][0]
    assert list(checked.iter_errors({**good, "data": {k: v for k, v in good["data"].items() if k != first}}))


@pytest.mark.parametrize("contract", [item for item in contracts() if item.cls], ids=lambda item: item.wire)
def test_an_example_is_what_a_service_sends(contract: Any) -> None:
    """One of the any-events exactly, read by our own reader, under a hash that holds."""
    body = json.dumps([example(contract)], ensure_ascii=False)
    resolver("AnyEvent").validate(json.loads(body)[0])
    (arrived,) = envelope.decode(body)
    assert arrived.event.chained_to(arrived.previous) == arrived.event.hash
    assert arrived.event.event().stream == arrived.event.stream


@pytest.mark.parametrize(
    "contract", [item for item in contracts() if item.publisher == "outside"], ids=lambda item: item.wire
)
def test_an_example_report_is_one_that_the_intake_reads(contract: Any) -> None:
    body = json.dumps(example(contract)).encode()
    resolver("AnyReport").validate(json.loads(body))
    (report,) = cloudevents.read(body, cloudevents.SINGLE)
    assert report.fault is None and report.type == contract.wire and report.data == contract.example


def test_a_real_receipt_is_of_its_schema() -> None:
    for receipt in (cloudevents.Receipt("/hr.example", "1", "accepted"),
                    cloudevents.Receipt("/hr.example", "2", "refused", "unit_id", "unknown_unit", "…")):  # fmt: skip
        sent = receipt.event("district", "participation", "2022-12-02T08:00:00Z")
        resolver("qihang.receipt.v1").validate(sent)


def test_every_route_is_on_the_page_of_routes() -> None:
    page = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    assert http.page() and ROUTES
    for route in ROUTES:
        if route.module.startswith(("services.", "chassis.")):
            assert re.search(
                rf"^\| {route.method} \| `{re.escape(re.sub('<[^<>:]+:', '<', route.url))}` \|", page, re.M
            ), route


def test_every_event_is_on_the_page_of_events() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    for contract in contracts():
        assert f"\n### {contract.wire}\n" in page
