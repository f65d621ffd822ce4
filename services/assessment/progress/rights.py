"""Who may see how far a unit or a person is; decides by the actor and by where the person served, reads nothing."""

from collections.abc import Iterable

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from duties.subjects import Membership

READERS = ("operator", "leader", "head", "clerk", "person")
UNIT_STAFF = ("operator", "head", "clerk")


def require_unit(actor: Actor, unit_id: str) -> None:
    """The operator and leaders every unit, a clerk and a head their own.  Problem 403."""
    if not (actor.roles & {"operator", "leader"} or _is_staff_of(actor, unit_id)):
        raise _not_allowed()


def require_unit_staff(actor: Actor, unit_id: str) -> None:
    """What is told of a unit's people one by one stays inside the unit.  Problem 403."""
    if not ("operator" in actor.roles or _is_staff_of(actor, unit_id)):
        raise _not_allowed()


def units_to_see(actor: Actor, person_id: str, memberships: Iterable[Membership]) -> frozenset[str] | None:
    """The units under which the actor may see what a person owes; None: all.  A person sees their own, a clerk and a
    head what belongs to their unit.  Problem 403."""
    if actor.roles & {"operator", "leader"} or ("person" in actor.roles and actor.name == person_id):
        return None
    served = frozenset(item.unit_id for item in memberships if _is_staff_of(actor, item.unit_id))
    if not served:
        raise _not_allowed()
    return served


def _is_staff_of(actor: Actor, unit_id: str) -> bool:
    return bool(actor.roles & {"clerk", "head"}) and unit_id in actor.units


def _not_allowed() -> Problem:
    return Problem(403, "not_allowed", "您无权查看这一数据。")
