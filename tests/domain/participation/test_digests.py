"""What a row is compared with later."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from chassis.events.canonical_json import canonical
from services.participation.domain.digests import digest_of, is_digest_of

CELLS = st.lists(st.text(), min_size=1).map(tuple)


@given(CELLS)
def test_without_a_key_it_is_the_hash_of_the_canonical_array(cells: tuple[str, ...]) -> None:
    assert digest_of(cells, None) == hashlib.sha256(canonical(list(cells)).encode()).hexdigest()


@given(CELLS, CELLS, st.sampled_from([None, b"key"]))
def test_different_rows_have_different_digests(
    item: tuple[str, ...], other: tuple[str, ...], key: bytes | None
) -> None:
    assert is_digest_of(digest_of(item, key), other, key) == (item == other)


def test_text_that_no_row_may_hold_equals_nothing_that_one_may() -> None:
    assert digest_of(("\ud800",), None) != digest_of(("?",), None)


@given(CELLS)
def test_one_persons_digest_says_nothing_to_another(cells: tuple[str, ...]) -> None:
    assert digest_of(cells, b"key") != digest_of(cells, b"other key")


def test_under_a_key_that_was_destroyed_everything_counts_as_the_same() -> None:
    assert is_digest_of(digest_of(("a",), b"old"), ("b",), b"new")
