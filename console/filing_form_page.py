"""What the template of a form shows: each field with its input's name, value and problem, and what may be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.filing_form_entry import PEOPLE, Entry, RecordForm, fields_asked
from console.filing_form_people import People, PeopleView, PickedPeople, people_view

SHARED = {"title": "title", "occurred_at": "day", "evidence": "evidence", "content_sha256": "content_sha256",
          "reason": "reason"}  # fmt: skip
"""Columns with one input for all deeds, by the name of the input."""
SPARE_LINES = 2
MOST_PEOPLE = 3000
FEW_CHOICES = 8
"""So many are shown side by side, more in a list."""


@dataclass(frozen=True)
class FieldView:
    """One field.  `options`: code and label; `rows`: of lines, with spare ones; `when`: name of the input on which it
    depends."""

    item: Mapping[str, Any]
    name: str
    value: Any = ""
    error: str = ""
    options: Sequence[tuple[str, str]] = ()
    people: PeopleView | None = None
    rows: Sequence[Mapping[str, Any]] = ()
    when: str = ""

    @property
    def is_list(self) -> bool:
        return len(self.options) > FEW_CHOICES


@dataclass(frozen=True)
class DeedView:
    """One deed with its fields."""

    deed: RecordForm
    fields: Sequence[FieldView]
    people: PeopleView | None = None
    periods: Sequence[str] = ()


@dataclass
class FormChoices:
    """What is known around a form: who may be named, units, filings that a field may name."""

    people: People = field(default_factory=dict)
    units: Sequence[Mapping[str, Any]] = ()
    filings: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def deed_view(entry: Entry, deed: RecordForm, around: FormChoices, errors: Mapping[str, str]) -> DeedView:
    views = [_field(deed, item, around, errors) for item in fields_asked(deed, entry.oneself)]
    picked = deed.picks.get(PEOPLE, PickedPeople())
    people = people_view(picked, around.people, MOST_PEOPLE) if entry.names_people(deed) else None
    periods = list(reversed(deed.kind["periods"])) if deed.kind["period_required"] else []
    return DeedView(deed, views, people, periods)


def _field(deed: RecordForm, item: Mapping[str, Any], around: FormChoices, errors: Mapping[str, str]) -> FieldView:
    name, kind = deed.name(item["id"]), item["type"]
    value = deed.values.get(item["id"], "")
    options = [(each["code"], each["label"]) for each in item["choices"]]
    if kind == "units":
        options = [(each["unit_id"], each["name"]) for each in around.units]
    elif kind == "record":
        listed = around.filings.get(item["record"], ())
        options = [(each["filing_id"], f"{each['title'] or each['unit_name']} {each['day']}") for each in listed]
    people = (
        people_view(deed.picks.get(item["id"], PickedPeople()), around.people, item["max"]) if kind == PEOPLE else None
    )
    lines = list(value or ()) if kind == "lines" else []
    spare = min(max(1 if not lines else SPARE_LINES, 0), max(item["max"] - len(lines), 0))
    rows = [*lines, *({} for _ in range(spare))] if kind == "lines" else []
    when = deed.name(item["when"]["field"]) if item["when"]["field"] else ""
    return FieldView(item, name, value, errors.get(name, ""), options, people, rows, when)


def input_of(entry: Entry, problem: Mapping[str, Any]) -> str:
    """The name of the input at which a problem of the service is shown; '': of the form as a whole."""
    column = str(problem.get("field") or "")
    if column in SHARED:
        return SHARED[column]
    chosen = entry.chosen
    number = problem.get("deed")
    deed = chosen[number - 1] if isinstance(number, int) and 0 < number <= len(chosen) else entry.first
    known = {item["id"] for item in deed.kind["fields"]} | {"period", PEOPLE}
    return deed.name(column) if column.partition(".")[0] in known else ""


def errors_of(entry: Entry, problems: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """Messages by input, the first of each, and those that no input shows."""
    errors: dict[str, str] = {}
    others: list[str] = []
    for problem in problems:
        name, message = input_of(entry, problem), str(problem.get("message") or "")
        if name:
            errors.setdefault(name, message)
        elif message not in others:
            others.append(message)
    return errors, others


def pick_errors(entry: Entry) -> dict[str, str]:
    """Names that nobody bears."""
    return {deed.name(field_id): picked.problem for deed in entry.chosen for field_id, picked in deed.picks.items()
            if picked.problem}  # fmt: skip
