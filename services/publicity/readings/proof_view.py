"""The proof of an article or anthology as a page shows it: the words of the very file that will go out."""

from typing import Any

from services.publicity.context import Caller, PublicityContext, refusals_as_problems
from services.publicity.next_steps.steps import anthology_step, article_step
from services.publicity.readings.candidates import subject_row
from services.publicity.readings.handlers import record_fetched_proof
from services.publicity.readings.queries import appointed_stage
from services.publicity.refusal_messages import problem
from services.publicity.rendering.readable_text import ReadableText, shown_anthology, shown_article
from services.publicity.tables import registry
from services.registry import rights
from services.registry.queries import unit_name

GONE = ("stopped", "taking_down", "taken_down")


def shown_proof(publicity: PublicityContext, caller: Caller, subject: str, subject_id: str) -> dict[str, Any]:
    """For the unit and for its readers, whose request is recorded.  Problem."""
    with publicity.reading() as connection:
        row = subject_row(connection, subject, subject_id)
        stage = appointed_stage(connection, subject, subject_id, caller.actor.name)
        reader_id = caller.actor.name if stage else ""
        rights.require(caller.actor, rights.SEE_PROOF, rights.Subject(row["unit_id"], person_id=reader_id))
        unit = unit_name(connection, registry, row["unit_id"])
    _check_in_force(subject, row)
    shown = _load_proof(publicity, subject, row)
    if stage:
        record_fetched_proof(publicity, caller, subject, subject_id, row["content"])
    step = article_step(row) if subject == "article" else anthology_step(row)
    return {
        "subject": subject, "subject_id": subject_id, "title": row["title"], "unit_id": row["unit_id"], "unit": unit,
        "account": row.get("account", ""), "level": row.get("level", ""), "content": row["content"],
        "own_stage": stage, "next_stage": step.stage, "readings": row["readings"], "pieces": shown.pieces,
        "left_out": shown.left_out, "film": shown.film,
    }  # fmt: skip


def _check_in_force(subject: str, row: dict[str, Any]) -> None:
    """Content that was withdrawn is not handed out.  Problem."""
    if subject == "article" and row["status"] in GONE:
        raise problem("not_in_draft", "article_id", row["status"])
    if subject == "anthology" and (row["outdated"] or row["taken_down_at"]):
        raise problem("not_in_force", "anthology_id")


def _load_proof(publicity: PublicityContext, subject: str, row: dict[str, Any]) -> ReadableText:
    with refusals_as_problems():
        content = publicity.content_store.read_content(row["authors"].split(";"), row["content"])
    return shown_article(content) if subject == "article" else shown_anthology(content)
