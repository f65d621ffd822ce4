"""Reads proposed decisions with names, and the names of candidates."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.store import event_log, subject_keys
from contracts.decision_proposals import DecisionProposalReturned, DecisionProposed
from services.participation.decisions.projections import decision_proposals
from services.participation.registry.names import names_of_people, names_of_units

MOST: Final = 200


def proposals_of_year(connection: Connection, year: str) -> list[dict[str, Any]]:
    """Open proposals first, then the others, latest first; with the names of their subjects and of who entered them."""
    return _proposals(connection, decision_proposals.c.year == year)


def waiting_proposals(connection: Connection) -> list[dict[str, Any]]:
    """Proposals that await a second person."""
    return _proposals(connection, decision_proposals.c.status == "waiting")


def _proposals(connection: Connection, condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    column = decision_proposals.c
    query = sa.select(decision_proposals).where(condition)
    rows = connection.execute(query.order_by(column.status.desc(), column.proposed_at.desc()).limit(MOST)).all()
    people = names_of_people(
        connection, sorted({name for row in rows for name in (row.person_id, row.proposed_by)} - {""})
    )
    units = names_of_units(connection, sorted({row.unit_id for row in rows} - {""}))
    reasons = _reasons(connection, rows)
    return [
        {"proposal_id": row.proposal_id, "year": row.year, "act": row.act, "decision_id": row.decision_id,
         "kind": row.kind, "unit_id": row.unit_id, "unit_name": units.get(row.unit_id, ""), "person_id": row.person_id,
         "person_name": people.get(row.person_id, ""), "document": row.document, "decided_on": row.decided_on,
         "reason": reasons.get(row.proposal_id, ""), "proposed_by": row.proposed_by,
         "proposer_name": people.get(row.proposed_by, ""), "proposed_at": row.proposed_at, "status": row.status,
         "settled_by": row.settled_by, "settled_at": row.settled_at,
         "returned_because": reasons.get(f"{row.proposal_id}/returned", "")} for row in rows
    ]  # fmt: skip


def _reasons(connection: Connection, rows: Sequence[Any]) -> dict[str, str]:
    """By proposal; empty if the person was erased."""
    keys = subject_keys.existing_keys(connection, sorted({row.person_id for row in rows} - {""}))
    result = {}
    for recorded in event_log.streams(connection, [f"decision_proposal-{row.proposal_id}" for row in rows]):
        event = recorded.event()
        if isinstance(event, DecisionProposed | DecisionProposalReturned):
            person_id = event.person_id
            text = decipher(event.reason, person_id, keys.get(person_id)) if person_id else event.reason
            name = event.proposal_id if isinstance(event, DecisionProposed) else f"{event.proposal_id}/returned"
            result[name] = text or ""
    return result


def names_of_candidates(connection: Connection, person_ids: Sequence[str]) -> dict[str, str]:
    return names_of_people(connection, person_ids)
