"""One filing as a reader may see it: content, history in words, and the reader's possible actions."""

from typing import Any, Final

from sqlalchemy import Connection

from chassis.events.recorded_event import RecordedEvent
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log, subject_keys
from contracts.filings import (
    FilingConfirmed,
    FilingCorrected,
    FilingDrafted,
    FilingReturned,
    FilingSubmitted,
    FilingWithdrawn,
)
from duties.campaign import Campaign
from duties.record_kinds import RecordKind
from services.participation.domain.digests import readable
from services.participation.filings.domain.contents import Content, record_rows
from services.participation.filings.domain.filing import EDITABLE, Filing, evolve_filing
from services.participation.filings.handlers import UNKNOWN, plain_content
from services.participation.filings.permissions import is_inside, is_oneself, may_confirm, may_recall, subject_of
from services.participation.filings.readable_files import files_of_filing
from services.participation.registry.names import names_of_people, names_of_units
from services.registry import rights
from services.registry.person_record import person_of_actor

_DESTROYED: Final = bytes(32)
"""In place of an erased person's key: decrypts nothing."""
_WORDS: Final = {
    "submitted": "提交",
    "returned": "退回修改",
    "confirmed": "确认",
    "corrected": "更正",
    "withdrawn": "撤回",
}
_AWAITED: Final = {"": "已生效", "head": "待主要负责人确认", "owner": "代填，待本单位或本人确认"}


def filing_detail(connection: Connection, actor: Actor, rules: Campaign | None, filing_id: str) -> dict[str, Any]:
    """The filing.  Problem 403, 404."""
    recorded, state, kind = readable_filing(connection, actor, rules, filing_id)
    person_id = state.person_id
    keys = subject_keys.existing_keys(connection, [person_id]) if person_id else {}
    content = plain_content(state, lambda each: keys.get(each, _DESTROYED))
    rows = record_rows(filing_id, content, kind) if state.counts else []
    record_id = rows[0].record_id if rows else ""
    return {
        **_content(connection, actor, content, kind), "record_id": record_id,
        "files": files_of_filing(connection, actor, content, record_id),
        "filing_id": filing_id, "entry_id": state.begun.entry_id if state.begun else "", "status": state.status,
        "awaits": state.awaits, "counts": state.counts, "on_behalf": bool(state.begun and state.begun.on_behalf),
        "revision": state.revision, "may": _acts(connection, actor, state, kind, rules),
        "history": _history(connection, actor, recorded, keys),
    }  # fmt: skip


def readable_filing(
    connection: Connection, actor: Actor, rules: Campaign | None, filing_id: str
) -> tuple[list[RecordedEvent], Filing, RecordKind]:
    """The filing's state and kind.  Problem 403, 404."""
    recorded = event_log.streams(connection, [f"filing-{filing_id}"])
    state = Filing()
    for each in recorded:
        state = evolve_filing(state, each.event())
    if state.begun is None or rules is None or state.begun.kind not in rules.kinds:
        raise UNKNOWN
    kind = rules.kinds[state.begun.kind]
    if not (state.counts and kind.id in rules.kinds_referred_to):
        _require_reader(connection, actor, state, kind)
    return recorded, state, kind


def _require_reader(connection: Connection, actor: Actor, state: Filing, kind: RecordKind) -> None:
    """Problem 403 for another person's own draft; outside the unit also for a person's filing and any draft."""
    begun, person_id = state.begun, state.person_id
    unit_id = begun.unit_id if begun else ""
    rights.require(actor, rights.SEE_RECORDS, subject_of(connection, unit_id, person_id))
    if is_oneself(actor, person_id):
        return
    own = kind.filed_by == "person" and begun is not None and not begun.on_behalf
    hidden = own and state.status == "draft"
    if hidden or (not is_inside(actor, unit_id) and (person_id or state.status not in ("submitted", "confirmed"))):
        raise Problem(403, "not_allowed", "这一条只有本单位和本人可以查看。")


