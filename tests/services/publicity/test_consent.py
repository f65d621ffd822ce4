"""Consent withdrawn, or its giver erased: nothing new appears, what is open is stopped, files are unreadable."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import pytest

from chassis.process.problems import Problem
from contracts.participation import PersonErased
from services.publicity.anthologies.domain import ANTHOLOGIES, CompileAnthology
from services.publicity.anthologies.queries import anthology_rows
from services.publicity.rendering.renderer import anthology_file, render_anthology, render_article
from services.publicity.works.consent import withdraw_consent_everywhere
from services.publicity.works.queries import work_rows
from services.publicity.works.works_to_show import works_to_show
from tests.services.publicity.district import Bureau


def compiled(bureau: Bureau) -> None:
    rendered = render_anthology(bureau.service.publicity, "S01", "2022-autumn", "inside", "汇编", [])
    bureau.do(lambda transaction: transaction.unit_of_work.execute(
        ANTHOLOGIES,
        CompileAnthology("S01.2022-autumn", "S01", "2022-autumn", "inside", "汇编",
                         works_to_show(transaction, rendered.work_ids), rendered.content, rendered.size,
                         transaction.now),
    ))  # fmt: skip


def anthology(bureau: Bureau) -> dict[str, Any]:
    with bureau.runtime.store.reading() as connection:
        return anthology_rows(connection)[0]


def works_in(bureau: Bureau) -> list[str]:
    content = anthology_file(bureau.service.publicity, anthology(bureau), "docx")
    return [p.text for p in docx.Document(BytesIO(content)).paragraphs if p.style.name == "Heading 1"]


def test_an_anthology_holds_what_is_agreed_to_and_is_compiled_again_without_the_rest(bureau: Bureau) -> None:
    for name in ("W1", "W2"):
        bureau.work(name)
    bureau.work("W3", levels=("district",))
    compiled(bureau)
    assert works_in(bureau) == ["体会W1", "体会W2"]
    bureau.do(lambda transaction: withdraw_consent_everywhere(transaction, "W1", ("inside",), "author"))
    assert anthology(bureau)["outdated"] == 1
    compiled(bureau)
    assert works_in(bureau) == ["体会W2"] and anthology(bureau)["edition"] == 2


def test_an_erased_author_s_words_are_nowhere_to_be_read(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.work("W1")
    bureau.article("A1", "W1")
    compiled(bureau)
    row = anthology(bureau)
    monkeypatch.setattr(bureau.service.publicity.keys, "fetch", lambda _: {})
    bureau.receive(PersonErased("S01-0"))
    assert bureau.status("A1") == "stopped" and anthology(bureau)["outdated"] == 1
    with bureau.runtime.store.reading() as connection:
        (work,) = work_rows(connection, bureau.runtime.store)
    assert (work["title"], work["levels"]) == ("", [])
    with pytest.raises(Problem) as refused:
        anthology_file(bureau.service.publicity, row, "pdf")
    assert refused.value.code == "gone"


def test_nothing_without_consent_is_even_opened(bureau: Bureau) -> None:
    bureau.work("W1", levels=("inside",))
    with pytest.raises(Problem) as refused:
        render_article(bureau.service.publicity, "S01", "district", ["W1"])
    assert refused.value.code == "no_consent"
