"""Figures about publishers for operators: status, metrics."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import instant, moment
from chassis.intake.pending_reports import pending_by_publisher
from chassis.runtime.health import Metric
from chassis.store.schema import intake_outcomes
from services.participation.intake.outcomes import UNAUTHORIZED, outcomes_of_publishers
from services.participation.publishers.queries import read_publishers
from services.participation.xapi.queries import statement_states, unmapped_counts

ENDING_DAYS: Final = 30
"""The number of days before a token's expiry from which it is reported."""


def tokens_ending(connection: Connection, now: datetime) -> int:
    """The number of tokens that expire within a month, or have expired."""
    limit = instant(now + timedelta(days=ENDING_DAYS))
    return sum(1 for publisher in read_publishers(connection) if publisher.expires_at < limit)


def unauthorized_today(connection: Connection, now: datetime) -> int:
    """The number of requests of the last day with an invalid token, such as an old one."""
    columns = intake_outcomes.c
    query = sa.select(sa.func.coalesce(sa.func.sum(columns["count"]), 0)).where(
        columns.outcome == UNAUTHORIZED, columns.last_at >= instant(now - timedelta(days=1))
    )
    return int(connection.execute(query).scalar_one())


def publisher_metrics(connection: Connection, now: datetime) -> list[Metric]:
    """Figures of each publisher, for Prometheus."""
    waiting, outcomes = pending_by_publisher(connection), outcomes_of_publishers(connection)
    result: list[Metric] = []
    for publisher in read_publishers(connection):
        name, known = publisher.name, outcomes.get(publisher.name, [])
        left = (moment(publisher.expires_at) - now).total_seconds() if publisher.expires_at else 0
        last = max((str(item["last_at"]) for item in known), default="")
        result += [
            Metric("qihang_publisher_token_seconds", "until its token ends", {"publisher": name}, int(left)),
            Metric("qihang_publisher_waiting", "reports that wait", {"publisher": name}, waiting.get(name, 0)),
        ]
        if last:
            silent = int((now - moment(last)).total_seconds())
            about = "since its last report was decided"
            result.append(Metric("qihang_publisher_silent_seconds", about, {"publisher": name}, silent))
        result += [Metric("qihang_publisher_reports", "reports since it was registered, by what became of them",
                          {"publisher": name, "outcome": item["outcome"], "code": item["code"]}, int(item["count"]))
                   for item in known]  # fmt: skip
    result += _of_statements(connection)
    columns = intake_outcomes.c
    denied = sa.select(columns.publisher, columns.code, sa.func.sum(columns["count"]))
    denied = denied.where(columns.outcome == UNAUTHORIZED).group_by(columns.publisher, columns.code)
    about = "requests whose token was not honoured"
    result += [
        Metric("qihang_publisher_unauthorized", about, {"publisher": name, "code": code}, int(count))
        for name, code, count in connection.execute(denied)
    ]
    return result


def _of_statements(connection: Connection) -> list[Metric]:
    """Outcomes of the statements of learning platforms."""
    recorded = [
        Metric("qihang_xapi_statements", "statements that are kept, by what became of them",
               {"publisher": name, "state": state}, count) for name, state, count in statement_states(connection)
    ]  # fmt: skip
    return recorded + [
        Metric("qihang_xapi_unmapped", "statements that became no record, by reason",
               {"publisher": name, "code": code}, count) for name, code, count in unmapped_counts(connection)
    ]  # fmt: skip
