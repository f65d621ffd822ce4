"""Reviews as the office sees them that arranges them: works without author and text, who was asked, who is late; whom
to ask; what publicity waits for from somebody."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.days import Day, day_of
from duties.publicity import Publicity
from services.publicity.context import PublicityContext
from services.publicity.reviews.projections import reviews
from services.publicity.reviews.schemas import LATE
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.publicity.works.domain.progress import (
    HANDED_IN,
    IN_REVIEW,
    PASSED,
    RETURNED,
    TO_ASSIGN,
    average_of,
    is_for_district,
    is_late,
    progress_of,
)
from services.publicity.works.listing import page_of, rules_shown
from services.publicity.works.queries import work_rows, works_with_same_text
from services.registry import rights
from services.registry.queries import campaign_in_force, unit_names
from services.registry.versions import facts_known

Rows = list[dict[str, Any]]


def arranged_reviews(publicity: PublicityContext, query: Mapping[str, Any]) -> dict[str, Any]:
    """Works with consent that were put forward, or (asked for) those that were not yet."""
    criteria = {name: query[name] for name in ("semester", "unit_id", "work_id") if query[name]}
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        rows = _progress_rows(connection, publicity, rules, today, criteria)
        counts = Counter(row["progress"] for row in rows) + Counter({LATE: sum(row[LATE] for row in rows)})
        wanted = query["progress"]
        rows = [row for row in rows if _is_wanted(row, wanted, bool(query["work_id"]))]
        page, after = page_of(rows, query["after"], query["limit"])
        units = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in rows}))
        _complete(publicity, connection, page, units, today)
    return {"works": page, "total": len(rows), "next": after, "counts": dict(counts), "units": units,
            "rules": rules_shown(campaign, today)}  # fmt: skip


def _is_wanted(row: Mapping[str, Any], wanted: str, single: bool) -> bool:
    if wanted == LATE:
        return bool(row[LATE])
    return row["progress"] == wanted if wanted else single or row["progress"] != HANDED_IN


def _progress_rows(
    connection: Connection, publicity: PublicityContext, rules: Publicity, today: str, criteria: Mapping[str, str]
) -> Rows:
    rows = [row for row in work_rows(connection, publicity.store, **criteria) if row["levels"]]
    for row in rows:
        row["progress"] = progress_of(row, rules)
        waits = row["progress"] in (TO_ASSIGN, IN_REVIEW)
        row[LATE] = waits and any(is_late(review, today) for review in row["reviews"])
    return rows


def _complete(
    publicity: PublicityContext, connection: Connection, page: Rows, units: Mapping[str, str], today: str
) -> None:
    """Names of units and reviewers, and nothing that tells of the author, into these rows."""
    repeated = works_with_same_text(connection, page)
    released = _released(connection, publicity, [row["work_id"] for row in page])
    people = {review["reviewer_id"] for row in page for review in row["reviews"]}
    people |= {each["reviewer_id"] for listed in released.values() for each in listed}
    names = publicity.person_names(connection, people)
    serves = _units_of(connection, people, day_of(today))
    for row in page:
        row["unit"], row["average"] = units.get(row["unit_id"], ""), average_of(row)
        row["repeated"] = bool(repeated[row["work_id"]])
        row["reviews"] = [
            {name: review[name] for name in ("reviewer_id", "assigned_on", "due_on", "total", "marked_on")}
            | {"name": names.get(review["reviewer_id"], ""), "unit": serves.get(review["reviewer_id"], ("", ""))[1],
               "is_late": is_late(review, today)}
            for review in row["reviews"]
        ]  # fmt: skip
        row["released"] = [each | {"name": names.get(each["reviewer_id"], "")} for each in released[row["work_id"]]]
        for name in ("author_id", "title", "left_out", "fingerprint", "content", "by", "returned", "selected",
                     "deselected", LATE):  # fmt: skip
            del row[name]


def _released(connection: Connection, publicity: PublicityContext, work_ids: list[str]) -> dict[str, Rows]:
    result: dict[str, Rows] = {work_id: [] for work_id in work_ids}
    query = sa.select(reviews).where(
        publicity.store.column_in(reviews.c.work_id, sorted(work_ids)), reviews.c.released_on != ""
    )
    for row in connection.execute(query.order_by(reviews.c.released_on, reviews.c.reviewer_id)):
        result[row.work_id].append({"reviewer_id": row.reviewer_id, "cause": row.cause, "released_on": row.released_on})
    return result


def candidates(publicity: PublicityContext, unit_id: str) -> dict[str, Any]:
    """People of a unit, or those who were asked before; with how much each has still to mark."""
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        day = day_of(local_day(campaign, publicity.now()) if campaign else publicity.now()[:10])
        open_units = _open_units(connection, day)
        asked = connection.execute(sa.select(reviews.c.reviewer_id).distinct()).scalars() if not unit_id else ()
        people = _members(connection, unit_id, day) if unit_id else _units_of(connection, set(asked), day)
        waiting = _waiting(connection)
        names = publicity.person_names(connection, people)
    listed = [
        {"person_id": person, "name": names.get(person, ""), "unit_id": unit, "unit": name,
         "waiting": waiting.get(person, 0)} for person, (unit, name) in people.items() if names.get(person)
    ]  # fmt: skip
    listed.sort(key=lambda each: (each["unit_id"], each["person_id"]))
    return {"people": listed, "units": open_units}


def _open_units(connection: Connection, day: Day) -> dict[str, str]:
    unit = registry.units.c
    is_open = sa.or_(unit.closed_on == 0, unit.closed_on > day)
    query = sa.select(unit.unit_id, unit.name).where(is_open, facts_known(registry.units, None))
    return {row.unit_id: row.name for row in connection.execute(query.order_by(unit.kind, unit.unit_id))}


def _members(connection: Connection, unit_id: str, day: Day) -> dict[str, tuple[str, str]]:
    return _serving(connection, day, registry.memberships.c.unit_id == unit_id)


def _units_of(connection: Connection, people: Collection[str], day: Day) -> dict[str, tuple[str, str]]:
    """Person -> id and name of the unit where they serve."""
    return _serving(connection, day, registry.memberships.c.person_id.in_(sorted(people))) if people else {}


def _serving(connection: Connection, day: Day, which: sa.ColumnElement[bool]) -> dict[str, tuple[str, str]]:
    member = registry.memberships.c
    serves = sa.and_(member.since <= day, sa.or_(member.until == 0, member.until > day))
    query = sa.select(member.person_id, member.unit_id).where(which, serves, facts_known(registry.memberships, None))
    served = {row.person_id: row.unit_id for row in connection.execute(query.order_by(member.person_id, member.since))}
    names = unit_names(connection, registry, unit_ids=sorted(set(served.values())))
    return {person: (unit, names.get(unit, unit)) for person, unit in served.items()}


def _waiting(connection: Connection) -> dict[str, int]:
    """Reviewer -> works that they have not marked."""
    review = reviews.c
    query = sa.select(review.reviewer_id, sa.func.count()).where(review.marked_on == "", review.released_on == "")
    return {row[0]: int(row[1]) for row in connection.execute(query.group_by(review.reviewer_id))}


def own_tasks(publicity: PublicityContext, actor: Actor) -> dict[str, Any]:
    """Of the caller by their posts."""
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        person_id = actor.name if "person" in actor.roles else ""
        own = _of(connection, publicity, rules, today, "author_id", person_id)
        mine = _own_reviews(_of(connection, publicity, rules, today, "reviewer_id", person_id), person_id)
        units = {post.unit_id for post in rights.posts_of(actor) if post.post in rights.UNIT_POSTS and post.unit_id}
        of_units = {unit: _of(connection, publicity, rules, today, "unit_id", unit) for unit in sorted(units)}
        whole = rights.may(actor, rights.ARRANGE_REVIEWS, rights.DISTRICT) and bool(campaign)
        district = _progress_rows(connection, publicity, rules, today, {}) if whole else []
    progress_names = Counter(row["progress"] for row in district)
    return {
        "returned": sum(row["progress"] == RETURNED for row in own), "to_review": len(mine),
        "review_due": min((review["due_on"] for review in mine if review["due_on"]), default=""),
        "reviews_late": sum(is_late(review, today) for review in mine),
        "to_put_forward": _counts(of_units, HANDED_IN), "to_select": _counts(of_units, PASSED),
        "to_assign": progress_names[TO_ASSIGN], "late": sum(row[LATE] for row in district),
        "to_select_for_district": sum(is_for_district(row) and "district" not in row["selected"] for row in district),
    }  # fmt: skip


def _of(
    connection: Connection, publicity: PublicityContext, rules: Publicity, today: str, column: str, value: str
) -> Rows:
    return _progress_rows(connection, publicity, rules, today, {column: value}) if value else []


def _own_reviews(rows: Rows, person_id: str) -> Rows:
    """Of these works those reviews of the person that are to be marked now."""
    waiting = [row for row in rows if row["progress"] in (TO_ASSIGN, IN_REVIEW, HANDED_IN)]
    reviews_of = [review for row in waiting for review in row["reviews"]]
    return [review for review in reviews_of if review["reviewer_id"] == person_id and not review["marked_on"]]


def _counts(of_units: Mapping[str, Rows], progress: str) -> dict[str, int]:
    counted = {unit: sum(row["progress"] == progress for row in rows) for unit, rows in of_units.items()}
    return {unit: count for unit, count in counted.items() if count}
