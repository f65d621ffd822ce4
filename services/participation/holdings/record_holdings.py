"""Records which rows were accepted from which source, in the transaction that accepts them."""

from chassis.store.schema import intake_holdings
from chassis.store.unit_of_work import UnitOfWork
from services.participation.domain import Row, kind_of
from services.participation.domain.naming import Target
from services.participation.domain.rows import ID_COLUMNS, ReportedCorrection, cells_of
from services.participation.holdings.domain import content_digest, row_id_of


class NewHoldings:
    """The rows accepted in one unit of work; each is recorded once, whatever happens to it later."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work
        self._rows: list[tuple[str, ...]] = []

    def add(self, row: Row, source: str) -> None:
        """Add an accepted row; corrections of rows are ignored."""
        if not isinstance(row, ReportedCorrection) and kind_of(row).name in ID_COLUMNS:
            self._rows.append(_columns_of_row(row, source))

    def write(self) -> None:
        """Insert them, together with the events."""
        if rows := self._rows:
            self._rows, unit_of_work = [], self._unit_of_work
            unit_of_work.defer_write(lambda: unit_of_work.store.insert(unit_of_work.connection, intake_holdings, rows))


def _columns_of_row(row: Row, source: str) -> tuple[str, ...]:
    """In the order of the table's columns."""
    kind, cells = kind_of(row).name, cells_of(row)
    stream = Target(kind, tuple(cells[column] for column in ID_COLUMNS[kind])).stream
    return kind, row_id_of(kind, cells), source, stream, content_digest(cells), cells.get("person_id", "")
