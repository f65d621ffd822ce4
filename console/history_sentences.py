"""The entries of a row's history in English: the service's own sentences are Chinese."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.language import ENGLISH, language, words
from console.record_labels import ACTORS

VERBS = {
    "accepted": "reported, accepted", "corrected": "corrected", "voided": "voided", "restored": "restored",
    "withdrawn": "withdrawn", "closed": "reported the closing of the unit",
    "related": "reported other relations of the unit", "ended": "reported the end of the membership",
    "rectified": "reported the rectification", "erased": "erased personal data",
}  # fmt: skip
_STATES = {"not_allowed": "(not for you to see)", "erased": "(personal data erased)"}
_CODED = ("kind", "role", "post", "tags")
"""Columns whose values are codes, which are English words."""


def sentence_of(entry: Mapping[str, Any]) -> str:
    """In the language of the page."""
    if language() != ENGLISH:
        return str(entry["sentence"])
    changes = ", ".join(_change_text(change, entry["what"] == "corrected") for change in entry["changes"])
    reason = _STATES.get(entry["reason_state"], entry["reason"]).rstrip("。.")
    parts = [
        f"{datetime.fromisoformat(entry['at']):%Y-%m-%d %H:%M}, {_reporter_text(entry['who'])}: {VERBS[entry['what']]}",
        f": {changes}" if changes else "", f". Reason: {reason}" if reason else "",
        f". Late entry: {entry['late_entry']}" if entry["late_entry"] else "",
        f" (correction {entry['correction_id']})" if entry["correction_id"] else "",
    ]  # fmt: skip
    return "".join(parts) + "."


def title_in_language(title: str) -> str:
    """A row's heading: names and titles as they are, codes' labels in the page's language."""
    return " ".join(words(part) for part in title.split(" "))


def _change_text(change: Mapping[str, Any], corrected: bool) -> str:
    before, after = (_side_text(change, side) for side in ("before", "after"))
    label = words(str(change["label"]))
    return f"{label} from “{before}” to “{after}”" if before or corrected else f"{label} {after}"


def _side_text(change: Mapping[str, Any], side: str) -> str:
    if state := _STATES.get(change[f"{side}_state"]):
        return state
    text, name = str(change[side]), change[f"{side}_name"]
    text = text.replace("_", " ").replace(";", ", ") if change["column"] in _CODED else text
    return f"{text} ({name})" if name else text


def _reporter_text(who: Mapping[str, str]) -> str:
    name = "" if who["role"] in ("service", "broker") else who["name"]
    named = f"{name} ({who['display_name']})" if name and who["display_name"] else name
    outside = f"outside system {who['publisher']}".strip() + f" (source {who['source']})" if who["source"] else ""
    if outside and who["role"] in ("service", "broker", "publisher"):
        return outside
    role = words(ACTORS.get(who["role"], who["role"]))
    return " ".join(filter(None, (role, named, f"by way of {outside}" if outside else "")))
