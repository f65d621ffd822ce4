"""The rules of the repository as functions: source text in, problems out, so that each can be seen red on a sample."""

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath as Path

OURS = ("duties", "contracts", "chassis", "services", "console", "cli", "client")
MAY_IMPORT = {
    "console": (),
    "cli": (),
    "client": (),
    "services": ("contracts", "duties", "chassis"),
    "contracts": ("chassis.events",),
    "duties": (),
    "chassis": (),
}
SHELL = ("nameko", "eventlet", "kombu", "amqp")
CLIENTS = ("kombu", "amqp")
PURE_STDLIB = frozenset((
    "__future__", "abc", "array", "bisect", "collections", "csv", "dataclasses", "datetime", "decimal",
    "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "io", "itertools", "json",
    "math", "operator", "re", "string", "types", "typing", "unicodedata", "zoneinfo",
))  # fmt: skip
"""What a pure module may import of Python's own; it reads no clock (see `impure`) and draws nothing at random."""
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
SHARED = ("services.registry", "services.reading")
"""What services include of each other's kind: it may not import a service, services may import it."""
ROOMS = ("__init__.py", "service.py")
FILE_LINES, FUNCTION_LINES = 320, 60


@functools.lru_cache(maxsize=1)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Its syntax tree; kept until another source is asked for, since one rule after the other asks for the same."""
    return tuple(ast.walk(ast.parse(source)))


@functools.lru_cache(maxsize=1)
def imports(source: str) -> tuple[tuple[int, str], ...]:
    """(line, dotted name) of every import, also of those inside functions; `from a import b` gives `a.b`."""
    return tuple(_imports(source))


def _imports(source: str) -> Iterator[tuple[int, str]]:
    for node in nodes(source):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, item.name) for item in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                dots = "." * level
                yield from ((node.lineno, f"{dots}{module or ''}.{item.name}") for item in names)


def wrong_imports(path: Path, source: str) -> list[str]:
    """Imports that break who may import whom (docs/architecture.md)."""
    room = path.parts[0]
    own = ".".join(path.parts[:2]) if room == "services" else room
    result = []
    for line, name in imports(source):
        if name.startswith("."):
            result.append(f"{path}:{line}: imports are absolute here, not {name}")
            continue
        if name.split(".")[0] not in OURS or _within(name, own):
            continue
        allowed = (*MAY_IMPORT[room], *SHARED) if room == "services" else MAY_IMPORT[room]
        if not any(_within(name, item) for item in allowed):
            result.append(f"{path}:{line}: {room} may import {', '.join(allowed) or 'nothing of ours'}, not {name}")
    return result


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


CHASSIS = ("process", "events", "store", "messaging", "intake", "runtime", "http", "recovery")
"""The packages of the chassis from the bottom to the top: each may import those before it."""


def upward_imports(path: Path, source: str) -> list[str]:
    """Imports of a chassis package that is above the importing one (docs/architecture.md)."""
    if path.parts[0] != "chassis" or len(path.parts) < 3:
        return []
    own = CHASSIS.index(path.parts[1])
    result = []
    for line, name in imports(source):
        parts = name.split(".")
        if parts[0] == "chassis" and len(parts) > 1 and CHASSIS.index(parts[1]) > own:
            result.append(f"{path}:{line}: chassis.{path.parts[1]} is below chassis.{parts[1]}")
    return result


def type_checking_imports(path: Path, source: str) -> list[str]:
    """An import only for types hides a cycle."""
    return [f"{path}:{line}: {name} hides a cycle" for line, name in imports(source) if name == "typing.TYPE_CHECKING"]


def import_cycles(sources: Mapping[Path, str]) -> list[str]:
    """Modules that import each other, directly or through others; `sources` by path."""
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in sources}
    imported = {
        module: {
            target for _, name in imports(sources[path]) if (target := _module_of(name, modules)) not in (None, module)
        }
        for module, path in modules.items()
    }
    while leaves := {module for module, needs in imported.items() if not needs & imported.keys()}:
        imported = {module: needs for module, needs in imported.items() if module not in leaves}
    return [f"{modules[module]}: in a cycle with {', '.join(sorted(needs & imported.keys()))}"
            for module, needs in sorted(imported.items())]  # fmt: skip


def _module_of(name: str, modules: Mapping[str, Path]) -> str | None:
    """The module that an imported name belongs to, if it is one of these."""
    return name if name in modules else name.rpartition(".")[0] if name.rpartition(".")[0] in modules else None


def shell_outside_its_place(path: Path, source: str) -> list[str]:
    """nameko, eventlet and kombu stay in chassis/ and service.py, so that the shell can be exchanged.

    cli/publishing is an outside system to the intake: it speaks AMQP by kombu, in a process without eventlet."""
    if path.parts[0] == "chassis" or (path.parts[0] == "services" and path.name == "service.py"):
        return []
    foreign = [item for item in SHELL if not (item in CLIENTS and path.is_relative_to("cli/publishing"))]
    return [f"{path}:{line}: {name} belongs to chassis/ and service.py" for line, name in imports(source)
            if name.split(".")[0] in foreign]  # fmt: skip


def whole_runtime(path: Path, source: str) -> list[str]:
    """A feature that takes the whole runtime of its service: only service.py, which assembles, knows it; a part says
    by its parameters what it uses (store, transactions, clock, ...)."""
    if path.parts[0] != "services" or path.name == "service.py":
        return []
    result = [f"{path}:{line}: {name} belongs to service.py" for line, name in imports(source)
              if name.startswith("chassis.runtime.service_runtime.")]  # fmt: skip
    for node in nodes(source):
        match node:
            case ast.arg(arg="runtime") | ast.AnnAssign(target=ast.Name(id="runtime")) | ast.Attribute(attr="runtime"):
                result.append(f"{path}:{node.lineno}: the whole runtime; take what is used of it")
    return result


_TRANSACTIONS = ("work", "unit_of_work", "transaction")


def appended_undecided(path: Path, source: str) -> list[str]:
    """Events that a service appends past a decider: `execute` does all of it (docs/decisions/0063)."""
    if path.parts[0] != "services":
        return []
    return [
        f"{path}:{node.lineno}: appends events that no decider decided"
        for node in nodes(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"
        and _last_name(node.func.value) in _TRANSACTIONS
    ]  # fmt: skip


def written_without_heads(path: Path, source: str) -> list[str]:
    """A transaction of a service that does not hold the heads' lock: what decisions read is written under it only."""
    if path.parts[0] != "services":
        return []
    return [
        f"{path}:{node.lineno}: writes without the heads' lock; use a unit of work"
        for node in nodes(source)
        if isinstance(node, ast.Attribute) and node.attr == "writing"
    ]


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def impure(path: Path, source: str) -> list[str]:
    """What a domain module or duties does beside thinking: I/O, a clock, chance."""
    result = []
    for line, name in imports(source):
        top = name.split(".")[0]
        if top not in OURS and top not in PURE_STDLIB:
            result.append(f"{path}:{line}: a pure module does not import {name}")
    for node in nodes(source):
        match node:
            case ast.Call(func=ast.Name(id="open" | "input" | "print" as name)):
                result.append(f"{path}:{node.lineno}: a pure module does not {name}")
            case ast.Attribute(value=ast.Name(id=thing) | ast.Attribute(attr=thing), attr=what) if (
                thing,
                what,
            ) in CLOCKS:
                result.append(f"{path}:{node.lineno}: a pure module reads no clock: {thing}.{what}")
            case ast.Constant(value=float()):
                result.append(f"{path}:{node.lineno}: a float: scores are exact")
    return result


