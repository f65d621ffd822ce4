"""The whole check of a semester, clause by clause."""

from __future__ import annotations

from tests.semester.articles import articles
from tests.semester.evidence import Evidence, Problem
from tests.semester.figures import figures
from tests.semester.reminders import Reminders, names_above


def problems(evidence: Evidence) -> list[Problem]:
    """Everything that is wrong; nothing when all is as it should be."""
    return [*Reminders(evidence).problems(), *names_above(evidence), *articles(evidence), *figures(evidence)]
