"""The next step of an article or anthology, as a code and the stage of the reading.  Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from duties.publicity import STAGES

STEPS = ("appoint", "read", "publish", "again", "settle", "wait", "remove", "recompile", "ready", "")
"""In order: appoint a reader for the stage; read; publish; submit again after a reading returned it; a person decides
after the API gave up; the platform decides; remove it at the platform by hand; compile anew; an anthology may be handed
out; nothing."""


class Step(NamedTuple):
    """`stage`: for appoint and read."""

    step: str
    stage: str = ""


def article_step(row: Mapping[str, Any]) -> Step:
    match row["status"]:
        case "drafted":
            return _next_reading(row) or Step("publish")
        case "returned":
            return Step("again")
        case "refused" | "failed":
            return Step("settle")
        case "submitting" | "submitted":
            return Step("wait")
        case "taking_down":
            return Step("remove" if row["how"] == "hand" or row["reason"] else "wait")
    return Step("")


def anthology_step(row: Mapping[str, Any]) -> Step:
    if row["taken_down_at"]:
        return Step("")
    if row["outdated"] or row["returned"]:
        return Step("recompile")
    return _next_reading(row) or Step("ready")


def _next_reading(row: Mapping[str, Any]) -> Step | None:
    """None if all three readings passed."""
    passed = {each["stage"] for each in row["readings"]}
    stage = next((each for each in STAGES if each not in passed), "")
    if not stage:
        return None
    return Step("read" if stage in {each["stage"] for each in row["appointed"]} else "appoint", stage)
