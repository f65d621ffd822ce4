"""The rows of publicity are those of its log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.publicity.articles.projections import articles, polls
from services.publicity.readings.projections import readings
from services.publicity.reviews.projections import reviews
from services.publicity.shown_works import shown_works
from services.publicity.works.consent import withdraw_consent_everywhere
from services.publicity.works.projections import consents, returned_works, selections, works
from services.publicity.works.queries import work_rows
from tests.services.publicity.district import Bureau

OURS = (works, consents, returned_works, reviews, selections, articles, polls, readings, shown_works)


def rows(bureau: Bureau) -> dict[str, list[Any]]:
    with bureau.runtime.store.reading() as connection:
        return {table.name: sorted(map(tuple, connection.execute(sa.select(table)))) for table in OURS}


def test_a_rebuild_gives_the_same_rows(bureau: Bureau) -> None:
    bureau.work("W1")
    bureau.work("W2")
    bureau.article("A1", "W1", "W2")
    bureau.submit("A1")
    for _ in range(8):
        bureau.service.publisher.advance_all()
        bureau.pass_time(minutes=3)
    bureau.returned("W3")
    bureau.do(lambda transaction: withdraw_consent_everywhere(transaction, "W2", ("district",), "author"))
    before = rows(bureau)
    assert all(before.values())
    bureau.runtime.rebuild.run()
    assert rows(bureau) == before


def test_a_returned_work_shows_why_and_its_revision_is_marked_anew(bureau: Bureau) -> None:
    bureau.returned("W1")
    (before,) = works_of(bureau)
    sealed = before["returned"]["reason"]
    assert (before["returned"]["by"], sealed[:3]) == ("reviewer", "k1:")
    assert bureau.service.publicity.decrypt_texts({"r": ("S01-0", sealed)}) == {"r": "请补充事例"}
    assert [review["total"] for review in before["reviews"]] == ["", "75"]
    bureau.revise("W1")
    (after,) = works_of(bureau)
    assert (after["returned"], after["size"]) == (None, 11)
    assert after["content"] != before["content"]
    assert [review["total"] for review in after["reviews"]] == ["", ""]


def works_of(bureau: Bureau) -> list[dict[str, Any]]:
    with bureau.runtime.store.reading() as connection:
        return work_rows(connection, bureau.runtime.store)