def is_pure(path: Path) -> bool:
    return path.parts[0] == "duties" or (
        path.parts[0] == "services" and bool({"domain", "rules"} & {*path.parts, path.stem})
    )


def missing_rooms(service: str, present: Iterable[str], sentence: str | None) -> list[str]:
    """Rooms that a service lacks; `present` are the names in its folder without `.py` for packages."""
    names = {name.removesuffix(".py") for name in present}
    result = [f"services/{service} has no {room}" for room in ROOMS if room.removesuffix(".py") not in names]
    if not sentence or len(sentence.strip().splitlines()) != 1 or not re.search(r"\bdecides\b.*\bnever\b", sentence):
        result.append(f"services/{service}/__init__.py: one sentence says what it decides and what it never does")
    return result


def too_long(path: Path, source: str) -> list[str]:
    """Files and functions that no longer fit in a head.  A migration is a list of statements: only its file counts."""
    lines = len(source.splitlines())
    result = [f"{path}: {lines} lines, at most {FILE_LINES}"] if lines > FILE_LINES else []
    for node in nodes(source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and "migrations" not in path.parts:
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES:
                result.append(f"{path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}")
    return result


def without_docstring(path: Path, source: str) -> list[str]:
    """A module says in a sentence or two what it is for."""
    module = nodes(source)[0]
    assert isinstance(module, ast.Module)
    return [] if ast.get_docstring(module) or not source.strip() else [f"{path}: says nowhere what it is for"]


# The words are parted so that this file does not break its own rules.
_HOSTS = re.compile(
    r"\b(?:registry\.npmjs\.org|pypi\.org|files\.pythonhosted\.org|(?:registry-1|index|hub)\.docker\.(?:io|com)|ghcr\.io|"
    r"quay\.io|gcr\.io|proxy\.golang\.org|static\.crates\.io|registry\.yarnpkg\.com|registry\.npmmirror\.com|"
    r"deb\.debian\.org|security\.debian\.org|pypi\.tuna\.\S+|mirrors?\.[a-z0-9-]+\.[a-z.]+)\b|index-url[\s=\"']+https?:"
)
_PATHS = re.compile(r"(?<![\w.$}~:/-])/(?:work|home|root|Users|workspace|mnt/[a-z]+)/[\w.]+")
_UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|HA" r"CK)\b|\bX" r"XX\b")
_OUTSIDE = re.compile(
    r"(?:src|href|action|srcset|data-[\w-]+|hx-[\w-]+)\s*=\s*[\"']?\s*(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//|@import"
)
FORBIDDEN_WORDS = {"上报": "催办提醒 or 报送", "处罚": "扣分", "落后": "no list of the last ones", "抄袭": "相似提示"}


