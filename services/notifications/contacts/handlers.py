"""Use cases of contacts.  The fields are encrypted under a key per recipient, which is destroyed when the post gets
another holder, the contact is removed, or the person is erased (docs/decisions/0030)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.reactions import HandledEvent
from chassis.process.text import escape_line
from chassis.store.unit_of_work import CommandContext, UnitOfWork, UnitsOfWork
from contracts.notifications import ContactRegistered, ContactRemoved
from duties.days import day_of
from services.notifications.contacts.domain import Contact, ContactError, contact_error
from services.notifications.contacts.queries import contacts_of, has_contact
from services.notifications.rules.escalation import CAMPAIGN_OFFICE, recipient_level, recipient_subject_id
from services.notifications.tables import registry
from services.registry.versions import facts_known

ROBOT_KEYS = ("robot", "dingtalk", "dingtalk_secret")
KEPT = "***"
"""Stands for the registered key of a robot, which is never shown."""
ERROR_MESSAGES = {
    "unknown_recipient": "应为 person-人员编号、clerk-单位编号、head-单位编号、office-单位编号 或 campaign-office",
    "unknown_unit": "没有这个单位", "unknown_person": "没有这个人员", "bad_name": "称呼不能有控制字符，最多 60 个字",
    "bad_address": "不是电子邮箱地址", "bad_robot": "应为企业微信群机器人地址中 key= 后面的一段",
    "bad_dingtalk": "应为钉钉群机器人地址中 access_token= 后面的一段",
    "bad_dingtalk_secret": "应为钉钉群机器人“加签”中 SEC 开头的一段，与 dingtalk 一同填写",
    "no_way": "邮箱、企业微信群机器人、钉钉群机器人至少要有一个", "duplicate": "与前面重复",
}  # fmt: skip


def import_contacts(units_of_work: UnitsOfWork, context: CommandContext, given: Sequence[Contact]) -> dict[str, Any]:
    """Register the valid rows; the others are returned as problems with their line.  Unchanged rows have no effect."""
    registered, unchanged, problems = 0, 0, []
    with units_of_work.begin(context.actor, context.correlation) as work:
        known = contacts_of(work.connection, work.store, [contact.recipient for contact in given])
        seen: set[str] = set()
        for index, row in enumerate(given):
            contact = _with_kept_keys(row, known.get(row.recipient))
            error = _error_of_row(work.connection, contact, seen)
            seen.add(contact.recipient)
            if error is not None:
                problems.append(_problem_of_line(index + 2, contact, error))  # line 1 is the header
            elif known.get(contact.recipient) == contact:
                unchanged += 1
            else:
                replace_contact(work, contact)
                registered += 1
        work.flush()
        return {"registered": registered, "unchanged": unchanged, "refused": len(problems), "problems": problems,
                "positions": work.positions}  # fmt: skip


def _with_kept_keys(given: Contact, known: Contact | None) -> Contact:
    kept = {name: getattr(known, name, "") for name in ROBOT_KEYS if getattr(given, name) == KEPT}
    return replace(given, **kept) if kept else given


def _error_of_row(connection: Connection, contact: Contact, seen: set[str]) -> ContactError | None:
    if contact.recipient in seen:
        return ContactError("recipient", "duplicate")
    return contact_error(contact) or unknown_recipient(connection, contact.recipient)


def unknown_recipient(connection: Connection, recipient: str) -> ContactError | None:
    """Why a well-formed recipient does not exist; None if it does."""
    if recipient == CAMPAIGN_OFFICE:
        return None
    is_person = recipient_level(recipient) == "person"
    table = registry.memberships if is_person else registry.units
    column = table.c.person_id if is_person else table.c.unit_id
    query = sa.select(column).where(column == recipient_subject_id(recipient), facts_known(table, None))
    if connection.execute(query.limit(1)).first():
        return None
    return ContactError("recipient", "unknown_person" if is_person else "unknown_unit")


def _problem_of_line(line: int, contact: Contact, error: ContactError) -> dict[str, Any]:
    """The problem with the rejected value; of a robot's key only the beginning, since it lets anybody write to the
    group."""
    value = str(getattr(contact, error.column))
    most = 8 if error.column in ROBOT_KEYS else 40
    cut = escape_line(value[:most]) + ("…" if len(value) > most else "")
    return {"line": line, "column": error.column, "code": error.code,
            "message": f"第 {line} 行 {error.column}“{cut}”：{ERROR_MESSAGES[error.code]}"}  # fmt: skip


def replace_contact(work: UnitOfWork, contact: Contact) -> None:
    """Register the contact under a new key; the former address becomes unreadable."""
    work.keys.destroy(contact.recipient)
    work.append(ContactRegistered(**vars(contact)))


def remove_contact(work: UnitOfWork, recipient: str) -> bool:
    """Remove a recipient's contact; returns False if there is none."""
    if not has_contact(work.connection, recipient):
        return False
    work.keys.destroy(recipient)
    work.append(ContactRemoved(recipient))
    return True


def forget_contact(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reaction to PersonErased: remove the contacts of the person and of the posts they held.  Idempotent."""
    for event, recorded in batch:
        for recipient in (f"person-{event.person_id}", *_posts_held(work.connection, event.person_id, recorded)):
            remove_contact(work, recipient)
    work.after_commit(work.store.scrub)


def _posts_held(connection: Connection, person_id: str, recorded: RecordedEvent) -> list[str]:
    """The recipients `clerk-UNIT` and `head-UNIT` that were this person until the erasure, which ended the posts."""
    held = registry.posts.c
    last = sa.or_(held.until == 0, held.until > day_of(recorded.recorded_at[:10]))
    query = sa.select(held.post, held.unit_id).where(
        held.person_id == person_id, held.post.in_(("clerk", "head")), last
    )
    return sorted({f"{row.post}-{row.unit_id}" for row in connection.execute(query)})
