"""Of docs/asyncapi.yaml: where an outside system finds us, how it shows who it is, and what a report is in binary
mode."""

from typing import Any

from chassis.intake import cloudevents
from docs.generate.contracts import Contract

_HTTP = "0.3.0"
SERVERS: dict[str, Any] = {
    "broker": {
        "host": "{broker}", "protocol": "amqps", "pathname": "/qihang",
        "description": "The district's RabbitMQ, AMQP 0-9-1 by TLS 1.2 or 1.3; where the district publishes it.",
        "variables": {"broker": {
            "default": "mq.example.cn:5671",
            "description": "what `qihang publisher add` prints as amqps; the certificate's authority too"}},
        "security": [{"$ref": "#/components/securitySchemes/brokerUser"}],
    },
    "web": {
        "host": "{address}", "protocol": "https", "pathname": "/s/participation",
        "description": "The district's address, which the console has too.",
        "variables": {"address": {"default": "qihang.example.cn"}},
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("bearer", "basic")],
    },
}  # fmt: skip
SECURITY_SCHEMES: dict[str, Any] = {
    "brokerUser": {"type": "userPassword", "description": "User and password that `qihang publisher add` prints."},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
               "description": "The token that `qihang publisher add` prints."},
    "basic": {"type": "http", "scheme": "basic",
              "description": "The publisher's name, and the same token as the password."},
}  # fmt: skip


def of_server(name: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/servers/{name}"}]


def web_channel() -> dict[str, Any]:
    return {
        "address": "/api/intake", "title": "intake by HTTP", "servers": of_server("web"),
        "description": "The same reports as bodies; the answer has the receipts. More: openapi.json, docs/intake.md.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("reports", "report", "binaryReport")},
    }  # fmt: skip


def web_operation() -> dict[str, Any]:
    return {
        "action": "receive", "channel": {"$ref": "#/channels/webIntake"},
        "summary": "Participation takes reports by HTTP.",
        "bindings": {"http": {"method": "POST", "bindingVersion": _HTTP}},
    }  # fmt: skip


def messages(reports: list[Contract]) -> dict[str, Any]:
    """Any single report, and one in binary mode."""
    return {
        "report": {
            "name": "report", "summary": "One report, structured.", "contentType": cloudevents.SINGLE,
            "payload": {"$ref": "#/components/schemas/AnyReport"},
        },
        "binaryReport": {
            "name": "binaryReport", "contentType": cloudevents.JSON,
            "summary": "One report in binary mode: its attributes are headers (by AMQP also `cloudEvents:id` or "
                       "`cloudEvents_id` and so on), the payload is its data.",
            "headers": _headers(reports), "payload": {"type": "object"},
        },
    }  # fmt: skip


def _headers(reports: list[Contract]) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": 256}
    return {
        "type": "object",
        "required": ["ce-specversion", "ce-id", "ce-source", "ce-type"],
        "properties": {
            "ce-specversion": {"const": "1.0"}, "ce-id": text, "ce-source": text,
            "ce-type": {"enum": [item.wire for item in reports]},
            "ce-time": {"type": "string", "format": "date-time"},
            "ce-revision": {"type": "string", "pattern": "^[0-9]{1,9}$"},
        },
    }  # fmt: skip
