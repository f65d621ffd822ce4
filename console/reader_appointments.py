"""Readers chosen in a form (macros/readings.html), stage by stage."""

from flask import request

from console.own_units import LONGEST_ID
from console.publicity_words import STAGES
from console.users import User
from console.write_client import write


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
