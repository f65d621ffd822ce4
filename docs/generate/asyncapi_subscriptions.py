"""Of docs/asyncapi.yaml: how outside systems read public events, by a cursor, a webhook or a queue of their own."""

from typing import Any

from chassis.events import envelope
from chassis.messaging import broker
from docs.generate.asyncapi_servers import of_server
from docs.generate.contracts import Contract

_HTTP, _AMQP = "0.3.0", "0.3.0"
_TEXT = {"type": "string"}
SERVERS: dict[str, Any] = {
    "subscriber": {
        "host": "{receiver}", "protocol": "https",
        "description": "The outside system's own address, named by `qihang subscription add NAME --webhook URL`.",
        "variables": {"receiver": {"default": "dashboard.example.cn"}},
        "security": [{"$ref": "#/components/securitySchemes/signature"}],
    },
}  # fmt: skip
SECURITY_SCHEMES: dict[str, Any] = {
    "signature": {
        "type": "httpApiKey", "in": "header", "name": "webhook-signature",
        "description": "Standard Webhooks: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`, from the "
                       "headers webhook-id and webhook-timestamp; several are separated by blanks.",
    },
}  # fmt: skip


def channels() -> dict[str, Any]:
    named = {"subscription": {"description": "name of the subscription"}}
    exchange = {"name": broker.SUBSCRIPTION, "type": "direct", "durable": True, "autoDelete": False}
    return {
        "subscriptionFeed": {
            "address": "/api/subscriptions/{subscription}/events", "title": "public events past a cursor",
            "servers": of_server("web"), "parameters": named, "messages": _refs("publicEvents"),
            "description": "In the order of the log; `X-Qihang-Next` is the cursor past it (docs/subscriptions.md).",
        },
        "subscriptionWebhook": {
            "address": "{path}", "title": "webhook", "servers": of_server("subscriber"),
            "parameters": {"path": {"description": "path and query of the address that was named"}},
            "messages": _refs("publicEvent", "publicEvents", "publicEventBinary"),
            "description": "Asked by OPTIONS first (CloudEvents, HTTP 1.1 Web Hooks); one request at a time, in the "
                           "order of the log, at least once.",
        },
        "subscriptionQueue": {
            "address": "{subscription}", "title": broker.SUBSCRIPTION, "servers": of_server("broker"),
            "parameters": named, "messages": _refs("publicEventMessage"),
            "description": f"The queue {broker.SUBSCRIPTION}.<subscription>, which its own user alone may read, at "
                           "least once, in the order of the log.",
            "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": _AMQP}},
        },
    }  # fmt: skip


def operations() -> dict[str, Any]:
    def sent(channel: str, summary: str, **bindings: Any) -> dict[str, Any]:
        return {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary,
                "bindings": bindings}  # fmt: skip

    return {
        "answerReaders": sent("subscriptionFeed", "Participation answers with a page of public events.",
                              http={"method": "GET", "bindingVersion": _HTTP}),
        "postPublicEvents": sent("subscriptionWebhook", "Participation posts public events until they are taken.",
                                 http={"method": "POST", "bindingVersion": _HTTP}),
        "queuePublicEvents": sent("subscriptionQueue", "Participation publishes public events while there is room.",
                                  amqp={"deliveryMode": 2, "mandatory": True, "bindingVersion": _AMQP}),
    }  # fmt: skip


def messages(public: list[Contract]) -> dict[str, Any]:
    payload = {"$ref": "#/components/schemas/AnyPublicEvent"}
    data = {"type": "object", "description": "the member `data` of the event"}
    return {
        "publicEvent": {"name": "publicEvent", "summary": "A public event, structured.",
                        "contentType": envelope.SINGLE, "payload": payload},
        "publicEvents": {"name": "publicEvents", "summary": "Public events in the order of the log.",
                         "contentType": envelope.BATCH,
                         "payload": {"type": "array", "maxItems": 500, "items": payload}},
        "publicEventBinary": {"name": "publicEventBinary", "contentType": "application/json", "payload": data,
                              "summary": "A public event in binary mode: its attributes are headers.",
                              "headers": _headers("ce-", public)},
        "publicEventMessage": {"name": "publicEventMessage", "contentType": "application/json", "payload": data,
                               "summary": "A public event in binary mode; `message_id` is its id, `type` its type.",
                               "headers": _headers("cloudEvents:", public)},
    }  # fmt: skip


def schema(public: list[Contract]) -> dict[str, Any]:
    """Of any public event: a CloudEvent with a cursor."""
    cursor = {"type": "object", "required": ["cursor"],
              "properties": {"cursor": {**_TEXT, "description": "the place past this event"}}}  # fmt: skip
    events = [{"$ref": f"#/components/schemas/{each.wire}"} for each in public]
    return {"allOf": [{"oneOf": events}, cursor]}


def _headers(prefix: str, public: list[Contract]) -> dict[str, Any]:
    named = {"id": _TEXT, "source": _TEXT, "subject": _TEXT, "dataschema": _TEXT, "cursor": _TEXT,
             "specversion": {"const": "1.0"}, "type": {"enum": [each.wire for each in public]},
             "time": {"type": "string", "format": "date-time"}}  # fmt: skip
    required = [name for name in named if name != "subject"]
    return {"type": "object", "required": [f"{prefix}{name}" for name in required],
            "properties": {f"{prefix}{name}": about for name, about in named.items()}}  # fmt: skip


def _refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}
