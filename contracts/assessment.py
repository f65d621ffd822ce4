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
    """Rows and corrections that the official figures of a frozen window read as if they had been recorded in time; the
    three lists go together."""

    campaign: str = meaning("the campaign whose figures they are")
    window: str = meaning("month, quarter, semester or year")
    names: tuple[str, ...] = meaning("`TABLE/ID` as the decision names it, or the position of an event without an id")
    rows: tuple[str, ...] = meaning("the row that each is about, `TABLE/ID`")
    positions: tuple[str, ...] = meaning("of the event that each is: source/partition/position")
    decision: str = meaning("number of the document that decided it")
