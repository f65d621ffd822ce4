"""A video with film and script goes the way of an article: drafted, read three times, published by hand, taken down."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chassis.process.problems import Problem
from contracts.evidence import EvidenceReceived
from services.publicity.articles.handlers import confirm_publication, submit_article, take_down_article
from services.publicity.articles.views import article_detail, visible_articles
from services.publicity.readings.handlers import appoint_reader, record_reading
from services.publicity.readings.open_readings import open_readings
from services.publicity.readings.proof_view import shown_proof
from services.publicity.videos.handlers import draft_video
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_readers import OPERATOR, person

FILM, OTHER_FILM = "a1" * 32, "b2" * 32
LINK = "https://channels.weixin.qq.com/web/pages/feed?id=1"
CLERK, HEAD = person("S01-0", ("S01", "clerk")), person("S01-2", ("S01", "head"))
SCRIPT = "一、开场\n各位老师好。".encode()
STAGES = ("first", "second", "final")
READERS = ("S01-1", "S01-3", "O01-0")


@pytest.fixture
def studio(bureau: Bureau) -> Bureau:
    for content in (FILM, OTHER_FILM):
        bureau.receive(EvidenceReceived(content, "S01", "", False, "微党课.mp4", "video/mp4", 9_000_000, content))
    bureau.receive(EvidenceReceived("c3" * 32, "S01", "", False, "照片.jpg", "image/jpeg", 9, "c3" * 32))
    bureau.receive(EvidenceReceived("d4" * 32, "S02", "", False, "别校.mp4", "video/mp4", 9, "d4" * 32))
    return bureau


def draft(bureau: Bureau, film: str = FILM, script: bytes = SCRIPT, caller: Any = CLERK) -> str:
    """The content, or the problem's code."""
    try:
        result = draft_video(bureau.service.publicity, caller, "V1", "S01", "unit", "微党课", film, script)
    except Problem as problem:
        return problem.code
    return str(result["content"])


def read(bureau: Bureau, count: int = 3, reason: str = "") -> list[str]:
    """The first readings; the last of them is sent back with a reason.  Codes of what was refused."""
    codes = []
    for number, (stage, reader) in enumerate(zip(STAGES[:count], READERS, strict=False), 1):
        caller, publicity = person(reader), bureau.service.publicity
        try:
            appoint_reader(publicity, HEAD, "article", "V1", stage, reader)
            content = shown_proof(publicity, caller, "article", "V1")["content"]
            why = reason if number == count else ""
            record_reading(publicity, caller, "article", "V1", stage, reader, "" if why else content, "", why)
        except Problem as problem:
            codes.append(problem.code)
    return codes


def confirm(bureau: Bureau, caller: Any = CLERK) -> str:
    picture = BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    try:
        confirm_publication(bureau.service.publicity, caller, "V1", LINK, "", picture.getvalue())
    except Problem as problem:
        return problem.code
    return str(bureau.row("V1")["status"])


def test_what_is_read_is_the_script_and_the_film_by_their_one_hash(studio: Bureau) -> None:
    content = draft(studio)
    assert draft(studio) == content, "a repeat is nothing"
    assert draft(studio, OTHER_FILM) == "conflict" and draft(studio, script=b"other") == "conflict"
    appoint_reader(studio.service.publicity, HEAD, "article", "V1", "first", "S01-1")
    proof = shown_proof(studio.service.publicity, person("S01-1"), "article", "V1")
    assert proof["content"] == content and proof["own_stage"] == "first"
    assert proof["film"] == {"content": FILM, "name": "微党课.mp4", "media_type": "video/mp4", "size": 9_000_000}
    (piece,) = proof["pieces"]
    assert piece["title"] == "微党课" and ["text", "各位老师好。", ""] in piece["blocks"]


def test_only_a_film_of_the_unit_is_drafted_and_who_hands_it_in_does_not_read_it(studio: Bureau) -> None:
    for content in ("c3" * 32, "d4" * 32, "e5" * 32):
        assert draft(studio, content) == "unknown_film"
    draft(studio)
    with pytest.raises(Problem) as refused:
        appoint_reader(studio.service.publicity, HEAD, "article", "V1", "first", "S01-0")
    assert refused.value.code == "reader_is_author"


