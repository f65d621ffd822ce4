"""Which public events come of the service's own, and what of them a subscription reads."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chassis.events.definition import REGISTRY, Event, personal_fields
from chassis.store.subject_keys import encipher
from contracts.filings import FilingConfirmed, FilingDrafted, FilingSubmitted
from contracts.participation import MembershipStarted, PersonErased, RecordSubmitted, RecordWithdrawn
from contracts.personal_data import Fate, fate_of_field
from contracts.public_events import PUBLIC_TYPES, Kind
from docs.generate.contracts import FROZEN, contracts
from docs.generate.events import _fields
from services.participation.subscribers.domain.facts import PUBLIC, facts_of, shown_data
from services.participation.subscribers.domain.subscription import (
    SUBSCRIPTIONS,
    AddSubscription,
    BadSubscription,
    Subscription,
    decide_subscription,
)

KEY = b"k" * 32
SCHEMAS = {item.wire: item.schema for item in contracts()}


def reader(personal: bool = False, types: tuple[str, ...] = ("*",), units: tuple[str, ...] = ("all",),
           salt: str = "ab" * 16) -> Subscription:  # fmt: skip
    return Subscription("dashboard", types, units, personal, salt, 1, "")


def example(cls: type[Event], **changed: Any) -> Any:
    data = json.loads((FROZEN / f"{cls.wire}.example.json").read_text())
    return cls(**_fields(data) | changed)


def sealed(event: Any) -> Any:
    """With every personal field under the person's key, as in the log."""
    changed = {name: encipher(f"{name} of them", "P-secret", KEY) for name, _ in personal_fields(type(event))}
    return type(event)(**{field.name: changed.get(field.name, getattr(event, field.name)) for field in fields(event)})


def earlier_of(cls: type[Event]) -> list[Event]:
    who = {"person_id": "P-secret"}
    return [sealed(example(RecordSubmitted, **who)), sealed(example(FilingDrafted, **who)),
            sealed(example(MembershipStarted, **who))]  # fmt: skip


def marked(cls: type[Event]) -> Any:
    """An example in which every id of a person can be seen, and each text of theirs is sealed."""
    named = {field.name: "P-secret" for field in fields(cls)  # type: ignore[arg-type]
             if fate_of_field(cls.wire.rpartition(".v")[0], field.name, personal=False) is Fate.PERSON_ID}  # fmt: skip
    more = {"awaits": ""} if cls is FilingSubmitted else {}
    return sealed(example(cls, **named, **more))


@pytest.mark.parametrize("cls", sorted(PUBLIC, key=lambda cls: cls.__name__))
def test_without_personal_fields_nothing_of_a_person_is_read(cls: type[Event]) -> None:
    for fact in facts_of(marked(cls), earlier_of(cls)):
        data = shown_data(fact, reader(), KEY)
        if data is not None:
            assert "P-secret" not in json.dumps(data) and "of them" not in json.dumps(data)
            assert not {field.name for field in fact.type.fields if field.kind is Kind.PERSONAL} & data.keys()
            Draft202012Validator(SCHEMAS[fact.type.wire]).validate(data)


@pytest.mark.parametrize("cls", sorted(PUBLIC, key=lambda cls: cls.__name__))
def test_of_an_erased_person_no_text_and_no_pseudonym_is_left(cls: type[Event]) -> None:
    for fact in facts_of(marked(cls), earlier_of(cls)):
        for personal in (False, True):
            data = shown_data(fact, reader(personal), None)
            theirs = {field.name for field in fact.type.fields if field.kind in (Kind.PERSON, Kind.PERSONAL)}
            assert data is None or not theirs & data.keys()


def test_with_personal_fields_they_are_read_in_plain() -> None:
    (fact,) = facts_of(sealed(example(RecordSubmitted, person_id="P-secret", record_id="R1")))
    data = shown_data(fact, reader(personal=True), KEY)
    assert data is not None
    assert (data["record_id"], data["person_id"], data["title"]) == ("R1", "P-secret", "title of them")


