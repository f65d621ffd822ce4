"""Use cases: set up, change and end the delivery of a subscription; secrets are shown once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from chassis.events.canonical_json import instant
from chassis.messaging import broker
from chassis.messaging.deliveries import (
    AMQP,
    ANEW,
    FRESH,
    PAUSED,
    RUNNING,
    WEBHOOK,
    Delivery,
    add_delivery,
    all_deliveries,
    change_delivery,
    delivery_named,
    forget_delivery,
)
from chassis.process.outgoing_http import BadUrl, checked_url
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.deliveries.broker_queues import BrokerQueues, user_of
from services.participation.deliveries.changes import changing, require_delivery, start_position
from services.participation.deliveries.signature import fresh_secret
from services.participation.publishers.broker_address import BrokerAddress
from services.participation.subscribers.domain.subscription import SUBSCRIPTIONS, ChangeDelivery, SetDelivery

_log = structlog.get_logger(__name__)
FORMER_HOURS = 24
"""How long the former secret stays valid after a change."""


class Deliveries:
    """`now`: the machine's clock; `wake`: wakes the deliverer."""

    def __init__(
        self, units_of_work: UnitsOfWork, queues: BrokerQueues, broker_address: BrokerAddress,
        now: Callable[[], datetime], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._units_of_work, self._queues, self._address = units_of_work, queues, broker_address
        self._now, self._wake = now, wake

    def check(self, given: dict[str, Any]) -> None:
        """The checks of `set_up` that need no store.  Problem 409, 422."""
        if given.get("webhook"):
            _checked_url(given["webhook"])
        if given.get("webhook") and given.get("amqp"):
            raise Problem(422, "two_ways", "一个订阅只能用一种推送方式；另一种请另登记一个订阅。", column="amqp")
        if given.get("amqp"):
            self._queues.make_password()
        with self._units_of_work.store.reading() as connection:
            start_position(connection, given.get("start", ""), self._units_of_work.now())

    def set_up(self, name: str, given: dict[str, Any], actor: Actor, correlation: str) -> dict[str, Any]:
        """Deliver to the subscription as `webhook` or `amqp` says, from its current position or from `start`; secrets
        are shown once.  Problem 404, 409, 422, 502."""
        self.check(given)
        if given.get("webhook"):
            return self._set_webhook(name, given["webhook"], given.get("start", ""), actor, correlation)
        return self._set_queue(name, given["amqp"], given.get("start", ""), actor, correlation)

    def _set_webhook(
        self, name: str, options: dict[str, Any], start: str, actor: Actor, correlation: str
    ) -> dict[str, Any]:
        url = options["url"]
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            work.execute(SUBSCRIPTIONS, SetDelivery(name, WEBHOOK, url.partition("?")[0]))
            rate = 0 if options["handshake"] else options["rate"]
            kept = {key: value for key, value in options.items() if key != "url"}
            fresh = fresh_secret() if before is None or not before.secret else ""
            columns = {"allowed_rate": rate, **({"secret": fresh} if fresh else {})}
            self._store_delivery(work, name, before, WEBHOOK, url, kept, start, columns)
        if before is not None and before.way == AMQP:
            self._queues.delete(name)
        self._wake()
        return {"secret": fresh}

    def _set_queue(
        self, name: str, options: dict[str, Any], start: str, actor: Actor, correlation: str
    ) -> dict[str, Any]:
        password, password_hash = self._queues.make_password()
        queue = broker.subscription_queue(name).name
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            work.execute(SUBSCRIPTIONS, SetDelivery(name, AMQP, queue))
            again = before is not None and before.way == AMQP
            self._store_delivery(
                work, name, before, AMQP, queue, options, start, {} if again else {"hash": password_hash}
            )
        if again:
            self._wake()
            return {}
        return self._made_queue(name, password, password_hash, actor, correlation)

    def _made_queue(
        self, name: str, password: str, password_hash: str, actor: Actor, correlation: str
    ) -> dict[str, Any]:
        try:
            self._queues.put(name, password_hash)
        except Problem:
            self.remove(name, actor, correlation, at_the_broker=False)
            raise
        self._wake()
        return self._broker_secrets(name, password)

    def _store_delivery(self, work: UnitOfWork, name: str, before: Delivery | None, way: str, address: str,
             options: dict[str, Any], start: str, columns: dict[str, Any]) -> None:  # fmt: skip
        """Store it from its current position; if a queue is given up, from the last position known to be read."""
        if start or before is None:
            position = start_position(work.connection, start, work.now)
            columns = columns | {"position": position, "read_position": position}
        elif before.way == AMQP and way != AMQP:
            columns = columns | {"position": before.read_position}
        if before is None:
            add_delivery(work.connection, name, way, address, options, **columns)
        else:
            state = PAUSED if before.state == PAUSED else RUNNING
            if way == AMQP and before.options.get(ANEW):
                options = {**options, ANEW: True}
            changed = {**FRESH, "state": state, "way": way, "address": address, "options": options, **columns}
            change_delivery(work.connection, name, **changed)

    def rotate_password(self, name: str) -> dict[str, Any]:
        """A new password at the broker if it is read by AMQP; {} otherwise.  Problem 502."""
        with self._units_of_work.store.reading() as connection:
            known = delivery_named(connection, name)
        if known is None or known.way != AMQP:
            return {}
        password, password_hash = self._queues.make_password()
        with self._units_of_work.begin("service:participation") as work:
            change_delivery(work.connection, name, hash=password_hash)
        self._queues.put(name, password_hash)
        self._queues.close_connections(name)
        return self._broker_secrets(name, password)

    def rotate_secret(self, name: str, actor: Actor, correlation: str) -> dict[str, Any]:
        """A new secret; the former one stays valid for a day.  Problem 404, 409."""
        secret, until = fresh_secret(), instant(self._now() + timedelta(hours=FORMER_HOURS))
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            known = require_delivery(name, before, WEBHOOK)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "secret_rotated"))
            former = {"former_secret": known.secret, "former_until": until}
            change_delivery(work.connection, name, secret=secret, **former)
        return {"secret": secret, "former_until": until}

    def restore_queues(self) -> None:
        """Create queues that the broker lost (its data directory wiped); they are refilled from the last position known
        to be read."""
        if not self._queues.enabled:
            return
        with self._units_of_work.store.reading() as connection:
            known = [each for each in all_deliveries(connection) if each.way == AMQP]
        for each in known:
            try:
                lost = not self._queues.has_queue(each.name)
                self._queues.put(each.name, each.hash)
            except Problem as problem:
                _log.warning("queue of a subscription not restored", subscription=each.name, code=problem.code)
                continue
            if lost:
                with self._units_of_work.begin("service:participation") as work:
                    change_delivery(work.connection, each.name, position=each.read_position)
        self._wake()

    def remove(self, name: str, actor: Actor, correlation: str, at_the_broker: bool = True) -> None:
        """End the delivery; the subscription can still read by HTTP.  Problem 404, 502."""
        if at_the_broker:
            self.close(name)
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            require_delivery(name, before)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "removed"))
            forget_delivery(work.connection, name)

    def close(self, name: str) -> None:
        """Delete what it has at the broker, with all unread messages.  Problem 502."""
        with self._units_of_work.store.reading() as connection:
            known = delivery_named(connection, name)
        if known is not None and known.way == AMQP:
            self._queues.delete(name)

    def _broker_secrets(self, name: str, password: str) -> dict[str, Any]:
        return {"user": user_of(name), "password": password, "vhost": self._queues.vhost,
                "queue": broker.subscription_queue(name).name, **vars(self._address)}  # fmt: skip


def _checked_url(options: dict[str, Any]) -> None:
    """Problem 422 if the URL is not allowed."""
    try:
        checked_url(options["url"], options["allow_http"])
    except BadUrl as error:
        more = "；用 http:// 须加 --allow-http" if str(error) == "no https" else ""
        detail = f"地址须是 https:// 开头的网址，不带用户名、密码和 #{more}。"
        raise Problem(422, "bad_url", detail, column="webhook") from None