def test_another_film_or_script_is_read_from_the_beginning(studio: Bureau) -> None:
    draft(studio)
    assert read(studio, 2, "字幕有误") == []
    assert studio.row("V1")["status"] == "returned"
    before = studio.row("V1")["content"]
    assert draft(studio, OTHER_FILM) != before
    row = studio.row("V1")
    assert row["status"] == "drafted" and row["film"] == OTHER_FILM and row["readings"] == [] == row["appointed"]
    assert read(studio) == [] and len(studio.row("V1")["readings"]) == 3


def test_it_is_published_by_hand_after_three_readings_and_taken_down(studio: Bureau) -> None:
    draft(studio)
    assert confirm(studio) == "readings_missing"
    read(studio)
    publicity = studio.service.publicity
    with pytest.raises(Problem) as refused:
        submit_article(publicity, CLERK, "V1", lambda *_: True)
    assert refused.value.code == "no_api_for_videos"
    assert not article_detail(publicity, CLERK.actor, "V1", lambda *_: True)["api"]
    assert confirm(studio) == "published", "at whatever site videos stand"
    (event,) = studio.events_of_type("publicity.article_published")
    assert event.event().film == FILM
    take_down_article(publicity, CLERK, "V1", "音乐版权", True, "")
    assert studio.row("V1")["status"] == "taken_down"


def test_a_refusal_says_a_video_s_state_and_stage_in_words(studio: Bureau) -> None:
    draft(studio)
    with pytest.raises(Problem) as early:
        submit_article(studio.service.publicity, CLERK, "V1", lambda *_: True)
    assert early.value.detail == "三审三校还没有完成，下一审是初审。"
    read(studio, 1, "不发了")
    with pytest.raises(Problem) as late:
        appoint_reader(studio.service.publicity, HEAD, "article", "V1", "second", "S01-3")
    assert late.value.detail == "现在的状态是“审读退回”，不能这样办理。"


def test_readings_of_a_video_that_a_successor_takes_over_are_called_so(studio: Bureau) -> None:
    draft(studio)
    studio.work("W1")
    studio.article("A1", "W1", read=False)
    for name in ("V1", "A1"):
        appoint_reader(studio.service.publicity, HEAD, "article", name, "first", "S01-1")
    listed = open_readings(studio.service.publicity, HEAD, "S01", "S01-1")["readings"]
    assert [(each["subject_id"], each["kind"]) for each in listed] == [("A1", "article"), ("V1", "video")]


def test_what_was_sent_back_can_be_given_up(studio: Bureau) -> None:
    draft(studio)
    read(studio, 1, "不发了")
    take_down_article(studio.service.publicity, CLERK, "V1", "素材有误", False, "")
    assert studio.row("V1")["status"] == "stopped"
    assert draft(studio, OTHER_FILM) == "conflict", "and comes no more under its id"


def test_videos_and_articles_are_listed_apart(studio: Bureau) -> None:
    studio.work("W1")
    studio.article("A1", "W1")
    draft(studio)
    query = dict.fromkeys(("unit_id", "article_id", "status", "group", "after"), "") | {"limit": 9}
    for kind, expected in (("video", ["V1"]), ("article", ["A1"]), ("", ["A1", "V1"])):
        rows = visible_articles(studio.service.publicity, OPERATOR.actor, query | {"kind": kind})["articles"]
        assert sorted(row["article_id"] for row in rows) == expected


def test_a_video_that_a_unit_s_account_hands_in_is_read_back(studio: Bureau) -> None:
    """Of no person: it lies under a key of the store."""
    draft(studio, caller=OPERATOR)
    row = studio.row("V1")
    assert row["authors"] == ""
    appoint_reader(studio.service.publicity, HEAD, "article", "V1", "first", "S01-1")
    assert shown_proof(studio.service.publicity, person("S01-1"), "article", "V1")["film"]["content"] == FILM
    part = studio.service.content_files.compare(*_place_of(studio))
    assert part.problems == []


def _place_of(bureau: Bureau) -> tuple[int, int]:
    (event,) = bureau.events_of_type("publicity.article_drafted")
    return event.partition, event.position - 1
