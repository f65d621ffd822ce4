"""What is wrong with a campaign, as data: where, which code, which values.  The words for people are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads from the top of the file to the value (or to the mapping that lacks the key in `params`)."""

    path: Path
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class CampaignProblems(ValueError):
    """A campaign that cannot be launched, with every problem it has, in the order of reading."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(f"{len(self.problems)} problems, the first: {first.code} at {first.path}")
