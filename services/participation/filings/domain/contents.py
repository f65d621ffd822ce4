"""The content of a form: the columns of every record, and the kind's own fields by id.  Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from contracts.filings import FilingCorrected, FilingDrafted
from duties.record_kinds import RecordKind
from services.participation.domain.digests import digest_of, readable
from services.participation.domain.reserved_ids import FILING
from services.participation.domain.rows import RecordRow


@dataclass(frozen=True)
class Content:
    """A filled-in form.  `people`: whose deed it is, empty for a unit's; `fields`: the kind's own, private ones too."""

    kind: str
    unit_id: str
    people: tuple[str, ...] = ()
    occurred_at: str = ""
    period: str = ""
    title: str = ""
    content_sha256: str = ""
    evidence: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def person_id(self) -> str:
        """The only person whose deed it is; '' if it is a unit's or several persons'."""
        return self.people[0] if len(self.people) == 1 else ""

    def without_private(self, kind: RecordKind) -> "Content":
        return replace(self, fields={name: value for name, value in self.fields.items()
                                     if name not in kind.private_fields})  # fmt: skip

    def digest(self, key: bytes | None) -> str:
        cells = (self.kind, self.unit_id, self.occurred_at, self.period, self.title, self.content_sha256,
                 _text(self.people), _text(self.evidence), _text(self.fields))  # fmt: skip
        return digest_of(cells, key)

    def differences(self, other: "Content") -> list[str]:
        """The columns and fields that differ."""
        own = [item.name for item in fields(self) if item.name not in ("fields", "kind", "unit_id")]
        columns = [name for name in own if getattr(self, name) != getattr(other, name)]
        names = dict.fromkeys([*self.fields, *other.fields])
        return [*columns, *(name for name in names if self.fields.get(name) != other.fields.get(name))]


COLUMNS: Final = ("title", "content_sha256", "fields", "private")
"""The columns of an event that are encrypted under the person's key."""


def event_cells(content: Content, kind: RecordKind, key: bytes | None) -> dict[str, Any]:
    """The content as the fields of an event."""
    private = {name: value for name, value in content.fields.items() if name in kind.private_fields and value}
    return {
        "person_id": content.person_id, "people": content.people if len(content.people) > 1 else (),
        "occurred_at": content.occurred_at, "period": content.period, "title": content.title,
        "content_sha256": content.content_sha256, "evidence": content.evidence,
        "refers_to": next((content.fields.get(item.id) or "" for item in kind.fields if item.type == "record"), ""),
        "fields": _text(content.without_private(kind).fields), "private": _text(private) if private else "",
        "digest": content.digest(key),
    }  # fmt: skip


def content_of(event: FilingDrafted | FilingCorrected, kind: str, unit_id: str, key: bytes | None) -> Content:
    """The content of an event; undecryptable texts are empty."""
    title, sha256, public, private = (readable(getattr(event, name), event.person_id, key) for name in COLUMNS)
    values = json.loads(public or "{}") | json.loads(private or "{}")
    people = event.people or ((event.person_id,) if event.person_id else ())
    return Content(kind, unit_id, tuple(people), event.occurred_at, event.period, title, sha256,
                   tuple(event.evidence), values)  # fmt: skip


def record_id(filing_id: str, person_id: str = "") -> str:
    """The id of a filing's record; for a deed of persons one per person."""
    mark = f"-{hashlib.sha256(person_id.encode()).hexdigest()[:16]}" if person_id else ""
    return f"{FILING}{filing_id}{mark}"


def record_rows(filing_id: str, content: Content, kind: RecordKind) -> list[RecordRow]:
    """The rows of records.csv for the filing: one, or one per person."""
    named = evidence_of(filing_id, content)
    subjects = content.people if kind.of == "person" else ("",)
    return [
        RecordRow(record_id(filing_id, person_id), content.kind, content.unit_id, person_id, content.occurred_at,
                  content.period, content.title, _hash_of(content, kind), named)
        for person_id in subjects
    ]  # fmt: skip


def evidence_of(filing_id: str, content: Content) -> str:
    """The cell `evidence` of a record: not empty if there are files; their hashes are in the filing."""
    return f"filing {filing_id}: {len(content.evidence)}" if content.evidence else ""


def _hash_of(content: Content, kind: RecordKind) -> str:
    """The hash of the work: as given, else of the private text, else of the only file."""
    if content.content_sha256:
        return content.content_sha256
    private = [str(value) for name, value in sorted(content.fields.items()) if name in kind.private_fields and value]
    if private:
        return hashlib.sha256("\n".join(private).encode()).hexdigest()
    return content.evidence[0] if len(content.evidence) == 1 else ""


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
