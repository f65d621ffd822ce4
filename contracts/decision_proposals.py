"""Events of a decision on a year's awards as the campaign office's page makes it: one proposes, another confirms.

When it is confirmed it is a row of decisions.csv (`participation.decision_signed`), or the row that it takes back is
voided (`participation.decision_corrected`).  Before that it binds nobody.
"""

from chassis.events.definition import Event, event, meaning, personal


class _OfProposal(Event):
    proposal_id: str

    @property
    def stream(self) -> str:
        return f"decision_proposal-{self.proposal_id}"


@event("participation.decision_proposed", label="决定提交复核")
class DecisionProposed(_OfProposal):
    """Somebody of the campaign office entered a decision; it waits for a second hand."""

    proposal_id: str = meaning("the proposal")
    act: str = meaning("`sign` a decision, or `void` one that was signed")
    decision_id: str = meaning("the decision that it becomes, or that it takes back")
    kind: str = meaning("veto, decline or choose")
    year: str = meaning("the year of the awards, four digits")
    unit_id: str = meaning("the unit; empty: it is on a person")
    person_id: str = meaning("the person; empty: it is on a unit")
    document: str = meaning("number of the minutes")
    decided_on: str = meaning("the day of the decision")
    proposed_by: str = meaning("the person who entered it, who may not confirm it")
    reason: str = personal("person_id", "why")


@event("participation.decision_proposal_confirmed", label="决定复核通过")
class DecisionProposalConfirmed(_OfProposal):
    """Somebody else confirmed it: from now on it binds."""

    proposal_id: str = meaning("the proposal")


@event("participation.decision_proposal_returned", label="决定复核退回")
class DecisionProposalReturned(_OfProposal):
    """It was not confirmed, or taken back by whoever entered it."""

    proposal_id: str = meaning("the proposal")
    person_id: str = meaning("the person whom it was about; empty: a unit")
    reason: str = personal("person_id", "why")
