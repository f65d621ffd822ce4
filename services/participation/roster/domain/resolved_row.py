"""A row of a roster with its person, unit and role resolved, or why not.  Pure."""

from typing import NamedTuple

from services.participation.roster.domain.lines import EVER, Post, RosterRow


class ResolvedRow(NamedTuple):
    """`fault`: column, code and value that prevent the comparison, empty: none; `candidates`: possible persons of a row
    without an id, or with one that exists only with other zeros or letters."""

    row: RosterRow
    person_id: str
    unit_id: str
    role: str
    fault: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def post(self) -> Post:
        return (self.unit_id, self.role)

    def serves_on(self, day: str) -> bool:
        """By the row's own days."""
        return self.row.since <= day < (self.row.until or EVER)
