"""A row of a roster whose person, unit and role are known, or why not.  Pure."""

from typing import NamedTuple

from services.participation.roster.domain.lines import EVER, Post, RosterRow


class Resolved(NamedTuple):
    """`fault`: column, code and value of what keeps it from being compared, empty: nothing; `candidates`: who may be
    meant by a row without an id, or with one that nobody has but for its zeros or letters."""

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
        """As far as the row's own days say."""
        return self.row.since <= day < (self.row.until or EVER)
