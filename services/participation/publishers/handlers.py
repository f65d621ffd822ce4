"""Use cases: add, change, rotate and remove publishers, with rights, a token for HTTP and, with RabbitMQ, a broker
user."""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from chassis.events.canonical_json import instant, moment
from chassis.intake.pending_reports import PendingReports, pending_by_publisher
from chassis.intake.quotas import NO_LIMITS, Limits
from chassis.messaging import broker
from chassis.process.problems import Problem
from chassis.process.tokens import PUBLISHER_SECONDS, Denials, Signer
from chassis.store.database import Store
from chassis.store.schema import publishers, receipts
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.publishers import PublisherChanged, PublisherRegistered, PublisherRemoved, PublisherRotated
from services.participation.intake.outcomes import (
    count_outcomes,
    forget_old_receipts,
    forget_outcomes,
    outcomes_by_day,
    outcomes_of_publishers,
    unauthorized,
)
from services.participation.publishers.broker_address import BrokerAddress
from services.participation.publishers.broker_users import BrokerUsers
from services.participation.publishers.domain import RECEIPTS, BadRights, Rights, overlapping, rights_of
from services.participation.publishers.queries import (
    PUBLISHERS,
    RegisteredPublisher,
    RegisteredPublishers,
    read_publishers,
)
from services.participation.xapi.stored_statements import forget_publisher

_log = structlog.get_logger(__name__)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
NOT_PUBLISHED = BrokerAddress()
_RESERVED = {"guest", "admin", "participation", "assessment", "publicity", "notifications", "console", "operator",
             "publishers", "monitoring"}  # fmt: skip
_BAD_RIGHTS = {
    "types": ("bad_type", "没有这样的事件类型：{}。请用 docs/intake.md 中的类型，或如 qihang.record.* 的写法。"),
    "units": ("bad_unit", "单位写法不对：{}。请用单位编号，或只用 all（全部单位）。"),
    "sources": ("bad_source", "来源写法不对：{}。* 只能在末尾，前面须是 /、: 或 #。"),
}