def test_a_pseudonym_is_the_same_in_one_subscription_and_another_in_the_next() -> None:
    (fact,) = facts_of(example(RecordSubmitted, person_id="P-secret"))
    first, again = (shown_data(fact, reader(), KEY) for _ in range(2))
    other, rekeyed = shown_data(fact, reader(salt="cd" * 16), KEY), shown_data(fact, reader(), b"x" * 32)
    assert first == again and first and other and rekeyed
    assert len({first["person_id"], other["person_id"], rekeyed["person_id"]}) == 3
    assert first["record_id"] == rekeyed["record_id"] != other["record_id"]


def test_a_record_that_moves_is_withdrawn_for_who_reads_its_former_unit() -> None:
    before = example(RecordSubmitted, unit_id="X1", record_id="R1")
    moved = REGISTRY.classes["participation.record_corrected.v1"]
    after = example(moved, unit_id="X2", record_id="R1")
    facts = facts_of(after, [before])
    shown = {unit: [fact.type.wire for fact in facts if shown_data(fact, reader(units=(unit,)), KEY)]
             for unit in ("X1", "X2", "X3")}  # fmt: skip
    assert shown == {"X1": ["qihang.public.record.withdrawn.v1"], "X2": ["qihang.public.record.corrected.v1"], "X3": []}


def test_a_withdrawal_and_an_erasure_are_of_the_units_that_they_had_before() -> None:
    record, person = example(RecordSubmitted, unit_id="X1"), example(MembershipStarted, unit_id="X1")
    (withdrawn,) = facts_of(example(RecordWithdrawn), [record])
    (erased,) = facts_of(PersonErased("P1"), [person])
    assert withdrawn.units == erased.units == ("X1",)
    assert facts_of(example(RecordWithdrawn), []) == []
    assert shown_data(erased, reader(), None) is None
    assert shown_data(erased, reader(personal=True), None) == {"person_id": "P1"}


def test_a_filing_counts_when_it_is_confirmed_or_awaits_nobody() -> None:
    draft = example(FilingDrafted, people=("P1", "P2"), person_id="")
    submitted = example(FilingSubmitted, awaits="head")
    assert facts_of(submitted, [draft]) == []
    for event in (example(FilingSubmitted, awaits=""), example(FilingConfirmed)):
        (fact,) = facts_of(event, [draft])
        assert (fact.type.wire, fact.data["people_count"]) == ("qihang.public.filing.confirmed.v1", 2)


def test_only_what_is_listed_is_public() -> None:
    assert all(facts_of(example(cls)) == [] for cls in REGISTRY.classes.values()
               if cls.wire.startswith("participation.") and cls not in PUBLIC)  # fmt: skip
    assert not any(word in each.wire for each in PUBLIC_TYPES for word in ("finding", "exemption", "decision", "sheet"))


def add(**changed: Any) -> AddSubscription:
    given: dict[str, Any] = {"types": ["record"], "units": [], "personal": False}
    return AddSubscription("oa", **given | changed, salt="ab", token_number=1, expires_at="")


@pytest.mark.parametrize(("written", "kept"), [
    ("record", "qihang.public.record.*"), ("record.accepted", "qihang.public.record.accepted.v1"),
    ("qihang.public.unit.*", "qihang.public.unit.*"), ("*", "qihang.public.*"),
])  # fmt: skip
def test_types_are_written_short_or_whole(written: str, kept: str) -> None:
    (added,) = decide_subscription(None, add(types=[written]))
    assert added.types == (kept,)  # type: ignore[attr-defined]
    state = SUBSCRIPTIONS.evolve(None, added)
    assert state is not None and state.units == ("all",)


@pytest.mark.parametrize("bad", [
    {"types": []}, {"types": ["finding"]}, {"types": ["participation.record_submitted.v1"]}, {"units": ["all", "X1"]},
    {"units": ["*"]}, {"units": [""]},
])  # fmt: skip
def test_what_is_no_right_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadSubscription):
        decide_subscription(None, add(**bad))
