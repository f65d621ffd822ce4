"""cli/english.json: every Chinese text of the command with its English (`python -m docs.generate english`)."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from cli.language import CHINESE, FILE, PART


def texts(folder: Path = FILE.parent) -> set[str]:
    """Of all commands: whole ones, and the patterns of those that are put together; `{}` is a part."""
    return {text for path in folder.rglob("*.py") for text in _texts_of(path)}


def write() -> list[str]:
    """Writes the file anew, with what the commands say today; returns what has no English yet."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    kept = {text: known.get(text, "") for text in sorted(texts())}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [text for text, english in kept.items() if not english]


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
        text = text.strip() if "\n" in text else text
        if CHINESE.search(text):
            yield text


def _parts_and_remarks(tree: ast.AST) -> Iterator[int]:
    """Nodes inside of texts that are put together, and the tables of other languages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(value) for value in node.values if isinstance(value, ast.Constant))
            yield from (id(each) for value in node.values if isinstance(value, ast.FormattedValue) and value.format_spec
                        for each in ast.walk(value.format_spec))  # fmt: skip
