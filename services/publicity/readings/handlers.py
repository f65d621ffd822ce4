"""Use cases of the three readings: appoint a reader; pass a reading, or return the subject."""

from typing import Any

from services.publicity.anthologies.domain import ANTHOLOGIES
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.context import Caller, PublicityContext
from services.publicity.readings.domain import AppointReader, FetchProof, PassReading, ReturnReading
from services.publicity.refusal_messages import problem
from services.publicity.request_values import day_until, one_line_text
from services.registry import rights


def appoint_reader(
    publicity: PublicityContext, caller: Caller, subject: str, subject_id: str, stage: str, reader_id: str
) -> dict[str, Any]:
    """Appoint a reader for this stage; whoever appoints is neither an author nor that reader.  Problem."""
    decider: Any = ARTICLES if subject == "article" else ANTHOLOGIES
    with publicity.transaction(caller) as transaction:
        known = transaction.state(decider, f"{subject}-{subject_id}").known
        transaction.act(caller.actor, rights.APPOINT_READERS, known.unit_id)
        by = caller.actor.name if "person" in caller.actor.roles else ""
        in_service = bool(transaction.units_of_person(reader_id))
        command = AppointReader(subject, subject_id, stage, reader_id, by, transaction.today, in_service)
        transaction.unit_of_work.execute(decider, command)
        return transaction.result()


def record_reading(
    publicity: PublicityContext, caller: Caller, subject: str, subject_id: str, stage: str, reader_id: str,
    content: str, on: str, reason: str,
) -> dict[str, Any]:  # fmt: skip
    """Pass the reading, or with a reason return the subject.  No content: what they fetched last; no day: today.
    Problem."""
    decider: Any = ARTICLES if subject == "article" else ANTHOLOGIES
    with publicity.transaction(caller) as transaction:
        state = transaction.state(decider, f"{subject}-{subject_id}")
        _ = state.known  # so that a missing subject is a 404 before any other problem
        transaction.act(caller.actor, rights.READ, person_id=reader_id)
        # naming oneself as reader must reveal nothing (docs/decisions/0101)
        if reader_id not in state.readings.readers:
            raise problem(f"unknown_{subject}", "subject_id")
        day = day_until(transaction.today, on, "on")
        in_service = bool(transaction.units_of_person(reader_id, day))
        command: PassReading | ReturnReading
        if reason:
            reason = one_line_text(reason, "reason")
            command = ReturnReading(subject, subject_id, stage, reader_id, reason, day, in_service)
        else:
            command = PassReading(subject, subject_id, stage, reader_id, content, day, in_service)
        transaction.unit_of_work.execute(decider, command)
        return transaction.result()


def record_fetched_proof(
    publicity: PublicityContext, caller: Caller, subject: str, subject_id: str, content: str
) -> None:
    """Record that the caller, its reader, downloaded this content."""
    decider: Any = ARTICLES if subject == "article" else ANTHOLOGIES
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.READ, person_id=caller.actor.name)
        command = FetchProof(subject, subject_id, caller.actor.name, content, transaction.today)
        transaction.unit_of_work.execute(decider, command)
