"""Recipients of reminders (`clerk-X001`) as forms name them: a kind, and the id of a person or unit."""

from collections.abc import Mapping

LONGEST = 140
KINDS = {"clerk": "填报员", "head": "主要负责人", "person": "个人", "office": "包联股室或督查室"}
CAMPAIGN_OFFICE = "campaign-office"
CAMPAIGN_OFFICE_LABEL = "活动领导小组办公室"


def named_recipient(given: Mapping[str, str]) -> str:
    """The recipient that an address or a form names, whole or by kind and id; empty: none that could be."""
    whole = given.get("recipient", "").strip()[:LONGEST]
    if not whole:
        kind, of = given.get("kind", ""), given.get("of", "").strip()[:LONGEST]
        whole = CAMPAIGN_OFFICE if kind == CAMPAIGN_OFFICE else f"{kind}-{of}"
    kind, _, of = whole.partition("-")
    is_path = "/" in whole or ".." in whole or not whole.isprintable()
    return whole if (whole == CAMPAIGN_OFFICE or (kind in KINDS and of)) and not is_path else ""
