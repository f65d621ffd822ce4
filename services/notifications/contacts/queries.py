"""Reads and decrypts contacts."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.store import subject_keys
from chassis.store.database import Store
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.projections import contacts
from services.notifications.rules.escalation import UNIT_LEVELS
from services.notifications.tables import registry
from services.registry.versions import facts_known


def has_contact(connection: Connection, recipient: str) -> bool:
    """Whether the recipient has a contact."""
    query = sa.select(contacts.c.recipient).where(contacts.c.recipient == recipient, contacts.c.removed == 0)
    return connection.execute(query).first() is not None


def contacts_of(connection: Connection, store: Store, recipients: Sequence[str]) -> dict[str, Contact]:
    """The contacts of those recipients that have one, by recipient."""
    registered = store.column_in(contacts.c.recipient, recipients), contacts.c.removed == 0
    return _decrypt_contacts(connection, connection.execute(sa.select(contacts).where(*registered)).all())


def list_contacts(
    connection: Connection, after: str, limit: int, beginning: str = "", subject_id: str = ""
) -> list[Contact]:
    """A page of contacts ordered by recipient; only those that begin with `beginning`, or of one unit or person."""
    query = sa.select(contacts).where(contacts.c.removed == 0, contacts.c.recipient > after)
    if beginning:
        query = query.where(contacts.c.recipient.startswith(beginning, autoescape=True))
    if subject_id:
        query = query.where(contacts.c.recipient.in_([f"{level}-{subject_id}" for level in (*UNIT_LEVELS, "office")]))
    rows = connection.execute(query.order_by(contacts.c.recipient).limit(limit)).all()
    return list(_decrypt_contacts(connection, rows).values())


def recipients_of_posts(connection: Connection, person_id: str, day: int) -> list[str]:
    """The recipients `clerk-UNIT` and `head-UNIT` held by the person on the day."""
    held = registry.posts.c
    query = sa.select(held.post, held.unit_id).where(
        facts_known(registry.posts, None), held.person_id == person_id, held.post.in_(("clerk", "head")),
        held.since <= day, sa.or_(held.until == 0, held.until > day),
    )  # fmt: skip
    return sorted({f"{row.post}-{row.unit_id}" for row in connection.execute(query)})


def _decrypt_contacts(connection: Connection, rows: Iterable[Any]) -> dict[str, Contact]:
    rows = list(rows)
    keys = subject_keys.existing_keys(connection, [row.recipient for row in rows])

    def plain(row: Any, text: str) -> str:
        return decipher(text, row.recipient, keys.get(row.recipient)) or ""

    return {row.recipient: Contact(row.recipient, *(plain(row, text) for text in (
        row.name, row.email, row.robot, row.dingtalk, row.dingtalk_secret))) for row in rows}  # fmt: skip
