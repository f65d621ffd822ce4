"""What all features share: kinds of reported rows, their cells, outcomes and messages, and the ledger of states.

Pure: no clock, store or broker.  The rules themselves are in each feature's `domain`."""

from services.participation.domain.ledger import Ledger, subjects_of
from services.participation.domain.messages import CODES, CODES_OF_FILES, NOTE_CODES, message, note_message
from services.participation.domain.naming import id_lock, streams_of
from services.participation.domain.outcomes import Accepted, Decision, Keys, Pending, Refused, Unchanged
from services.participation.domain.rows import (
    KIND_OF_TABLE,
    ROW_KINDS,
    Row,
    RowKind,
    UnitRow,
    cells_of,
    kind_of,
    row_of,
)

__all__ = [
    "CODES",
    "CODES_OF_FILES",
    "KIND_OF_TABLE",
    "NOTE_CODES",
    "ROW_KINDS",
    "Accepted",
    "Decision",
    "Keys",
    "Ledger",
    "Pending",
    "Refused",
    "Row",
    "RowKind",
    "Unchanged",
    "UnitRow",
    "cells_of",
    "id_lock",
    "kind_of",
    "message",
    "note_message",
    "row_of",
    "streams_of",
    "subjects_of",
]
