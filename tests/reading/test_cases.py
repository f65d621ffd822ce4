"""Every problem file of tests/samples/imports is read, or refused, as expected.json says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reading.kinds import read

CASES = Path(__file__).parents[1] / "samples/imports"
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "expected.json").read_text(encoding="utf-8"))


def files() -> list[str]:
    """All but the expectations and the events."""
    return sorted(str(path.relative_to(CASES)) for path in CASES.glob("*/*") if path.suffix != ".jsonl")


def outcome(name: str, folder: Path) -> dict[str, Any]:
    """As expected.json has it: parts with their rows (line, cells, and code and column of a fault), notes (sheet, line,
    column, code), or the sentence of a refusal."""
    done = read(CASES / name, folder)
    if done.refused:
        return {"refused": done.refused, "code": done.code}
    parts = [{"part": part, "kind": kind, "rows": [[line, *cells, *(fault[:2] if fault else ())]
                                                   for line, cells, fault in rows]}
             for part, kind, rows in done.parts]  # fmt: skip
    return {"parts": parts, "notes": [note[:4] for note in done.notes]}


def test_every_file_is_expected_in_some_way() -> None:
    assert files() == sorted(EXPECTED)


@pytest.mark.parametrize("name", files())
def test_it_is_read_as_expected(name: str, tmp_path: Path) -> None:
    assert outcome(name, tmp_path) == EXPECTED[name]
