"""Outside systems that may publish: a token for HTTP and, with RabbitMQ, a broker user that may do nothing else."""

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import requests
import sqlalchemy as sa
import structlog

from chassis.messaging import broker
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.schema import intake_sources, publishers

_log = structlog.get_logger(__name__)
TOKEN_SECONDS = 365 * 24 * 3600
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_RESERVED = {"guest", "admin", "participation", "assessment", "publicity", "notifications", "console", "operator",
             "publishers"}  # fmt: skip


class Publishers:
    """Adds, rotates and removes outside systems."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime

    def add(self, name: str) -> dict[str, Any]:
        """The new publisher's secrets, told once.  Problems 409, 422, 502."""
        if not _NAME.fullmatch(name) or name in _RESERVED:
            words = "名称须为 2 至 63 个小写字母、数字、点、横线，且不是系统保留名。"
            raise Problem(422, "bad_name", words, column="name")
        password, kept = self._password()
        with self.runtime.store.writing() as connection:
            if connection.execute(sa.select(publishers.c.name).where(publishers.c.name == name)).scalar():
                raise Problem(409, "publisher_exists", f"接入系统 {name} 已存在。")
            connection.execute(sa.insert(publishers).values(name=name, amqp=int(bool(kept)), generation=1, hash=kept))
        try:
            self._make_user(name, kept)
        except Problem:
            self._forget(name)
            raise
        return self._told(name, password, 1)

    def rotate(self, name: str) -> dict[str, Any]:
        """New secrets; the old password and the old token end at once."""
        password, kept = self._password()
        with self.runtime.store.writing() as connection:
            generation = self._known(connection, name) + 1
            connection.execute(sa.update(publishers).where(publishers.c.name == name)
                               .values(generation=generation, amqp=int(bool(kept)), hash=kept))  # fmt: skip
        self._make_user(name, kept)
        return self._told(name, password, generation)

    def remove(self, name: str) -> None:
        """The broker user ends, the token is honoured no more, and its sources are free."""
        with self.runtime.store.reading() as connection:
            self._known(connection, name)
        if api := self._api():
            api.call("DELETE", f"/users/{quote(name, safe='')}", missing_is_fine=True)
        self._forget(name)

    def restore(self) -> None:
        """Make the broker's users again where the broker lost them (its data directory wiped)."""
        if self._api() is None:
            return
        with self.runtime.store.reading() as connection:
            known = connection.execute(sa.select(publishers).where(publishers.c.amqp == 1)).all()
        for row in known:
            try:
                self._make_user(row.name, row.hash)
            except Problem as problem:
                _log.warning("broker user not restored", publisher=row.name, code=problem.code)

    def _forget(self, name: str) -> None:
        with self.runtime.store.writing() as connection:
            connection.execute(sa.delete(publishers).where(publishers.c.name == name))
            connection.execute(sa.delete(intake_sources).where(intake_sources.c.publisher == name))

    def _password(self) -> tuple[str | None, str]:
        """A new password and what the broker keeps of it (salted SHA-256, RabbitMQ's form); none without a broker."""
        if self._api() is None:
            return None, ""
        password, salt = secrets.token_urlsafe(24), secrets.token_bytes(4)
        return password, base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()

    def _known(self, connection: sa.Connection, name: str) -> int:
        result = connection.execute(sa.select(publishers.c.generation).where(publishers.c.name == name)).scalar()
        if result is None:
            raise Problem(404, "unknown_publisher", f"没有名为 {name} 的接入系统。")
        return int(result)

    def _told(self, name: str, password: str | None, generation: int) -> dict[str, Any]:
        token = self.runtime.signer.issue(name, ["publisher"], TOKEN_SECONDS, generation=generation)
        return {"name": name, "user": name if password else None, "password": password, "amqp": bool(password),
                "token": token}  # fmt: skip

    def _make_user(self, name: str, kept: str) -> None:
        """A broker user that may write to the intake and read its own receipts, nothing else."""
        api = self._api()
        if api is None or not kept:
            return
        user, queue = quote(name, safe=""), broker.receipts_queue(name)
        form = {"password_hash": kept, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
        api.call("PUT", f"/users/{user}", form)
        api.call("PUT", f"/queues/{api.vhost}/{quote(queue.name, safe='')}",
                 {"durable": True, "auto_delete": False, "arguments": queue.arguments})  # fmt: skip
        api.call("POST", f"/bindings/{api.vhost}/e/{quote(queue.exchange, safe='')}/q/{quote(queue.name, safe='')}",
                 {"routing_key": name, "arguments": {}})  # fmt: skip
        api.call("PUT", f"/permissions/{api.vhost}/{user}", {
            "configure": "^$", "write": f"^{re.escape(broker.INTAKE)}$",
            "read": f"^{re.escape(queue.name)}$",
        })  # fmt: skip

    def _api(self) -> "_Management | None":
        url = self.runtime.settings.broker_api_url
        return _Management(url, self.runtime.settings.amqp_url) if url else None


class _Management:
    """RabbitMQ's management API."""

    def __init__(self, url: str, amqp_url: str) -> None:
        parts = urlsplit(url)
        self._auth = (unquote(parts.username or "guest"), unquote(parts.password or "guest"))
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}/api"
        self.vhost = quote(unquote(urlsplit(amqp_url).path[1:]) or "/", safe="")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, missing_is_fine: bool = False) -> None:
        try:
            answer = requests.request(method, self._base + path, json=body, auth=self._auth, timeout=10)
        except requests.RequestException as error:
            raise Problem(502, "broker_api_away", f"RabbitMQ 管理接口没有应答：{type(error).__name__}") from None
        if answer.status_code >= 400 and not (missing_is_fine and answer.status_code == 404):
            what = path.split("/")[1]
            raise Problem(502, "broker_api_refused", f"RabbitMQ 管理接口拒绝：{answer.status_code} {what}")
