"""Rows -> articles with their readings, and what is to be asked of the platform."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.publicity.articles.projections import articles, polls
from services.publicity.matching_rows import matching_rows
from services.publicity.readings.queries import readings_of


def article_rows(connection: Connection, **criteria: str) -> list[dict[str, Any]]:
    """Articles (by unit_id, article_id, status or publish_id) with their readings; `status` as people see it."""
    result = matching_rows(connection, articles, articles.c.article_id, criteria)
    for item in result:
        if item["status"] == "published" and item["stop_wanted"]:
            item["status"] = "taking_down"
        item["readings"] = readings_of(connection, "article", item["article_id"], item["content"])
    return result


def at_the_platform(connection: Connection) -> list[str]:
    """Articles of which the platform's API has something to do."""
    a = articles.c
    going = sa.or_(a.status.in_(("submitting", "submitted")), sa.and_(a.status == "published", a.stop_wanted != ""))
    query = sa.select(a.article_id).where(a.how == "api", going).order_by(a.article_id)
    return [row.article_id for row in connection.execute(query)]


def polls_since(connection: Connection, account: str, unit_id: str, at: str) -> int:
    """How often the platform was asked for this account since an instant."""
    query = sa.select(sa.func.count()).select_from(polls.join(articles, polls.c.article_id == articles.c.article_id))
    query = query.where(polls.c.account == account, polls.c.polled_at >= at)
    if account == "unit":
        query = query.where(articles.c.unit_id == unit_id)
    return int(connection.execute(query).scalar_one())
