"""Saves the last outcome of a background job in a file, so that it is known after a restart too."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


class KeptOutcome:
    """The outcome as a JSON object in `file`; without a file nothing is saved.  `now()`: the current time as text."""

    def __init__(self, file: Path | None = None, now: Callable[[], str] = lambda: "") -> None:
        self._file, self.now = file, now

    def read(self) -> dict[str, Any]:
        """The saved outcome; empty when there is none or it cannot be read."""
        if self._file is None or not self._file.exists():
            return {}
        try:
            outcome = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            _log.warning("the last outcome of a job cannot be read", file=self._file.name, error=str(error))
            return {}
        return outcome if isinstance(outcome, dict) else {}

    def keep(self, outcome: dict[str, Any]) -> None:
        """Replace the saved outcome.  An error of writing is logged, not raised: the job itself is done."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            _log.warning("the outcome of a job was not kept", file=self._file.name, error=str(error))
