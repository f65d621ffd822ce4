"""The answers to ASVS level 2 are whole, and each names tests that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from docs.generate import security
from docs.generate.asvs import STATES, Answer, answers

TESTS = Path(__file__).resolve().parents[1]
LEVEL_2 = {
    "1.1": 7, "1.2": 4, "1.4": (1, 4, 5), "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1, "1.11": 2,
    "1.12": (2,), "1.14": 6,
    "2.1": 12, "2.2": 3, "2.3": 3, "2.4": 5, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3, "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.7": 1,
    "4.1": (1, 2, 3, 5), "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4,
    "6.1": 3, "6.2": 6, "6.3": 2, "6.4": 2,
    "7.1": 4, "7.2": 2, "7.3": (1, 3, 4), "7.4": 3,
    "8.1": 4, "8.2": 3, "8.3": 8,
    "9.1": 3, "9.2": 4,
    "10.2": 2, "10.3": 3,
    "11.1": 8,
    "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1,
    "13.1": (1, 3, 4, 5), "13.2": (1, 2, 3, 5, 6), "13.3": 2, "13.4": 2,
    "14.1": 4, "14.2": 6, "14.3": (2, 3), "14.4": 7, "14.5": 4,
}  # fmt: skip
"""Sections of ASVS 4.0.3 with their requirements of level 1 and 2: the first so many, or those numbers."""


def required() -> set[str]:
    numbers = {section: range(1, which + 1) if isinstance(which, int) else which for section, which in LEVEL_2.items()}
    return {f"{section}.{number}" for section, which in numbers.items() for number in which}


def lacks(answer: Answer) -> list[str]:
    """What is wrong with one answer."""
    wrong = [] if answer.state in STATES else [f"no state: {answer.state}"]
    wrong += [] if answer.asks.strip() and answer.how.strip() else ["no words"]
    wrong += ["met, and no test"] if answer.state == "met" and not answer.tests else []
    wrong += [f"no such test: {test}" for test in answer.tests if not exists(test)]
    return wrong


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path = TESTS / file
    if not path.is_file():
        return False
    functions = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))
    return name.startswith("test_") and name in {function.name for function in functions}


def test_every_requirement_of_level_1_and_2_is_answered_once() -> None:
    numbers = [answer.number for answer in answers()]
    assert set(numbers) == required() and len(numbers) == len(set(numbers))


def test_every_answer_has_a_state_words_and_tests_that_exist() -> None:
    assert {answer.number: lacks(answer) for answer in answers() if lacks(answer)} == {}


@pytest.mark.parametrize(
    ("state", "tests"),
    [
        ("done", ()),
        ("met", ()),
        ("met", ("contracts/test_asvs.py::test_that_is_not_there",)),
        ("met", ("contracts/test_nothing.py::test_x",)),
        ("met", ("contracts/test_asvs.py::exists",)),
    ],
)
def test_an_answer_that_shows_nothing_is_reported(state: str, tests: tuple[str, ...]) -> None:
    assert lacks(Answer("1.1.1", state, "x", "y", tests))


def test_the_page_has_every_answer() -> None:
    page = security.page()
    assert all(f"| {number} |" in page for number in required())
