"""Use cases of decisions about a year's awards (four-eyes principle): propose one, confirm it as a second person,
return it; each is one transaction."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.decision_proposals import DecisionProposed
from duties.campaign import Campaign
from services.participation.batch.handlers import load_ledger, release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.decisions.domain import decide_decision
from services.participation.decisions.projections import decision_proposals
from services.participation.decisions.proposals import (
    PROPOSALS,
    ConfirmProposal,
    ProposalCommand,
    ProposalRefused,
    ProposeDecision,
    ReturnProposal,
)
from services.participation.domain import Accepted, Refused, Row, message, row_of
from services.participation.domain.rows import DecisionRow

_REFUSALS: Final = {
    "unknown": (404, "没有这一项待复核的决定。"),
    "same_hand": (409, "提出决定的人不能自己复核，请由活动领导小组办公室其他同志或局领导复核。"),
    "not_now": (409, "这一项已经复核或退回，请刷新后再看。"),
}


@dataclass(frozen=True)
class Request:
    """The actor of a request, and a callback after the commit."""

    actor: Actor
    correlation: str
    on_commit: Callable[[], None]


def propose_decision(units_of_work: UnitsOfWork, request: Request, wanted: Mapping[str, str]) -> list[str]:
    """Propose a decision, to be confirmed by a second person; the same proposal again (`proposal_id`) changes nothing.
    Returns the positions.  Problem 409, 422 with the field."""
    with units_of_work.begin(request.actor, request.correlation) as work:
        rules = _rules(work)
        cells = _void_cells(work, wanted) if wanted["act"] == "void" else _sign_cells(work, wanted, rules)
        content = DecisionProposed(wanted["proposal_id"], wanted["act"], **cells, document=wanted["document"],
                                   decided_on=wanted["decided_on"], proposed_by=request.actor.name,
                                   reason=wanted["reason"])  # fmt: skip
        work.keys.load([content.person_id] if content.person_id else [])
        _execute(work, ProposeDecision(content))
    return work.positions


def confirm_proposal(units_of_work: UnitsOfWork, request: Request, proposal_id: str) -> list[str]:
    """Confirm a proposal as a second person: it becomes a row.  Returns the positions.  Problem 404, 409, 422."""
    with units_of_work.begin(request.actor, request.correlation) as work:
        command = ConfirmProposal(proposal_id, request.actor.name)
        content = work.states(PROPOSALS, [command.stream])[command.stream].content
        if _execute(work, command) and content:
            _sign(work, content)
        work.after_commit(request.on_commit)
    return work.positions


def return_proposal(units_of_work: UnitsOfWork, request: Request, proposal_id: str, reason: str) -> list[str]:
    """Reject a proposal, or withdraw one's own.  Returns the positions.  Problem 404, 409."""
    with units_of_work.begin(request.actor, request.correlation) as work:
        command = ReturnProposal(proposal_id, reason)
        content = work.states(PROPOSALS, [command.stream])[command.stream].content
        work.keys.load([content.person_id] if content and content.person_id else [])
        _execute(work, command)
    return work.positions


def _execute(work: UnitOfWork, command: ProposalCommand) -> bool:
    """Whether it changed anything.  Problem 404, 409."""
    try:
        return bool(work.execute(PROPOSALS, command))
    except ProposalRefused as refused:
        status, detail = _REFUSALS[refused.code]
        raise Problem(status, "unknown_proposal" if status == 404 else refused.code, detail) from None


def _rules(work: UnitOfWork) -> Campaign:
    rules = rules_in_force(work)
    if rules is None:
        raise Problem(409, "no_campaign", "还没有启动活动方案。")
    return rules


def _sign_cells(work: UnitOfWork, wanted: Mapping[str, str], rules: Campaign) -> dict[str, str]:
    """The cells of a decision that would be accepted now and is not proposed yet.  Problem 409, 422."""
    cells = {name: wanted[name] for name in ("kind", "year", "unit_id", "person_id")}
    cells["decision_id"] = _id("award-decision", wanted["proposal_id"])
    rest = {name: wanted[name] for name in ("document", "decided_on", "reason")}
    row = row_of("decision", {**cells, **rest})
    assert isinstance(row, DecisionRow)
    ledger = load_ledger(work, [row])
    decision = decide_decision(row, ledger, rules, work.keys.of, allow_pending=False)
    if isinstance(decision, Refused):
        text = message(decision.code, decision.column, getattr(row, decision.column, ""))
        raise Problem(422, decision.code, text, column=decision.column)
    _refuse_second(work, wanted["proposal_id"], kind=cells["kind"], year=cells["year"], unit_id=cells["unit_id"],
                   person_id=cells["person_id"])  # fmt: skip
    return cells


def _void_cells(work: UnitOfWork, wanted: Mapping[str, str]) -> dict[str, str]:
    """The cells of the decision that is to be voided.  Problem 409, 422."""
    decision_id = wanted["decision_id"]
    ledger = load_ledger(work, [_void_row(decision_id, "", "x")])
    known = ledger.decisions.get(decision_id)
    if known is None or known.voided:
        raise Problem(422, "unknown_row", "没有这项决定，或者它已经撤销。", column="decision_id")
    _refuse_second(work, wanted["proposal_id"], act="void", decision_id=decision_id)
    row = known.row
    return {"decision_id": decision_id, "kind": row.kind, "year": row.year, "unit_id": row.unit_id,
            "person_id": row.person_id}  # fmt: skip


def _refuse_second(work: UnitOfWork, proposal_id: str, **same: str) -> None:
    """Problem 409 if another open proposal has these values, by column."""
    column = decision_proposals.c
    waiting = sa.select(column.proposal_id).where(column.status == "waiting", column.proposal_id != proposal_id,
                                                  *(column[name] == value for name, value in same.items()))  # fmt: skip
    if work.connection.execute(waiting.limit(1)).first():
        raise Problem(409, "already_proposed", "同样的决定已经提出，正在等待复核。")


def _sign(work: UnitOfWork, content: DecisionProposed) -> None:
    """Submit the confirmed decision.  Problem 422 if it would not be accepted any more."""
    rules = _rules(work)
    reason = _plain(work, content) or "—"
    if content.act == "void":
        row = _void_row(content.decision_id, content.proposal_id, reason)
    else:
        names = ("decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on")
        row = row_of("decision", {**{name: getattr(content, name) for name in names}, "reason": reason})
    (decision,) = submit_rows(work, [row], rules)
    if isinstance(decision, Refused):
        text = message(decision.code, decision.column, getattr(row, decision.column, ""))
        raise Problem(422, decision.code, text, column=decision.column)
    release_pending_reports(work, decision.events if isinstance(decision, Accepted) else [])


def _plain(work: UnitOfWork, content: DecisionProposed) -> str:
    """The reason in plain text; empty if the person was erased meanwhile."""
    if not content.person_id:
        return content.reason
    keys = subject_keys.existing_keys(work.connection, [content.person_id])
    return decipher(content.reason, content.person_id, keys.get(content.person_id)) or ""


def _void_row(decision_id: str, proposal_id: str, reason: str) -> Row:
    name = _id("award-decision-void", proposal_id or decision_id)
    return row_of("correction", {"correction_id": name, "table": "decisions", "row": decision_id, "column": "*",
                                 "value": "", "reason": reason})  # fmt: skip


def _id(what: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{what}-{digest[:24]}"
