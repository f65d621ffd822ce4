"""Events of assessment: findings and sheets."""

from chassis.events.definition import Event, event, meaning


@event("assessment.finding_raised", label="督查问题立案")
class FindingRaised(Event):
    """A finding was raised against a unit."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    found_on: str = meaning("the day it was found")
    deadline: str = meaning("the day by which it must be rectified; empty: at once")
    points: str = meaning("decimal text")
    rectified_on: str = meaning("the day it was rectified; empty: not yet")
    learnt_at: str = meaning("when this system recorded the report of it, UTC")

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("assessment.finding_rectified", label="督查问题整改")
class FindingRectified(Event):
    """The finding was rectified on that day."""

    finding_id: str = meaning("the finding")
    rectified_on: str = meaning("the day it was rectified")
    learnt_at: str = meaning("when this system recorded the report of it, UTC")

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("assessment.sheet_scored", label="季考核得分")
class SheetScored(Event):
    """One item of a quarter's sheet was scored."""

    sheet_id: str = meaning("the entry of the assessment sheet")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    item: str = meaning("id of an item of the campaign's assessment sheet")
    points: str = meaning("decimal text")
    assessed_on: str = meaning("the day of the assessment")
    learnt_at: str = meaning("when this system recorded the report of it, UTC")

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"
