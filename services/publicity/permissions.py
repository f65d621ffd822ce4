"""What an actor may do: the operator all for now, a unit's clerk and head for their unit, a person for themselves."""

from chassis.process.problems import Problem
from chassis.process.tokens import Actor

STAFF = ("operator", "clerk", "head")
PEOPLE = (*STAFF, "person")


def may_act_for_unit(actor: Actor, unit_id: str) -> bool:
    return "operator" in actor.roles or (bool(actor.roles & {"clerk", "head"}) and unit_id in actor.units)


def may_see_unit(actor: Actor, unit_id: str) -> bool:
    """A leader sees what is shown of every unit."""
    return "leader" in actor.roles or may_act_for_unit(actor, unit_id)


def is_person(actor: Actor, person_id: str) -> bool:
    return "person" in actor.roles and actor.name == person_id


def require(allowed: bool) -> None:
    """Problem 403 unless it is."""
    if not allowed:
        raise Problem(403, "not_allowed", "您无权办理这一事项。")


def require_unit(actor: Actor, unit_id: str) -> None:
    require(may_act_for_unit(actor, unit_id))


def require_author(actor: Actor, author_id: str, unit_id: str) -> None:
    """The author, or their unit on the author's behalf."""
    require(is_person(actor, author_id) or may_act_for_unit(actor, unit_id))
