"""Events of assessment: which figures were frozen, and what was admitted to them afterwards.

Findings and sheets are participation's: assessment only reads them."""

from chassis.events.definition import Event, event, meaning


class _OfWindow(Event):
    campaign: str
    window: str

    @property
    def stream(self) -> str:
        return f"freeze-{self.campaign}-{self.window}"


@event("assessment.window_frozen", label="数据锁定")
class WindowFrozen(_OfWindow):
    """The official figures of a window, and the awards of a year, are from now on those known at this instant."""

    campaign: str = meaning("the campaign whose figures they are")
    window: str = meaning("month, quarter, semester or year")
    known_at: str = meaning("the instant whose knowledge counts")


@event("assessment.rows_admitted", label="锁定后采纳")
class RowsAdmitted(_OfWindow):
    """Rows that the official figures of a frozen window read as if they had been recorded in time."""

    campaign: str = meaning("the campaign whose figures they are")
    window: str = meaning("month, quarter, semester or year")
    rows: tuple[str, ...] = meaning("ids of records, findings, sheets, exemptions and decisions")
    decision: str = meaning("number of the document that decided it")
