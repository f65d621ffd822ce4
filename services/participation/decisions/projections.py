"""Projects proposed decisions into rows: content, subject, persons and state; the reason stays in the log."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.decision_proposals import DecisionProposalConfirmed, DecisionProposalReturned, DecisionProposed
from services.participation.tables import METADATA

decision_proposals = Table(
    "decision_proposals", METADATA,
    Column("proposal_id", Text, primary_key=True),
    Column("act", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("decided_on", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
    Column("settled_at", Text, nullable=False),
    Index("decision_proposals_year", "year", "status"),
)  # fmt: skip

_CELLS = ("proposal_id", "act", "decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on",
          "proposed_by")  # fmt: skip


def store_proposal(rows: Rows, event: DecisionProposed, recorded: RecordedEvent) -> None:
    cells = {name: getattr(event, name) for name in _CELLS}
    rows.put(decision_proposals, **cells, proposed_at=recorded.recorded_at, status="waiting", settled_by="",
             settled_at="")  # fmt: skip


def confirm_proposal(rows: Rows, event: DecisionProposalConfirmed, recorded: RecordedEvent) -> None:
    _settle(rows, event.proposal_id, "confirmed", recorded)


def return_proposal(rows: Rows, event: DecisionProposalReturned, recorded: RecordedEvent) -> None:
    _settle(rows, event.proposal_id, "returned", recorded)


def _settle(rows: Rows, proposal_id: str, status: str, recorded: RecordedEvent) -> None:
    rows.amend(decision_proposals, {"proposal_id": proposal_id}, status=status, settled_by=recorded.actor,
               settled_at=recorded.recorded_at)  # fmt: skip
