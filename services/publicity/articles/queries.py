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
        del item["canonical_link"]  # the article's address as it is compared, not as it is shown
        if item["stop_wanted"] and item["status"] in ("published", "failed", "submitting", "submitted"):
            item["status"] = "taking_down"
        item["readings"] = readings_of(connection, "article", item["article_id"], item["content"])
    return result


def articles_with_link(connection: Connection, link: str) -> list[dict[str, Any]]:
    """Those that are or were public at this address, in canonical form."""
    return matching_rows(connection, articles, articles.c.article_id, {"canonical_link": link})


def at_the_platform(connection: Connection, now: str) -> list[str]:
    """Articles of which the platform's API has something to do now."""
    a = articles.c
    going = sa.or_(a.status.in_(("submitting", "submitted")), sa.and_(a.status == "published", a.stop_wanted != ""))
    look = sa.and_(a.look_at != "", a.look_at <= now)
    query = sa.select(a.article_id).where(a.how == "api", a.until <= now, sa.or_(going, look)).order_by(a.article_id)
    return [row.article_id for row in connection.execute(query)]


def links_to_look_at(connection: Connection, now: str, most: int) -> list[tuple[str, str, str]]:
    """(article, link, title) of what was published by hand and is to be looked at now, the longest due first."""
    a = articles.c
    due = sa.and_(a.how == "hand", a.status.in_(("published", "taken_down")), a.look_at != "", a.look_at <= now)
    query = sa.select(a.article_id, a.link, a.title).where(due).order_by(a.look_at, a.article_id).limit(most)
    return [(row.article_id, row.link, row.title) for row in connection.execute(query)]


def orders_without_answer(connection: Connection, account: str, unit_id: str) -> list[str]:
    """Articles of an account that are on their way and bear no order's id."""
    query = sa.select(articles.c.article_id).where(
        articles.c.how == "api", articles.c.status == "submitting", articles.c.publish_id == "",
        _of_account(account, unit_id),
    )  # fmt: skip
    return [row.article_id for row in connection.execute(query.order_by(articles.c.article_id))]


def polls_since(connection: Connection, account: str, unit_id: str, at: str) -> int:
    """How often the platform was asked about orders of this account since an instant."""
    query = sa.select(sa.func.count()).select_from(polls.join(articles, polls.c.article_id == articles.c.article_id))
    query = query.where(_of_account(account, unit_id), polls.c.polled_at >= at)
    return int(connection.execute(query).scalar_one())


def looks_since(connection: Connection, account: str, unit_id: str, at: str) -> int:
    """Of how many articles of this account the platform was asked since an instant whether they are public."""
    query = sa.select(sa.func.count()).where(_of_account(account, unit_id), articles.c.looked_at >= at)
    return int(connection.execute(query).scalar_one())


def _of_account(account: str, unit_id: str) -> sa.ColumnElement[bool]:
    of_account = articles.c.account == account
    return sa.and_(of_account, articles.c.unit_id == unit_id) if account == "unit" else of_account
