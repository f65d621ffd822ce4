"""The demonstration's day: with DEMO_DAY=2023-11-15 its clock begins at nine on that morning, when the sample district
has records, and goes on.  How far it is off is kept in the folder of its data, so that it never goes back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

NINE_IN_CHINA = "T09:00:00+08:00"
EVERY_SECONDS = 1.0


def demo_clock(data: Path, day: str) -> Path | None:
    """The file that the system reads the time from, kept up to date from now on; none: the machine's time counts."""
    kept = data / "clock-ahead"
    if not kept.exists():
        if not day or any(data.iterdir()):
            return None
        ahead = datetime.fromisoformat(day + NINE_IN_CHINA) - datetime.now(UTC)
        kept.write_text(str(ahead.total_seconds()))
    clock, ahead = data / "now", timedelta(seconds=float(kept.read_text()))
    _write(clock, ahead)
    threading.Thread(target=_go_on, args=(clock, ahead), daemon=True).start()
    return clock


def _go_on(clock: Path, ahead: timedelta) -> None:
    pause = threading.Event()
    while not pause.wait(EVERY_SECONDS):
        _write(clock, ahead)


def _write(clock: Path, ahead: timedelta) -> None:
    new = clock.with_suffix(".new")
    new.write_text((datetime.now(UTC) + ahead).isoformat())
    new.replace(clock)
