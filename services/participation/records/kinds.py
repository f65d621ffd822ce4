"""The kinds of records as a form needs them: plain data from the campaign's rules.  Pure."""

from datetime import datetime
from typing import Any, NamedTuple

from duties.campaign import Campaign
from duties.days import Day
from duties.record_kinds import RecordField, RecordKind


class UnitFiling(NamedTuple):
    """What determines the kinds offered to a unit."""

    kind: str
    tags: frozenset[str]


def kind_answers(rules: Campaign, now: datetime, unit: UnitFiling | None = None) -> list[dict[str, Any]]:
    """All kinds in the file's order, with the begun periods of their duties, and whether each is offered (to the unit,
    if given)."""
    today = now.astimezone(rules.zone).date().toordinal()
    answers = [_kind(kind, rules, today) for kind in rules.kinds.values()]
    return [answer | {"offered": _is_offered(rules.kinds[answer["id"]], answer, rules, unit)} for answer in answers]


def _is_offered(kind: RecordKind, answer: dict[str, Any], rules: Campaign, unit: UnitFiling | None) -> bool:
    """Not offered: before its first period, what publicity files itself, and what a duty counts that the unit never
    owes."""
    if answer["period_required"] and not answer["periods"]:
        return False
    duty = rules.duty_by_record.get(kind.id)
    if duty is None and kind.id in rules.publicity.deeds.values():
        return False
    if unit is None:
        return True
    if kind.kinds or duty is None or duty.of_persons:
        return not kind.kinds or unit.kind in kind.kinds
    return unit.kind in duty.who.kinds or not duty.who.tags.isdisjoint(unit.tags)


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
