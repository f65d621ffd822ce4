"""Reviews for the office that arranges them: works without author and text, reviewers, overdue reviews; candidates for
reviewing; the tasks of a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.days import day_of
from duties.publicity import Publicity
from services.publicity.context import PublicityContext
from services.publicity.people import MOST, find_people, open_units, people_in_service, units_of
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
    is_late,
)
from services.publicity.works.listed_works import ListedWork, page_of, placed_works
from services.publicity.works.listing import rules_shown
from services.publicity.works.projections import works
from services.publicity.works.queries import works_named, works_with_same_text
from services.registry import rights
from services.registry.queries import campaign_in_force, unit_names

Rows = list[dict[str, Any]]


def arranged_reviews(publicity: PublicityContext, query: Mapping[str, Any]) -> dict[str, Any]:
    """Works with consent that were put forward, or on request those that were not yet."""
    criteria = {name: query[name] for name in ("semester", "unit_id", "work_id") if query[name]}
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        placed = [each for each in placed_works(connection, rules, today, **criteria) if each.stages.agreed]
        counts = Counter(each.progress for each in placed) + Counter({LATE: sum(each.late for each in placed)})
        wanted = query["progress"]
        placed = [each for each in placed if _is_wanted(each, wanted, bool(query["work_id"]))]
        page, after = page_of(placed, query["after"], query["limit"])
        units = unit_names(connection, registry, unit_ids=sorted({each.unit_id for each in placed}))
        works = _rows(publicity, connection, page, units, today)
    return {"works": works, "total": len(placed), "next": after, "counts": dict(counts), "units": units,
            "rules": rules_shown(campaign, today)}  # fmt: skip


def _is_wanted(work: ListedWork, wanted: str, single: bool) -> bool:
    if wanted == LATE:
        return work.late
    return work.progress == wanted if wanted else single or work.progress != HANDED_IN


def _rows(
    publicity: PublicityContext,
    connection: Connection,
    page: Sequence[ListedWork],
    units: Mapping[str, str],
    today: str,
) -> Rows:
    """The complete rows of a page of works."""
    progress = {each.work_id: each.progress for each in page}
    rows = works_named(connection, publicity.store, [each.work_id for each in page])
    for row in rows:
        row["progress"] = progress[row["work_id"]]
    _complete(publicity, connection, rows, units, today)
    return rows


def _complete(
    publicity: PublicityContext, connection: Connection, page: Rows, units: Mapping[str, str], today: str
) -> None:
    """Add the names of units and reviewers to the rows, and nothing about the author."""
    repeated = works_with_same_text(connection, page)
    released = _released_reviews(connection, publicity, [row["work_id"] for row in page])
    people = {review["reviewer_id"] for row in page for review in row["reviews"]}
    people |= {each["reviewer_id"] for listed in released.values() for each in listed}
    names = publicity.person_names(connection, people)
    serves = units_of(connection, people, day_of(today))
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
                     "deselected"):  # fmt: skip
            del row[name]


def _released_reviews(connection: Connection, publicity: PublicityContext, work_ids: list[str]) -> dict[str, Rows]:
    result: dict[str, Rows] = {work_id: [] for work_id in work_ids}
    query = sa.select(reviews).where(
        publicity.store.column_in(reviews.c.work_id, sorted(work_ids)), reviews.c.released_on != ""
    )
    for row in connection.execute(query.order_by(reviews.c.released_on, reviews.c.reviewer_id)):
        result[row.work_id].append({"reviewer_id": row.reviewer_id, "cause": row.cause, "released_on": row.released_on})
    return result


def candidates(publicity: PublicityContext, unit_id: str, text: str = "", also: str = "") -> dict[str, Any]:
    """People of a unit or by name, or without either those asked last; with the number of works each has still to
    mark.  `also`: ids of people chosen already, separated by commas."""
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        day = day_of(local_day(campaign, publicity.now()) if campaign else publicity.now()[:10])
        if unit_id or text.strip():
            listed, more = find_people(publicity, connection, day, text, [unit_id] if unit_id else None)
        else:
            asked = _asked_last(connection)
            listed = list(people_in_service(publicity, connection, day, asked[:MOST]).values())
            more = len(asked) > MOST
        chosen = {each for each in also.split(",") if each} - {each.person_id for each in listed}
        listed += people_in_service(publicity, connection, day, chosen).values()
        waiting, units = _unmarked_counts(connection), open_units(connection, day)
    shown = [each._asdict() | {"waiting": waiting.get(each.person_id, 0)} for each in listed]
    return {"people": shown, "more": more, "units": units}


def _asked_last(connection: Connection) -> list[str]:
    """People who were asked to review before, at most one more than a list shows."""
    reviewer = reviews.c.reviewer_id
    last = sa.func.max(reviews.c.assigned_on)
    return list(
        connection.execute(
            sa.select(reviewer).group_by(reviewer).order_by(last.desc(), reviewer).limit(MOST + 1)
        ).scalars()
    )


def _unmarked_counts(connection: Connection) -> dict[str, int]:
    """Reviewer -> number of works that they have not marked."""
    review = reviews.c
    query = sa.select(review.reviewer_id, sa.func.count()).where(review.marked_on == "", review.released_on == "")
    return {row[0]: int(row[1]) for row in connection.execute(query.group_by(review.reviewer_id))}


def own_tasks(publicity: PublicityContext, actor: Actor) -> dict[str, Any]:
    """The caller's tasks, by their posts."""
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        person_id = actor.name if "person" in actor.roles else ""
        writes, judges = _has_a_part(connection, person_id)
        own = placed_works(connection, rules, today, author_id=person_id) if writes else []
        mine = _own_reviews(connection, rules, today, person_id) if judges else []
        units = {post.unit_id for post in rights.posts_of(actor) if post.post in rights.UNIT_POSTS and post.unit_id}
        of_units = {unit: placed_works(connection, rules, today, unit_id=unit) for unit in sorted(units)}
        whole = rights.may(actor, rights.ARRANGE_REVIEWS, rights.DISTRICT) and bool(campaign)
        district = placed_works(connection, rules, today) if whole else []
        district = [each for each in district if each.stages.agreed]
    progress_names = Counter(each.progress for each in district)
    return {
        "returned": sum(each.progress == RETURNED for each in own), "to_review": len(mine),
        "review_due": min((due for due in mine if due), default=""),
        "reviews_late": sum("" < due < today for due in mine),
        "to_put_forward": _counts(of_units, HANDED_IN), "to_select": _counts(of_units, PASSED),
        "to_assign": progress_names[TO_ASSIGN], "late": sum(each.late for each in district),
        "to_select_for_district": sum(each.stages.is_for_district and not each.stages.selected_by_district
                                      for each in district),
    }  # fmt: skip