def _content(connection: Connection, actor: Actor, content: Content, kind: RecordKind) -> dict[str, Any]:
    """Private fields, and the title of a person's own filing, for that person only."""
    person_id = content.person_id
    oneself, inside = is_oneself(actor, person_id), is_inside(actor, content.unit_id)
    shown = content if oneself else content.without_private(kind)
    private = sorted(name for name, value in content.fields.items() if name in kind.private_fields and value)
    people = list(content.people) if oneself or inside else []
    names = names_of_people(connection, people)
    closed = bool(person_id) and not oneself and kind.filed_by == "person"
    return {
        "kind": content.kind, "unit_id": content.unit_id,
        "unit_name": names_of_units(connection, [content.unit_id]).get(content.unit_id, ""),
        "people": [{"person_id": each, "name": names.get(each, "")} for each in people],
        "people_count": len(content.people), "occurred_at": content.occurred_at, "period": content.period,
        "title": "" if closed else content.title, "content_sha256": "" if closed else content.content_sha256,
        "evidence": list(content.evidence), "fields": dict(shown.fields), "private_fields": private,
    }  # fmt: skip


def _acts(connection: Connection, actor: Actor, state: Filing, kind: RecordKind, rules: Campaign | None) -> list[str]:
    """The reader's possible actions."""
    begun = state.begun
    unit_id = begun.unit_id if begun else ""
    own = state.person_id if kind.filed_by == "person" else ""
    files = rights.may(actor, rights.FILE_RECORD, subject_of(connection, unit_id, own))
    if own and begun is not None and not begun.on_behalf:
        files = is_oneself(actor, own)
    corrects = files and (
        kind.confirm != "head" or rights.may(actor, rights.CONFIRM_RECORD, subject_of(connection, unit_id))
    )
    acts = ["edit", "submit", "withdraw"] if files and state.status in EDITABLE else []
    if state.status == "submitted" and state.awaits:
        acts += ["withdraw"] if files else []
        acts += ["confirm", "return"] if may_confirm(connection, actor, state) else []
    adds = state.counts and rights.may(actor, rights.ADD_EVIDENCE, subject_of(connection, unit_id, state.person_id))
    acts += ["attach"] if adds else []
    acts += ["return"] if rules is not None and may_recall(connection, actor, rules, state) else []
    return acts + (["correct", "withdraw"] if state.counts and corrects else [])


def _history(
    connection: Connection, actor: Actor, recorded: list[RecordedEvent], keys: dict[str, bytes]
) -> list[dict[str, Any]]:
    people = sorted({person_of_actor(each.actor) for each in recorded} - {""})
    names = names_of_people(connection, people)
    entries = []
    for each in recorded:
        event, who = each.event(), person_of_actor(each.actor)
        role = each.actor.partition(":")[0]
        unit_id = each.actor.rpartition("@")[2]
        name = names.get(who, "") if who and (who == actor.name or is_inside(actor, unit_id)) else ""
        what, detail, reason = _entry(event, keys)
        by = f"{rights.LABELS.get(role, role)}{f' {name}' if name else ''}"
        sentence = f"{by}{what}{f'（{detail}）' if detail else ''}{f'：{reason}' if reason else ''}"
        entries.append({"at": each.recorded_at, "event": each.type, "what": what, "by": by, "reason": reason,
                        "revision": each.version, "sentence": sentence})  # fmt: skip
    return entries


def _entry(event: Any, keys: dict[str, bytes]) -> tuple[str, str, str]:
    """The action, a detail, the reason."""
    reason = ""
    if isinstance(event, FilingReturned | FilingCorrected | FilingWithdrawn):
        key = keys.get(event.person_id, _DESTROYED) if event.person_id else None
        reason = readable(event.reason, event.person_id, key)
    match event:
        case FilingDrafted():
            return "保存草稿", "代填" if event.on_behalf else "", ""
        case FilingSubmitted():
            return _WORDS["submitted"], _AWAITED[event.awaits], ""
        case FilingReturned():
            return _WORDS["returned"], "", reason
        case FilingConfirmed():
            return _WORDS["confirmed"], "已生效", ""
        case FilingCorrected():
            return _WORDS["corrected"], "", reason
        case FilingWithdrawn():
            return _WORDS["withdrawn"], "", reason
    return "", "", ""
