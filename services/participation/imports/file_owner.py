"""The owner of an imported file: a unit, by a post there, or the whole district."""

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.database import Store
from services.participation.registry.identity import is_unit
from services.registry import rights
from services.registry.rights import IMPORT_FILES, Subject


def for_unit(store: Store, actor: Actor, unit_id: str, special: bool) -> tuple[Actor, str]:
    """The actor, and the unit whose file it is: of their post if they name none; empty: the district's.  `special`: the
    import needs what only the district's may have.  Problem 403, 404, 422."""
    unit_id = unit_id or _of_post(actor)
    acting = may_see(actor, unit_id)
    if special:
        rights.require(actor, rights.ENTER_FACTS, rights.DISTRICT)
    with store.reading() as connection:
        if unit_id and not is_unit(connection, unit_id):
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id[:40]} 的单位。", column="unit_id")
    return acting, unit_id


def may_see(actor: Actor, unit_id: str) -> Actor:
    """The actor for imports of this unit's files (empty: the district's).  Problem 403."""
    return rights.require(actor, IMPORT_FILES, Subject(unit_id))


def units_of(actor: Actor) -> frozenset[str] | None:
    """The units whose imports the caller may see; None: all, and the district's."""
    if rights.may(actor, IMPORT_FILES, rights.DISTRICT):
        return None
    return frozenset(post.unit_id for post in rights.posts_of(actor)
                     if post.unit_id and rights.may(actor, IMPORT_FILES, Subject(post.unit_id)))  # fmt: skip


def _of_post(actor: Actor) -> str:
    """Problem 422 if there are several."""
    own = units_of(actor)
    if own is None:
        return ""
    if len(own) > 1:
        text = f"您在几个单位任主要负责人或填报员（{'、'.join(sorted(own))}），请写明是哪个单位的文件。"
        raise Problem(422, "which_unit", text, column="unit_id")
    return next(iter(own), "")
