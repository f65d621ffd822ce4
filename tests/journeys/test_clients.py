"""Public clients and SDKs as their own users call them, unchanged, in ways that docs/intake.md does not show."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.request
from typing import Any

import kombu
import pytest
from cloudevents.core.bindings import amqp as sdk_amqp
from cloudevents.core.bindings import http as sdk_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from tests.journeys.conftest import AnySystem
from tests.journeys.test_intake_page import NODE_MODULES
from tests.support.publisher_client import Publisher, PublisherClient, register_publisher
from tests.support.system import PORTS

TYPE = "qihang.unit.reported.v1"


@pytest.fixture(scope="module")
def sdk(small_system: AnySystem) -> Publisher:
    return register_publisher(small_system, "sdk")


def cells(id: str) -> dict[str, str]:
    return {"unit_id": f"C-{id}", "name": "第一小学", "kind": "school", "opened_on": "2015-09-01"}


def event(id: str) -> CloudEvent:
    return CloudEvent({"id": id, "source": "sdk", "type": TYPE, "datacontenttype": "application/json"}, cells(id))


def address(system: AnySystem) -> str:
    return f"http://127.0.0.1:{system.base + PORTS['participation']}/api/intake"


def post(system: AnySystem, headers: dict[str, str], body: bytes) -> list[dict[str, Any]]:
    request = urllib.request.Request(address(system), body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return [receipt["data"] for receipt in json.load(answer)["receipts"]]


@pytest.mark.parametrize("mode", ["to_binary_event", "to_structured_event"])
def test_the_python_sdk_by_http(small_system: AnySystem, sdk: Publisher, mode: str) -> None:
    message = getattr(sdk_http, mode)(event(mode))
    basic = base64.b64encode(f"sdk:{sdk.token}".encode()).decode()
    (receipt,) = post(small_system, {**message.headers, "Authorization": f"Basic {basic}"}, message.body)
    assert (receipt["id"], receipt["outcome"]) == (mode, "accepted")


SCRIPT = """
const { CloudEvent, HTTP } = require("cloudevents");
const data = (id) => ({ unit_id: `C-${id}`, name: "第一小学", kind: "school", opened_on: "2015-09-01" });
const event = (id) => new CloudEvent({ id, source: "sdk", type: "qihang.unit.reported.v1", data: data(id) });
async function send({ headers, body }) {
  const answer = await fetch(process.env.ADDRESS, {
    method: "POST", body, headers: { ...headers, Authorization: `Bearer ${process.env.TOKEN}` } });
  return (await answer.json()).receipts.map((receipt) => receipt.data.outcome);
}
(async () => {
  const batch = [event("js-3"), event("js-4")];
  const headers = { "content-type": "application/cloudevents-batch+json" };
  console.log(JSON.stringify([await send(HTTP.binary(event("js-1"))), await send(HTTP.structured(event("js-2"))),
    await send({ headers, body: JSON.stringify(batch) })]));
})();
"""


def test_the_javascript_sdk_by_http(small_system: AnySystem, sdk: Publisher) -> None:
    environment = {**os.environ, "NODE_PATH": str(NODE_MODULES), "ADDRESS": address(small_system), "TOKEN": sdk.token}
    done = subprocess.run(
        ["node", "-e", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [["accepted"], ["accepted"], ["accepted", "accepted"]]


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_the_python_sdk_s_amqp_messages_by_kombu(small_system: AnySystem, sdk: Publisher) -> None:
    """Its properties as headers, as bridges from AMQP 1.0 bring them, and a whole event."""
    with kombu.Connection(sdk.amqp_url) as connection:
        producer = connection.Producer(auto_declare=False)
        for id, message in (("kombu-1", sdk_amqp.to_binary(event("kombu-1"), JSONFormat())),
                            ("kombu-2", sdk_amqp.to_structured(event("kombu-2"), JSONFormat()))):  # fmt: skip
            producer.publish(
                message.application_data, exchange="qihang.intake", routing_key=TYPE, user_id="sdk", message_id=id,
                headers=message.application_properties, content_type=message.properties["content-type"],
                content_encoding="utf-8", delivery_mode=2,
            )  # fmt: skip
    with PublisherClient(sdk.amqp_url) as client:
        assert [client.receipt(id)["outcome"] for id in ("kombu-1", "kombu-2")] == ["accepted"] * 2
