"""The stored result of a dry run beside its files: it can be found again on any replica and after a restart, for the
week that its files are kept, and be confirmed (docs/decisions/0189)."""

import contextlib
import json
import os
import re
import time
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from chassis.process.greenlets import yield_control
from services.participation.imports.domain import ImportProgress, PartProgress

FILE: Final = "dry_run.json"
SILENT_SECONDS: Final = 600.0
"""A dry run without progress for so long belonged to a process that is gone."""
_ID: Final = re.compile(r"[0-9]{8}-[0-9a-f]{10}(-[0-9]{1,4})?")


class KeptDryRun(NamedTuple):
    """The result, and the import that it became by confirmation; empty: none."""

    progress: ImportProgress
    confirmed: str = ""


def keep(folder: Path, kept: KeptDryRun) -> None:
    """Replace the stored result."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.{os.urandom(4).hex()}.new"
    try:
        document = {"progress": asdict(kept.progress), "confirmed": kept.confirmed}
        fresh.write_text(json.dumps(document, ensure_ascii=True, separators=(",", ":")), encoding="ascii")
        fresh.replace(folder / FILE)
    finally:
        fresh.unlink(missing_ok=True)


def find_kept(imports: Path, import_id: str) -> KeptDryRun | None:
    """None if there is no such dry run (any more), or it is not an id.  `imports`: the folder of all imports."""
    path = imports / import_id / FILE
    if _ID.fullmatch(import_id) is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        document = json.loads(path.read_text(encoding="ascii"))
        kept = KeptDryRun(_progress(document["progress"]), document["confirmed"])
        silent = time.time() - path.stat().st_mtime > SILENT_SECONDS
        return kept._replace(progress=replace(kept.progress, stopped="abandoned")) if (
            silent and kept.progress.is_open) else kept  # fmt: skip
    return None


def all_kept(imports: Path, own: Collection[str] | None, most: int) -> list[KeptDryRun]:
    """Those of these units (None: all, and the district's), latest first."""
    result = []
    for at, path in enumerate(imports.glob(f"*/{FILE}")):
        if at % 50 == 0:
            yield_control()
        if (kept := find_kept(imports, path.parent.name)) and (own is None or kept.progress.unit_id in own):
            result.append(kept)
    result.sort(key=lambda kept: (kept.progress.started_at, kept.progress.import_id), reverse=True)
    return result[:most]


def _progress(stored: dict[str, Any]) -> ImportProgress:
    parts = stored["parts"]
    return ImportProgress(**(stored | {"parts": parts and [PartProgress(**part) for part in parts]}))
