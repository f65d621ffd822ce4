"""The page of a row's history says participation's sentences, and why it cannot."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.console.conftest import csrf
from tests.console.test_pages import text_of
from tests.support.fake_gateway import FakeGateway, problem

ENTRIES = [
    {
        "row": "P1/X1/2020-09-01",
        "row_name": "许悦，一小",
        "sentence": "2022-12-01 08:00，运维 operator 报送，已接收。",
    },
    {"row": "P1/X1/2020-09-01", "row_name": "许悦，一小", "sentence": "2022-12-02 08:00，运维 operator 更正。"},
]


def test_a_history_is_read_from_the_oldest_on_each_with_its_row_s_name(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/history/people/P1", {"table": "people", "id": "P1", "entries": ENTRIES})
    text = text_of(operator.get("/history?table=people&id=P1").text)
    assert text.index("已接收") < text.index("更正。") and "许悦，一小 P1/X1/2020-09-01" in text


def test_an_id_of_any_characters_is_asked_for_as_it_is(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/history/people/.*", {"table": "people", "id": "", "entries": []})
    operator.get("/history?table=people&id=P%201%3F/X1/2020-09-01")
    assert services.calls[-1].path == "/api/history/people/P%201%3F/X1/2020-09-01"


@pytest.mark.parametrize(
    ("status", "words"), [(404, "没有这条数据"), (403, "您无权查看"), (502, "填报服务暂时没有答复")]
)
def test_what_cannot_be_shown_says_why(operator: FlaskClient, services: FakeGateway, status: int, words: str) -> None:
    services.on("GET", "/api/history/records/R1", problem(status, "x"))
    assert words in operator.get("/history?table=records&id=R1").text


def test_a_path_is_no_id_and_an_unknown_table_is_not_asked(operator: FlaskClient, services: FakeGateway) -> None:
    assert "没有这条数据" in operator.get("/history?table=records&id=../../units").text
    assert operator.get("/history?table=cats&id=").status_code == 200
    assert services.called("GET", "/api/.*") == []


def test_the_heading_says_what_the_row_is_about(operator: FlaskClient, services: FakeGateway) -> None:
    answer = {"table": "findings", "id": "F1", "title": "一小 材料不全 2022-11-20", "entries": []}
    services.on("GET", "/api/history/findings/F1", answer)
    assert "<h1>一小 材料不全 2022-11-20</h1>" in operator.get("/history?table=findings&id=F1").text


def test_what_somebody_looks_for_is_sent_by_a_form_and_each_match_leads_to_its_history(
    operator: FlaskClient, services: FakeGateway
) -> None:
    unit = {"unit_id": "X1", "name": "一小", "kind": "school", "closed_on": ""}
    person = {"person_id": "P1", "name": "许悦", "unit_id": "X1", "unit_name": "一小"}
    record = {"record_id": "R1", "kind": "forum", "kind_title": "专题论坛", "unit_id": "X1", "unit_name": "一小",
              "person_id": "", "day": "2022-11-20", "title": "秋季论坛", "withdrawn": False}  # fmt: skip
    matches = {"units": [unit], "people": [person], "records": [record], "imports": [], "more": ["people"]}
    services.on("POST", "/api/look-up", matches)
    page = operator.post("/history", data={"csrf": csrf(operator, "/history"), "text": "许"}).text
    assert 'href="/history?table=people&amp;id=P1">许悦</a> 一小' in page
    assert 'href="/history?table=units&amp;id=X1">一小</a>' in page
    assert "秋季论坛 专题论坛 一小 2022-11-20" in text_of(page) and "还有更多" in page
    assert services.called("POST", "/api/look-up")[-1].json["text"] == "许"
    services.on("POST", "/api/look-up", {"units": [], "people": [], "records": [], "imports": [], "more": []})
    assert "没有找到" in operator.post("/history", data={"csrf": csrf(operator, "/history"), "text": "谁"}).text


def test_who_may_look_up_nothing_chooses_a_unit_by_name_and_may_not_search(
    leader: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小", "closed_on": ""}]})
    page = leader.get("/history").text
    assert '<option value="X1">一小（X1）</option>' in page and 'name="text"' not in page
    assert leader.post("/history", data={"csrf": csrf(leader, "/history"), "text": "许"}).status_code == 403
    assert services.called("POST", "/api/look-up") == []
