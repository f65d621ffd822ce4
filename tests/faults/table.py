"""The table of results: a line on the screen as each fault ends, and docs/faults.md when all were run."""

from __future__ import annotations

import platform
from datetime import UTC, datetime

from tests.faults.ledger import ENDS
from tests.faults.scene import Result
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
    """docs/faults.md."""
    held = sum(one.held for one in results)
    total = sum(one.seconds for one in results) / 60
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    events = sum(one.ledger.events for one in results)
    pace = "heartbeats as in a district" if long else "heartbeats shortened"
    about = (f"{when}, Python {platform.python_version()}, {pace}: {held} of {len(results)} held, {events} events, "
             f"{total:.0f} minutes.\n\n")  # fmt: skip
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(cells(one)) + " |" for one in results]
    (ROOT / "docs" / "faults.md").write_text(HEAD + about + "\n".join(lines) + "\n", encoding="utf-8")
