"""Kinds of records as a form needs them: plain data of the campaign's rules.  Pure."""

from datetime import datetime
from typing import Any

from duties.campaign import Campaign
from duties.days import Day
from duties.record_kinds import RecordField, RecordKind


def kind_answers(rules: Campaign, now: datetime) -> list[dict[str, Any]]:
    """Every kind, in the file's order, with the periods of its duty that have begun."""
    today = now.astimezone(rules.zone).date().toordinal()
    return [_kind(kind, rules, today) for kind in rules.kinds.values()]


def _kind(kind: RecordKind, rules: Campaign, today: Day) -> dict[str, Any]:
    duty = rules.duty_by_record.get(kind.id)
    periods = [period.id for period in rules.periods_begun(duty, today)] if duty else []
    return {
        "id": kind.id, "title": kind.title, "of": kind.of, "filed_by": kind.filed_by,
        "duty": duty.id if duty else "", "every": duty.every if duty else "",
        "period_required": bool(duty and duty.due_days > 0), "periods": periods,
        "fields": [_field(item) for item in kind.fields], "confirm": kind.confirm,
        "evidence": {"min": kind.evidence.min, "max": kind.evidence.max, "types": list(kind.evidence.types),
                     "originals": kind.evidence.originals},
        "files_with": list(kind.files_with), "people": kind.people, "work": kind.work, "help": kind.help,
    }  # fmt: skip


def _field(item: RecordField) -> dict[str, Any]:
    when = {"field": item.when.field, "codes": list(item.when.codes)} if item.when else {"field": "", "codes": []}
    return {**_column(item), "private": item.private, "record": item.record,
            "columns": [_column(column) for column in item.columns], "when": when,
            "default": list(item.default)}  # fmt: skip


def _column(item: RecordField) -> dict[str, Any]:
    choices = [{"code": code, "label": label} for code, label in item.choices.items()]
    return {"id": item.id, "title": item.title, "type": item.type, "choices": choices, "required": item.required,
            "max": item.max, "help": item.help}  # fmt: skip
