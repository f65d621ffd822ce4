"""三审三校 and 视频展播 in the console: the reader sees the text, signs its hash or sends it back; videos."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import FakeGateway, problem

HASH = "ab" * 32
READING = {
    "subject": "article", "subject_id": "A1", "stage": "second", "title": "读书", "unit_id": "X1", "unit": "一小",
    "appointed_on": "2022-12-01", "turn": "now", "kind": "article",
}  # fmt: skip
PROOF: dict[str, Any] = {
    "subject": "article", "subject_id": "A1", "title": "读书", "unit_id": "X1", "unit": "一小", "account": "unit",
    "level": "", "content": HASH, "own_stage": "second", "next_stage": "second", "left_out": 0,
    "film": None,
    "readings": [{"stage": "first", "reader_id": "P1", "read_on": "2022-12-01"}],
    "pieces": [{"title": "体会", "author": "王小明", "blocks": [["text", "立德树人。", ""], ["heading", "一", ""],
                                                                ["picture", "", "data:image/png;base64,AAAA"]]}],
}  # fmt: skip


@pytest.fixture
def person(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/mine/publicity", {"readings": [READING], "steps": []})
    services.on("GET", "/api/proofs/article/A1", PROOF)
    services.on("POST", "/api/readings", {"positions": [], "changed": True})
    return person_with(app, services, "P00009", ["see_proof", "read"])


def test_the_reader_sees_what_will_be_shown_and_signs_its_hash(person: FlaskClient, services: FakeGateway) -> None:
    assert "等您审读" in person.get("/readings").text
    page = person.get("/readings/read?subject=article&id=A1").text
    assert "立德树人。" in page and "王小明" in page and 'src="data:image/png;base64,AAAA"' in page
    assert HASH[:16] in page and "审读意见：复审" in page
    form = {"subject": "article", "id": "A1", "stage": "second", "content": HASH, "csrf": csrf(person, "/account")}
    assert "请通读全文后勾选" in person.post("/readings/pass", data=form).text
    assert not services.called("POST", "/api/readings")
    assert person.post("/readings/pass", data={**form, "read": "yes"}).status_code == 303
    (call,) = services.called("POST", "/api/readings")
    about = {"subject": "article", "subject_id": "A1", "stage": "second", "reader_id": "P00009"}
    assert call.json == {**about, "content": HASH}
    assert "请写明要修改什么" in person.post("/readings/return", data=form).text
    assert person.post("/readings/return", data={**form, "reason": "姓名有误"}).status_code == 303
    assert services.called("POST", "/api/readings")[-1].json == {**about, "reason": "姓名有误"}


def test_a_changed_text_is_read_anew_and_who_is_not_next_signs_nothing(
    person: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/readings", problem(409, "other_content", "审读的不是现在的内容。"))
    form = {"subject": "article", "id": "A1", "stage": "second", "content": "old", "read": "yes"}
    answer = person.post("/readings/pass", data={**form, "csrf": csrf(person, "/account")})
    assert answer.status_code == 422 and "审读的不是现在的内容" in answer.text and "立德树人" in answer.text
    services.on("GET", "/api/proofs/article/A1", PROOF | {"next_stage": "first"})
    page = person.get("/readings/read?subject=article&id=A1").text
    assert "还没有轮到您审读" in page and "/readings/pass" not in page
    services.on("GET", "/api/proofs/article/A1", problem(403, "not_allowed", "您无权办理。"))
    assert person.get("/readings/read?subject=article&id=A1").status_code == 404
    assert person.get("/readings/read?subject=other&id=A1").status_code == 404


def test_what_awaits_reader_and_editor_stands_in_to_do(person: FlaskClient, services: FakeGateway) -> None:
    steps = [{"subject": "article", "subject_id": "A2", "title": "选登", "unit_id": "X1", "unit": "一小",
              "kind": "article", "step": "appoint", "stage": "first"}]  # fmt: skip
    services.on("GET", "/api/mine/publicity", {"readings": [READING, READING | {"turn": "later", "title": "以后"}],
                                               "steps": steps})  # fmt: skip
    page = person.get("/todo").text
    assert "/readings/read?subject=article&amp;id=A1" in page and "复审" in page and "以后" not in page
    assert "/articles/article?article=A2" in page and "请指定初审的审读人" in page


VIDEO = {"video_id": "V1", "unit_id": "X1", "unit": "一小", "title": "微党课", "link": "https://v.example.cn/1",
         "published_at": "2022-12-05T01:00:00.000000Z", "withdrawn_at": "", "may": True}  # fmt: skip


def test_a_video_is_registered_once_and_taken_back_with_a_reason(app: Flask, services: FakeGateway) -> None:
    rights = ["see_publicity", "publish_for_unit"]
    clerk = person_with(app, services, "P00010", rights, [("clerk", "X1", "一小")])
    services.on("GET", "/api/videos", {"videos": [VIDEO], "next": ""})
    services.on("GET", "/api/articles", {"articles": [], "next": ""})
    services.on("POST", "/api/videos(/V1/withdraw)?", lambda *_: {"positions": [], "changed": True})
    page = clerk.get("/videos").text
    assert "微党课" in page and "2022-12-05 09:00" in page and "撤回的原因" in page
    given_id = re.search(r'name="video_id" value="(VX1-[^"]+)"', clerk.get("/videos/new").text)
    assert given_id
    form = {"video_id": given_id[1], "unit_id": "X1", "title": "微课", "csrf": csrf(clerk, "/account")}
    wrong = clerk.post("/videos/new", data={**form, "at": "昨天"})
    assert wrong.status_code == 422 and "请粘贴视频的链接" in wrong.text and 'value="微课"' in wrong.text
    done = clerk.post("/videos/new", data={**form, "link": "https://v.example.cn/2", "at": "2022-12-05T10:00"})
    assert done.location == "/videos"
    (call,) = services.called("POST", "/api/videos")
    assert call.json == {"video_id": given_id[1], "unit_id": "X1", "title": "微课", "link": "https://v.example.cn/2",
                         "at": "2022-12-05T10:00"}  # fmt: skip
    token = csrf(clerk, "/account")
    assert clerk.post("/videos/withdraw", data={"video": "V1", "csrf": token}).status_code == 422
    assert clerk.post("/videos/withdraw", data={"video": "V1", "reason": "重复", "csrf": token}).status_code == 303
    services.on("GET", "/api/videos", {"videos": [VIDEO | {"may": False}], "next": ""})
    assert "撤回的原因" not in clerk.get("/videos").text


FILM = "fa" * 32
FILM_SHOWN = {"content": FILM, "name": "微党课.mp4", "media_type": "video/mp4", "size": 9_000_000}


def test_the_reader_of_a_video_sees_film_and_script_and_signs_both(person: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/mine/publicity", {"readings": [READING | {"kind": "video"}], "steps": []})
    services.on("GET", "/api/proofs/article/A1", PROOF | {"film": FILM_SHOWN})
    assert ">视频<" in person.get("/readings").text
    answer = person.get("/readings/read?subject=article&id=A1")
    assert f'<video class="film" controls preload="metadata" src="/s/participation/api/evidence/{FILM}"' in answer.text
    assert FILM in answer.text and "微党课.mp4" in answer.text and "立德树人。" in answer.text
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]
    form = {"subject": "article", "id": "A1", "stage": "second", "content": HASH, "film": "1"}
    wrong = person.post("/readings/pass", data={**form, "csrf": csrf(person, "/account")})
    assert "请通读全文、看完影片后勾选" in wrong.text
    done = person.post("/readings/pass", data={**form, "read": "yes", "csrf": csrf(person, "/account")})
    assert done.status_code == 303 and services.called("POST", "/api/readings")[-1].json["content"] == HASH


DRAFT = {"article_id": "VX1-1", "unit_id": "X1", "account": "unit", "title": "微党课", "script": "各位老师好。"}


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("PUT", "/api/articles/VX1-1/video", {"positions": [], "changed": True, "article_id": "VX1-1",
                                                     "content": HASH})  # fmt: skip
    rights = ["see_publicity", "publish_for_unit", "see_proof"]
    return person_with(app, services, "P00010", rights, [("clerk", "X1", "一小")])


def test_a_video_is_drafted_with_its_film_and_script(clerk: FlaskClient, services: FakeGateway) -> None:
    page = clerk.get("/videos/draft").text
    assert re.search(r'name="article_id" value="VX1-[^"]+"', page) and 'data-accept="video/' in page
    token = csrf(clerk, "/account")
    wrong = clerk.post("/videos/draft", data={**DRAFT, "script": "", "csrf": token}, content_type="multipart/form-data")
    assert wrong.status_code == 422 and "请写文案，或选择一个文件" in wrong.text and "请选一个视频文件" in wrong.text
    film = {"film": FILM, "film-about": f"{FILM} video/mp4 微党课.mp4"}
    done = clerk.post("/videos/draft", data={**DRAFT, **film, "csrf": token}, content_type="multipart/form-data")
    assert done.location == "/articles/article?article=VX1-1"
    (call,) = services.called("PUT", "/api/articles/VX1-1/video")
    assert call.query == {"unit_id": "X1", "account": "unit", "film": FILM} and call.body == "各位老师好。".encode()


def test_a_video_that_was_sent_back_is_drafted_again_with_what_was_read(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/proofs/article/VX1-1", PROOF | {"subject_id": "VX1-1", "film": FILM_SHOWN})
    page = clerk.get("/videos/draft?video=VX1-1").text
    assert "重新起草" in page and "立德树人。\n一</textarea>" in page and f'name="film" value="{FILM}"' in page
    services.on("GET", "/api/proofs/article/VX1-1", PROOF)
    assert clerk.get("/videos/draft?video=VX1-1").status_code == 404, "an article is no video"


def test_a_refused_video_shows_the_form_with_what_was_given(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("PUT", "/api/articles/VX1-1/video", problem(422, "unknown_film", "没有找到这个视频文件。"))
    form = {**DRAFT, "film": FILM, "film-about": f"{FILM} video/mp4 微党课.mp4", "csrf": csrf(clerk, "/account")}
    wrong = clerk.post("/videos/draft", data=form, content_type="multipart/form-data")
    assert wrong.status_code == 422 and "没有找到这个视频文件" in wrong.text
    assert "各位老师好。</textarea>" in wrong.text and f'name="film" value="{FILM}"' in wrong.text
