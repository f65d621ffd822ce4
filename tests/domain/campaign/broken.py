"""A campaign with written-out semesters with one line changed, for the tests of broken files."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.participation.campaign.file import CampaignFileProblems, FileProblem, load

ROOT = Path(__file__).resolve().parents[3]
GOOD = Path(__file__).with_name("written_out.yaml").read_text(encoding="utf-8")


def line_of(text: str, words: str) -> int:
    """The line of the first place where the words stand."""
    return text[: text.index(words)].count("\n") + 1


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def problems(text: str | bytes) -> tuple[FileProblem, ...]:
    with pytest.raises(CampaignFileProblems) as caught:
        load(text.encode() if isinstance(text, str) else text)
    return caught.value.problems


def the_problem(old: str, new: str) -> FileProblem:
    """The only problem of the file after the change; it must stand on the changed line (the last, of several)."""
    result = problems(changed(old, new))
    assert len(result) == 1, [str(item) for item in result]
    assert result[0].line == line_of(GOOD, old) + new.count("\n"), str(result[0])
    return result[0]
