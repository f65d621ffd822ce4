"""The table of results: a line on the screen as each fault ends, and docs/faults.md when all were run."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from typing import Any

from tests.faults.ledger import ENDS
from tests.faults.scene import FAULTS, Result
from tests.support.house import ROOT

HEAD = """\
# Faults

Written by `make faults`; do not edit. Every line is one run: numbered events (units, memberships, records, findings;
some that must wait, some that must be refused, some that cannot be read) are sent by AMQP and HTTP to a whole
district server, real processes on RabbitMQ and PostgreSQL, while one fault is injected. An outside system sends again
what has no receipt, and nothing else is done to help. Then the stores themselves are read: every number must have
ended exactly once, applied in participation and in every service that hears it, waiting, refused, or in quarantine
under its reason. Afterwards every hash chain is walked, and all row tables are built anew: they must be the live
ones, byte for byte. How each fault is injected: `tests/faults/`.

"""
KEPT = ROOT / "var" / "faults.json"
COLUMNS = ("", "fault", "events", *ENDS, "lost", "twice", "stuck", "seconds", "notes")


def cells(one: Result) -> list[str]:
    """A result as the cells of its line."""
    found = one.ledger
    codes = [f"{count} {code}" for code, count in sorted(found.codes.items())]
    notes = [*one.notes, *([f"quarantined: {', '.join(codes)}"] if set(found.codes) - {"bad_json"} else [])]
    if not one.held:
        notes.insert(0, "**FAILED**")
    counts = [found.events, *(found.ends[end] for end in ENDS), len(found.lost), len(found.twice), len(found.stuck)]
    return [one.number, one.name, *map(str, counts), f"{one.seconds:.0f}", "; ".join(notes)]


def told(one: Result) -> str:
    """One line, and below it what did not hold."""
    wrong = [*one.failures, *one.ledger.lost[:5], *one.ledger.twice[:5], *one.ledger.stuck[:8], *one.ledger.wrong[:5]]
    return " | ".join(cells(one)) + "".join(f"\n      {line}" for line in ([] if one.held else wrong))


def write(results: list[Result], long: bool) -> None:
    """docs/faults.md.  A run of some faults replaces their lines; the others stay as they were run before."""
    known: dict[str, dict[str, Any]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for one in results:
        known[one.number] = {"cells": cells(one), "held": one.held, "events": one.ledger.events, "seconds": one.seconds,
                             "on": datetime.now(UTC).strftime("%Y-%m-%d"), "long": long}  # fmt: skip
    lines = [known[one.number] for one in FAULTS if one.number in known]
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(known, ensure_ascii=False, indent=1))
    (ROOT / "docs" / "faults.md").write_text(HEAD + _summary(lines) + _rows(lines), encoding="utf-8")


def _summary(lines: list[dict[str, Any]]) -> str:
    pace = "as in a district" if all(one["long"] for one in lines) else "shortened to 4 s"
    return (
        f"{max(one['on'] for one in lines)}, Python {platform.python_version()}, heartbeats {pace}: "
        f"{sum(one['held'] for one in lines)} of {len(lines)} held, {sum(one['events'] for one in lines)} events, "
        f"{sum(one['seconds'] for one in lines) / 60:.0f} minutes.\n\n"
    )


def _rows(lines: list[dict[str, Any]]) -> str:
    made = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    made += ["| " + " | ".join(one["cells"]) + " |" for one in lines]
    return "\n".join(made) + "\n"
