"""The rules of the system (docs/architecture.md, docs/glossary.md), held against every file that git keeps."""

import ast
import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import names, rules
from tests.architecture.kept import ROOT, kept

Rule = Callable[[Path, str], list[str]]
SERVICES = ("participation", "assessment", "publicity", "notifications")
SCREENS = ("console", "cli", "services", "chassis", "duties", "campaigns", "deploy")
"""Where text for people is made; docs and samples speak about words, or are the district's own."""

EXCEPTIONS = {
    "duties/section_reader.py: a float": "the likeness of a misspelt key to a known one, never a figure",
    **{
        f"services/{path}: appends events that no decider decided": why
        for path, why in {
            "notifications/digests/handlers.py": "decided from all rows in a process of its own; one event a stream",
            "notifications/contacts/handlers.py": "compared with the contact, which is read under its key",
            "notifications/calendar/handlers.py": "the last import and the last setting of a day hold",
            "publicity/wechat/attempts.py": "what the platform answered to a step of ARTICLES, if it is still the next",
            "publicity/articles/link_checks.py": "what a public page showed, by public_check.py on the article's state",
            "participation/publicity_reactions.py": "says that the ledger refused a reaction; decides nothing",
            "participation/imports/handlers.py": "that an import began: its rows go through LEDGER",
            "participation/imports/job.py": "when an import is read and ended: facts of the import",
            "participation/imports/deciding.py": "how far a part is: a fact of the import, its rows go through LEDGER",
            "participation/undo/handlers.py": "that an import is undone: the corrections of its rows go through LEDGER",
            "participation/publishers/handlers.py": "what operators register; only whether the name exists is asked",
            "participation/registry/handlers.py": "an erasure is not weighed: it is recorded with the key's end",
            "participation/intake/handlers.py": "what an operator did to a quarantined report",
        }.items()
    },
    **{
        f"services/{path}: writes without the heads' lock": why
        for path, why in {
            "participation/intake/handlers.py": "quarantined reports, which no decision reads",
            "participation/publishers/handlers.py": "registered by operators; a report asks who owns its source anew",
        }.items()
    },
}
"""Beginnings of problems that are meant, each with its reason."""


def _is_meant(problem: str) -> bool:
    place, _, what = problem.partition(": ")
    return any(f"{place.partition(':')[0]}: {what}".startswith(exception) for exception in EXCEPTIONS)


def python() -> list[Path]:
    return [path for path in kept(".py") if path.parts[0] in rules.OURS]


def texts() -> list[Path]:
    result = []
    for path in kept():
        try:
            (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        result.append(path)
    return result


def checked_for_cycles() -> list[Path]:
    return [path for path in python() if path.parts[0] in ("chassis", "contracts", "duties")]


def pure() -> list[Path]:
    return [path for path in python() if rules.is_pure(path)]


def pages() -> list[Path]:
    return kept(".html", ".css", ".js")


def screens() -> list[Path]:
    return [path for path in texts() if path.parts[0] in SCREENS]


def every_module() -> list[Path]:
    return kept(".py")


RULES: dict[Rule, Callable[[], list[Path]]] = {
    rules.wrong_imports: python, rules.upward_imports: python, rules.type_checking_imports: checked_for_cycles,
    rules.shell_outside_its_place: python, rules.whole_runtime: python, rules.appended_undecided: python,
    rules.written_without_heads: python, rules.impure: pure, rules.too_long: every_module,
    rules.without_docstring: python, rules.bound_to_a_place: texts, rules.unfinished: texts,
    rules.from_another_site: pages, rules.forbidden_words: screens,
    names.private_names: every_module, names.private_aliases: every_module, names.names_of_one_participle: python,
}  # fmt: skip
"""And the files that each is held against."""


@functools.cache
def every_problem() -> dict[Rule, list[str]]:
    """By rule.  Each file is read and parsed once for all of them."""
    files = {rule: set(choose()) for rule, choose in RULES.items()}
    result: dict[Rule, list[str]] = {rule: [] for rule in RULES}
    for path in sorted(set().union(*files.values())):
        source = (ROOT / path).read_text(encoding="utf-8")
        for rule, result_of_rule in result.items():
            if path in files[rule]:
                result_of_rule += [problem for problem in rule(path, source) if not _is_meant(problem)]
    return result


def problems(rule: Rule) -> list[str]:
    assert RULES[rule](), "no file is looked at"
    return every_problem()[rule]


def test_everything_imports_only_what_it_may() -> None:
    assert problems(rules.wrong_imports) == []


def test_inside_the_chassis_imports_point_downwards() -> None:
    assert problems(rules.upward_imports) == []
    folders = {path.parts[1] for path in python() if path.parts[0] == "chassis" and len(path.parts) > 2}
    assert folders == set(rules.CHASSIS)


def test_no_module_of_chassis_contracts_or_duties_imports_itself_through_others() -> None:
    assert rules.import_cycles({path: (ROOT / path).read_text(encoding="utf-8") for path in checked_for_cycles()}) == []
    assert problems(rules.type_checking_imports) == []


def test_nameko_and_eventlet_stay_in_the_shell() -> None:
    assert problems(rules.shell_outside_its_place) == []


def test_no_feature_takes_the_whole_runtime() -> None:
    assert problems(rules.whole_runtime) == []


def test_services_append_what_a_decider_decided() -> None:
    assert problems(rules.appended_undecided) == []


def test_what_decisions_read_is_written_under_the_heads_lock() -> None:
    assert problems(rules.written_without_heads) == []


def test_rules_and_domains_do_nothing_but_think() -> None:
    assert {"duties", "services"} == {path.parts[0] for path in pure()}
    assert problems(rules.impure) == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    folder = ROOT / "services" / service
    present = [path.name for path in folder.iterdir() if path.name != "__pycache__"]
    sentence = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert rules.missing_rooms(service, present, sentence) == []


def test_there_are_four_services() -> None:
    packages = {path.parts[1] for path in python() if path.parts[0] == "services" and len(path.parts) > 2}
    assert packages == {*SERVICES, *(name.rpartition(".")[2] for name in rules.SHARED)}


def test_files_and_functions_fit_in_a_head() -> None:
    assert problems(rules.too_long) == []


def test_every_module_says_what_it_is_for() -> None:
    assert problems(rules.without_docstring) == []


def test_the_repository_is_bound_to_no_place() -> None:
    assert problems(rules.bound_to_a_place) == []


def test_nothing_is_left_unfinished() -> None:
    assert problems(rules.unfinished) == []


def test_pages_load_nothing_from_another_site() -> None:
    assert problems(rules.from_another_site) == []


def test_words_of_blame_stand_on_no_screen_and_in_no_message() -> None:
    assert problems(rules.forbidden_words) == []


def test_every_identifier_is_a_term_of_the_field() -> None:
    assert problems(names.private_names) == []


def test_every_name_says_what_it_does_or_gives() -> None:
    assert problems(names.names_of_one_participle) == []


def test_every_module_keeps_its_name_when_imported() -> None:
    assert problems(names.private_aliases) == []
