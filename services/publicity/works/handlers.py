"""Use cases of works: nominate, consent, select."""

from collections.abc import Sequence
from typing import Any

from chassis.messaging.reactions import HandledEvent
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork
from services.publicity.context import Caller, PublicityContext, nothing_left_if_refused
from services.publicity.refusal_messages import problem
from services.publicity.rendering.renderer import store_manuscript
from services.publicity.request_values import checked_id, instant_until, one_line_text
from services.publicity.transaction import PublicityTransaction
from services.publicity.works.consent import withdraw_consent_everywhere
from services.publicity.works.domain.commands import (
    DeselectWork,
    GiveConsent,
    NominateWork,
    PutWorkForward,
    SelectWork,
)
from services.publicity.works.queries import author_of, selected_with_same_text, work_ids_of
from services.registry import rights


@nothing_left_if_refused
def nominate_work(
    publicity: PublicityContext, caller: Caller, work_id: str, author_id: str, unit_id: str, semester: str, title: str,
    levels: Sequence[str], file: bytes,
) -> dict[str, Any]:  # fmt: skip
    """Nominate a work, or submit a returned one again.  No semester: today's.  Problem."""
    rights.require(caller.actor, rights.SUBMIT_WORK, rights.Subject(unit_id, person_id=author_id))
    checked_id(work_id, "work_id")
    title = one_line_text(title, "title")
    by, how = ("author", "self") if is_author(caller.actor, author_id) else ("unit", "paper")
    _check_author(publicity, caller, work_id, author_id, unit_id)
    key = publicity.subject_key(author_id)
    read, address, fingerprint = store_manuscript(publicity, author_id, file, title)
    with publicity.transaction(caller) as transaction:
        transaction.unit_of_work.keys.use_external_key(author_id, key)
        transaction.act(caller.actor, rights.SUBMIT_WORK, unit_id, author_id)
        semester = semester or transaction.semester_of(transaction.today)
        if transaction.campaign.semesters.named(semester) is None:
            raise problem("no_semester", "semester", semester)
        in_service = transaction.units_of_person(author_id)
        transaction.execute_on_work(
            NominateWork(work_id, author_id, unit_id, semester, read.kind, address, len(file), title, transaction.today,
                         by, tuple(levels), how, in_service, "\n".join(read.left_out), fingerprint)
        )  # fmt: skip
        proof = f"/api/works/{work_id}/proof"
        return transaction.result(work_id=work_id, kind=read.kind, content=address, left_out=list(read.left_out),
                                  proof=proof)  # fmt: skip


def _check_author(publicity: PublicityContext, caller: Caller, work_id: str, author_id: str, unit_id: str) -> None:
    """Before the file is opened; a person who serves elsewhere is refused with the same message as an unknown one.
    Problem."""
    with publicity.transaction(caller) as transaction:
        known = transaction.work(work_id).nomination
        again = known is not None and (known.author_id, known.unit_id) == (author_id, unit_id)
        if not again and unit_id not in transaction.units_of_person(author_id):
            raise problem("not_in_service", "unit_id", unit_id)


def put_work_forward(publicity: PublicityContext, caller: Caller, work_id: str) -> dict[str, Any]:
    """As its unit, for review.  Problem."""
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.PUT_FORWARD, transaction.work(work_id).known.unit_id)
        transaction.execute_on_work(PutWorkForward(work_id, transaction.today))
        return transaction.result()


def give_consent(publicity: PublicityContext, caller: Caller, work_id: str, levels: Sequence[str]) -> dict[str, Any]:
    with publicity.transaction(caller) as transaction:
        known = transaction.work(work_id).known
        in_person = is_author(caller.actor, known.author_id)
        right = rights.CONSENT if in_person else rights.CONSENT_ON_PAPER
        transaction.act(caller.actor, rights.GIVE_CONSENT, known.unit_id, known.author_id)
        transaction.act(caller.actor, right, known.unit_id, known.author_id)
        how = "self" if in_person else "paper"
        transaction.execute_on_work(GiveConsent(work_id, tuple(levels), transaction.today, how))
        return transaction.result()


def withdraw_consent(
    publicity: PublicityContext, caller: Caller, work_id: str, levels: Sequence[str]
) -> dict[str, Any]:
    """No levels: all of them.  Problem."""
    with publicity.transaction(caller) as transaction:
        known = transaction.work(work_id).known
        transaction.act(caller.actor, rights.STOP_SHOWING, known.unit_id, known.author_id)
        withdraw_consent_everywhere(transaction, work_id, levels, "author")
        return transaction.result()


def withdraw_consent_of_erased_persons(unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """A person whose key is destroyed can consent to nothing any more: what shows their works is stopped or taken
    down."""
    for event, recorded in batch:
        if work_ids := work_ids_of(unit_of_work.connection, event.person_id):
            transaction = PublicityTransaction(unit_of_work)
            for work_id in work_ids:
                withdraw_consent_everywhere(transaction, work_id, (), "erased", recorded.id)
    unit_of_work.after_commit(unit_of_work.store.scrub)


def select_work(
    publicity: PublicityContext, caller: Caller, work_id: str, level: str, at: str, reason: str = ""
) -> dict[str, Any]:
    """`at`: when it was decided; empty: now.  `reason`: about a person's text, so encrypted like it.  Problem."""
    reason = one_line_text(reason, "reason", 500) if reason.strip() else ""
    author_id, key = _author_key(publicity, work_id) if reason else ("", b"")
    with publicity.transaction(caller) as transaction:
        if reason:
            transaction.unit_of_work.keys.use_external_key(author_id, key)
        unit_id = transaction.work(work_id).known.unit_id
        transaction.act(caller.actor, rights.SELECT_WORK, unit_id)
        transaction.act(caller.actor, _right_to_select(level), unit_id)
        decided_at = instant_until(transaction.now, transaction.campaign.zone, at)
        same_text = selected_with_same_text(transaction.connection, work_id, level)
        transaction.execute_on_work(SelectWork(work_id, level, decided_at, same_text, reason))
        return transaction.result()


def deselect_work(publicity: PublicityContext, caller: Caller, work_id: str, level: str, reason: str) -> dict[str, Any]:
    with publicity.transaction(caller) as transaction:
        unit_id = transaction.work(work_id).known.unit_id
        transaction.act(caller.actor, rights.SELECT_WORK, unit_id)
        transaction.act(caller.actor, _right_to_select(level), unit_id)
        reason = one_line_text(reason, "reason")
        transaction.execute_on_work(DeselectWork(work_id, level, reason, transaction.now))
        return transaction.result()


def _author_key(publicity: PublicityContext, work_id: str) -> tuple[str, bytes]:
    """Called before the transaction, since participation is asked for the key.  Problem."""
    with publicity.reading() as connection:
        author_id = author_of(connection, work_id)
    if not author_id:
        raise problem("unknown_work", "work_id")
    return author_id, publicity.subject_key(author_id)


def _right_to_select(level: str) -> rights.Right:
    return rights.SELECT_FOR_DISTRICT if level == "district" else rights.SELECT_FOR_UNIT


def is_author(actor: Actor, author_id: str) -> bool:
    return rights.may(actor, rights.CONSENT, rights.Subject(person_id=author_id))
