"""Manages a broker user for each publisher through RabbitMQ's management API: it may write to the intake and read its
own receipts, nothing else."""

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests

from chassis.messaging import broker
from chassis.messaging.broker import QueueSpec
from chassis.process.problems import Problem

NOBODYS_PASSWORD = ""
"""A hash that matches no password: RabbitMQ admits nobody with it."""


class BrokerUsers:
    """The publishers' users at the broker; `enabled` is False without a management API: HTTP only."""

    def __init__(self, api_url: str, amqp_url: str) -> None:
        self._api = ManagementApi(api_url, amqp_url) if api_url else None

    @property
    def enabled(self) -> bool:
        return self._api is not None

    @property
    def vhost(self) -> str:
        return unquote(self._api.vhost) if self._api else ""

    def make_password(self) -> tuple[str | None, str]:
        """A new password, and its hash for the broker; (None, '') without an API."""
        return fresh_password() if self._api is not None else (None, "")

    def put(self, name: str, password_hash: str) -> None:
        """Create the user or set its new password, with its receipts queue and permissions.  Problem 502.

        The password is set last: a client that can sign in is then permitted to publish, and does not give up on an
        error."""
        api = self._api
        if api is None or not password_hash:
            return
        receipts, reports = broker.receipts_queue(name), _own_intake(name)
        api.call("PUT", f"/exchanges/{api.vhost}/{quote(reports.exchange, safe='')}",
                 {"type": reports.kind, "durable": True, "auto_delete": False, "arguments": {}})  # fmt: skip
        for spec in (receipts, reports):
            api.make_queue(spec)
        api.put_user(name, password_hash, f"^{re.escape(broker.INTAKE)}({re.escape('.' + name)})?$",
                     f"^{re.escape(receipts.name)}$")  # fmt: skip

    def delete(self, name: str) -> None:
        """Delete the user, its connections and its receipts, which a later user of that name must not read.  Problem
        502."""
        if self._api is not None:
            own = _own_intake(name)
            self._api.delete_user(name)
            for kind, thing in (("exchanges", own.exchange), ("queues", own.name),
                                ("queues", broker.receipts_queue(name).name)):  # fmt: skip
                path = f"/{kind}/{self._api.vhost}/{quote(thing, safe='')}"
                self._api.call("DELETE", path, missing_is_fine=True)

    def close_connections(self, name: str) -> None:
        """Close open connections: the broker checks a password only at their beginning.  Problem 502."""
        if self._api is not None:
            self._api.close_connections(name)


def fresh_password() -> tuple[str, str]:
    """A password, and its hash for the broker (salted SHA-256, RabbitMQ's format)."""
    password, salt = secrets.token_urlsafe(24), secrets.token_bytes(4)
    return password, base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _own_intake(name: str) -> QueueSpec:
    return broker.own_intake_queue("participation", name)


def _user(password_hash: str) -> dict[str, Any]:
    return {"password_hash": password_hash, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}


class ManagementApi:
    """A client of RabbitMQ's management API."""

    def __init__(self, url: str, amqp_url: str) -> None:
        parts = urlsplit(url)
        self._auth = (unquote(parts.username or "guest"), unquote(parts.password or "guest"))
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}/api"
        self.vhost = quote(unquote(urlsplit(amqp_url).path[1:]) or "/", safe="")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, missing_is_fine: bool = False) -> None:
        self._request(method, path, body, missing_is_fine)

    def make_queue(self, spec: QueueSpec) -> None:
        """Create a queue with its bindings."""
        queue, exchange = quote(spec.name, safe=""), quote(spec.exchange, safe="")
        body = {"durable": True, "auto_delete": False, "arguments": spec.arguments}
        self.call("PUT", f"/queues/{self.vhost}/{queue}", body)
        for key in spec.keys:
            bound = {"routing_key": key, "arguments": {}}
            self.call("POST", f"/bindings/{self.vhost}/e/{exchange}/q/{queue}", bound)

    def put_user(self, name: str, password_hash: str, write: str, read: str) -> None:
        """Create the user or set its new password, with permissions by these regular expressions.

        The password is set last: a client that can sign in then has its permissions, and does not give up on an
        error."""
        user = quote(name, safe="")
        if not self.has(f"/users/{user}"):
            self.call("PUT", f"/users/{user}", _user(NOBODYS_PASSWORD))
        self.call("PUT", f"/permissions/{self.vhost}/{user}", {"configure": "^$", "write": write, "read": read})
        self.call("PUT", f"/users/{user}", _user(password_hash))

    def delete_user(self, name: str) -> None:
        """Delete the user and its connections."""
        self.call("DELETE", f"/users/{quote(name, safe='')}", missing_is_fine=True)
        self.close_connections(name)

    def close_connections(self, name: str) -> None:
        self.call("DELETE", f"/connections/username/{quote(name, safe='')}", missing_is_fine=True)

    def read(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._request("GET", path).json()
        return answer

    def has(self, path: str) -> bool:
        return self._request("GET", path, missing_is_fine=True).status_code != 404

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, missing_is_fine: bool = False
    ) -> requests.Response:
        try:
            response = requests.request(method, self._base + path, json=body, auth=self._auth, timeout=10)
        except requests.RequestException as error:
            raise Problem(502, "broker_api_away", f"RabbitMQ 管理接口没有应答：{type(error).__name__}") from None
        if response.status_code >= 400 and not (missing_is_fine and response.status_code == 404):
            resource = path.split("/")[1]
            raise Problem(502, "broker_api_refused", f"RabbitMQ 管理接口拒绝：{response.status_code} {resource}")
        return response