class Publishers:
    """The publishers.  `on_released`: called after a commit that released pending reports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, signer: Signer, broker_users: BrokerUsers,
        on_released: Callable[[], None], denials: Denials, broker_address: BrokerAddress = NOT_PUBLISHED,
    ) -> None:  # fmt: skip
        self._denials, self._broker_address = denials, broker_address
        self._store, self._units_of_work, self._signer = store, units_of_work, signer
        self._broker_users, self._on_released = broker_users, on_released

    def add_publisher(
        self, name: str, rights: Rights, actor: object, correlation: str, limits: Limits = NO_LIMITS,
        answers: str = RECEIPTS,
    ) -> dict[str, Any]:  # fmt: skip
        """Add a publisher; returns its secrets, which are shown once.  Problem 409, 422, 502."""
        if not _NAME.fullmatch(name) or name in _RESERVED:
            detail = "名称须为 2 至 63 个小写字母、数字、点、横线，且不是系统保留名。"
            raise Problem(422, "bad_name", detail, column="name")
        password, password_hash = self._broker_users.make_password()
        generation = _fresh_generation()
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
            if registered.named(name):
                raise Problem(409, "publisher_exists", f"接入系统 {name} 已存在。")
            _require_free_sources(name, rights, registered)
            unit_of_work.connection.execute(sa.insert(publishers).values(
                name=name, amqp=int(bool(password_hash)), generation=generation, hash=password_hash,
                expires_at=(expires_at := _end_of_token(unit_of_work.now)),
                answers=answers, **_limit_columns(limits), **_columns(rights),
            ))  # fmt: skip
            unit_of_work.append(PublisherRegistered(name, rights.types, rights.units, rights.sources, rights.unnamed))
        try:
            self._broker_users.put(name, password_hash)
        except Problem:
            self._delete(name, actor, correlation)
            raise
        settings = {"answers": answers, **_shown_rights(rights), **_shown_limits(limits)}
        return self._secrets(name, password, generation, expires_at) | settings

    def change_publisher(self, name: str, changes: dict[str, Any], actor: object, correlation: str) -> dict[str, Any]:
        """Change its rights; what is not given stays.  Returns the new rights, which apply to pending reports too.
        Problem 404, 409, 422."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
            before = _require(registered, name)
            rights, limits = checked_rights(name, vars(before.rights) | changes), changed_limits(before.limits, changes)
            answers = changes.get("answers", before.answers)
            _require_free_sources(name, rights, registered)
            if (limits, answers) != (before.limits, before.answers):
                given = {"answers": answers, **_limit_columns(limits)}
                unit_of_work.connection.execute(sa.update(publishers).where(publishers.c.name == name).values(**given))
            if rights != before.rights:
                changed = sa.update(publishers).where(publishers.c.name == name).values(**_columns(rights))
                unit_of_work.connection.execute(changed)
                unit_of_work.append(PublisherChanged(name, rights.types, rights.units, rights.sources, rights.unnamed))
        return shown_publisher(before._replace(rights=rights, limits=limits, answers=answers))

    def list_publishers(self) -> list[dict[str, Any]]:
        """Each with the outcomes of its reports, and how many are pending."""
        with self._store.reading() as connection:
            registered, outcomes = read_publishers(connection), outcomes_of_publishers(connection)
            days = outcomes_by_day(connection, self._units_of_work.now())
            waiting = pending_by_publisher(connection)
        return [
            {**shown_publisher(publisher), "outcomes": (known := outcomes.get(publisher.name, [])),
             "days": days.get(publisher.name, []),
             "last_at": max((str(each["last_at"]) for each in known), default=""),
             "waiting": waiting.get(publisher.name, 0)} for publisher in registered
        ]  # fmt: skip

    def keep_figures(self) -> None:
        """Store the counts of requests with invalid tokens since the last call; delete expired receipts."""
        now = self._units_of_work.now()
        if denied := self._denials.take():
            with self._units_of_work.begin("service:participation") as unit_of_work:
                known = frozenset(each.name for each in RegisteredPublishers(unit_of_work.query(PUBLISHERS())))
                counts = unauthorized(denied, known)
                count_outcomes(self._store, unit_of_work.connection, counts, unit_of_work.now)
        forget_old_receipts(self._units_of_work, now)

    def rotate_publisher(self, name: str, actor: object, correlation: str) -> dict[str, Any]:
        """New secrets; the old password and token become invalid at once.  Problem 404, 502."""
        password, password_hash = self._broker_users.make_password()
        generation = _fresh_generation()
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            before = _require(RegisteredPublishers(unit_of_work.query(PUBLISHERS())), name)
            changed = {"generation": generation, "amqp": int(bool(password_hash)), "hash": password_hash,
                       "expires_at": (expires_at := _end_of_token(unit_of_work.now))}  # fmt: skip
            unit_of_work.connection.execute(sa.update(publishers).where(publishers.c.name == name).values(**changed))
            unit_of_work.append(PublisherRotated(name))
        self._broker_users.put(name, password_hash)
        self._broker_users.close_connections(name)
        shown = {"answers": before.answers, **_shown_rights(before.rights), **_shown_limits(before.limits)}
        return self._secrets(name, password, generation, expires_at) | shown

    def remove_publisher(self, name: str, actor: object, correlation: str) -> None:
        """Remove a publisher: broker user and queue are deleted, the token is invalid, pending reports are dropped, its
        sources are free.  Problem 404, 502."""
        with self._store.reading() as connection:
            _require(read_publishers(connection), name)
        self._broker_users.delete(name)
        self._delete(name, actor, correlation)

    def restore_broker_users(self) -> None:
        """Create broker users again that the broker lost (its data directory wiped)."""
        if not self._broker_users.enabled:
            return
        with self._store.reading() as connection:
            with_users = connection.execute(sa.select(publishers).where(publishers.c.amqp == 1)).all()
        for row in with_users:
            try:
                self._broker_users.put(row.name, row.hash)
            except Problem as problem:
                _log.warning("broker user not restored", publisher=row.name, code=problem.code)

    def _delete(self, name: str, actor: object, correlation: str) -> None:
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            unit_of_work.connection.execute(sa.delete(publishers).where(publishers.c.name == name))
            unit_of_work.connection.execute(sa.delete(receipts).where(receipts.c.publisher == name))
            forget_outcomes(unit_of_work.connection, name)
            forget_publisher(unit_of_work.connection, name)
            unit_of_work.append(PublisherRemoved(name, self._drop_pending(unit_of_work, name)))

    def _drop_pending(self, unit_of_work: UnitOfWork, name: str) -> int:
        """Drop its pending reports; releases what was behind them."""
        pending = PendingReports(unit_of_work.store, unit_of_work.connection, unit_of_work.query)
        dropped = pending.of_publisher(name)
        pending.remove(dropped)
        if pending.release({f"hold:{report.id_lock}" for report in dropped}):
            unit_of_work.after_commit(self._on_released)
        return len(dropped)

    def _secrets(self, name: str, password: str | None, generation: int, expires_at: str) -> dict[str, Any]:
        token = self._signer.issue(name, ["publisher"], PUBLISHER_SECONDS, generation=generation)
        own = broker.own_intake_queue("participation", name)
        return {"name": name, "user": name if password else None, "password": password, "amqp": bool(password),
                "token": token, "token_expires_at": expires_at, "vhost": self._broker_users.vhost if password else "",
                "exchange": own.exchange if password else "",
                "receipts": broker.receipts_queue(name).name if password else "",
                **vars(self._broker_address if password else NOT_PUBLISHED)}  # fmt: skip


