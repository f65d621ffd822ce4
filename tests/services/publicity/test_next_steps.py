"""What publicity's pages ask: lists by pages, one article with its readers, what is next for whom, works to choose
from, the very text that will be shown."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chassis.process.problems import Problem
from services.publicity.articles.handlers import confirm_publication
from services.publicity.articles.views import article_detail, screenshot, visible_articles
from services.publicity.next_steps.to_do import own_publicity
from services.publicity.next_steps.works_for_use import works_for_use
from services.publicity.readings.candidates import reader_candidates
from services.publicity.readings.handlers import appoint_reader, record_reading
from services.publicity.readings.proof_view import shown_proof
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_readers import CLERK, OPERATOR, person

HEAD, READER = person("S01-3", ("S01", "head")), person("S01-1")
QUERY = {"unit_id": "", "article_id": "", "status": "", "group": "", "kind": "", "after": "", "limit": 500}


def listed(bureau: Bureau, caller: Any = OPERATOR, **query: Any) -> tuple[list[str], str]:
    page = visible_articles(bureau.service.publicity, caller.actor, QUERY | query)
    return [row["article_id"] for row in page["articles"]], page["next"]


def awaiting(bureau: Bureau, caller: Any) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    answer = own_publicity(bureau.service.publicity, caller.actor)
    return [(each["stage"], each["turn"]) for each in answer["readings"]], [
        (each["subject_id"], each["step"]) for each in answer["steps"]
    ]


def test_articles_come_by_pages_the_newest_first_and_by_what_is_to_be_done(bureau: Bureau) -> None:
    bureau.work("W1")
    for name in ("A1", "A2"):
        bureau.article(name, "W1", read=False)
    bureau.pass_time(days=1)
    bureau.article("A0", "W1")
    assert listed(bureau, limit=2) == (["A0", "A2"], "A2")
    assert listed(bureau, limit=2, after="A2") == (["A1"], "")
    bureau.submit("A0")
    assert listed(bureau, group="open")[0] == ["A0", "A2", "A1"]
    assert listed(bureau, group="public")[0] == [] == listed(bureau, person("S02-0", ("S02", "head")))[0]


def test_what_is_next_is_listed_for_whoever_does_it(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    bureau.work("W1", levels=("inside", "unit"))
    bureau.article("A1", "W1", read=False, account="unit")
    clerk = person("S01-2", ("S01", "clerk"))
    assert awaiting(bureau, HEAD)[1] == [("A1", "appoint")] and awaiting(bureau, clerk)[1] == []
    for stage, reader in (("first", "S01-1"), ("second", "S01-2"), ("final", "S02-0")):
        appoint_reader(publicity, HEAD, "article", "A1", stage, reader)
    assert awaiting(bureau, READER)[0] == [("first", "now")] and awaiting(bureau, person("S02-0"))[0] == [
        ("final", "later")
    ]
    content = shown_proof(publicity, READER, "article", "A1")["content"]
    record_reading(publicity, READER, "article", "A1", "first", "S01-1", content, "", "")
    assert awaiting(bureau, READER)[0] == [("first", "done")] and awaiting(bureau, clerk)[0] == [("second", "now")]
    record_reading(publicity, clerk, "article", "A1", "second", "S01-2", "", "", "请改标题")
    assert awaiting(bureau, clerk)[1] == [("A1", "again")] == awaiting(bureau, HEAD)[1]


def test_one_article_names_its_readers_to_its_unit_alone_and_says_who_may_what(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    bureau.work("W1")
    bureau.article("A1", "W1", read=False)
    appoint_reader(publicity, HEAD, "article", "A1", "first", "S01-1")
    own = article_detail(publicity, HEAD.actor, "A1", lambda *_: True)
    assert own["step"] == "read" and own["api"] and "appoint_readers" in own["may"] and "authors" not in own
    assert own["names"].keys() <= {"S01-1"} and own["appointed"][0]["reader_id"] == "S01-1"
    with pytest.raises(Problem, match="unknown_article"):
        article_detail(publicity, HEAD.actor, "A9", lambda *_: True)
    with pytest.raises(Problem, match="not_allowed"):
        article_detail(publicity, person("S02-0", ("S02", "head")).actor, "A1", lambda *_: True)
    people = reader_candidates(publicity, HEAD, "article", "A1")["people"]
    answer = {each["person_id"]: each["stage"] for each in people}
    assert answer == {"S01-1": "first", "S01-2": ""}, "neither the author nor who appoints"
    with pytest.raises(Problem, match="not_allowed"):
        reader_candidates(publicity, CLERK, "article", "A1")
    elsewhere = reader_candidates(publicity, HEAD, "article", "A1", unit_id="S02", text="wang", also="S02-0")
    assert not elsewhere["units"] and {each["unit_id"] for each in elsewhere["people"]} == {"S01"}


def test_the_offices_that_may_ask_anybody_find_readers_by_unit_and_name(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    bureau.work("W1")
    bureau.article("A1", "W1", read=False)
    listed = reader_candidates(publicity, OPERATOR, "article", "A1", unit_id="S02", text="wm", also="O01-1")
    assert [each["person_id"] for each in listed["people"]] == ["S02-0", "S02-1", "S02-2", "S02-3", "O01-1"]
    assert set(listed["units"]) == {"S01", "S02", "O01"} and not listed["more"]
    assert reader_candidates(publicity, OPERATOR, "article", "A1", text="张")["people"] == []
    everywhere = reader_candidates(publicity, OPERATOR, "article", "A1", text="王")["people"]
    assert {each["unit_id"] for each in everywhere} == {"S01", "S02", "O01"} and len(everywhere) == 11, "no author"


def test_the_proof_is_the_text_that_goes_out_and_its_reader_is_known_to_have_been_handed_it(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    bureau.work("W1", blocks=3)
    bureau.article("A1", "W1", read=False)
    appoint_reader(publicity, HEAD, "article", "A1", "first", "S01-1")
    assert shown_proof(publicity, HEAD, "article", "A1")["own_stage"] == ""
    assert not bureau.events_of_type("proof_fetched")
    shown = shown_proof(publicity, READER, "article", "A1")
    assert shown["own_stage"] == shown["next_stage"] == "first" and len(bureau.events_of_type("proof_fetched")) == 1
    (piece,) = shown["pieces"]
    assert piece["title"] == "体会W1"
    assert [block[:2] for block in piece["blocks"]] == [["text", f"立德树人的体会之{n}。W1"] for n in range(3)]
    with pytest.raises(Problem, match="not_allowed"):
        shown_proof(publicity, person("S01-2"), "article", "A1")


def test_works_are_offered_that_are_selected_and_agreed_to_for_the_use(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    bureau.work("W1", levels=("inside", "district"))
    bureau.work("W2", levels=("inside",))
    bureau.article("A1", "W1")

    def offered(level: str, **more: str) -> list[tuple[str, int]]:
        answer = works_for_use(publicity, CLERK, "S01", level, more.get("semester", ""))
        return [(each["work_id"], each["articles"]) for each in answer]

    assert offered("district") == [("W1", 1)] and offered("inside") == [("W1", 1), ("W2", 0)]
    assert offered("unit") == [] == offered("inside", semester="2023-spring")
    with pytest.raises(Problem, match="not_allowed"):
        works_for_use(publicity, CLERK, "S02", "inside", "")


def test_the_screenshot_can_be_looked_at_by_the_unit(bureau: Bureau) -> None:
    publicity, picture = bureau.service.publicity, BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    bureau.work("W1")
    bureau.article("A1", "W1")
    with pytest.raises(Problem, match="no_screenshot"):
        screenshot(publicity, CLERK.actor, "A1")
    confirm_publication(publicity, OPERATOR, "A1", "https://mp.weixin.qq.com/s/abc", "", picture.getvalue())
    content, kind = screenshot(publicity, CLERK.actor, "A1")
    assert Image.open(BytesIO(content)).size == (20, 20) and kind.startswith("image/")
