"""Posts with the people who hold them, and their hand-over: one's end and the other's beginning in one transaction."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_of
from services.participation.domain import Accepted, Refused, message, row_of
from services.participation.registry.identity import local_day
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import posts

HANDED_OVER = "岗位移交"


def posts_held(connection: Connection, unit_id: str, now: datetime) -> dict[str, Any]:
    """Posts that are not void, of one unit or of all, by unit and post; `in_force`: today."""
    today = local_day(connection, now).isoformat()
    of_unit = posts.c.unit_id == unit_id if unit_id else sa.true()
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
    units_of_work: UnitsOfWork, wanted: Mapping[str, str], actor: object, correlation: str
) -> dict[str, Any]:
    """The post of `person_id` (held since `since`) ends with `day`, from which `successor_id` holds it.  Both rows are
    decided as those of a file, in one transaction.  The same again changes nothing.  Problem 422."""
    if wanted["successor_id"] == wanted["person_id"]:
        raise Problem(422, "same_person", "移交给本人没有意义，请另选一人。", column="successor_id")
    row = "/".join(wanted[name] for name in ("unit_id", "post", "person_id", "since"))
    digest = hashlib.sha256(f"{row}/{wanted['day']}/{wanted['successor_id']}".encode()).hexdigest()
    ending = {"correction_id": f"handover-{digest[:24]}", "table": "posts", "row": row, "column": "to",
              "value": wanted["day"], "reason": HANDED_OVER}  # fmt: skip
    beginning = {"unit_id": wanted["unit_id"], "post": wanted["post"], "person_id": wanted["successor_id"],
                 "from": wanted["day"]}  # fmt: skip
    with units_of_work.begin(actor, correlation) as unit_of_work:
        changed = [_enter(unit_of_work, "correction", ending), _enter(unit_of_work, "post", beginning)]
    return {"positions": unit_of_work.positions, "outcome": "accepted" if any(changed) else "unchanged"}


def _enter(unit_of_work: UnitOfWork, kind: str, cells: Mapping[str, str]) -> bool:
    """Whether the row changed anything.  Problem 422, which takes the other row back too."""
    decision = submit_rows(unit_of_work, [row_of(kind, cells)], rules_of(unit_of_work, ""))[0]
    if isinstance(decision, Refused):
        text = message(decision.code, decision.column, cells.get(decision.column, ""))
        raise Problem(422, decision.code, text, column=decision.column)
    if isinstance(decision, Accepted):
        release_pending_reports(unit_of_work, decision.events)
    return isinstance(decision, Accepted)
