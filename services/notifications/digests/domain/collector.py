"""Collects one digest per recipient and day from the notices of one subject at a time: a person's digest is returned at
once, those of posts after all subjects were added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from duties.days import Day
from duties.outstanding import Outstanding
from services.notifications.digests.domain.items import DigestItem
from services.notifications.digests.domain.notices import Notice, NoticeRules
from services.notifications.obligations.domain import Finding, ReturnedSubmission, SheetRow
from services.notifications.rules.escalation import UNIT_LEVELS, EscalationPath, recipient_level
from services.notifications.rules.reminder_stages import Stages


class Digest(NamedTuple):
    """The reminders of one recipient for one day; `unit_id` is the recipient's unit, empty above units."""

    recipient: str
    unit_id: str
    items: list[DigestItem]


class PostItems:
    """The items of a post: the same item of several subjects once, with their number."""

    def __init__(self, recipient: str) -> None:
        self._recipient = recipient
        self._items: dict[str, DigestItem] = {}
        self._units: dict[str, set[str]] = {}

    def add(self, notice: Notice, identity: str) -> None:
        item, earlier = notice.item, self._items.get(identity)
        total = 0 if earlier is None else item.number + earlier.number
        self._items[identity] = item if earlier is None else earlier._replace(quantity=str(total))
        if not item.unit_id:
            self._units.setdefault(identity, set()).add(notice.unit_id)

    def digest(self) -> Digest:
        """The digest; requires at least one item."""
        items = [self._with_unit_count(identity, item) for identity, item in self._items.items()]
        inside = recipient_level(self._recipient) in UNIT_LEVELS
        return Digest(self._recipient, items[0].unit_id if inside else "", items)

    def _with_unit_count(self, identity: str, item: DigestItem) -> DigestItem:
        units = self._units.get(identity)
        return item if units is None else item._replace(note=str(len(units)))


@dataclass
class DigestCollector:
    """`was_notified(recipient, item identity)`: whether they were notified before; `paths`: of units in service."""

    stages: Stages
    paths: Mapping[str, EscalationPath]
    was_notified: Callable[[str, str], bool]
    learnt_on: Callable[[int], Day] = lambda _: 0
    _posts: dict[str, PostItems] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules = NoticeRules(self.stages, self.paths, self.learnt_on)

    def person_digest(
        self, person_id: str, unit_id: str, owed: Iterable[Outstanding], returned: Iterable[ReturnedSubmission] = ()
    ) -> Digest | None:
        """The digest of a person who serves in that unit on the day (empty: nowhere); None if there is nothing new."""
        return self.add_person(person_id, unit_id, self._rules.of_person(person_id, unit_id, owed, returned))

    def add_person(self, person_id: str, unit_id: str, notices: Iterable[Notice]) -> Digest | None:
        """The person's own digest from their notices; items for posts are collected."""
        own = f"person-{person_id}"
        items = [each.item for each in notices if self._add(each, own)]
        return Digest(own, unit_id, items) if items else None

    def add(self, notices: Iterable[Notice]) -> None:
        """Collect the notices of a unit."""
        for each in notices:
            self._add(each)

    def _add(self, notice: Notice, own: str = "") -> bool:
        """Collect the item if it is new to its recipient; returns whether it is new and for the person themselves."""
        recipient, identity = notice.recipient, notice.item.identity
        if self.was_notified(recipient, identity):
            return False
        if recipient == own:
            return True
        if recipient not in self._posts:
            self._posts[recipient] = PostItems(recipient)
        self._posts[recipient].add(notice, identity)
        return False

    def add_unit_duties(self, owed: Iterable[Outstanding]) -> None:
        """Collect what units owe themselves."""
        self.add(self._rules.of_unit_duties(owed))

    def add_findings(self, unit_id: str, findings: Iterable[Finding]) -> None:
        self.add(self._rules.of_findings(unit_id, findings))

    def add_sheet_rows(self, unit_id: str, rows: Iterable[SheetRow]) -> None:
        self.add(self._rules.of_sheet_rows(unit_id, rows))

    def add_returned(self, unit_id: str, returned: Iterable[ReturnedSubmission]) -> None:
        self.add(self._rules.of_returned(unit_id, returned))

    def post_digests(self) -> Iterator[Digest]:
        """The digests of clerks, heads and offices, highest level first."""
        for recipient in sorted(self._posts, key=highest_first):
            yield self._posts[recipient].digest()


def highest_first(recipient: str) -> tuple[int, str]:
    """Sort key of posts' digests."""
    order = ("campaign", "office", "head", "clerk")
    return order.index(recipient.partition("-")[0]), recipient
