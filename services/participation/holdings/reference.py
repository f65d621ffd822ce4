"""Reference lists for outside systems: the values that a row may contain."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.campaign import Campaign
from duties.days import EVER, Day, iso
from duties.periods import ONCE
from duties.rules import ROLES, TAGS, UNIT_KINDS
from services.participation.domain import CODES, CODES_OF_FILES, message
from services.participation.domain.cells import DECISION_KINDS, POSTS
from services.participation.holdings.domain import KINDS
from services.participation.intake.report_rights import MESSAGES
from services.participation.publishers.domain import Rights
from services.participation.registry.projections import units

_WORDS: Final = {
    "unit_kind": UNIT_KINDS, "tag": TAGS, "role": ROLES, "post": tuple(sorted(POSTS)),
    "decision_kind": tuple(sorted(DECISION_KINDS)), "row_kind": KINDS,
}  # fmt: skip


def code_list() -> list[dict[str, str]]:
    """The codes of refusals, with a message each."""
    ours = [{"code": code, "message": message(code, "", ""), "english": message(code, "", "", "en")}
            for code in sorted(CODES - CODES_OF_FILES - MESSAGES.keys())]  # fmt: skip
    return ours + [{"code": code, "message": text, "english": ""} for code, text in sorted(MESSAGES.items())]


def message_of(code: str, column: str) -> str:
    """The message of a receipt, without the rejected value."""
    return (MESSAGES.get(code) or message(code, column, "")) if code else ""


def word_lists() -> list[dict[str, Any]]:
    """The values of columns with fixed words."""
    return [{"name": name, "values": list(values)} for name, values in _WORDS.items()]


def campaign_lists(rules: Campaign, today: Day) -> dict[str, Any]:
    """The kinds of records, the duties, and their periods that have begun."""
    kinds = [{"kind": kind, "title": item.title if (item := rules.kinds.get(kind)) else "",
              "duty": duty.id if (duty := rules.duty_by_record.get(kind)) else "",
              "of_persons": rules.is_person_kind(kind)} for kind in sorted(rules.record_kinds)]  # fmt: skip
    duties = [
        {"duty": duty.id, "title": duty.title, "record": duty.record, "every": duty.every} for duty in rules.duties
    ]
    periods = [
        {"duty": duty.id, "period": period.id, "from": iso(period.start), "to": "" if period.end == EVER else
         iso(period.end), "due_on": iso(rules.due(duty, period))}
        for duty in rules.duties for period in rules.periods_begun(duty, today)
        if duty.every == ONCE or period.start <= today
    ]  # fmt: skip
    return {"campaign": rules.id, "version": rules.version, "timezone": rules.timezone, "record_kinds": kinds,
            "duties": duties, "periods": periods,
            "sheet_items": [{"item": item, "max": str(most)} for item, most in rules.item_max.items()],
            "finding_categories": list(rules.finding_categories)}  # fmt: skip


def unit_list(connection: Connection, rights: Rights, after: str, limit: int) -> list[dict[str, Any]]:
    """The units whose names the publisher may read, ordered by id."""
    query = sa.select(units).where(units.c.voided == 0, units.c.unit_id > after).order_by(units.c.unit_id)
    if not rights.of_all_units:
        query = query.where(units.c.unit_id.in_(rights.units))
    return [
        {"unit_id": row.unit_id, "name": row.name, "kind": row.kind, "tags": list(filter(None, row.tags.split(";"))),
         "zone_id": row.zone_id, "community_id": row.community_id, "liaison_id": row.liaison_id,
         "opened_on": row.opened_on, "closed_on": row.closed_on}
        for row in connection.execute(query.limit(limit))
    ]  # fmt: skip
