"""Rights on filings: who may file, who confirms, what a reader may see."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.campaign import Campaign
from duties.record_kinds import RecordKind
from services.participation.filings.domain.contents import Content
from services.participation.filings.domain.filing import Filing
from services.participation.registry.identity import subjects_of_units
from services.registry import rights
from services.registry.rights import Party, Right, Subject


@dataclass(frozen=True)
class Filer:
    """The filer as an actor: `oneself`: the person whose deed it is; `on_behalf`: neither that person nor a post of the
    unit."""

    actor: Actor
    oneself: bool
    on_behalf: bool
    is_head: bool
    any_people: bool


def subject_of(connection: Connection, unit_id: str, person_id: str = "") -> Subject:
    subject = subjects_of_units(connection, [unit_id])[unit_id]
    return replace(subject, person_id=person_id)


def filer_of(connection: Connection, actor: Actor, content: Content, kind: RecordKind) -> Filer:
    """The filer.  What the unit files (attendance) is not filed by the person concerned; the campaign office files for
    the bureau.  Problem 403."""
    own = content.person_id if kind.filed_by == "person" else ""
    acting = rights.require(actor, rights.FILE_RECORD, subject_of(connection, content.unit_id, own))
    oneself = is_oneself(actor, own)
    post = acting.acts_as if isinstance(acting, Party) else None
    in_unit = post is not None and post.unit_id == content.unit_id
    on_behalf = not (in_unit if kind.filed_by == "unit" else oneself)
    is_head = in_unit and any(
        held.post == "head" and held.unit_id == content.unit_id for held in rights.posts_of(acting)
    )
    return Filer(acting, oneself, on_behalf, is_head, any_people=not (in_unit or oneself))


def is_oneself(actor: Actor, person_id: str) -> bool:
    return bool(person_id) and "person" in actor.roles and actor.name == person_id


def awaited(kind: RecordKind, filer: Filer) -> str:
    """Who must confirm a submitted filing: `head`, `owner`, or nobody ('')."""
    if kind.confirm == "head" and not filer.is_head:
        return "head"
    return "owner" if filer.on_behalf else ""


def confirming_right(awaits: str, person_id: str) -> Right:
    if awaits == "head":
        return rights.CONFIRM_RECORD
    return rights.CONFIRM_OWN_ENTRY if person_id else rights.CONFIRM_ENTRY


def confirming_subject(connection: Connection, filing: Filing) -> Subject:
    begun = filing.begun
    unit_id = begun.unit_id if begun else ""
    return subject_of(connection, unit_id, "" if filing.awaits == "head" else filing.person_id)


def may_confirm(connection: Connection, actor: Actor, filing: Filing) -> bool:
    right = confirming_right(filing.awaits, filing.person_id)
    return bool(filing.awaits) and rights.may(actor, right, confirming_subject(connection, filing))


def may_recall(connection: Connection, actor: Actor, rules: Campaign, filing: Filing) -> bool:
    """Whether it counts, is of a kind that the supervision office collects, and the actor may return it."""
    begun = filing.begun
    if not filing.counts or begun is None or begun.kind not in {duty.record for duty in rules.collected_duties}:
        return False
    return rights.may(actor, rights.RETURN_REPORT, subject_of(connection, begun.unit_id))


def is_inside(actor: Actor, unit_id: str) -> bool:
    """Whether the reader may see persons' names: they stay in the unit, except for the campaign office."""
    return rights.may(actor, rights.FILE_RECORD, Subject(unit_id))
