"""Posts with their holders, and hand-overs: the end of one and the beginning of the other in one transaction."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_of
from services.participation.domain import Accepted, Refused, row_of
from services.participation.domain.people_messages import sentence_for_people
from services.participation.registry.identity import local_day, subjects_of_units
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import memberships, posts
from services.registry import rights
from services.registry.rights import DISTRICT, KEEP_POSTS, UNIT_POSTS, Subject

HANDED_OVER = "岗位移交"


def units_of_posts(actor: Actor, unit_id: str) -> Collection[str] | None:
    """The requested unit, or those whose posts the caller maintains; None: all.  Problem 403."""
    if unit_id:
        rights.require(actor, KEEP_POSTS, Subject(unit_id))
        return [unit_id]
    if rights.may(actor, KEEP_POSTS, DISTRICT):
        return None
    own = {post.unit_id for post in rights.posts_of(actor) if rights.may(actor, KEEP_POSTS, Subject(post.unit_id))}
    if not own:
        raise Problem(403, "not_allowed", rights.ruling(actor, KEEP_POSTS, DISTRICT).reason)
    return own


def posts_held(connection: Connection, unit_ids: Collection[str] | None, now: datetime) -> dict[str, Any]:
    """Posts that are not void, of these units or of all, ordered by unit and post; `in_force`: today."""
    today = local_day(connection, now).isoformat()
    of_unit = sa.true() if unit_ids is None else posts.c.unit_id.in_(sorted(unit_ids))
    order = (posts.c.unit_id, posts.c.post, posts.c.since, posts.c.person_id)
    rows = connection.execute(sa.select(posts).where(posts.c.voided == 0, of_unit).order_by(*order)).all()
    names = names_of_people(connection, sorted({row.person_id for row in rows}))
    units = names_of_units(connection, sorted({row.unit_id for row in rows}))
    held = [
        {"unit_id": row.unit_id, "unit_name": units.get(row.unit_id, ""), "post": row.post, "person_id": row.person_id,
         "name": names.get(row.person_id, ""), "since": row.since, "until": row.until,
         "in_force": row.since <= today and (not row.until or row.until > today)}
        for row in rows
    ]  # fmt: skip
    return {"today": today, "posts": held}


def hand_over_post(
    units_of_work: UnitsOfWork, wanted: Mapping[str, str], actor: Actor, correlation: str
) -> dict[str, Any]:
    """The post of `person_id` (held since `since`) ends with `day`, from which `successor_id` holds it.  Both rows are
    decided like those of a file, in one transaction.  The same again changes nothing.  Problem 403, 422."""
    row = "/".join(wanted[name] for name in ("unit_id", "post", "person_id", "since"))
    digest = hashlib.sha256(f"{row}/{wanted['day']}/{wanted['successor_id']}".encode()).hexdigest()
    ending = {"correction_id": f"handover-{digest[:24]}", "table": "posts", "row": row, "column": "to",
              "value": wanted["day"], "reason": HANDED_OVER}  # fmt: skip
    beginning = {"unit_id": wanted["unit_id"], "post": wanted["post"], "person_id": wanted["successor_id"],
                 "from": wanted["day"]}  # fmt: skip
    with units_of_work.begin(actor, correlation) as unit_of_work:
        unit_of_work.act_as(_acting_by_post(unit_of_work.connection, actor, wanted))
        changed = [_enter(unit_of_work, "correction", ending), _enter(unit_of_work, "post", beginning)]
    return {"positions": unit_of_work.positions, "outcome": "accepted" if any(changed) else "unchanged"}


def _acting_by_post(connection: Connection, actor: Actor, wanted: Mapping[str, str]) -> Actor:
    """The caller, acting by the post that allows it; a unit's head gives its posts to people of the unit.  Problem 403,
    422."""
    unit_id = wanted["unit_id"]
    acting = rights.require(actor, KEEP_POSTS, subjects_of_units(connection, [unit_id])[unit_id])
    if wanted["successor_id"] == wanted["person_id"]:
        raise Problem(422, "same_person", "移交给本人没有意义，请另选一人。", column="successor_id")
    if rights.may(actor, rights.ENTER_FACTS, DISTRICT):
        return acting
    if wanted["post"] not in UNIT_POSTS:
        raise Problem(422, "office_only", "这一岗位由活动领导小组办公室指定和移交。", column="post")
    day, member = wanted["day"], memberships.c
    serves = sa.and_(member.voided == 0, member.since <= day, sa.or_(member.until == "", member.until > day))
    query = sa.select(member.unit_id).where(member.person_id == wanted["successor_id"], member.unit_id == unit_id)
    if connection.execute(query.where(serves).limit(1)).first() is None:
        raise Problem(422, "not_serving", "接任人在接任日期应在本单位任职：请核对人员和日期。", column="successor_id")
    return acting


def _enter(unit_of_work: UnitOfWork, kind: str, cells: Mapping[str, str]) -> bool:
    """Whether the row changed anything.  Problem 422, which rolls the other row back too."""
    decision = submit_rows(unit_of_work, [row_of(kind, cells)], rules_of(unit_of_work, ""))[0]
    if isinstance(decision, Refused):
        text = sentence_for_people(decision.code, decision.column, cells.get(decision.column, ""))
        raise Problem(422, decision.code, text, column=decision.column)
    if isinstance(decision, Accepted):
        release_pending_reports(unit_of_work, decision.events)
    return isinstance(decision, Accepted)
