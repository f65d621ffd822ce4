"""Reads articles with their readings, and selects those to ask the platform about."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from services.publicity.articles.projections import articles, polls
from services.publicity.matching_rows import matching_rows
from services.publicity.readings.queries import with_readings

PUBLIC, ENDED = ("published",), ("stopped", "taken_down")
GROUPS = ("open", "public", "ended")
"""In progress (including being taken down), public, finished."""


def article_rows(connection: Connection, **criteria: str) -> list[dict[str, Any]]:
    """Articles (by unit_id, article_id, status or publish_id) with readings and readers; `status` as displayed."""
    return _as_seen(connection, matching_rows(connection, articles, articles.c.article_id, criteria))


def articles_named(connection: Connection, names: Collection[str]) -> list[dict[str, Any]]:
    """These articles, in the form of article_rows."""
    wanted = column_in(articles.c.article_id, sorted(names), connection.dialect.name == "postgresql")
    rows = connection.execute(sa.select(articles).where(wanted)) if names else ()
    return _as_seen(connection, [dict(row._mapping) for row in rows])


def article_page(
    connection: Connection, units: Collection[str], criteria: Mapping[str, str], after: str, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """A page of these units' articles, newest first, after `after`; and the cursor of the next page."""
    a = articles.c
    query = sa.select(articles).where(column_in(a.unit_id, sorted(units), connection.dialect.name == "postgresql"))
    for name in ("unit_id", "article_id", "status", "account"):
        if value := criteria.get(name, ""):
            query = query.where(a[name] == value)
    if kind := criteria.get("kind", ""):
        query = query.where(a.film != "" if kind == "video" else a.film == "")
    if group := criteria.get("group", ""):
        query = query.where(_of_group(group))
    if after:
        begun = sa.select(a.drafted_on).where(a.article_id == after).scalar_subquery()
        query = query.where(sa.or_(a.drafted_on < begun, sa.and_(a.drafted_on == begun, a.article_id < after)))
    query = query.order_by(a.drafted_on.desc(), a.article_id.desc()).limit(limit + 1)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    following = rows[limit - 1]["article_id"] if len(rows) > limit else ""
    return _as_seen(connection, rows[:limit]), following


def units_with_articles(connection: Connection) -> list[str]:
    return list(connection.execute(sa.select(articles.c.unit_id).distinct()).scalars())


def _of_group(group: str) -> sa.ColumnElement[bool]:
    a = articles.c
    public = sa.and_(a.status.in_(PUBLIC), a.stop_wanted == "")
    ended = a.status.in_(ENDED)
    return {"public": public, "ended": ended}.get(group, sa.not_(sa.or_(public, ended)))


def _as_seen(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for item in rows:
        del item["canonical_link"]  # for comparisons only, not for display
        if item["stop_wanted"] and item["status"] in ("published", "failed", "submitting", "submitted"):
            item["status"] = "taking_down"
    return with_readings(connection, "article", "article_id", rows)


def articles_with_link(connection: Connection, link: str) -> list[dict[str, Any]]:
    """Articles that are or were public at this canonical address."""
    return matching_rows(connection, articles, articles.c.article_id, {"canonical_link": link})


def at_the_platform(connection: Connection, now: str) -> list[str]:
    """Articles for which a step at the platform's API is due."""
    a = articles.c
    going = sa.or_(a.status.in_(("submitting", "submitted")), sa.and_(a.status == "published", a.stop_wanted != ""))
    look = sa.and_(a.look_at != "", a.look_at <= now)
    query = sa.select(a.article_id).where(a.how == "api", a.until <= now, sa.or_(going, look)).order_by(a.article_id)
    return [row.article_id for row in connection.execute(query)]


def links_to_look_at(connection: Connection, now: str, most: int) -> list[tuple[str, str, str]]:
    """(article, link, title) of articles published by hand that are due for a check, the longest overdue first."""
    a = articles.c
    due = sa.and_(a.how == "hand", a.status.in_(("published", "taken_down")), a.look_at != "", a.look_at <= now)
    query = sa.select(a.article_id, a.link, a.title).where(due).order_by(a.look_at, a.article_id).limit(most)
    return [(row.article_id, row.link, row.title) for row in connection.execute(query)]


def orders_without_answer(connection: Connection, account: str, unit_id: str) -> list[str]:
    """Articles of an account that were ordered and have no order id yet."""
    query = sa.select(articles.c.article_id).where(
        articles.c.how == "api", articles.c.status == "submitting", articles.c.publish_id == "",
        _of_account(account, unit_id),
    )  # fmt: skip
    return [row.article_id for row in connection.execute(query.order_by(articles.c.article_id))]


def polls_since(connection: Connection, account: str, unit_id: str, at: str) -> int:
    """The number of polls about orders of this account since an instant."""
    query = sa.select(sa.func.count()).select_from(polls.join(articles, polls.c.article_id == articles.c.article_id))
    query = query.where(_of_account(account, unit_id), polls.c.polled_at >= at)
    return int(connection.execute(query).scalar_one())


def looks_since(connection: Connection, account: str, unit_id: str, at: str) -> int:
    """The number of articles of this account that were checked since an instant."""
    query = sa.select(sa.func.count()).where(_of_account(account, unit_id), articles.c.looked_at >= at)
    return int(connection.execute(query).scalar_one())


def _of_account(account: str, unit_id: str) -> sa.ColumnElement[bool]:
    of_account = articles.c.account == account
    return sa.and_(of_account, articles.c.unit_id == unit_id) if account == "unit" else of_account