def checked_rights(name: str, given: dict[str, Any]) -> Rights:
    """The rights.  Problem 422."""
    try:
        return rights_of(name, given["types"], given["units"], given["sources"], given["unnamed"])
    except BadRights as error:
        code, detail = _BAD_RIGHTS[error.column]
        raise Problem(422, code, detail.format(error.value[:80] or "（空）"), column=error.column) from None


def shown_publisher(publisher: RegisteredPublisher) -> dict[str, Any]:
    return {"name": publisher.name, "amqp": bool(publisher.amqp), "token_expires_at": publisher.expires_at,
            "answers": publisher.answers, **_shown_limits(publisher.limits),
            **_shown_rights(publisher.rights)}  # fmt: skip


def limits_of(given: dict[str, Any]) -> Limits:
    return changed_limits(NO_LIMITS, given)


def changed_limits(before: Limits, changes: dict[str, Any]) -> Limits:
    """What is not given stays."""
    return Limits(changes.get("rows_a_minute", before.rows), changes.get("bytes_a_minute", before.bytes))


def _shown_limits(limits: Limits) -> dict[str, int]:
    return {"rows_a_minute": limits.rows, "bytes_a_minute": limits.bytes}


_limit_columns = _shown_limits


def _shown_rights(rights: Rights) -> dict[str, Any]:
    return {"types": rights.types, "units": rights.units, "sources": rights.sources, "unnamed": rights.unnamed}


def _columns(rights: Rights) -> dict[str, Any]:
    return {"types": _text(rights.types), "units": _text(rights.units), "sources": _text(rights.sources),
            "unnamed": int(rights.unnamed)}  # fmt: skip


def _text(values: Sequence[str]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _require_free_sources(name: str, rights: Rights, registered: RegisteredPublishers) -> None:
    for other in registered:
        if other.name != name and (source := overlapping(rights, other.rights)):
            detail = f"来源 {source} 已登记在接入系统 {other.name} 名下。"
            raise Problem(409, "source_of_another", detail, column="sources")


def _end_of_token(now: str) -> str:
    return instant(moment(now) + timedelta(seconds=PUBLISHER_SECONDS))


def _fresh_generation() -> int:
    """A number that no earlier token has: a publisher that is removed and added again is a new one."""
    return secrets.randbelow(2**53) + 1


def _require(registered: RegisteredPublishers, name: str) -> RegisteredPublisher:
    known = registered.named(name)
    if known is None:
        raise Problem(404, "unknown_publisher", f"没有名为 {name} 的接入系统。")
    return known
