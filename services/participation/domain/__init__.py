"""What may be written in the book of deeds.  Pure: no clock, store or broker."""

from services.participation.domain.book import Book, subjects_of
from services.participation.domain.campaigns import (
    CampaignRefused,
    CampaignState,
    LaunchCampaign,
    decide_campaign,
    evolve_campaign,
)
from services.participation.domain.deciding import decide
from services.participation.domain.decisions import Accepted, Decision, Keys, Refused, Unchanged, Waiting
from services.participation.domain.messages import CODES, message
from services.participation.domain.reported_units import decide_units
from services.participation.domain.rows import (
    ROW_KINDS,
    Row,
    RowKind,
    UnitRow,
    cells_of,
    hold_key,
    kind_of,
    row_of,
    streams_of,
)

__all__ = [
    "CODES",
    "ROW_KINDS",
    "Accepted",
    "Book",
    "CampaignRefused",
    "CampaignState",
    "Decision",
    "Keys",
    "LaunchCampaign",
    "Refused",
    "Row",
    "RowKind",
    "Unchanged",
    "UnitRow",
    "Waiting",
    "cells_of",
    "decide",
    "decide_campaign",
    "decide_units",
    "evolve_campaign",
    "hold_key",
    "kind_of",
    "message",
    "row_of",
    "streams_of",
    "subjects_of",
]
