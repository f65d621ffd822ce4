"""Use cases: add, change, rotate and revoke subscriptions."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from chassis.events.canonical_json import instant, moment
from chassis.messaging.deliveries import forget_delivery, renew_rights
from chassis.messaging.readings import begin_reading, forget_reading
from chassis.process.problems import Problem
from chassis.process.tokens import SUBSCRIBER_SECONDS, Actor, Signer
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.subscribers.domain.subscription import (
    SUBSCRIPTIONS,
    AddSubscription,
    BadSubscription,
    ChangeSubscription,
    RevokeSubscription,
    RotateSubscription,
    Subscription,
    SubscriptionCommand,
    SubscriptionConflict,
)
from services.participation.subscribers.queries import all_subscriptions

_BAD = {
    "name": ("bad_name", "名称须为 2 至 63 个小写字母、数字、点、横线：{}。"),
    "types": ("bad_type", "没有这样的公开事件类型：{}。请用 docs/subscriptions.md 中的类型，或如 record.* 的写法。"),
    "units": ("bad_unit", "单位写法不对：{}。请用单位编号，或只用 all（全部单位）。"),
}


class Subscriptions:
    """The outside systems that may read public events."""

    def __init__(self, store: Store, units_of_work: UnitsOfWork, signer: Signer, now: Callable[[], str]) -> None:
        self._store, self._units_of_work, self._signer, self._now = store, units_of_work, signer, now

    def add(self, given: dict[str, Any], actor: Actor, correlation: str) -> dict[str, Any]:
        """The new subscription with its token, which is shown once.  Problem 409, 422."""
        command = AddSubscription(given["name"], given["types"], given["units"], given["personal"],
                                  secrets.token_hex(16), _fresh_number(), self._end_of_token())  # fmt: skip
        return self._with_token(self._execute(command, actor, correlation))

    def change(self, name: str, given: dict[str, Any], actor: Actor, correlation: str) -> dict[str, Any]:
        """Change what it may read; what is not given stays.  Problem 404, 422."""
        changed = self._execute(ChangeSubscription(name, **given), actor, correlation)
        assert changed is not None
        return shown_subscription(changed)

    def rotate(self, name: str, actor: Actor, correlation: str) -> dict[str, Any]:
        """A new token; the old one is invalid at once.  Problem 404."""
        command = RotateSubscription(name, _fresh_number(), self._end_of_token())
        return self._with_token(self._execute(command, actor, correlation))

    def revoke(self, name: str, actor: Actor, correlation: str) -> None:
        """Its token becomes invalid, and nothing is sent to it any more.  Problem 404."""
        self._execute(RevokeSubscription(name), actor, correlation)

    def shown(self) -> list[dict[str, Any]]:
        with self._store.reading() as connection:
            return [shown_subscription(each) for each in all_subscriptions(connection)]

    def _execute(self, command: SubscriptionCommand, actor: Actor, correlation: str) -> Subscription | None:
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            before = unit_of_work.states(SUBSCRIPTIONS, [command.stream])[command.stream]
            try:
                unit_of_work.execute(SUBSCRIPTIONS, command)
            except BadSubscription as error:
                code, detail = _BAD[error.column]
                raise Problem(422, code, detail.format(error.value[:80] or "（空）"), column=error.column) from None
            except SubscriptionConflict as error:
                raise subscription_conflict(command.name, error) from None
            after = unit_of_work.states(SUBSCRIPTIONS, [command.stream])[command.stream]
            _follow(unit_of_work.connection, command.name, before, after)
            return after

    def _with_token(self, subscription: Subscription | None) -> dict[str, Any]:
        assert subscription is not None
        name, number = subscription.name, subscription.token_number
        token = self._signer.issue(name, ["subscriber"], SUBSCRIBER_SECONDS, generation=number)
        return {**shown_subscription(subscription), "token": token}

    def _end_of_token(self) -> str:
        return instant(moment(self._now()) + timedelta(seconds=SUBSCRIBER_SECONDS))


def _follow(connection: Connection, name: str, before: Subscription | None, after: Subscription | None) -> None:
    """Update what is stored about a subscription besides the log: its progress."""
    if after is None:
        forget_delivery(connection, name)
        forget_reading(connection, name)
    elif before is None:
        begin_reading(connection, name)
    elif _rights_of(before) != _rights_of(after):
        renew_rights(connection, name, after.reads_less_than(before))


def _rights_of(subscription: Subscription) -> tuple[Any, ...]:
    return subscription.types, subscription.units, subscription.personal


def shown_subscription(subscription: Subscription) -> dict[str, Any]:
    return {"name": subscription.name, "types": list(subscription.types), "units": list(subscription.units),
            "personal": subscription.personal, "token_expires_at": subscription.expires_at}  # fmt: skip


def subscription_conflict(name: str, error: SubscriptionConflict) -> Problem:
    if error.exists:
        return Problem(409, "subscription_exists", f"订阅 {name} 已存在。")
    return Problem(404, "unknown_subscription", f"没有名为 {name} 的订阅。")


def _fresh_number() -> int:
    """A number that no earlier token has: a subscription that is revoked and added again is a new one."""
    return secrets.randbelow(2**53) + 1
