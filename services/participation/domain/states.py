"""The states of streams as the rules need them: small frozen values."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.corrections import (
    RecordCorrected,
)
from contracts.participation import (
    RecordSubmitted,
    UnitRelated,
)
from services.participation.domain.digests import Content
from services.participation.domain.rows import (
    DecisionRow,
    ExemptionRow,
    FindingRow,
    MembershipRow,
    PostRow,
    RecordRow,
    SheetRow,
    UnitRow,
)

_EVER: Final = "~"
"""Sorts after the text of every day."""
Contents = tuple[Content, ...]
"""A row's content as accepted and, if different, as it is now: repetitions of either are unchanged."""


class Liaison(NamedTuple):
    """The office that supervises a unit from the day `since` on (empty: from the beginning), as it is and as it was
    reported; they differ if the unit's `liaison_id` was corrected.  '': none."""

    since: str
    unit_id: str
    reported: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; in service on a day `d` if `opened_on <= d` and (`closed_on` empty or `d < closed_on`).

    `row` has the latest relations, `liaisons` all of them in the order reported, the registered one first."""

    row: UnitRow
    contents: Contents
    kind: str
    tags: frozenset[str]
    liaisons: tuple[Liaison, ...]
    relations: tuple[UnitRelated, ...] = ()
    voided: bool = False

    @property
    def opened_on(self) -> str:
        return self.row.opened_on

    @property
    def closed_on(self) -> str:
        return self.row.closed_on

    def in_service(self, day: str) -> bool:
        return self.row.opened_on <= day < (self.row.closed_on or _EVER)

    def liaison_on(self, day: str) -> str:
        """The office that supervises the unit on that day."""
        # of two changes from one day the one reported last is in force: max() would return the first
        begun = (liaison for liaison in reversed(self.liaisons) if liaison.since <= day)
        return max(begun, key=lambda item: item.since).unit_id

    def correct_liaison(self, unit_id: str) -> tuple[Liaison, ...]:
        """All liaisons after correcting the row's cell: that of the one reported last."""
        return (*self.liaisons[:-1], self.liaisons[-1]._replace(unit_id=unit_id))

    def is_related(self, column: str, unit_id: str, since: str) -> bool:
        """Whether the last change of that column from exactly that day named this unit, or was corrected to it."""
        if column == "liaison_id":
            liaisons = [liaison for liaison in self.liaisons[1:] if liaison.since == since]
            return bool(liaisons) and unit_id in liaisons[-1][1:]
        named = [
            getattr(relation, column)
            for relation in self.relations
            if relation.since == since and getattr(relation, column)
        ]
        return bool(named) and named[-1] == unit_id


class Membership(NamedTuple):
    """A person's service in a unit on the days `[since, until)`; an empty `until` is open.  `name` as in its event: may
    be encrypted."""

    unit_id: str
    since: str
    until: str
    contents: Contents
    person_id: str
    name: str
    role: str
    voided: bool = False

    @property
    def row(self) -> MembershipRow:
        return MembershipRow(self.person_id, self.name, self.role, self.unit_id, self.since, self.until)

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or _EVER)

    def overlaps(self, since: str, until: str) -> bool:
        return self.since < (until or _EVER) and since < (self.until or _EVER)


class Post(NamedTuple):
    """A person's post in a unit on the days `[from, to)` of its row."""

    row: PostRow
    contents: Contents
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """All accepted memberships and posts of a person; erasing the person keeps them (ids and scores stay)."""

    memberships: tuple[Membership, ...]
    voided: tuple[Membership, ...] = ()
    posts: tuple[Post, ...] = ()

    def unit_on(self, day: str) -> str:
        """The unit in which the person serves on that day, or ''."""
        return next((membership.unit_id for membership in self.memberships if membership.covers(day)), "")

    def membership(self, unit_id: str, since: str) -> Membership | None:
        """The accepted membership, void or not."""
        rows = (*self.memberships, *self.voided) if self.voided else self.memberships
        return next((item for item in rows if item.unit_id == unit_id and item.since == since), None)

    def post(self, unit_id: str, post: str, since: str) -> Post | None:
        """The accepted post, void or not."""
        named = (unit_id, post, since)
        return next((item for item in self.posts if (item.row.unit_id, item.row.post, item.row.from_) == named), None)

    def overlaps(self, since: str, until: str, leaving_out: Membership | None = None) -> bool:
        return any(
            membership.overlaps(since, until) for membership in self.memberships if membership is not leaving_out
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record as in its last event, and the content of its withdrawal if it was ever withdrawn."""

    event: RecordSubmitted | RecordCorrected
    contents: Contents
    voided: bool = False
    withdrawal: Content | None = None

    @property
    def person_id(self) -> str:
        return self.event.person_id

    @property
    def row(self) -> RecordRow:
        """The cells; `title` and `content_sha256` may be encrypted."""
        event = self.event
        occurred_at = event.occurred_at or event.done_at
        return RecordRow(event.record_id, event.kind, event.unit_given, event.person_id, occurred_at, event.period,
                         event.title, event.content_sha256, event.evidence)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exemption:
    """`reason` may be encrypted."""

    row: ExemptionRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    row: FindingRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    row: SheetRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """`reason` may be encrypted."""

    row: DecisionRow
    contents: Contents
    campaign: str
    voided: bool = False


Fact = Unit | Membership | Post | Exemption | Record | Finding | Sheet | SignedDecision
"""A state with a row that can be corrected: its cells in `row`, and whether it is void in `voided`."""
