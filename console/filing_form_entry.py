"""A form as it stands: the deeds of one entry with what was filled in, read from its inputs, and as the service takes
it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from console.evidence_form import FormFiles
from console.filing_form_people import People, PickedPeople, picked_of
from console.typed_dates import day_as_typed

Kind = Mapping[str, Any]
LONGEST_TITLE = 400
_DIGITS = re.compile(r"[0-9]{1,12}")
PEOPLE = "people"
"""Whose deed it is: a column of the form, and a type of fields."""


@dataclass
class RecordForm:
    """One form of an entry.  `values`: of its kind's fields; `picks`: its people, and those of fields of people;
    `revision`: of its filing as it was seen."""

    kind: Kind
    chosen: bool = True
    values: dict[str, Any] = field(default_factory=dict)
    picks: dict[str, PickedPeople] = field(default_factory=dict)
    period: str = ""
    filing_id: str = ""
    revision: int = 0

    @property
    def id(self) -> str:
        return str(self.kind["id"])

    def name(self, field_id: str) -> str:
        """Of the input of a field or column."""
        return f"{self.id}.{field_id}"


@dataclass
class Entry:
    """What the deeds share.  `oneself`: the user files their own deed; `changed`: the one filing that is changed, with
    its `status`, where the form is not of a whole entry."""

    entry_id: str
    deeds: list[RecordForm]
    unit_id: str = ""
    oneself: bool = False
    title: str = ""
    day: str = ""
    occurred_at: str = ""
    content_sha256: str = ""
    files: FormFiles = field(default_factory=FormFiles)
    changed: str = ""
    status: str = ""
    reason: str = ""

    @property
    def first(self) -> RecordForm:
        return self.deeds[0]

    @property
    def chosen(self) -> list[RecordForm]:
        return [deed for deed in self.deeds if deed.chosen]

    @property
    def corrects(self) -> bool:
        """Whether it changes what counts, for which a reason is asked."""
        return self.status in ("submitted", "confirmed")

    def names_people(self, deed: RecordForm) -> bool:
        """Whether the deed's people are named in the form."""
        return deed.kind["of"] == "person" and not (self.oneself and deed is self.first)

    def moment(self) -> str:
        """With its hour as it was, where the day is still the same."""
        return self.occurred_at if self.occurred_at[:10] == self.day else self.day


def fields_asked(deed: RecordForm, oneself: bool) -> Iterator[Mapping[str, Any]]:
    """Private ones of the person alone."""
    return (item for item in deed.kind["fields"] if oneself or not item["private"])


def read_deed(deed: RecordForm, form: MultiDict[str, str], known: People, oneself: bool) -> None:
    """Takes over what the inputs of the form say."""
    deed.period = form.get(deed.name("period"), "").strip()[:60]
    if deed.kind["of"] == "person":
        deed.picks[PEOPLE] = picked_of(form, deed.name(PEOPLE), known)
    for item in fields_asked(deed, oneself):
        name = deed.name(item["id"])
        if item["type"] == PEOPLE:
            deed.picks[item["id"]] = picked_of(form, name, known)
        else:
            deed.values[item["id"]] = _value(item, name, form)


def _value(item: Mapping[str, Any], name: str, form: MultiDict[str, str]) -> Any:
    match item["type"]:
        case "choices" | "units" | "files":
            return [each for each in dict.fromkeys(map(str.strip, form.getlist(name))) if each]
        case "lines":
            return _lines(item, name, form)
        case kind:
            return _short(kind, form.get(name, ""))


def _short(kind: str, text: str) -> Any:
    """A value of one input.  What is no number goes as it is: the service says what is wrong with it."""
    plain = text.replace("\r\n", "\n").strip()
    if kind == "date":
        return day_as_typed(plain)
    return int(plain) if kind == "number" and _DIGITS.fullmatch(plain) else plain


def _lines(item: Mapping[str, Any], name: str, form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Those in which something is filled in, in their order."""
    start = f"{name}."
    numbers = {key[len(start) :].partition(".")[0] for key in form if key.startswith(start)}
    lines = []
    for row in sorted(int(number) for number in numbers if number.isascii() and number.isdecimal())[: item["max"] + 1]:
        cells = {column["id"]: _short(column["type"], form.get(f"{start}{row}.{column['id']}", ""))
                 for column in item["columns"]}  # fmt: skip
        if line := {key: value for key, value in cells.items() if value != ""}:
            lines.append(line)
    return lines


def content(entry: Entry, deed: RecordForm, known: People) -> dict[str, Any]:
    """As the service takes it; conditional fields that are not asked are left out."""
    values = {name: value for name, value in deed.values.items() if value not in ("", [])}
    values |= {name: ids for name, picked in deed.picks.items()
               if name != PEOPLE and (ids := picked.people(known))}  # fmt: skip
    asked = [item["id"] for item in fields_asked(deed, entry.oneself) if is_asked(item, values)]
    people = deed.picks[PEOPLE].people(known) if PEOPLE in deed.picks and entry.names_people(deed) else []
    hashed = entry.oneself and deed is entry.first
    return {
        "kind": deed.id, "unit_id": entry.unit_id, "people": people, "occurred_at": entry.moment(),
        "period": deed.period, "title": entry.title[:LONGEST_TITLE],
        "content_sha256": entry.content_sha256 if hashed else "",
        "evidence": evidence_of(entry, deed), "fields": {name: values[name] for name in asked if name in values},
    }  # fmt: skip


def is_asked(item: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    if not item["when"]["field"]:
        return True
    chosen = values.get(item["when"]["field"])
    return bool(set(chosen if isinstance(chosen, list) else [chosen]) & set(item["when"]["codes"]))


def evidence_of(entry: Entry, deed: RecordForm) -> Sequence[str]:
    """The files of an entry prove its first deed and those of the unit; those of people need none."""
    if deed is entry.first:
        return entry.files.contents
    return entry.files.contents[: deed.kind["evidence"]["max"]] if deed.kind["of"] == "unit" else []
