"""Use cases: accept statements, map those without a record again, register the owners of accounts."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from chassis.intake.quotas import Quotas
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.intake import RECORD_REPORTED
from services.participation.publishers.queries import PUBLISHERS, RegisteredPublisher, RegisteredPublishers
from services.participation.xapi import stored_statements
from services.participation.xapi.domain.statements import actor_key, keyed
from services.participation.xapi.queries import statements_to_replay
from services.participation.xapi.statement_batch import StatementBatch
from services.participation.xapi.stored_statements import KeptStatement

BATCH = 500
REPLAYED_AT_ONCE = 5_000


class Statements:
    """The statements of this service; a platform's quota is that of its reports.  `on_released`: called after a commit
    that released pending reports."""

    def __init__(self, units_of_work: UnitsOfWork, quotas: Quotas, on_released: Callable[[], None]) -> None:
        self._units_of_work, self._quotas, self._on_released = units_of_work, quotas, on_released

    def take(
        self, given: Sequence[dict[str, Any]], size: int, version: str, actor: Actor, correlation: str
    ) -> list[str]:
        """Accept all of them, or none; returns their ids.  `size`: of the body in bytes.  Problem 400, 401, 403, 409,
        429."""
        turn, prefetch = self._quotas.turn(actor.name), [PUBLISHERS()]
        with turn, self._units_of_work.begin(actor, correlation, prefetch) as unit_of_work:
            publisher = self._require_publisher(unit_of_work, actor)
            self._quotas.take(publisher.name, len(given), size)
            if not publisher.rights.may_report(RECORD_REPORTED.wire):
                raise Problem(403, "not_allowed", "本接入系统未登记报送填报记录（record.reported）。")
            batch = StatementBatch(unit_of_work, publisher)
            ids = batch.take(given, version)
            if batch.released:
                unit_of_work.after_commit(self._on_released)
        return ids

    def replay(self, publisher: str, after: int, actor: object, correlation: str) -> dict[str, Any]:
        """Map statements after that number again that became no record.  Returns the outcomes, and the number to
        continue after (0: done)."""
        outcomes = dict.fromkeys(
            (
                stored_statements.RECORDED,
                stored_statements.WAITING,
                stored_statements.REFUSED,
                stored_statements.UNMAPPED,
            ),
            0,
        )
        looked, last = 0, after
        while looked < REPLAYED_AT_ONCE:
            with self._units_of_work.begin(actor, correlation, [PUBLISHERS()]) as unit_of_work:
                rows = statements_to_replay(unit_of_work.connection, publisher, last, BATCH)
                self._replay(unit_of_work, rows)
            looked += len(rows)
            for _, each in rows:
                outcomes[each.state] += 1
                last = max(last, each.seq)
            if len(rows) < BATCH:
                return {"looked_at": looked, **outcomes, "next": 0}
        return {"looked_at": looked, **outcomes, "next": last}

    def _replay(self, unit_of_work: UnitOfWork, rows: Sequence[tuple[str, KeptStatement]]) -> None:
        registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
        for name, group in groupby(sorted(rows, key=lambda row: (row[0], row[1].seq)), key=lambda row: row[0]):
            publisher = registered.named(name)
            if publisher is None:
                continue
            batch = StatementBatch(unit_of_work, publisher)
            batch.replay([each for _, each in group])
            if batch.released:
                unit_of_work.after_commit(self._on_released)

    def name_actors(self, given: Sequence[Mapping[str, Any]], actor: object, correlation: str) -> int:
        """Register the owners of these accounts and addresses; returns how many."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            secret = unit_of_work.store.secret
            persons = {keyed(secret, actor_key(each["actor"])): str(each["person_id"]) for each in given}
            stored_statements.name_actors(unit_of_work.connection, persons)
        return len(persons)

    def _require_publisher(self, unit_of_work: UnitOfWork, actor: Actor) -> RegisteredPublisher:
        """Problem 401 if the token is not the publisher's latest."""
        registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
        self._quotas.learn({publisher.name: publisher.limits for publisher in registered})
        known = registered.named(actor.name)
        if known is None or known.generation != actor.generation:
            raise Problem(401, "token_revoked", "该接入系统的令牌已更换或撤销。")
        return known
