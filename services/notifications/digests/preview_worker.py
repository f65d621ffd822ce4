"""The long-lived process for the preview of one day: a request costs what changed since the last one, not the whole
district.

`python -m services.notifications.digests.preview_worker`.  Its digests are only in memory: after a crash everything is
decided again."""

import functools
from typing import Any, TypedDict

from chassis.process.worker_process import serve
from chassis.store.database import Store
from duties.days import Day
from services.notifications.digests.digest_cache import KeptDay
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.tables import metadata

MODULE = "services.notifications.digests.preview_worker"


class PreviewOrder(TypedDict):
    """The page (fields of a PreviewFilter), the day and the store; after another rebuild (`rebuilds`) what was kept is
    discarded."""

    database_url: str
    rebuilds: int
    day: Day
    wanted: dict[str, Any]
    limit: int


def look(order: PreviewOrder) -> dict[str, Any]:
    """The page, and the numbers of people and units decided for it."""
    kept = _kept_day_of(order["database_url"], order["rebuilds"], order["day"])
    return answer(_store(order["database_url"]), kept, order)


def answer(store: Store, kept: KeptDay, order: PreviewOrder) -> dict[str, Any]:
    with store.reading() as connection:
        renewal = kept.renew(connection)
    page = kept.page(PreviewFilter(**order["wanted"]), order["limit"])
    return {"total": page.total, "matching": page.matching, "digests": page.digests, "next": page.following,
            "levels": page.levels, "stages": page.stages, "unknown_years": kept.unknown_years,
            "people_decided": renewal.people, "units_decided": renewal.units}  # fmt: skip


@functools.lru_cache(maxsize=1)
def _store(url: str) -> Store:
    return Store(url, metadata)


@functools.lru_cache(maxsize=1)
def _kept_day_of(url: str, _rebuilds: int, day: Day) -> KeptDay:
    return KeptDay(_store(url), day)


if __name__ == "__main__":
    serve(look)