def _has_a_part(connection: Connection, person_id: str) -> tuple[bool, bool]:
    """Whether the person has a work, and a review to do: most have neither, which saves further queries."""
    r = reviews.c
    of_person = sa.exists().where(works.c.author_id == person_id)
    to_do = sa.exists().where(r.reviewer_id == person_id, r.released_on == "", r.marked_on == "")
    row = connection.execute(sa.select(of_person, to_do)).fetchone() if person_id else None
    return (bool(row[0]), bool(row[1])) if row else (False, False)


def _own_reviews(connection: Connection, rules: Publicity, today: str, person_id: str) -> list[str]:
    """The last days (empty: none) of the reviews that the person is to mark now."""
    waiting = {each.work_id for each in placed_works(connection, rules, today, reviewer_id=person_id)
               if each.stages.agreed and each.progress in (TO_ASSIGN, IN_REVIEW, HANDED_IN)}  # fmt: skip
    r = reviews.c
    query = sa.select(r.work_id, r.due_on).where(r.reviewer_id == person_id, r.released_on == "", r.marked_on == "")
    return [row.due_on for row in connection.execute(query) if row.work_id in waiting]


def _counts(of_units: Mapping[str, Sequence[ListedWork]], progress: str) -> dict[str, int]:
    counted = {unit: sum(each.progress == progress for each in placed) for unit, placed in of_units.items()}
    return {unit: count for unit, count in counted.items() if count}
