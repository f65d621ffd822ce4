"""One work's text and proof, as its author, unit and reviewers may see them."""

from typing import Any

from chassis.process.tokens import Actor
from duties.days import day_of
from services.publicity.context import PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.rendering.manuscript import load_blocks
from services.publicity.rendering.renderer import render_proof
from services.publicity.tables import registry
from services.publicity.works.domain.progress import is_for_district
from services.publicity.works.queries import reviewed_work, work_rows
from services.publicity.works.redaction import Identity, redact
from services.registry.queries import unit_names, units_of_person
from services.registry.rights import (
    DISTRICT,
    REVIEW,
    SEE_WORK,
    SELECT_FOR_DISTRICT,
    SUBMIT_WORK,
    Subject,
    may,
    require,
)


def work_proof(publicity: PublicityContext, actor: Actor, work_id: str, form: str) -> bytes:
    """How the work would be printed, for those who may nominate it and its author.  Problem."""
    with publicity.reading() as connection:
        rows = work_rows(connection, publicity.store, work_id=work_id)
    if not rows:
        raise problem("unknown_work", "work_id")
    work = rows[0]
    require(actor, SUBMIT_WORK, Subject(work["unit_id"], person_id=work["author_id"]))
    title = publicity.decrypt_texts({"title": (work["author_id"], work["title"])})["title"]
    return render_proof(publicity, work, title, form)


def work_text(publicity: PublicityContext, actor: Actor, work_id: str, reviewer_id: str, today: str) -> dict[str, Any]:
    """Complete for its author and unit; without title and names for a reviewer (`reviewer_id`).  Problem."""
    with publicity.reading() as connection:
        given, work_id = work_id, reviewed_work(connection, work_id, reviewer_id)
        rows = work_rows(connection, publicity.store, work_id=work_id)
        if not rows:
            raise problem("unknown_work", "work_id")
        work, author_id = rows[0], rows[0]["author_id"]
        assigned = reviewer_id in {review["reviewer_id"] for review in work["reviews"]}
        if assigned and may(actor, REVIEW, Subject(person_id=reviewer_id)):
            if not work["levels"]:
                raise problem("no_consent", "work_id")
        elif not (is_for_district(work) and may(actor, SELECT_FOR_DISTRICT, DISTRICT)):
            require(actor, SEE_WORK, Subject(work["unit_id"], person_id=author_id))
        blocks = load_blocks(publicity.content_store.read_content([author_id], work["content"]))
        title = {"title": publicity.decrypt_texts({"title": (author_id, work["title"])})["title"]}
        if assigned:
            name = publicity.person_names(connection, [author_id]).get(author_id, "")
            unit_ids = sorted({work["unit_id"], *units_of_person(connection, registry, author_id, day_of(today))})
            units = tuple(filter(None, unit_names(connection, registry, unit_ids=unit_ids).values()))
            blocks = redact(blocks, Identity(name, (author_id, work["work_id"], *unit_ids), units))
            title = {}
    return {"work_id": given, "kind": work["kind"], **title, "blocks": [[b.style, b.text, b.picture] for b in blocks]}
