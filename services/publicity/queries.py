"""Rows -> answers of publicity: who serves where, works and their reviews, what shows them."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from duties.campaign import Campaign
from duties.publicity import STAGES
from services.publicity.domain import Reader
from services.publicity.projections import (
    campaigns,
    consents,
    memberships,
    returned_works,
    reviews,
    selections,
    units,
    works,
)
from services.publicity.showings import anthologies, articles, polls, readings, shown_works, videos

_rules: dict[tuple[str, int], Campaign] = {}


def campaign(connection: Connection) -> Campaign | None:
    """The rules in force, None before the launch."""
    row = connection.execute(sa.select(campaigns)).one_or_none()
    if row is None:
        return None
    if (row.campaign, row.version) not in _rules:
        _rules.clear()
        _rules[row.campaign, row.version] = Campaign.from_data(json.loads(row.document))
    return _rules[row.campaign, row.version]


def units_of(connection: Connection, person_id: str, day: str) -> frozenset[str]:
    """Where a person serves on a day (`YYYY-MM-DD`)."""
    m = memberships.c
    query = sa.select(m.unit_id).where(m.person_id == person_id, m.since <= day, sa.or_(m.until == "", m.until > day))
    return frozenset(row.unit_id for row in connection.execute(query))


def reader(connection: Connection, person_id: str, day: str) -> Reader:
    return Reader(person_id, units_of(connection, person_id, day))


def unit_name(connection: Connection, unit_id: str) -> str:
    """The unit's name; empty when it is not known."""
    return connection.execute(sa.select(units.c.name).where(units.c.unit_id == unit_id)).scalar() or ""


def sealed_names(connection: Connection, store: Store, people: Collection[str]) -> dict[str, str]:
    """The latest name of each person, under the person's key."""
    m = memberships.c
    query = sa.select(m.person_id, m.name).where(store.any_of(m.person_id, sorted(set(people)))).order_by(m.since)
    return {row.person_id: row.name for row in connection.execute(query)}


def work_rows(connection: Connection, store: Store, **chosen: str) -> list[dict[str, Any]]:
    """Works (by unit_id, semester, author_id, work_id or reader_id) with consent, reviews, return and selection;
    titles and reasons sealed."""
    query = sa.select(works).order_by(works.c.unit_id, works.c.work_id)
    for name, value in chosen.items():
        if name == "reader_id":
            mine = sa.select(reviews.c.work_id).where(reviews.c.reader_id == value)
            query = query.where(works.c.work_id.in_(mine))
        elif value:
            query = query.where(works.c[name] == value)
    result = {row.work_id: dict(row._mapping) | {"levels": [], "reviews": [], "selected": [], "returned": None}
             for row in connection.execute(query)}  # fmt: skip
    ids = sorted(result)
    for row in connection.execute(
        sa.select(consents).where(store.any_of(consents.c.work_id, ids), consents.c.withdrawn_on == "")
    ):
        result[row.work_id]["levels"].append(row.level)
    for row in connection.execute(
        sa.select(reviews).where(store.any_of(reviews.c.work_id, ids)).order_by(reviews.c.reader_id)
    ):
        result[row.work_id]["reviews"].append(
            {"reader_id": row.reader_id, "assigned_on": row.assigned_on, "total": row.total,
             "marked_on": row.marked_on}
        )  # fmt: skip
    for row in connection.execute(
        sa.select(returned_works).where(store.any_of(returned_works.c.work_id, ids), returned_works.c.revised_on == "")
    ):
        result[row.work_id]["returned"] = {"on": row.returned_on, "by": row.by, "reason": row.reason}
    for row in connection.execute(
        sa.select(selections).where(store.any_of(selections.c.work_id, ids), selections.c.deselected_at == "")
    ):
        result[row.work_id]["selected"].append(row.level)
    return [item | {"levels": sorted(item["levels"]), "selected": sorted(item["selected"])} for item in result.values()]


def works_of(connection: Connection, author_id: str) -> list[str]:
    query = sa.select(works.c.work_id).where(works.c.author_id == author_id).order_by(works.c.work_id)
    return [row.work_id for row in connection.execute(query)]


def showing(connection: Connection, work_id: str) -> list[tuple[str, str]]:
    """(subject, subject_id) of everything that shows or showed the work."""
    query = sa.select(shown_works).where(shown_works.c.work_id == work_id)
    return [(r.subject, r.subject_id) for r in connection.execute(query.order_by(shown_works.c.subject_id))]


def anthology_rows(connection: Connection, **chosen: str) -> list[dict[str, Any]]:
    """Anthologies (by unit_id, semester or anthology_id) with the readings of the edition in force."""
    result = _chosen(connection, anthologies, anthologies.c.anthology_id, chosen)
    return [item | {"readings": _readings(connection, "anthology", item["anthology_id"], item["content"])}
            for item in result]  # fmt: skip


def article_rows(connection: Connection, **chosen: str) -> list[dict[str, Any]]:
    """Articles (by unit_id, article_id, status or publish_id) with their readings; `status` as people see it."""
    result = _chosen(connection, articles, articles.c.article_id, chosen)
    for item in result:
        if item["status"] == "published" and item["stop_wanted"]:
            item["status"] = "taking_down"
        item["readings"] = _readings(connection, "article", item["article_id"], item["content"])
    return result


def video_rows(connection: Connection, unit_id: str) -> list[dict[str, Any]]:
    return _chosen(connection, videos, videos.c.video_id, {"unit_id": unit_id})


def _chosen(connection: Connection, table: sa.Table, order: Any, chosen: dict[str, str]) -> list[dict[str, Any]]:
    query = sa.select(table).order_by(order)
    for name, value in chosen.items():
        if value:
            query = query.where(table.c[name] == value)
    return [dict(row._mapping) for row in connection.execute(query)]


def _readings(connection: Connection, subject: str, name: str, content: str) -> list[dict[str, str]]:
    r = readings.c
    query = sa.select(r.stage, r.reader_id, r.read_on).where(
        r.subject == subject, r.subject_id == name, r.content == content, r.read_on != ""
    )
    order = {stage: at for at, stage in enumerate(STAGES)}
    return sorted((dict(row._mapping) for row in connection.execute(query)), key=lambda item: order[item["stage"]])


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
