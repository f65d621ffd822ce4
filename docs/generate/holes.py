"""The part of docs/security.md that names, for each hole of the review, the tests that try it again."""

from dataclasses import dataclass
from typing import Final

import yaml

from docs.generate.contracts import ROOT

HEAD: Final = """
## The holes of the review

Each number of the security review with the tests that try it again, in its siblings' forms too; made of
`docs/holes.yaml`, which a test holds (every number is there, every test exists). None of them succeeds.

| | what was found | tried again by |
|---|---|---|
"""


@dataclass(frozen=True)
class Hole:
    """One number of the review; `tests`: file::function under tests/."""

    number: int
    was: str
    tests: tuple[str, ...]


def holes() -> list[Hole]:
    """In the order of the file."""
    known = yaml.safe_load((ROOT / "docs" / "holes.yaml").read_text(encoding="utf-8"))
    return [Hole(number, given["was"], tuple(given["tests"])) for number, given in known.items()]


def section() -> str:
    """The Markdown table of faults and the tests that show them."""
    lines = [f"| {hole.number} | {hole.was} | {'<br>'.join(f'`{test}`' for test in hole.tests)} |" for hole in holes()]
    return HEAD + "\n".join(lines) + "\n"
