"""The page of a row's history says participation's sentences, and why it cannot."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

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
    assert text.index("已接收") < text.index("更正。") and "P1/X1/2020-09-01（许悦，一小）" in text


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
