"""A day's digests as a kept preview has them, and as a whole decision writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from duties.days import day_of
from services.notifications.digests.decision import write_digests
from services.notifications.digests.digest_cache import KeptDay
from services.notifications.digests.domain.kept_digests import PreviewFilter
from tests.services.notifications.random_changes import DAY
from tests.services.notifications.subject import Subject


def kept_digests(subject: Subject, kept: KeptDay) -> list[Any]:
    """Renewed now."""
    with subject.runtime.store.reading() as connection:
        kept.renew(connection)
    return shown(kept)


def shown(kept: KeptDay) -> list[Any]:
    """[recipient, unit, items] of each, in their order."""
    result: list[Any] = json.loads(json.dumps(kept.page(PreviewFilter(), 10_000).digests))
    return result


def decided_whole(subject: Subject, folder: Path, day: str = DAY) -> list[Any]:
    """The same, as a run of the day would write it."""
    file, url = folder / "whole", subject.runtime.store.url.render_as_string(hide_password=False)
    write_digests({"database_url": url, "day": day_of(day), "file": str(file)})
    return [[line["recipient"], line["unit_id"], line["items"]] for line in map(json.loads, file.open())]
