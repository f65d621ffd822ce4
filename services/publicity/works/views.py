"""Works as their authors, units and reviewers may see them: titles, reasons and names decrypted for who may know."""

from collections.abc import Mapping
from typing import Any

from chassis.process.tokens import Actor
from duties.days import day_of
from services.publicity.context import PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.rendering.manuscript import load_blocks
from services.publicity.rendering.renderer import render_proof
from services.publicity.tables import registry
from services.publicity.works.blotting import Identity, blotted
from services.publicity.works.queries import reviewed_work, work_rows, works_with_same_text
from services.registry.queries import unit_names, units_of_person
from services.registry.rights import REVIEW, SEE_WORK, SUBMIT_WORK, Subject, may, require


def visible_works(publicity: PublicityContext, actor: Actor, criteria: Mapping[str, str]) -> list[dict[str, Any]]:
    """The unit's for its staff, one's own, or (criterion reviewer_id) those to review."""
    criteria = {name: value for name, value in criteria.items() if value}
    with publicity.reading() as connection:
        reviews = may(actor, REVIEW, Subject(person_id=criteria.get("reviewer_id", "")))
        if reviews:  # a reviewer who could ask by author or unit would know whose the works are
            criteria = {name: criteria[name] for name in ("reviewer_id", "semester") if name in criteria}
        rows = work_rows(connection, publicity.store, **criteria)
        if reviews:
            repeated = works_with_same_text(connection, rows)
            reviewer_id = criteria["reviewer_id"]
            return [_for_reviewer(row, reviewer_id, bool(repeated[row["work_id"]])) for row in rows if row["levels"]]
        visible = [row for row in rows if may(actor, SEE_WORK, Subject(row["unit_id"], person_id=row["author_id"]))]
        names = publicity.person_names(connection, {row["author_id"] for row in visible})
        same = works_with_same_text(connection, visible)
    titles = publicity.decrypt_texts({row["work_id"]: (row["author_id"], row["title"]) for row in visible})
    left_out = publicity.decrypt_texts(
        {row["work_id"]: (row["author_id"], row["left_out"]) for row in visible if row["left_out"]}
    )
    returned = [row for row in visible if row["returned"]]
    reasons = publicity.decrypt_texts(
        {row["work_id"]: (row["author_id"], row["returned"]["reason"]) for row in returned}
    )
    for row in returned:
        row["returned"]["reason"] = reasons[row["work_id"]]
    for row in visible:
        row["title"], row["author"] = titles[row["work_id"]], names.get(row["author_id"], "")
        row["left_out"] = left_out.get(row["work_id"], "").splitlines()
        row["same_text"] = [
            other["work_id"] for other in same[row["work_id"]]
            if may(actor, SEE_WORK, Subject(other["unit_id"], person_id=other["author_id"]))
        ]  # fmt: skip
        del row["fingerprint"]
        for review in row["reviews"]:
            del review["review_id"]
    return visible


def work_proof(publicity: PublicityContext, actor: Actor, work_id: str, form: str) -> bytes:
    """For who may nominate it and its author: how the work would be printed.  Problem."""
    with publicity.reading() as connection:
        rows = work_rows(connection, publicity.store, work_id=work_id)
    if not rows:
        raise problem("unknown_work", "work_id")
    work = rows[0]
    require(actor, SUBMIT_WORK, Subject(work["unit_id"], person_id=work["author_id"]))
    title = publicity.decrypt_texts({"title": (work["author_id"], work["title"])})["title"]
    return render_proof(publicity, work, title, form)


def work_text(publicity: PublicityContext, actor: Actor, work_id: str, reviewer_id: str, today: str) -> dict[str, Any]:
    """For its author and unit as it is; for a reviewer (`reviewer_id`) without title and names.  Problem."""
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
        else:
            require(actor, SEE_WORK, Subject(work["unit_id"], person_id=author_id))
        blocks = load_blocks(publicity.content_store.read_content([author_id], work["content"]))
        title = {"title": publicity.decrypt_texts({"title": (author_id, work["title"])})["title"]}
        if assigned:
            name = publicity.person_names(connection, [author_id]).get(author_id, "")
            unit_ids = sorted({work["unit_id"], *units_of_person(connection, registry, author_id, day_of(today))})
            units = tuple(filter(None, unit_names(connection, registry, unit_ids=unit_ids).values()))
            blocks = blotted(blocks, Identity(name, (author_id, work["work_id"], *unit_ids), units))
            title = {}
    return {"work_id": given, "kind": work["kind"], **title, "blocks": [[b.style, b.text, b.picture] for b in blocks]}


def _for_reviewer(work: dict[str, Any], reviewer_id: str, repeated: bool) -> dict[str, Any]:
    """What a reviewer may know of a work: not whose it is, not how others marked it, not the id that its unit chose."""
    ids = [review["review_id"] for review in work["reviews"] if review["reviewer_id"] == reviewer_id]
    seen_as = next(filter(None, ids), work["work_id"])
    return {"work_id": seen_as, "repeated": repeated} | {name: work[name] for name in ("kind", "semester", "size")}
