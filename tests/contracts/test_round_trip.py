"""Whatever an event's fields hold goes through the log's canonical form and comes back the same."""

import dataclasses
import functools
import json
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chassis.events.canonical_json import canonical
from chassis.events.definition import REGISTRY, Event, data_of, text_of
from docs.generate.contracts import contracts

BY_CLASS = {contract.cls: contract for contract in contracts() if contract.cls}
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
"""All that UTF-8 can say; the codec would be asked for each character of Unicode, which takes 2 s."""
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is tuple:
        return st.lists(strategy(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is dict:
        return st.dictionaries(KEYS, PLAIN, max_size=3)
    return {str: TEXT, int: st.integers(-(2**63), 2**63 - 1), bool: st.booleans()}[hint]


@functools.cache
def occurrences(cls: type[Event]) -> st.SearchStrategy[Event]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{field.name: strategy(hints[field.name]) for field in dataclasses.fields(cls)})  # type: ignore[arg-type]


@pytest.mark.parametrize("cls", REGISTRY.classes.values(), ids=lambda cls: cls.wire)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_event_comes_back_from_its_text(cls: type[Event], data: st.DataObject) -> None:
    before = data.draw(occurrences(cls))
    text = text_of(before)
    again = REGISTRY.read(cls.wire, json.loads(text))
    assert again == before
    assert text_of(again) == text == canonical(json.loads(text))
    validator(cls).validate(data_of(before))


@functools.cache
def validator(cls: type[Event]) -> Draft202012Validator:
    return Draft202012Validator(BY_CLASS[cls].schema)


@pytest.mark.parametrize("cls", REGISTRY.classes.values(), ids=lambda cls: cls.wire)
def test_a_reader_passes_over_a_member_that_it_does_not_know(cls: type[Event]) -> None:
    example = BY_CLASS[cls].example
    assert REGISTRY.read(cls.wire, {**example, "added_later": "x"}) == REGISTRY.read(cls.wire, example)
