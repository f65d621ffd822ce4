"""Adds, rotates and removes publishers: a token for HTTP and, with RabbitMQ, a broker user."""

import re
import secrets
from typing import Any

import sqlalchemy as sa
import structlog

from chassis.process.problems import Problem
from chassis.process.tokens import PUBLISHER_SECONDS, Signer
from chassis.store.database import Store
from chassis.store.schema import intake_sources, publishers
from services.participation.publishers.broker_users import BrokerUsers

_log = structlog.get_logger(__name__)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_RESERVED = {"guest", "admin", "participation", "assessment", "publicity", "notifications", "console", "operator",
             "publishers"}  # fmt: skip


class Publishers:
    """The outside systems that may report."""

    def __init__(self, store: Store, signer: Signer, broker_users: BrokerUsers) -> None:
        self._store, self._signer, self._broker_users = store, signer, broker_users

    def add_publisher(self, name: str) -> dict[str, Any]:
        """The new publisher's secrets, which are shown once.  Problems 409, 422, 502."""
        if not _NAME.fullmatch(name) or name in _RESERVED:
            detail = "名称须为 2 至 63 个小写字母、数字、点、横线，且不是系统保留名。"
            raise Problem(422, "bad_name", detail, column="name")
        password, password_hash = self._broker_users.make_password()
        generation = _fresh_generation()
        with self._store.writing() as connection:
            if connection.execute(sa.select(publishers.c.name).where(publishers.c.name == name)).scalar():
                raise Problem(409, "publisher_exists", f"接入系统 {name} 已存在。")
            connection.execute(sa.insert(publishers).values(
                name=name, amqp=int(bool(password_hash)), generation=generation, hash=password_hash))  # fmt: skip
        try:
            self._broker_users.put(name, password_hash)
        except Problem:
            self._delete(name)
            raise
        return self._secrets(name, password, generation)

    def rotate_publisher(self, name: str) -> dict[str, Any]:
        """New secrets; the old password and the old token end at once.  Problems 404, 502."""
        password, password_hash = self._broker_users.make_password()
        generation = _fresh_generation()
        with self._store.writing() as connection:
            _require(connection, name)
            changed = {"generation": generation, "amqp": int(bool(password_hash)), "hash": password_hash}
            connection.execute(sa.update(publishers).where(publishers.c.name == name).values(**changed))
        self._broker_users.put(name, password_hash)
        self._broker_users.close_connections(name)
        return self._secrets(name, password, generation)

    def remove_publisher(self, name: str) -> None:
        """The broker user ends, the token is honoured no more, and its sources are free.  Problems 404, 502."""
        with self._store.reading() as connection:
            _require(connection, name)
        self._broker_users.delete(name)
        self._delete(name)

    def restore_broker_users(self) -> None:
        """Creates the broker's users again where the broker lost them (its data directory wiped)."""
        if not self._broker_users.enabled:
            return
        with self._store.reading() as connection:
            with_users = connection.execute(sa.select(publishers).where(publishers.c.amqp == 1)).all()
        for row in with_users:
            try:
                self._broker_users.put(row.name, row.hash)
            except Problem as problem:
                _log.warning("broker user not restored", publisher=row.name, code=problem.code)

    def _delete(self, name: str) -> None:
        with self._store.writing() as connection:
            connection.execute(sa.delete(publishers).where(publishers.c.name == name))
            connection.execute(sa.delete(intake_sources).where(intake_sources.c.publisher == name))

    def _secrets(self, name: str, password: str | None, generation: int) -> dict[str, Any]:
        token = self._signer.issue(name, ["publisher"], PUBLISHER_SECONDS, generation=generation)
        return {"name": name, "user": name if password else None, "password": password, "amqp": bool(password),
                "token": token}  # fmt: skip


def _fresh_generation() -> int:
    """A number that no token of anybody bears: a publisher that was removed and is added again is another one."""
    return secrets.randbelow(2**53) + 1


def _require(connection: sa.Connection, name: str) -> None:
    if connection.execute(sa.select(publishers.c.name).where(publishers.c.name == name)).scalar() is None:
        raise Problem(404, "unknown_publisher", f"没有名为 {name} 的接入系统。")
