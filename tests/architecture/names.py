"""The rule for names: identifiers are terms of the field, not words of a private language (docs/glossary.md)."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import PurePosixPath as Path

from tests.architecture.rules import nodes

PRIVATE = {
    "said": "what it is, such as text or event",
    "told": "what it is, such as reported or message",
    "found": "what was looked for",
    "one": "what it is one of",
    "made": "what was created",
    "barred": "block_reason",
    "trials": "test_messages",
    "standing": "open_entry or operator_routes",
    "desk": "handlers or unit_of_work",
    "judging": "batch",
    "reception": "intake handlers",
    "spooling": "read_file",
    "beside": "defer_write or attached",
    "lend": "use_external_key",
    "glancing": "autocommit",
    "breathe": "yield_control",
    "bell": "wakeup",
    "frame": "runtime",
    "framed": "provider",
    "house": "system or context",
    "vault": "content_store",
    "telling": "refusals_as_problems",
    "hear": "receive",
    "hearer": "subscriber",
    "hearers": "subscribers",
    "town": "system or district",
    "door": "route",
    "doors": "routes",
    "hears": "subscribes",
    "heard": "subscribed, applied or received",
    "healer": "catch_up",
    "healing": "catch_up",
    "listener": "consumer",
    "listening": "consumer",
    "inlet": "queue",
    "parcel": "message",
    "tap": "subscription",
    "taps": "subscriptions",
    "trip": "round_trip or batch",
    "foreseen": "prefetch",
    "waiter": "pending_report",
    "deaths": "dead_letters",
    "posting": "delivery_worker",
    "trying": "test_message",
    "reckoning": "calculation",
    "standings": "kept_scores",
    "stands_over": "supervises",
    "stands_above": "may_assess_any",
}
"""Word -> what is said instead, as whole identifiers in any case."""
IN_ANY_PART = {"told", "said", "hear", "hears", "heard", "hearer", "hearers", "door", "doors", "desk"}
"""Those that an identifier may not contain either: `told_events`, `test_a_problem_is_told`."""


OF_NO_MEANING = {
    "about", "after", "again", "all", "alone", "among", "any", "around", "at", "away", "back", "before", "behind",
    "beside", "beyond", "by", "due", "each", "elsewhere", "given", "has", "held", "here", "in", "inside", "kept",
    "known", "last", "left", "lost", "more", "named", "needed", "none", "nothing", "of", "or", "other", "others",
    "own", "outside", "rest", "say", "seen", "shown", "taken", "tell", "those", "together", "under",
    "what", "when", "who", "whole", "whose", "with", "within", "written",
}  # fmt: skip
"""What no module and no class is called by itself, and no private function: it says neither what it does (a verb) nor
what it gives (a noun)."""
NOUNS = {"filing", "finding", "heading", "mapping", "reading", "string", "token", "ending", "bed", "feed", "seed"}
"""They end as participles do."""
VERBS = {"listen", "open", "shorten"}


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """(line, identifier) of everything that the source names: variables, parameters, attributes, functions, imports."""
    for node in nodes(source):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.alias(name=name, asname=alias):
                yield from ((node.lineno, part) for part in (alias or name).split("."))
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def private_names(path: Path, source: str) -> list[str]:
    """Identifiers that only those who wrote the code would understand; a file's own name is one too."""
    named = {(0, part) for part in (*path.parts[:-1], path.stem)} | set(identifiers(source))
    return [
        f"{path}:{line}: {name} is a private word: say {PRIVATE[word]}"
        for line, name in sorted(named)
        if (word := _private_word(name)) is not None
    ]


def names_of_one_participle(path: Path, source: str) -> list[str]:
    """Private functions, classes and modules that are called by a participle, a preposition or a pronoun alone
    (`_shown`, `_with`, `class Judged`, `whose.py`): an engineer who meets them cannot guess what they are."""
    defined: list[tuple[int, str]] = []
    for node in nodes(source):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("_"):
                defined.append((node.lineno, name))
    classes = [(node.lineno, node.name) for node in nodes(source) if isinstance(node, ast.ClassDef)]
    result = [f"{path}:{line}: {name}" for line, name in defined if _says_nothing(name, participles=True)]
    result += [f"{path}:{line}: {name}" for line, name in classes if _says_nothing(name, participles=name[0] == "_")]
    return result + ([f"{path}: the module's own name"] if _says_nothing(path.stem, participles=False) else [])


def _says_nothing(name: str, *, participles: bool) -> bool:
    word = name.strip("_").lower()
    if word in NOUNS | VERBS or name.startswith("__") or not re.fullmatch(r"_*[A-Za-z][a-z]*", name):
        return False
    return word in OF_NO_MEANING or (participles and re.fullmatch(r"[a-z]+(ed|en|ing)", word) is not None)


@functools.cache
def _private_word(name: str) -> str | None:
    if (whole := name.strip("_").lower()) in PRIVATE:
        return whole
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
    return next((part for part in parts if part in IN_ANY_PART and part in PRIVATE), None)


def private_aliases(path: Path, source: str) -> list[str]:
    """Modules of ours keep their names when imported: an alias contains the name, or is a part of it."""
    ours = ("duties", "contracts", "chassis", "services", "console", "cli", "tests", "benchmarks")
    result = []
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ours:
            result += [
                f"{path}:{node.lineno}: {alias.name} is imported as {alias.asname}"
                for alias in node.names
                if alias.asname
                and alias.name.islower()
                and not _contains_name(alias.asname, node.module or "", alias.name)
            ]
    return result


def _contains_name(alias: str, module: str, name: str) -> bool:
    return alias in f"{module}.{name}" or name.removesuffix("s") in alias
