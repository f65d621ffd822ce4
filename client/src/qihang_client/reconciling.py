"""Compares the rows of a system with what Qihang holds of it: after an outbox was lost, or to be sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qihang_client.outbox import Outbox
from qihang_client.reports import Row, content_digest, given_cells, kind_of, range_digest, row_id_of
from qihang_client.service import Service

MOST_LINES = 100_000
Digests = dict[str, dict[str, str]]
"""By kind the digest of each row id."""


@dataclass
class Reconciliation:
    """Of rows by (kind, id): `missing` there, and in the outbox now; `waiting` there; `extra`, held and not in the
    list; `other`, held with other content (`corrected`: as it was reported, and corrected since).  `same`: how many."""

    same: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    extra: list[tuple[str, str]] = field(default_factory=list)
    other: list[tuple[str, str]] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.waiting or self.extra or self.other)


def reconcile(service: Service, outbox: Outbox, rows: Iterable[Row]) -> Reconciliation:
    """Two requests: are the digests equal at all, and where they are not, what differs.  What is missing is added to
    the outbox, nothing else: `rows` are all of them, as they stand in the system, and are read twice.  Rows that change
    others (closed, corrected, ...) show in these, and are left out."""
    rows = list(rows) if isinstance(rows, Iterator) else rows
    mine, result = _digests(rows), Reconciliation()
    held = service.holdings()
    for kind in [kind for kind, own in mine.items() if held.get(kind) == (len(own), range_digest(own.items()))]:
        result.same += len(mine.pop(kind))
    for kind in held.keys() - {kind_of(row.type) for row in rows}:
        mine[kind] = {}  # a kind of which the system has nothing any more
    for differences in _differences(service, mine):
        _note(result, differences)
    missing = set(result.missing)
    for row in rows:
        kind = kind_of(row.type)
        if (kind, row_id_of(kind, row.data) if kind else "") in missing:
            outbox.lost(row)
    return result


def _digests(rows: Iterable[Row]) -> Digests:
    result: Digests = {}
    for row in rows:
        if kind := kind_of(row.type):
            cells = given_cells(row.type, row.data)
            result.setdefault(kind, {})[row_id_of(kind, cells)] = content_digest(cells, kind)
    return result


def _differences(service: Service, mine: Digests) -> Iterator[dict[str, Any]]:
    """Of everything in one request, where that is allowed; otherwise kind by kind and range by range."""
    if mine and all(mine.values()) and sum(map(len, mine.values())) <= MOST_LINES:
        answers = service.differences((kind, *line) for kind, own in mine.items() for line in own.items())
        if not any(each["next"] for each in answers):
            yield from answers
            return
    for kind, own in mine.items():
        for first, before, ids in _ranges(sorted(own)):
            yield from _range(service, kind, first, before, [(kind, row_id, own[row_id]) for row_id in ids])


def _ranges(ids: Sequence[str]) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Slices of the ids that cover everything: from what, to before what; empty: without an end."""
    for at in range(0, max(len(ids), 1), MOST_LINES):
        part, following = ids[at : at + MOST_LINES], ids[at + MOST_LINES : at + MOST_LINES + 1]
        yield part[0] if at else "", following[0] if following else "", part


def _range(service: Service, kind: str, first: str, before: str, lines: list[tuple[str, str, str]]
           ) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Its differences; a range with too many extra rows is asked on from where the answer ends."""
    (answer,) = service.differences(lines, kind=kind, first=first, before=before)
    following = answer["next"]
    if not following:
        yield answer
        return
    here, past = ([line for line in lines if (line[1] < following) is is_here] for is_here in (True, False))
    yield from _range(service, kind, first, following, here)
    yield from _range(service, kind, following, before, past)


def _note(result: Reconciliation, answer: dict[str, Any]) -> None:
    kind = answer["kind"]
    result.same += answer["same"]
    result.missing += [(kind, row_id) for row_id in answer["missing"]]
    result.waiting += [(kind, row_id) for row_id in answer["waiting"]]
    result.extra += [(kind, item["id"]) for item in answer["extra"]]
    for item in answer["other"]:
        (result.corrected if item["as_accepted"] else result.other).append((kind, item["id"]))
