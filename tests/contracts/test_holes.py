"""Every hole of the security review has tests that try it again, and they exist."""

from __future__ import annotations

from docs.generate import security
from docs.generate.holes import holes
from tests.contracts.test_asvs import exists

NUMBERS = [*range(1, 11), 12, 13, 15, 16, 17, 19, 20]
"""The review's own; it has no 11, 14 and 18."""


def test_every_hole_of_the_review_is_tried_again() -> None:
    assert [hole.number for hole in holes()] == NUMBERS
    assert all(hole.was and hole.tests for hole in holes())


def test_every_test_that_is_named_exists() -> None:
    assert [(hole.number, test) for hole in holes() for test in hole.tests if not exists(test)] == []


def test_the_page_names_them() -> None:
    page = security.page()
    assert all(f"`{test}`" in page for hole in holes() for test in hole.tests)
