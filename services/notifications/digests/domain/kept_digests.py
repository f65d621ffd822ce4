"""A cache of a day's digests: notices of changed subjects are replaced, the digests of the affected recipients rebuilt,
and the rest stays.

The result equals, item for item and in order, that of a `DigestCollector` on the same facts; the caller tells which
subjects changed and who was notified since."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from services.notifications.digests.domain.collector import Digest, PostItems, highest_first
from services.notifications.digests.domain.notices import Notice
from services.notifications.rules.escalation import recipient_level

PERSON: Final = 0
UNIT: Final = 1


class Subject(NamedTuple):
    """A person or unit with notices; persons sort before units, each by id."""

    kind: int
    subject_id: str


@dataclass(frozen=True)
class PreviewFilter:
    """The digests to show: of one recipient, level or unit, or with a line of one stage; beginning after the `after`th
    of all."""

    recipient: str = ""
    level: str = ""
    unit_id: str = ""
    stage: str = ""
    after: int = 0


class _FilteredDigest(NamedTuple):
    """A digest, and the properties it is filtered by."""

    digest: Digest
    level: str
    stages: frozenset[str]

    def is_wanted(self, wanted: PreviewFilter) -> bool:
        return (
            wanted.level in ("", self.level)
            and wanted.unit_id in ("", self.digest.unit_id)
            and (not wanted.stage or wanted.stage in self.stages)
            and wanted.recipient in ("", self.digest.recipient)
        )


class DigestPage(NamedTuple):
    """A page of digests: `total` of all, `matching` the filter, and the number after which the next page begins (0:
    none); counts of all by level and by stage of their lines."""

    total: int
    matching: int
    digests: list[Digest]
    following: int
    levels: Mapping[str, int]
    stages: Mapping[str, int]


class KeptDigests:
    """The notices of each subject, and the digests built from them."""

    def __init__(self) -> None:
        self._notices: dict[Subject, tuple[Notice, ...]] = {}
        self._subjects: dict[str, set[Subject]] = {}  # the subjects with notices for a recipient
        self._stale: set[str] = set()
        self._shown: dict[str, _FilteredDigest] = {}
        self._order: list[str] = []
        self._levels, self._stages = Counter[str](), Counter[str]()

    def replace(self, subject: Subject, notices: Iterable[Notice]) -> None:
        """Replace the notices of a subject."""
        now, before = tuple(notices), self._notices.pop(subject, ())
        if now:
            self._notices[subject] = now
        if now == before:
            return
        recipients = {each.recipient for each in now}
        for recipient in {each.recipient for each in before} - recipients:
            self._subjects[recipient].discard(subject)
            self._stale.add(recipient)
        for recipient in recipients:
            self._subjects.setdefault(recipient, set()).add(subject)
        self._stale |= recipients

    def renew(self, again: Collection[str], notified: Callable[[Collection[str]], Iterable[tuple[str, str]]]) -> int:
        """Rebuild the digests that changed since the last call; returns their number.  `again`: recipients notified
        since; `notified`: the (recipient, item identity) pairs of these recipients."""
        stale = self._stale | (set(again) & self._subjects.keys())
        self._stale = set()
        if not stale:
            return 0
        known: dict[str, set[str]] = {}
        for recipient, identity in notified(stale):
            if recipient in stale:
                known.setdefault(recipient, set()).add(identity)
        shared: dict[frozenset[str], frozenset[str]] = {}
        for recipient in stale:
            self._shown.pop(recipient, None)
            digest = self._put_together(recipient, known.get(recipient, set()))
            if digest is not None:
                stages = frozenset(item.stage for item in digest.items)
                stages = shared.setdefault(stages, stages)
                self._shown[recipient] = _FilteredDigest(digest, recipient_level(recipient), stages)
        self._order = sorted(self._shown, key=_place)
        self._levels = Counter(each.level for each in self._shown.values())
        self._stages = Counter(stage for each in self._shown.values() for stage in each.stages)
        return len(stale)

    def _put_together(self, recipient: str, notified: Collection[str]) -> Digest | None:
        subjects = sorted(self._subjects.get(recipient, ()))
        if not subjects:
            self._subjects.pop(recipient, None)
            return None
        notices = [
            (each, identity)
            for subject in subjects
            for each in self._notices[subject]
            if each.recipient == recipient and (identity := each.item.identity) not in notified
        ]
        if not notices:
            return None
        if recipient_level(recipient) == "person":
            return Digest(recipient, notices[0][0].unit_id, [each.item for each, _ in notices])
        post = PostItems(recipient)
        for each, identity in notices:
            post.add(each, identity)
        return post.digest()

    def page(self, wanted: PreviewFilter, limit: int) -> DigestPage:
        """The digests that match, those of persons first."""
        shown = self._shown
        places = [at for at, recipient in enumerate(self._order) if shown[recipient].is_wanted(wanted)]
        first = bisect_left(places, wanted.after)
        digests = [shown[self._order[at]].digest for at in islice(places, first, first + limit)]
        following = places[first + limit] if len(places) > first + limit else 0
        return DigestPage(len(self._order), len(places), digests, following, self._levels, self._stages)


def _place(recipient: str) -> tuple[int, tuple[int, str]]:
    if recipient_level(recipient) == "person":
        return 0, (0, recipient)
    return 1, highest_first(recipient)
