"""Keeps a queue and a broker user for each subscription that is read by AMQP, by RabbitMQ's management API: the user
may read that queue and do nothing else."""

import re
from urllib.parse import quote, unquote

from chassis.messaging import broker
from chassis.process.problems import Problem
from services.participation.publishers.broker_users import ManagementApi, fresh_password

NOBODYS_WRITE = "^$"


class BrokerQueues:
    """`enabled` is False where no management API is set, or no broker is there."""

    def __init__(self, api_url: str, amqp_url: str) -> None:
        self._api = ManagementApi(api_url, amqp_url) if api_url and not amqp_url.startswith("memory") else None

    @property
    def enabled(self) -> bool:
        return self._api is not None

    @property
    def vhost(self) -> str:
        return unquote(self._api.vhost) if self._api else ""

    def make_password(self) -> tuple[str, str]:
        """A new password, and the hash that the broker keeps.  Problem 409 without a broker."""
        if self._api is None:
            detail = "本系统没有使用消息服务（RabbitMQ），不能用 --amqp；请用 --webhook，或按位置读取。"
            raise Problem(409, "no_broker", detail, column="amqp")
        return fresh_password()

    def put(self, name: str, password_hash: str) -> None:
        """The queue and its user, or the user's new password.  Problem 502."""
        if self._api is None:
            return
        spec = broker.subscription_queue(name)
        exchange = {"type": spec.kind, "durable": True, "auto_delete": False, "arguments": {}}
        if not self._api.has(f"/exchanges/{self._api.vhost}/{spec.exchange}"):
            self._api.call("PUT", f"/exchanges/{self._api.vhost}/{spec.exchange}", exchange)
        self._api.make_queue(spec)
        self._api.put_user(user_of(name), password_hash, NOBODYS_WRITE, f"^{re.escape(spec.name)}$")

    def has_queue(self, name: str) -> bool:
        """Problem 502."""
        return self._api is not None and self._api.has(self._path_of(name))

    def unacknowledged(self, name: str) -> int:
        """Messages that wait or that its consumer has not acknowledged, as the broker counted them last.  Problem
        502."""
        return int(self._api.read(self._path_of(name)).get("messages", 1)) if self._api is not None else 0

    def close_connections(self, name: str) -> None:
        """Problem 502."""
        if self._api is not None:
            self._api.close_connections(user_of(name))

    def delete(self, name: str) -> None:
        """With what is unread.  Problem 502."""
        if self._api is not None:
            self._api.delete_user(user_of(name))
            self.delete_queue(name)

    def delete_queue(self, name: str) -> None:
        """With what is unread; its user stays.  Problem 502."""
        if self._api is not None:
            self._api.call("DELETE", self._path_of(name), missing_is_fine=True)

    def _path_of(self, name: str) -> str:
        assert self._api is not None
        return f"/queues/{self._api.vhost}/{quote(broker.subscription_queue(name).name, safe='')}"


def user_of(name: str) -> str:
    """No publisher can be called so."""
    return f"subscription~{name}"
