"""Decider of a proposed decision: confirmed by another person, or returned.  Pure."""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.decision_proposals import DecisionProposalConfirmed, DecisionProposalReturned, DecisionProposed

Status: TypeAlias = Literal["", "waiting", "confirmed", "returned"]
STATUSES: Final = ("waiting", "confirmed", "returned")
ACTS: Final = ("sign", "void")


@dataclass(frozen=True)
class Proposal:
    """The state of a proposal."""

    status: Status = ""
    content: DecisionProposed | None = None


class ProposalRefused(Exception):
    """The command is not possible: `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ProposeDecision:
    content: DecisionProposed

    @property
    def stream(self) -> str:
        return self.content.stream


@dataclass(frozen=True)
class _ToProposal:
    proposal_id: str

    @property
    def stream(self) -> str:
        return f"decision_proposal-{self.proposal_id}"


@dataclass(frozen=True)
class ConfirmProposal(_ToProposal):
    """`by`: the person."""

    by: str


@dataclass(frozen=True)
class ReturnProposal(_ToProposal):
    reason: str


ProposalCommand: TypeAlias = ProposeDecision | ConfirmProposal | ReturnProposal


def decide_proposal(state: Proposal, command: ProposalCommand) -> list[Event]:
    """Raises ProposalRefused: `unknown`, `same_hand`, `not_now`.  No event if it is in that state already."""
    if isinstance(command, ProposeDecision):
        return [] if state.content else [command.content]
    if state.content is None:
        raise ProposalRefused("unknown")
    match command:
        case ConfirmProposal(proposal_id, by) if state.status == "waiting":
            if by == state.content.proposed_by:
                raise ProposalRefused("same_hand")
            return [DecisionProposalConfirmed(proposal_id)]
        case ReturnProposal(proposal_id, reason) if state.status == "waiting":
            return [DecisionProposalReturned(proposal_id, state.content.person_id, reason)]
        case ConfirmProposal() if state.status == "confirmed":
            return []
        case ReturnProposal() if state.status == "returned":
            return []
    raise ProposalRefused("not_now")


def evolve_proposal(state: Proposal, event: Event) -> Proposal:
    match event:
        case DecisionProposed():
            return Proposal("waiting", event)
        case DecisionProposalConfirmed():
            return replace(state, status="confirmed")
        case DecisionProposalReturned():
            return replace(state, status="returned")
    return state


PROPOSALS = Decider(Proposal, decide_proposal, evolve_proposal)
