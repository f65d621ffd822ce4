"""Whatever an accepted row does to a row can be said in its history."""

from typing import Any

import pytest

from services.participation.domain import ROW_KINDS, Accepted
from services.participation.domain.rows import ChangeRow
from services.participation.history.domain import STREAM_OF_TABLE, entries_of
from services.participation.history.rendering import VERBS
from tests.domain.participation.scripted import GOOD, given, good

CHANGES = [name for name in GOOD if issubclass(ROW_KINDS[name].row, ChangeRow.__args__)]
RECORDED: Any = None


@pytest.mark.parametrize("what", CHANGES)
def test_every_reported_change_has_a_verb_in_the_history_of_its_row(what: str) -> None:
    decision = given(good("finding")).when(good(what))
    assert isinstance(decision.decision, Accepted)
    (event,) = decision.decision.events
    row_id = getattr(event, "finding_id", "") or getattr(event, "person_id", "") or event.unit_id
    entries = [entry for table in STREAM_OF_TABLE for entry in entries_of(table, row_id, [(event, RECORDED)])]
    assert entries
    assert {entry.what for entry in entries} <= VERBS.keys()
