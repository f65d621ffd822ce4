"""Events of the life of a finding (督查问题): raised at the office's page, answered, sent back or closed.

They stand in the stream of the finding's row (`participation.finding_reported`, corrected, voided), which alone is
scored.  Free text is on units: whoever enters it names nobody.  Days are `YYYY-MM-DD`.
"""

from chassis.events.definition import Event, event, meaning


class _OfFinding(Event):
    finding_id: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.finding_raised", label="提出督查问题")
class FindingRaised(_OfFinding):
    """An office raised the finding at its page, with these files; the row stands in the event before."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit that it is about")
    assessor_id: str = meaning("the office that raised it, whose files they are")
    raised_by: str = meaning("who raised it: somebody else closes it; empty: no person")
    evidence: tuple[str, ...] = meaning("SHA-256 of the office's files")


@event("participation.finding_answered", label="整改答复")
class FindingAnswered(_OfFinding):
    """The unit said what it has rectified, and shows it; the office has it reviewed."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit that answers, whose files they are")
    assessor_id: str = meaning("the office that reviews it")
    answered_by: str = meaning("who answered; empty: no person")
    answered_on: str = meaning("the day of the answer")
    text: str = meaning("what was rectified, in words")
    evidence: tuple[str, ...] = meaning("SHA-256 of the unit's files")


@event("participation.finding_returned", label="退回整改")
class FindingReturned(_OfFinding):
    """The office sent the answer back: the unit has to answer again."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit that it is about")
    returned_on: str = meaning("the day on which it was sent back")
    reason: str = meaning("what is missing")


@event("participation.finding_closed", label="复查销号")
class FindingClosed(_OfFinding):
    """Somebody else of the office reviewed the finding and found it rectified (`participation.rectification_reported`
    says since which day)."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit that it is about")
    closed_by: str = meaning("who reviewed it; empty: no person")
    closed_on: str = meaning("the day of the review")
    note: str = meaning("what was seen, in words; empty: nothing was said")
