"""What who nominates is shown of a work, and what its reviewers are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from services.publicity.reviews.handlers import assign_reviewers, mark_work
from services.publicity.works.handlers import nominate_work, select_work
from services.publicity.works.listing import visible_works
from services.publicity.works.views import work_proof, work_text
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_readers import AUTHOR, CLERK, OPERATOR, person
from tests.support.system import SAMPLES

MARKS = {"writing": "40", "usefulness": "35"}


@pytest.fixture
def store_url() -> str:
    """The rules are the same on both kinds of store: one is enough here."""
    return ""


def nominate(bureau: Bureau, work_id: str, file: bytes, author: str = AUTHOR) -> dict[str, Any]:
    return nominate_work(bureau.service.publicity, CLERK, work_id, author, "S01", "2022-autumn", "体会",
                         ["inside"], file)  # fmt: skip


def sample(name: str) -> bytes:
    return Path(SAMPLES / "works" / name).read_bytes()


def test_what_is_left_out_stands_in_the_answer_and_with_the_work(bureau: Bureau) -> None:
    answer = nominate(bureau, "W1", sample("emf.docx"))
    assert len(answer["left_out"]) == 1 and "EMF" in answer["left_out"][0]
    assert answer["proof"] == "/api/works/W1/proof"
    work = visible_works(bureau.service.publicity, CLERK.actor, {"unit_id": "S01"})[0]
    assert work["left_out"] == answer["left_out"]
    recorded = bureau.events_of_type("work_nominated")[0].data
    assert "EMF" not in str(recorded)


def test_a_proof_is_for_who_nominates_and_the_author(bureau: Bureau) -> None:
    nominate(bureau, "W1", sample("emoji.docx"))
    publicity = bureau.service.publicity
    assert work_proof(publicity, CLERK.actor, "W1", "pdf").startswith(b"%PDF")
    assert "今天很开心" in work_proof(publicity, person(AUTHOR).actor, "W1", "html").decode()
    with pytest.raises(Problem):
        work_proof(publicity, person("S02-0").actor, "W1", "pdf")


def test_a_reviewer_knows_a_work_by_an_id_by_chance_and_cannot_ask_by_author(bureau: Bureau) -> None:
    nominate(bureau, "W1", "我叫王某，在S01小学任教。".encode())
    publicity, reviewer = bureau.service.publicity, person("S02-0")
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0", "O01-0"])
    for criteria in ({}, {"author_id": "S02-1"}, {"unit_id": "S02"}):
        works = visible_works(publicity, reviewer.actor, {"reviewer_id": "S02-0", **criteria})
        assert len(works) == 1 and works[0]["work_id"].startswith("R")
    seen_as = works[0]["work_id"]
    text = work_text(publicity, reviewer.actor, seen_as, "S02-0", "2022-12-05")
    assert text["work_id"] == seen_as and "W1" not in str(text) and "王某" not in str(text)
    other = visible_works(publicity, person("O01-0").actor, {"reviewer_id": "O01-0"})[0]["work_id"]
    assert other != seen_as
    mark_work(publicity, reviewer, seen_as, "S02-0", MARKS)
    with pytest.raises(Problem):
        mark_work(publicity, person("O01-0"), seen_as, "O01-0", MARKS)


def test_the_same_words_are_hinted_and_selected_once_for_a_person(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate(bureau, "W1", "立德树人，以学促教。".encode())
    nominate(bureau, "W2", "立德树人\n以学促教".encode("gb18030"))
    nominate(bureau, "W3", "别的内容。".encode())
    same = {row["work_id"]: row["same_text"] for row in visible_works(publicity, CLERK.actor, {"unit_id": "S01"})}
    assert same == {"W1": ["W2"], "W2": ["W1"], "W3": []}
    for work_id in ("W1", "W2"):
        assign_reviewers(publicity, OPERATOR, work_id, ["S02-0", "O01-0"])
        for reviewer in ("S02-0", "O01-0"):
            mark_work(publicity, person(reviewer), work_id, reviewer, MARKS)
    assert visible_works(publicity, person("S02-0").actor, {"reviewer_id": "S02-0"})[0]["repeated"]
    select_work(publicity, CLERK, "W1", "unit", "")
    with pytest.raises(Problem) as refusal:
        select_work(publicity, CLERK, "W2", "unit", "")
    assert refusal.value.code == "same_text_selected" and "W1" in refusal.value.detail
