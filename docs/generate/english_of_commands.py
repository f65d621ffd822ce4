"""cli/english.json: every Chinese text of the command with its English (`python -m docs.generate english`)."""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

from cli.language import CHINESE, FILE, PART

LEFT_OUT = ("usage.py", "slips.py")
"""typer's words in Chinese, and slips for people."""


def texts(folder: Path = FILE.parent) -> set[str]:
    """Of all commands: whole ones, and the patterns of those that are put together; `{}` is a part."""
    return {text for path in folder.rglob("*.py") if path.name not in LEFT_OUT for text in _texts_of(path)}


def write() -> list[str]:
    """Writes the file anew, with what the commands still have; returns what has no English yet: it stays Chinese."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    present = sorted(texts())
    kept = {text: known[text] for text in present if known.get(text)}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [text for text in present if text not in kept]


def _texts_of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = set(_parts_and_remarks(tree))
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(each.value) if isinstance(each, ast.Constant) else PART for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        text = inspect.cleandoc(text) if "\n" in text else text
        if CHINESE.search(text):
            yield text


def _parts_and_remarks(tree: ast.AST) -> Iterator[int]:
    """Nodes inside of texts that are put together, and the tables of other languages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(value) for value in node.values if isinstance(value, ast.Constant))
            yield from (id(each) for value in node.values if isinstance(value, ast.FormattedValue) and value.format_spec
                        for each in ast.walk(value.format_spec))  # fmt: skip
