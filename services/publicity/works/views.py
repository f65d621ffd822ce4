"""Works as their authors, units and reviewers may see them: titles, reasons and names decrypted for who may know."""

from collections.abc import Mapping
from typing import Any

from chassis.process.tokens import Actor
from services.publicity.context import PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.rendering.manuscript import load_blocks, without_names
from services.publicity.tables import registry
from services.publicity.works.queries import work_rows
from services.registry.queries import unit_name
from services.registry.rights import REVIEW, SEE_WORK, Subject, may, require


def visible_works(publicity: PublicityContext, actor: Actor, criteria: Mapping[str, str]) -> list[dict[str, Any]]:
    """The unit's for its staff, one's own, or (criterion reviewer_id) those to review."""
    criteria = {name: value for name, value in criteria.items() if value}
    with publicity.reading() as connection:
        rows = work_rows(connection, publicity.store, **criteria)
        if may(actor, REVIEW, Subject(person_id=criteria.get("reviewer_id", ""))):
            return [_for_reviewer(row) for row in rows if row["levels"]]
        visible = [row for row in rows if may(actor, SEE_WORK, Subject(row["unit_id"], person_id=row["author_id"]))]
        names = publicity.person_names(connection, {row["author_id"] for row in visible})
    titles = publicity.decrypt_texts({row["work_id"]: (row["author_id"], row["title"]) for row in visible})
    returned = [row for row in visible if row["returned"]]
    reasons = publicity.decrypt_texts(
        {row["work_id"]: (row["author_id"], row["returned"]["reason"]) for row in returned}
    )
    for row in returned:
        row["returned"]["reason"] = reasons[row["work_id"]]
    return [row | {"title": titles[row["work_id"]], "author": names.get(row["author_id"], "")} for row in visible]


def work_text(publicity: PublicityContext, actor: Actor, work_id: str, reviewer_id: str) -> dict[str, Any]:
    """For its author and unit as it is; for a reviewer (`reviewer_id`) without title and names.  Problem."""
    with publicity.reading() as connection:
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
            blocks = without_names(blocks, [name, author_id, unit_name(connection, registry, work["unit_id"])])
            title = {}
    return {"work_id": work_id, "kind": work["kind"], **title, "blocks": [[b.style, b.text, b.picture] for b in blocks]}


def _for_reviewer(work: dict[str, Any]) -> dict[str, Any]:
    """What a reviewer may know of a work: not whose it is, not how others marked it."""
    return {name: work[name] for name in ("work_id", "kind", "semester", "size")}
