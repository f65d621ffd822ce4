"""Readers chosen in a form (macros/readings.html), stage by stage: from people of the unit, and for the offices that
may ask anybody from those of another unit or found by name."""

from flask import request

from console.own_units import LONGEST_ID
from console.publicity_words import STAGES
from console.users import User
from console.write_client import write


def asks_for_people() -> bool:
    """The form asks whom to choose from, and appoints nobody yet."""
    return bool(request.form.get("choose"))


def candidates_query(subject: str, subject_id: str) -> dict[str, str]:
    """Whom the page is to offer: as asked for, and those who are chosen already."""
    chosen = [request.form.get(stage, "").strip()[:LONGEST_ID] for stage in STAGES]
    unit_id, name = (request.form.get(field, "").strip()[:LONGEST_ID] for field in ("people", "who"))
    return {"subject": subject, "subject_id": subject_id, "unit_id": unit_id, "text": name[:80],
            "also": ",".join(filter(None, chosen))}  # fmt: skip


def appoint_chosen(user: User, subject: str, subject_id: str) -> dict[str, str]:
    """Appoints those that were chosen; what is refused, by stage."""
    errors: dict[str, str] = {}
    for stage in STAGES:
        if reader_id := request.form.get(stage, "").strip()[:LONGEST_ID]:
            body = {"subject": subject, "subject_id": subject_id, "stage": stage, "reader_id": reader_id}
            result = write(user, "publicity", "/api/readers", body)
            if not result.ok:
                errors[stage] = result.message
    return errors
