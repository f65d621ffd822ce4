"""Opening a form: a new one from what the address says, also filled in like the last of its kind; or a filing that is
there, with the other drafts of its entry."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict

from console.evidence_form import FormFiles
from console.filing_form_entry import PEOPLE, Entry, Kind, RecordForm, fields_asked
from console.filing_form_people import EVERYBODY, THESE, People, PickedPeople, as_picked
from console.service_client import ServiceResponse
from console.typed_dates import date_or_empty
from console.users import User

FILERS = ("head", "clerk", "campaign_office")
"""Posts that file for their unit."""
EDITABLE = ("draft", "returned")
LONGEST_ID = 128
Kinds = Mapping[str, Kind]
Args = MultiDict[str, str]


def filing_units(user: User) -> dict[str, str]:
    """Id -> name of the units for which the user files by a post there."""
    held = [post for post in user.profile.posts if post.post in FILERS and post.unit_id]
    return {post.unit_id: post.unit_name or post.unit_id for post in held}


def is_on_behalf(user: User, kind: Kind, entry: Entry) -> bool:
    """Whether whose it is has to confirm what the user files."""
    if kind["filed_by"] == "person":
        return not entry.oneself
    return entry.unit_id not in filing_units(user)


def new_entry(user: User, kinds: Kinds, args: Args, today: str) -> Entry:
    """The form that the address asks for.  404: no such kind.  Without a unit it is none of the user's to file."""
    kind = kinds.get(args.get("kind", "")) or abort(404)
    unit_id = args.get("unit", "").strip()[:LONGEST_ID]
    oneself = kind["filed_by"] == "person" and not unit_id
    if not oneself and not unit_id:
        unit_id = next(iter(filing_units(user)), "")
    period = args.get("period", "") if args.get("period") in kind["periods"] else ""
    day = date_or_empty(args.get("day", "")) or (today if not period or period == kind["periods"][-1] else "")
    people = tuple(each.strip()[:LONGEST_ID] for each in args.getlist("person")[:200] if each.strip())
    entry = Entry(uuid.uuid4().hex, deeds_of(kinds, kind), unit_id, oneself, day=day)
    for deed in entry.deeds:
        deed.chosen = deed is entry.first or deed.id in args.getlist("with")
        deed.values = _proposed_values(deed.kind, day)
        deed.period = period if deed is entry.first and kind["period_required"] else ""
        if deed.kind["of"] == "person":
            named = people if deed is entry.first else ()
            everybody = deed.kind["people"] == "everybody" and not named
            deed.picks[PEOPLE] = PickedPeople(EVERYBODY) if everybody else PickedPeople(THESE, named)
    return entry


def _proposed_values(kind: Kind, day: str) -> dict[str, Any]:
    """What a new form has filled in: the choices that the campaign's file proposes, and the day."""
    values: dict[str, Any] = {}
    for item in kind["fields"]:
        if item["default"]:
            values[item["id"]] = list(item["default"]) if item["type"] == "choices" else item["default"][0]
        elif item["type"] == "date" and item["required"] and not item["when"]["field"]:
            values[item["id"]] = day
    return values


def deeds_of(kinds: Kinds, kind: Kind) -> list[RecordForm]:
    """The kind's, and those that one entry may file too."""
    others = [kinds[each] for each in kind["files_with"] if each in kinds]
    return [
        RecordForm(kind),
        *(RecordForm(each, chosen=False) for each in others if each["filed_by"] == kind["filed_by"] == "unit"),
    ]


def take_over(entry: Entry, filing: Mapping[str, Any]) -> None:
    """What the last filing of a kind said, as a proposal: choices and texts, but no day, people or files."""
    deed = next((each for each in entry.deeds if each.id == filing.get("kind")), None)
    if deed is None:
        return
    deed.chosen = True
    known = {item["id"]: item for item in fields_asked(deed, entry.oneself) if not item["private"]}
    taken = ("text", "choice", "choices", "lines")
    deed.values |= {name: value for name, value in (filing.get("fields") or {}).items()
                   if name in known and known[name]["type"] in taken}  # fmt: skip


def entry_of_filing(user: User, kinds: Kinds, filing: Mapping[str, Any], siblings: list[ServiceResponse]) -> Entry:
    """The form of a filing: of a draft with the drafts of its entry, else of it alone.  404, 403."""
    kind = kinds.get(str(filing.get("kind"))) or abort(404)
    if not {"edit", "correct"} & set(filing.get("may") or ()):
        abort(403)
    own = [each["person_id"] for each in filing["people"]] == [user.account_id]
    oneself = kind["filed_by"] == "person" and own and not filing["on_behalf"]
    of_entry = {each.body["kind"]: each.body for each in siblings if each.ok}
    whole = filing["status"] == "draft"
    deeds = deeds_of(kinds, kind) if whole else [RecordForm(kind)]
    entry = Entry(
        filing["entry_id"], deeds, filing["unit_id"], oneself, title=filing["title"], day=filing["occurred_at"][:10],
        occurred_at=filing["occurred_at"], content_sha256=filing["content_sha256"], files=files_of(filing),
        changed="" if whole else filing["filing_id"], status=filing["status"],
    )  # fmt: skip
    for deed in entry.deeds:
        stored = filing if deed is entry.first else of_entry.get(deed.id)
        deed.chosen = stored is not None
        if stored is not None:
            fill_in(deed, stored)
    return entry


def fill_in(deed: RecordForm, filing: Mapping[str, Any]) -> None:
    deed.filing_id, deed.revision, deed.period = filing["filing_id"], filing["revision"], filing["period"]
    deed.values = dict(filing["fields"])
    if deed.kind["of"] == "person":
        deed.picks[PEOPLE] = PickedPeople(THESE, tuple(each["person_id"] for each in filing["people"]))
    for item in deed.kind["fields"]:
        if item["type"] == PEOPLE:
            deed.picks[item["id"]] = PickedPeople(THESE, tuple(deed.values.pop(item["id"], ())))


def settle_people(entry: Entry, known: People) -> None:
    """Shows a deed of everybody as such, once it is known who serves."""
    for deed in entry.deeds:
        if PEOPLE in deed.picks and deed.picks[PEOPLE].ids:
            deed.picks[PEOPLE] = as_picked(deed.picks[PEOPLE].ids, known, deed.kind["of"] == "person")


def files_of(filing: Mapping[str, Any]) -> FormFiles:
    named = {each["content"]: each for each in filing.get("files") or ()}
    nameless = {"name": "", "media_type": ""}
    return FormFiles([named.get(each) or {"content": each, **nameless} for each in filing.get("evidence") or ()])
