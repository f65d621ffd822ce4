"""Manages a queue and a broker user for each AMQP subscription through RabbitMQ's management API: the user may read
that queue and nothing else."""

import re
from urllib.parse import quote, unquote

from chassis.messaging import broker
from chassis.process.problems import Problem
from services.participation.publishers.broker_users import ManagementApi, fresh_password

NOBODYS_WRITE = "^$"


class BrokerQueues:
    """`enabled` is False if no management API is configured, or there is no broker."""

    def __init__(self, api_url: str, amqp_url: str) -> None:
        self._api = ManagementApi(api_url, amqp_url) if api_url and not amqp_url.startswith("memory") else None

    @property
    def enabled(self) -> bool:
        return self._api is not None

    @property
    def vhost(self) -> str:
        return unquote(self._api.vhost) if self._api else ""

    def make_password(self) -> tuple[str, str]:
        """A new password, and its hash for the broker.  Problem 409 without a broker."""
        if self._api is None:
            detail = "本系统没有使用消息服务（RabbitMQ），不能用 --amqp；请用 --webhook，或按位置读取。"
            raise Problem(409, "no_broker", detail, column="amqp")
        return fresh_password()

    def put(self, name: str, password_hash: str) -> None:
        """Create the queue and its user, or set the user's new password.  Problem 502."""
        if self._api is None:
            return
        spec = broker.subscription_queue(name)
        exchange = {"type": spec.kind, "durable": True, "auto_delete": False, "arguments": {}}
        if not self._api.has(f"/exchanges/{self._api.vhost}/{spec.exchange}"):
            self._api.call("PUT", f"/exchanges/{self._api.vhost}/{spec.exchange}", exchange)
        self._api.make_queue(spec)
        self._api.put_user(user_of(name), password_hash, NOBODYS_WRITE, f"^{re.escape(spec.name)}$")

    def has_queue(self, name: str) -> bool:
        """Whether the queue exists.  Problem 502."""
        return self._api is not None and self._api.has(self._path_of(name))

    def unacknowledged(self, name: str) -> int:
        """The number of ready and unacknowledged messages, by the broker's latest statistics.  Problem 502."""
        return int(self._api.read(self._path_of(name)).get("messages", 1)) if self._api is not None else 0

    def close_connections(self, name: str) -> None:
        """Close the user's connections.  Problem 502."""
        if self._api is not None:
            self._api.close_connections(user_of(name))

    def delete(self, name: str) -> None:
        """Delete user and queue with all unread messages.  Problem 502."""
        if self._api is not None:
            self._api.delete_user(user_of(name))
            self.delete_queue(name)

    def delete_queue(self, name: str) -> None:
        """Delete the queue with all unread messages; the user stays.  Problem 502."""
        if self._api is not None:
            self._api.call("DELETE", self._path_of(name), missing_is_fine=True)

    def _path_of(self, name: str) -> str:
        assert self._api is not None
        return f"/queues/{self._api.vhost}/{quote(broker.subscription_queue(name).name, safe='')}"


def user_of(name: str) -> str:
    """The name of the user, which no publisher can have."""
    return f"subscription~{name}"
