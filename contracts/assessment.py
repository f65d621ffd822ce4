"""What assessment says happened: findings and score sheets, made its own."""

from chassis.events.definition import Event, event


@event("assessment.finding_raised")
class FindingRaised(Event):
    """A finding stands against a unit.  `points` is a decimal text; `learnt_at` is when the system learnt of it."""

    finding_id: str
    unit_id: str
    assessor_id: str
    found_on: str
    deadline: str
    points: str
    rectified_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("assessment.finding_rectified")
class FindingRectified(Event):
    """The finding was put right on that day; `learnt_at` is when the system learnt of it."""

    finding_id: str
    rectified_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("assessment.sheet_scored")
class SheetScored(Event):
    """One item of a quarter's sheet was scored.  `points` is a decimal text."""

    sheet_id: str
    unit_id: str
    assessor_id: str
    period: str
    item: str
    points: str
    assessed_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"
