"""Contacts: how posts and persons are reached.  Their fields stand under keys of our own, one a recipient, which a
new holder, a removal and the erasure of a person destroy (docs/decisions/0030)."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import subject_keys
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork
from contracts.notifications import ContactRegistered, ContactRemoved
from services.notifications import projections_of_own_events, projections
from services.notifications.domain.line import CAMPAIGN_OFFICE, recipient_level, recipient_subject_id
from services.notifications.domain.register import Contact, contact_problem

WORDS = {
    "unknown_recipient": "应为 person-人员编号、clerk-单位编号、head-单位编号、office-单位编号 或 campaign-office",
    "unknown_unit": "没有这个单位", "unknown_person": "没有这个人员", "bad_name": "称呼不能有控制字符，最多 60 个字",
    "bad_address": "不是电子邮箱地址", "bad_robot": "应为群机器人地址中 key= 后面的一段",
    "no_way": "email 和 robot 至少要有一个", "duplicate": "与前面重复",
}  # fmt: skip


def register(runtime: ServiceRuntime, request: Any, given: Sequence[Contact]) -> dict[str, Any]:
    """Take in the good rows; the others are told with their line.  The same again changes nothing."""
    registered, unchanged, problems = 0, 0, []
    with runtime.unit_of_work(request.actor, request.correlation) as work:
        known = found(work.connection, runtime.store, [item.recipient for item in given])
        seen: set[str] = set()
        for place, item in enumerate(given):
            wrong = ("recipient", "duplicate") if item.recipient in seen else contact_problem(item)
            wrong = wrong or _unknown(work.connection, item.recipient)
            seen.add(item.recipient)
            if wrong:
                problems.append(_told(place, *wrong))
            elif known.get(item.recipient) == item:
                unchanged += 1
            else:
                work.keys.destroy(item.recipient)  # a former holder's address is nobody's business any more
                work.append(ContactRegistered(item.recipient, item.name, item.email, item.robot))
                registered += 1
        work.finish()
        return {"registered": registered, "unchanged": unchanged, "refused": len(problems), "problems": problems,
                "positions": work.positions}  # fmt: skip


def _told(place: int, column: str, code: str) -> dict[str, Any]:
    return {"line": place + 2, "column": column, "code": code, "message": f"第 {place + 2} 行 {column}：{WORDS[code]}"}


def _unknown(connection: Connection, recipient: str) -> tuple[str, str] | None:
    if recipient == CAMPAIGN_OFFICE:
        return None
    person = recipient_level(recipient) == "person"
    column = projections.memberships.c.person_id if person else projections.units.c.unit_id
    if connection.execute(sa.select(column).where(column == recipient_subject_id(recipient)).limit(1)).first():
        return None
    return "recipient", "unknown_person" if person else "unknown_unit"


def remove(work: UnitOfWork, recipient: str) -> bool:
    """Forget how a recipient is reached; False where nothing is known."""
    known = sa.select(projections_of_own_events.contacts.c.recipient).where(
        projections_of_own_events.contacts.c.recipient == recipient, projections_of_own_events.contacts.c.gone == 0
    )
    if work.connection.execute(known).first() is None:
        return False
    work.keys.destroy(recipient)
    work.append(ContactRemoved(recipient))
    return True


def found(connection: Connection, store: Store, recipients: Sequence[str]) -> dict[str, Contact]:
    """These recipients' contacts, readable."""
    query = sa.select(projections_of_own_events.contacts).where(
        store.any_of(projections_of_own_events.contacts.c.recipient, recipients), projections_of_own_events.contacts.c.gone == 0
    )
    return _read(connection, connection.execute(query).all())


def listed(connection: Connection, after: str, limit: int) -> list[Contact]:
    query = sa.select(projections_of_own_events.contacts).where(
        projections_of_own_events.contacts.c.gone == 0, projections_of_own_events.contacts.c.recipient > after
    )
    result = connection.execute(query.order_by(projections_of_own_events.contacts.c.recipient).limit(limit)).all()
    return list(_read(connection, result).values())


def _read(connection: Connection, result: Iterable[Any]) -> dict[str, Contact]:
    result = list(result)
    known = subject_keys.named(connection, [row.recipient for row in result])

    def plain(row: Any, text: str) -> str:
        return subject_keys.decipher(text, row.recipient, known.get(row.recipient)) or ""

    return {row.recipient: Contact(row.recipient, plain(row, row.name), plain(row, row.email), plain(row, row.robot))
            for row in result}  # fmt: skip
