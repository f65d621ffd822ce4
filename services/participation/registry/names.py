"""The names of units and persons, read from their streams and decrypted here, where the keys are."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chassis.events.canonical_json import instant
from chassis.events.definition import Event
from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log, subject_keys
from contracts.corrections import MembershipCorrected, UnitCorrected
from contracts.participation import MembershipStarted, UnitRegistered
from services.participation.campaign.queries import campaign_in_force
from services.registry import rights

DEFAULT_ZONE = "Asia/Shanghai"
"""Used before a campaign defines one."""


def names_for(
    actor: Actor, connection: Connection, unit_ids: Sequence[str], person_ids: Sequence[str], known_at: str | None
) -> dict[str, dict[str, str]]:
    """The names of these `units` and `people`, for this reader.  Problem 403, 422."""
    if person_ids:
        rights.require(actor, rights.SEE_NAMES, rights.DISTRICT)
    known = instant_of(connection, known_at)
    return {"units": names_of_units(connection, unit_ids, known),
            "people": names_of_people(connection, person_ids, known)}  # fmt: skip


def names_of_units(connection: Connection, unit_ids: Sequence[str], known_at: str = "") -> dict[str, str]:
    """The name of each of these units that exists; `known_at`: from `instant_of`, empty: now."""
    events = _events(connection, [f"unit-{unit_id}" for unit_id in unit_ids], known_at)
    return {event.unit_id: event.name for event in events if isinstance(event, UnitRegistered | UnitCorrected)}


def names_of_people(connection: Connection, person_ids: Sequence[str], known_at: str = "") -> dict[str, str]:
    """The name of each of these persons by their latest membership that is not void; empty if erased."""
    latest = _latest_memberships(_events(connection, [f"person-{person_id}" for person_id in person_ids], known_at))
    keys = subject_keys.existing_keys(connection, latest)
    return {person_id: decipher(row.name, person_id, keys.get(person_id)) or ""
            for person_id, row in latest.items()}  # fmt: skip


def instant_of(connection: Connection, text: str | None) -> str:
    """An instant in the log's form; without an offset it is local time.  Problem 422."""
    if not text:
        return ""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(422, "bad_instant", f"{text} 不是有效时间。", column="known_at") from None
    if given.tzinfo is None:
        stored = campaign_in_force(connection)
        zone = stored.document.get("timezone") if stored else None
        given = given.replace(tzinfo=ZoneInfo(str(zone or DEFAULT_ZONE)))
    return instant(given.astimezone(UTC))


def _events(connection: Connection, streams: Sequence[str], known_at: str) -> list[Event]:
    recorded = event_log.streams(connection, sorted(set(streams)))
    return [each.event() for each in recorded if not known_at or each.recorded_at <= known_at]


def _latest_memberships(events: Iterable[Event]) -> dict[str, MembershipStarted | MembershipCorrected]:
    rows = {(event.person_id, event.unit_id, event.since): event for event in events
            if isinstance(event, MembershipStarted | MembershipCorrected)}  # fmt: skip
    valid = [row for row in rows.values() if not (isinstance(row, MembershipCorrected) and row.voided)]
    return {row.person_id: row for row in sorted(valid, key=lambda row: (row.person_id, row.since, row.unit_id))}
