"""Use cases: change memberships, posts and units; a preview decides the same and stores nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from chassis.process.tokens import Actor
from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports
from services.participation.directory.deciding import CHANGES, cells_in, name_in, person_in, units_named
from services.participation.directory.domain import WITH_REASON, Change, MembershipChange, PostChange, UnitChange
from services.participation.directory.messages import own_refusal, refusal
from services.participation.directory.wording import POSTS, sentences_of
from services.participation.domain import Accepted, Ledger, Refused
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.names import names_of_units
from services.participation.registry.projections import posts
from services.registry import rights
from services.registry.rights import DISTRICT, Right

_OF_HEAD: Final = ("head", "clerk")
"""The posts that a unit's head assigns; inspectors are assigned by the campaign office."""


@dataclass(frozen=True)
class ChangeContext:
    """The actor; `preview`: nothing is stored; `wake`: wakes the loop that decides pending reports."""

    actor: Actor
    correlation: str
    preview: bool
    wake: Callable[[], None]


def make_change(units_of_work: UnitsOfWork, requested: ChangeContext, change: Change) -> dict[str, Any]:
    """The outcome (preview, accepted, unchanged), what it does in words, and what remains to be done.  Problem 403,
    422."""
    with units_of_work.begin(requested.actor, requested.correlation) as unit_of_work:
        subject = subjects_of_units(unit_of_work.connection, [change.unit_id])[change.unit_id]
        unit_of_work.act_as(rights.require(requested.actor, _right_for(change), subject))
        ledger = unit_of_work.combined_state(CHANGES, [change])
        _require_fitting(unit_of_work, requested.actor, change, ledger)
        sentences = _sentences(unit_of_work, change, ledger)
        left = _left_to_do(unit_of_work, change)
        if requested.preview:
            decision = CHANGES.decide(ledger, change, unit_of_work.keys.of)
        else:
            decision = unit_of_work.execute(CHANGES, change, unit_of_work.keys.of)
        if isinstance(decision, Refused):
            raise refusal(change.change, decision, _value(change, decision.column))
        if isinstance(decision, Accepted) and not requested.preview:
            release_pending_reports(unit_of_work, decision.events)
            unit_of_work.after_commit(requested.wake)
    outcome = "accepted" if isinstance(decision, Accepted) else "unchanged"
    return {"outcome": "preview" if requested.preview else outcome, "sentences": sentences, "left": left,
            "positions": unit_of_work.positions}  # fmt: skip


def _right_for(change: Change) -> Right:
    match change:
        case MembershipChange():
            return rights.KEEP_PEOPLE
        case PostChange():
            return rights.KEEP_POSTS
        case UnitChange():
            return rights.ENTER_FACTS


def _require_fitting(unit_of_work: UnitOfWork, actor: Actor, change: Change, ledger: Ledger) -> None:
    """Checks that rows of files do not have: a reason, the right name for the id, and that a head changes only the own
    unit."""
    if change.change in WITH_REASON and not change.reason:
        raise own_refusal("missing_reason", "reason_code")
    if isinstance(change, UnitChange):
        return
    _require_name(unit_of_work, change, ledger)
    if isinstance(change, MembershipChange):
        to_unit, role = change.to_unit_id or change.unit_id, cells_in(change, ledger, unit_of_work.keys.of).get("role")
        if change.change == "transfer" and (to_unit, change.role or role) == (change.unit_id, role):
            raise own_refusal("same_place", "to_unit_id")
    elif not rights.may(actor, rights.ENTER_FACTS, DISTRICT):
        require_of_unit(change, ledger)


def _require_name(unit_of_work: UnitOfWork, change: MembershipChange | PostChange, ledger: Ledger) -> None:
    """Problem 422 if the person is erased or has another name."""
    person = person_in(change, ledger)
    if person is None:
        return
    if not subject_keys.existing_keys(unit_of_work.connection, [change.person_id]):
        raise own_refusal("erased_person", "person_id")
    joins = isinstance(change, MembershipChange) and change.change == "join"
    known = name_in(change, ledger, unit_of_work.keys.of)
    if joins and isinstance(change, MembershipChange) and person.memberships and known != change.name:
        raise own_refusal("other_name", "person_id")


def require_of_unit(change: PostChange, ledger: Ledger) -> None:
    """A head assigns the own unit's posts to people of the unit.  Problem 422."""
    if change.post not in _OF_HEAD or (change.change == "assign" and change.post != "clerk"):
        raise own_refusal("office_only", "post")
    person = person_in(change, ledger)
    if change.change == "assign" and (person is None or person.unit_on(change.since) != change.unit_id):
        raise own_refusal("not_serving", "person_id")


def _sentences(unit_of_work: UnitOfWork, change: Change, ledger: Ledger) -> list[str]:
    keys = unit_of_work.keys.of
    name = name_in(change, ledger, keys)
    if isinstance(change, MembershipChange) and change.change == "join":
        name = change.name or name
    units = names_of_units(unit_of_work.connection, units_named(change))
    return sentences_of(change, cells_in(change, ledger, keys), name, lambda each: units.get(each) or each)


def _left_to_do(unit_of_work: UnitOfWork, change: Change) -> list[str]:
    """Posts that a person who leaves a unit still holds there: they do not end automatically."""
    if not isinstance(change, MembershipChange) or change.change not in ("leave", "transfer", "void"):
        return []
    if change.to_unit_id == change.unit_id:
        return []
    day = change.day or change.since
    held = sa.and_(posts.c.person_id == change.person_id, posts.c.unit_id == change.unit_id, posts.c.voided == 0,
                   sa.or_(posts.c.until == "", posts.c.until > day))  # fmt: skip
    rows = unit_of_work.connection.execute(sa.select(posts.c.post).where(held)).scalars()
    return [
        f"该人员还是本单位的{POSTS.get(post, post)}：岗位职务不随任职结束，请另外办理移交。"
        for post in sorted(set(rows))
    ]


def _value(change: Change, column: str) -> str:
    """The given value of the column, for the message."""
    cells = change.cells if isinstance(change, UnitChange) else {}
    begun = "" if isinstance(change, UnitChange) else change.new_since or change.since
    fields = {"from": change.day or begun,
              "to": getattr(change, "until", "") or change.day}  # fmt: skip
    return str(cells.get(column) or fields.get(column) or getattr(change, column, "") or "")
