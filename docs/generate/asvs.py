"""The part of docs/security.md that answers OWASP ASVS level 2, made of docs/asvs.yaml."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import yaml

from docs.generate.contracts import ROOT

STATES: Final = ("met", "by reading", "partly", "not met", "not here")
CHAPTERS: Final = {
    "1": "Architecture, design, threats", "2": "Authentication", "3": "Sessions", "4": "Access control",
    "5": "Input and output", "6": "Cryptography", "7": "Errors and logs", "8": "Data protection", "9": "Communication",
    "10": "Malicious code", "11": "Business logic", "12": "Files", "13": "Routes", "14": "Configuration",
}  # fmt: skip
HEAD = """
## ASVS level 2

OWASP ASVS 4.0.3, every requirement of level 1 and 2, from `docs/asvs.yaml`; what each asks is in our words. *met*: a
test shows it (a test holds that it exists); *by reading*: met, as code or documents show, without a test of its own;
*not here*: what it asks about does not exist in this system. {counts}.
"""


HOSTILE = """
## Hostile traffic

`make hostile`, ten minutes against an embedded system (slow and half-open clients, floods, hostile files) on two cores
shared with much other work (load average 12 to 19): 2,194 answers to others, median 0.05 s, longest 2.50 s; memory of
all processes 206 MiB before and 273 MiB after, open descriptors 41 and 49. The test's own limits are 256 MiB more and
40 descriptors more.
"""


@dataclass(frozen=True)
class Answer:
    """What stands here of one requirement; `tests`: file::function under tests/."""

    number: str
    state: str
    asks: str
    how: str
    tests: tuple[str, ...]

    @property
    def chapter(self) -> str:
        return self.number.partition(".")[0]


def answers() -> list[Answer]:
    """In the order of the file."""
    known = yaml.safe_load((ROOT / "docs" / "asvs.yaml").read_text(encoding="utf-8"))
    return [Answer(number, given["state"], given["asks"], given["how"], tuple(given.get("tests", ())))
            for number, given in known.items()]  # fmt: skip


def section() -> str:
    """Chapter by chapter."""
    known = answers()
    counted = Counter(answer.state for answer in known)
    parts = [HEAD.format(counts=", ".join(f"{counted[state]} {state}" for state in STATES))]
    for chapter, title in CHAPTERS.items():
        parts += [f"### V{chapter} {title}\n", "| | asks | state | how | shown by |", "|---|---|---|---|---|"]
        parts += [_line(answer) for answer in known if answer.chapter == chapter]
        parts.append("")
    return "\n".join(parts)


def _line(answer: Answer) -> str:
    tests = "<br>".join(f"`{test}`" for test in answer.tests)
    return f"| {answer.number} | {answer.asks} | {answer.state} | {answer.how} | {tests} |"
