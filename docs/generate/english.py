"""console/translations/en: every Chinese text of the pages with its English (`python -m docs.generate english`)."""

import ast
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from console.language import CHARACTER, texts_of
from docs.generate.contracts import REGISTRY, ROOT

CONSOLE = ROOT / "console"
FOLDER = CONSOLE / "translations" / "en" / "LC_MESSAGES"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # the file is the same whenever it is made
SHOWN_OF_SERVICES = (
    "services/participation/history/rendering.py", "services/assessment/scores/score_runner.py",
)  # fmt: skip
"""Modules whose Chinese texts pages show as they are."""
HEADER = "# English texts of the console's pages; the Chinese ones are the source."


def texts_of_template(path: Path) -> list[str]:
    """What console/language.py looks up in it."""
    result: list[str] = []
    for token in Environment(autoescape=True).lexer.tokenize(path.read_text(encoding="utf-8")):
        if token.type == "data":
            result += texts_of(token.value)
        elif token.type == "string" and CHARACTER.search(token.value):
            result.append(token.value)
    return result


def texts_of_module(path: Path) -> list[str]:
    """Its Chinese constants; not what documents it, and not the pieces of texts with figures in them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set(_documentation(tree))
    return [
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and CHARACTER.search(node.value) and id(node) not in skipped
    ]  # fmt: skip


def _documentation(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield id(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield from (id(value) for value in node.values)


def texts(console: Path = CONSOLE) -> set[str]:
    """The Chinese texts of all pages."""
    of_templates = (texts_of_template(path) for path in (console / "templates").rglob("*.html"))
    of_modules = (texts_of_module(path) for path in console.glob("*.py") if path.name != "language.py")
    own = {text for group in (*of_templates, *of_modules) for text in group}
    return own | texts_of_services() if console == CONSOLE else own


def texts_of_services() -> set[str]:
    """What pages show as services answer it: labels of acts, words of a row's history, refusals without figures."""
    labels = {cls.label for cls in REGISTRY.classes.values()}
    return labels.union(*(texts_of_module(ROOT / path) for path in SHOWN_OF_SERVICES))


def catalogue() -> Catalog:
    """As it is kept: what each text is in English."""
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def write() -> list[str]:
    """Writes the catalogue anew, with what the pages say today; returns what has no English yet."""
    before = catalogue() if (FOLDER / "messages.po").exists() else Catalog("en")
    result = Catalog("en", header_comment=HEADER, creation_date=CREATED, revision_date=CREATED, fuzzy=False)
    for text in sorted(texts()):
        known = before.get(text)
        result.add(text, str(known.string) if known else "")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "messages.po").write_bytes(_bytes_of(write_po, result))
    (FOLDER / "messages.mo").write_bytes(compiled(result))
    return [str(message.id) for message in result if message.id and not message.string]


def compiled(messages: Catalog) -> bytes:
    """What gettext reads."""
    return _bytes_of(write_mo, messages)


def _bytes_of(writer: Callable[[Any, Catalog], None], messages: Catalog) -> bytes:
    file = io.BytesIO()
    writer(file, messages)
    return file.getvalue()
