"""Names are terms of the field: the rule, seen red on samples (held against every file in test_the_rules.py)."""

from pathlib import Path

import pytest

from tests.architecture import names


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "def f(one): ...",
        "x.lend(1)",
        "class Frame: ...",
        "from services.publicity import house",
        "import chassis.healing",
        "def door(): ...",
        "match x:\n    case [*made]: ...",
        "f(said=1)",
        "def _heard(): ...",
        "told_events = 1",
        "class NewDesk: ...",
        "def test_a_problem_is_told(): ...",
    ],
)
def test_a_private_word_is_refused(source: str) -> None:
    assert names.private_names(Path("cli/x.py"), source)


def test_a_file_named_by_a_private_word_is_refused() -> None:
    assert names.private_names(Path("services/participation/desk.py"), "")


@pytest.mark.parametrize("source", ["found_on = 1", "def done(): ...", "x = 'told'", "# said", "import telling_apart"])
def test_words_of_the_domain_and_of_texts_are_free(source: str) -> None:
    assert names.private_names(Path("cli/x.py"), source) == []


@pytest.mark.parametrize("source", ["def _shown(): ...", "class X:\n    def _with(self): ...", "class Whose: ...",
                                    "class _Gathered: ...", "async def _asked(): ..."])  # fmt: skip
def test_a_definition_that_is_a_participle_alone_is_refused(source: str) -> None:
    assert names.names_of_one_participle(Path("cli/x.py"), source)
    assert names.names_of_one_participle(Path("cli/whose.py"), "")


@pytest.mark.parametrize("source", ["def _finding(): ...", "def _open(): ...", "def _shown_rows(): ...",
                                    "class Accepted: ...", "def __enter__(self): ...", "def shown(): ..."])  # fmt: skip
def test_a_noun_a_verb_or_more_than_one_word_is_free(source: str) -> None:
    assert names.names_of_one_participle(Path("cli/kept_scores.py"), source) == []


def test_an_alias_that_hides_its_module_is_refused() -> None:
    assert names.private_aliases(Path("x.py"), "from contracts import participation as said")
    assert names.private_aliases(Path("x.py"), "from contracts import participation as participation_events") == []