def _matches_of(path: Path, text: str, pattern: re.Pattern[str], remedy: str) -> list[str]:
    if not pattern.search(text):  # what a line matches, the whole matches too: nearly all files are done
        return []
    lines = enumerate(text.splitlines(), 1)
    return [
        f"{path}:{number}: {match.group(0)!r} {remedy}" for number, line in lines if (match := pattern.search(line))
    ]


def bound_to_a_place(path: Path, text: str) -> list[str]:
    """Registry hosts, index addresses and absolute paths of one machine: the repository stands anywhere."""
    return _matches_of(path, text, _HOSTS, "names a registry") + _matches_of(path, text, _PATHS, "is of one machine")


def unfinished(path: Path, text: str) -> list[str]:
    """Notes of what should be done."""
    return _matches_of(path, text, _UNFINISHED, "is not done: do it, or write an issue")


def from_another_site(path: Path, text: str) -> list[str]:
    """Pages load nothing from elsewhere: many servers have no internet."""
    return _matches_of(path, text, _OUTSIDE, "loads from another site")


def forbidden_words(path: Path, text: str) -> list[str]:
    """Words that never stand on a screen (docs/glossary.md)."""
    return [
        item
        for word, say in FORBIDDEN_WORDS.items()
        for item in _matches_of(path, text, re.compile(word), f"say {say}")
    ]
