"""A day's digests, kept between two looks: what changed subjects tell is replaced, the digests of those whom that
concerns are put together anew, everything else stays.

Equal, item for item and in the same order, to what a `DigestCollector` makes of the same facts; the caller says whose
facts changed, and to whom something was told since."""

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
    """Whose facts tell something: people stand before units, each in the order of their ids."""

    kind: int
    subject_id: str


@dataclass(frozen=True)
class PreviewFilter:
    """Which digests are shown: of one recipient, one level, one unit, or that have a line of one stage; from the
    `after`th of them all on."""

    recipient: str = ""
    level: str = ""
    unit_id: str = ""
    stage: str = ""
    after: int = 0


class _Shown(NamedTuple):
    """A digest and what it is found by."""

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
    """How many digests there are, how many are wanted, a page of them, and past which the next one begins (0: none);
    and how many of all are of a level, or have a line of a stage."""

    total: int
    matching: int
    digests: list[Digest]
    following: int
    levels: Mapping[str, int]
    stages: Mapping[str, int]


class KeptDigests:
    """What each subject tells, and from it the digest of each recipient."""

    def __init__(self) -> None:
        self._notices: dict[Subject, tuple[Notice, ...]] = {}
        self._subjects: dict[str, set[Subject]] = {}  # that tell a recipient something
        self._stale: set[str] = set()
        self._shown: dict[str, _Shown] = {}
        self._order: list[str] = []
        self._levels, self._stages = Counter[str](), Counter[str]()

    def replace(self, subject: Subject, notices: Iterable[Notice]) -> None:
        """The subject's facts tell this now, and nothing else."""
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
        """Puts together what changed since the last time; how many digests that were.  `again`: who was told
        something since; `notified` names what (recipient, item identity) of these recipients' is told already."""
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
                self._shown[recipient] = _Shown(digest, recipient_level(recipient), stages)
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
        """Those that are wanted, people's first."""
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
