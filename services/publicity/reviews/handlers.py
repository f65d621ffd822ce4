"""Use cases of reviews: assign reviewers, mark a work, return it to its author."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from services.publicity.context import Caller, PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.request_values import bad_value, one_line_text, text_of_lines
from services.publicity.works.domain.commands import (
    OFFICE,
    AssignReviewer,
    MarkWork,
    ReleaseReviewer,
    ReturnWork,
)
from services.publicity.works.queries import author_of, reviewed_work, work_rows
from services.registry import rights


def assign_reviewers(
    publicity: PublicityContext, caller: Caller, work_id: str, person_ids: Sequence[str], due_on: str = ""
) -> dict[str, Any]:
    """`due_on`: the last day for marking it, not before today; empty: none.  Problem."""
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.ARRANGE_REVIEWS)
        author_units = transaction.units_of_person(transaction.work(work_id).known.author_id)
        if due_on and due_on < transaction.today:
            raise problem("bad_value", "due_on", bad_value("due_on", due_on))
        by = caller.actor.name if "person" in caller.actor.roles else ""
        for person_id in person_ids:
            reviewer = transaction.reviewer(person_id)
            review_id = f"R{secrets.token_hex(6)}"
            transaction.execute_on_work(
                AssignReviewer(work_id, reviewer, author_units, transaction.today, by, review_id, due_on)
            )
        return transaction.result()


def mark_work(
    publicity: PublicityContext, caller: Caller, work_id: str, person_id: str, marks: Mapping[str, str],
    comment: str = "",
) -> dict[str, Any]:  # fmt: skip
    """`marks`: item of the rubric -> decimal text; `comment`: for the author, encrypted like the text.  Problem."""
    rights.require(caller.actor, rights.REVIEW, rights.Subject(person_id=person_id))
    exact = {name: _points(name, text) for name, text in marks.items()}
    comment = text_of_lines(comment, "comment", 2000)
    with publicity.reading() as connection:
        work_id = reviewed_work(connection, work_id, person_id)
        author_id = author_of(connection, work_id)
    key = publicity.subject_key(author_id) if comment and author_id else b""
    with publicity.transaction(caller) as transaction:
        if key:
            transaction.unit_of_work.keys.use_external_key(author_id, key)
        work = transaction.work(work_id)
        _check_assigned(person_id, work.reviewers)
        author_units = transaction.units_of_person(work.known.author_id)
        reviewer = transaction.reviewer(person_id)
        transaction.execute_on_work(MarkWork(work_id, reviewer, author_units, exact, transaction.today, comment))
        return transaction.result()


def decline_review(
    publicity: PublicityContext, caller: Caller, work_id: str, person_id: str, cause: str
) -> dict[str, Any]:
    """As its reviewer: because they know the author or cannot judge the work.  Problem."""
    rights.require(caller.actor, rights.REVIEW, rights.Subject(person_id=person_id))
    with publicity.transaction(caller) as transaction:
        work_id = reviewed_work(transaction.connection, work_id, person_id)
        _check_assigned(person_id, transaction.work(work_id).reviewers)
        transaction.execute_on_work(ReleaseReviewer(work_id, person_id, cause, transaction.today))
        return transaction.result()


def take_review_back(publicity: PublicityContext, caller: Caller, work_id: str, person_id: str) -> dict[str, Any]:
    """As the office that arranges reviews, so that another reviewer may be asked.  Problem."""
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.ARRANGE_REVIEWS)
        transaction.execute_on_work(ReleaseReviewer(work_id, person_id, OFFICE, transaction.today))
        return transaction.result()


def return_work(
    publicity: PublicityContext, caller: Caller, work_id: str, person_id: str, reason: str
) -> dict[str, Any]:
    """As its reviewer `person_id`; empty: as the work's unit.  Problem."""
    reason = one_line_text(reason, "reason", 500)
    with publicity.reading() as connection:
        work_id = reviewed_work(connection, work_id, person_id)
        rows = work_rows(connection, publicity.store, work_id=work_id)
    if not rows:
        raise problem("unknown_work", "work_id")
    author_id = rows[0]["author_id"]
    right, of_unit = (rights.REVIEW, "") if person_id else (rights.RETURN_WORK, rows[0]["unit_id"])
    rights.require(caller.actor, rights.SEND_BACK_WORK, rights.Subject(of_unit, person_id=person_id))
    rights.require(caller.actor, right, rights.Subject(of_unit, person_id=person_id))
    if person_id:
        _check_assigned(person_id, [review["reviewer_id"] for review in rows[0]["reviews"]])
    key = publicity.subject_key(author_id)  # the reason is about a person's text, so it is encrypted like the title
    with publicity.transaction(caller) as transaction:
        transaction.unit_of_work.keys.use_external_key(author_id, key)
        transaction.act(caller.actor, right, of_unit, person_id)
        reviewer = transaction.reviewer(person_id) if person_id else None
        author_units = transaction.units_of_person(author_id)
        transaction.execute_on_work(ReturnWork(work_id, reviewer, author_units, reason, transaction.today))
        return transaction.result()


def _check_assigned(person_id: str, reviewers: Collection[str]) -> None:
    """To persons who were not asked to review it, a work does not exist (docs/decisions/0101).  Problem."""
    if person_id not in reviewers:
        raise problem("unknown_work", "work_id")


def _points(name: str, text: str) -> Fraction:
    whole, _, rest = text.partition(".")
    if len(text) > 12 or not (whole + rest).isdecimal() or not text.isascii() or not whole:
        raise problem("bad_mark", f"marks.{name}", text)
    return Fraction(text)
