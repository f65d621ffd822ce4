"""Decides rows of posts.csv (interfaces.md): who holds which post of a unit, on which days."""

from collections.abc import Iterator

from contracts.corrections import PostCorrected
from contracts.participation import PostAssigned
from services.participation.domain.cells import BUREAU_POSTS, is_day
from services.participation.domain.digests import digest_of
from services.participation.domain.ledger import Ledger, unknown_person, unknown_unit
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Keys,
    cell_failures,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, PostRow

_REQUIRED = ROW_KINDS["post"].required


def decide_post(row: PostRow, ledger: Ledger, keys: Keys, allow_pending: bool) -> Decision:
    """Several persons may hold one post at a time, and one person several posts."""
    person = ledger.people.get(row.person_id)
    if person and (known := person.post(row.unit_id, row.post, row.from_)):
        return unchanged_or_conflict(row, known.contents, keys(row.person_id), row.person_id, known.voided)
    if result := list(post_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    assigned = PostAssigned(
        unit_id=row.unit_id,
        post=row.post,
        person_id=row.person_id,
        since=row.from_,
        until=row.to,
        digest=digest_of(row, keys(row.person_id)),
    )
    return Accepted((assigned,))


def post_failures(row: PostRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _REQUIRED)
    unit = ledger.unit(row.unit_id)
    yield from unknown_unit(ledger, row.unit_id)
    yield from unknown_person(ledger, row.person_id)
    if unit and unit.kind != "bureau" and row.post in BUREAU_POSTS:
        yield Failure("post", "bad_post")
    if is_day(row.from_) and is_day(row.to) and row.to <= row.from_:
        yield Failure("to", "bad_order")


def corrected_post(row: PostRow, act: Act, key: bytes) -> PostCorrected:
    return PostCorrected(
        unit_id=row.unit_id,
        post=row.post,
        person_id=row.person_id,
        since=row.from_,
        until=row.to,
        digest=digest_of(row, key),
        **act._asdict(),
    )
