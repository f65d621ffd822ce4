"""What is to be done next with an article or anthology, as one word and the stage of the reading.  Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from duties.publicity import STAGES

STEPS = ("appoint", "read", "publish", "again", "settle", "wait", "remove", "recompile", "ready", "")
"""Somebody is to be appointed for the stage; is to read; it may be published; comes again after a reading sent it back;
the API gave up, a person decides; the platform decides; somebody removes it at the platform; it is compiled anew; an
anthology may be handed out; nothing."""


class Step(NamedTuple):
    """`stage`: of appoint and read."""

    step: str
    stage: str = ""


def article_step(row: Mapping[str, Any]) -> Step:
    match row["status"]:
        case "drafted":
            return _reading(row) or Step("publish")
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
    return _reading(row) or Step("ready")


def _reading(row: Mapping[str, Any]) -> Step | None:
    """None: all three passed."""
    passed = {each["stage"] for each in row["readings"]}
    stage = next((each for each in STAGES if each not in passed), "")
    if not stage:
        return None
    return Step("read" if stage in {each["stage"] for each in row["appointed"]} else "appoint", stage)
