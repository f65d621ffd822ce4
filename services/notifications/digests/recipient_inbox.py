"""The inbox of a recipient (消息箱): all digests of a person or post, readable without any channel."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.campaign import Campaign
from duties.days import iso
from services.notifications.delivery.queries import delivery_state
from services.notifications.digests.addressees import DisplayNames
from services.notifications.digests.domain.items import DigestItem, parse_items
from services.notifications.digests.message_texts import HEADINGS, message_lines
from services.notifications.digests.names import NameLookup
from services.notifications.digests.projections import digests
from services.notifications.rules.escalation import recipient_level, recipient_subject_id, unit_of_post
from services.notifications.tables import registry
from services.registry import rights
from services.registry.queries import unit_names


def may_see_names(actor: Actor, recipient: str) -> bool:
    """Whether the reader is that person, or clerk or head of that unit."""
    return rights.may(actor, rights.SEE_INBOX, inbox_subject(recipient))


def inbox_subject(recipient: str) -> rights.Subject:
    """Whose inbox it is, as a subject of rights: a person's or a unit's."""
    name = recipient_subject_id(recipient)
    return rights.Subject(person_id=name) if recipient_level(recipient) == "person" else rights.Subject(unit_id=name)


def recipient_inbox(
    connection: Connection, names: NameLookup, campaign: Campaign | None, recipient: str, named: bool, limit: int
) -> dict[str, Any]:
    """The newest messages of a recipient; persons are `named` only to readers inside the unit."""
    query = sa.select(digests).where(digests.c.recipient == recipient).order_by(digests.c.day.desc()).limit(limit)
    messages = [(row, parse_items(json.loads(row.items))) for row in connection.execute(query)]
    people = {item.person_id for _, items in messages for item in items if item.person_id} if named else set()
    display_names = names.display_names(connection, campaign, people) if campaign else None
    return {"recipient": recipient, "messages": [
        {**delivery_state(row), "lines": _lines(recipient, items, display_names, named) if display_names else []}
        for row, items in messages]}  # fmt: skip


def _lines(recipient: str, items: list[DigestItem], names: DisplayNames, named: bool) -> list[dict[str, Any]]:
    return [{"stage": line.stage, "heading": HEADINGS[line.stage], "words": line.words, "topic": line.topic,
             "period": line.period, "unit_id": line.unit_id, "of_people": line.of_people}
            for line in message_lines(recipient, items, names, named)]  # fmt: skip


def list_inboxes(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The recipients that have messages, newest first; posts with the name of their `unit`."""
    digest = digests.c
    query = sa.select(digest.recipient, sa.func.count().label("messages"), sa.func.max(digest.day).label("day"))
    query = query.group_by(digest.recipient).order_by(sa.desc("day"), digest.recipient).limit(limit)
    names = unit_names(connection, registry)
    return [{"recipient": row.recipient, "unit": unit_of_post(row.recipient, names), "messages": row.messages,
             "day": iso(row.day)} for row in connection.execute(query)]  # fmt: skip
