"""Common steps of every change of a delivery: the transaction, the current delivery, and the start position."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from chassis.messaging.deliveries import Delivery, delivery_named
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.subscribers.domain.subscription import SubscriptionConflict
from services.participation.subscribers.handlers import subscription_conflict
from services.participation.subscribers.queries import BadCursor, LostCursor, cursor_from


@contextmanager
def changing(
    units_of_work: UnitsOfWork, name: str, actor: Actor, correlation: str
) -> Iterator[tuple[UnitOfWork, Delivery | None]]:
    """A transaction with the current delivery.  Problem 404 if there is no such subscription."""
    with units_of_work.begin(actor, correlation) as work:
        try:
            yield work, delivery_named(work.connection, name)
        except SubscriptionConflict as error:
            raise subscription_conflict(name, error) from None


def lost_cursor() -> Problem:
    return Problem(410, "lost_cursor", "数据已从较早的备份恢复，这个位置不在了；请用 replay 从头或从某个时间重新开始。",
                   column="start")  # fmt: skip


def start_position(connection: Connection, start: str, now: str) -> str:
    """The cursor for `start`.  Problem 400, 410."""
    try:
        return cursor_from(connection, start, now)
    except BadCursor:
        detail = "起点写法不对：请写 start、end、带时区的时间（如 2022-12-01T00:00:00+08:00）或事件中的 cursor。"
        raise Problem(400, "bad_cursor", detail, column="start") from None
    except LostCursor:
        raise lost_cursor() from None


def require_delivery(name: str, delivery: Delivery | None, way: str = "") -> Delivery:
    """The delivery, of that way.  Problem 404, 409."""
    if delivery is None:
        raise Problem(404, "no_delivery", f"订阅 {name} 没有设定推送。")
    if way and delivery.way != way:
        raise Problem(409, "other_way", f"订阅 {name} 不是用 {way} 推送的。")
    return delivery
