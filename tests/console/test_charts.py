"""A chart shows its figures to scale, in words beside the drawing, as a table and as a file."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask, get_template_attribute

from console.charts import Chart, Series, csv_of, round_above
from console.pages import by_score
from console.score import by_month

DONE = Chart("完成情况", ["一小", "二小"], [Series("按时", [6, 0]), Series("逾期", [2, 0]), Series("未完成", [0, 4])])
SCORES = Chart("得分", ["9 月", "10 月", "11 月"], [Series("本单位", [Decimal(40), None, Decimal("80.50")])], most=100)


@pytest.mark.parametrize(
    ("value", "top"),
    [
        ("0", "1"),
        ("1", "1"),
        ("1.2", "2"),
        ("23", "25"),
        ("26", "50"),
        ("80.5", "100"),
        ("100", "100"),
        ("0.03", "0.05"),
    ],
)
def test_a_scale_ends_at_a_round_number(value: str, top: str) -> None:
    assert round_above(Decimal(value)) == Decimal(top)


def test_a_bar_is_as_long_as_its_share_of_the_scale() -> None:
    chart = Chart("题", ["甲", "乙", "丙"], [Series("数", [5, 10, None])])
    assert chart.bars() == [("甲", "5", "50"), ("乙", "10", "100"), ("丙", "—", "0")]


def test_the_parts_of_a_stacked_bar_fill_it_and_nothing_is_no_division_by_zero() -> None:
    assert DONE.stacks()[0] == ("一小", [("0", "75"), ("75", "25"), ("100", "0")])
    assert Chart("题", ["甲"], [Series("数", [0])]).stacks() == [("甲", [("0", "0")])]


def test_a_line_is_interrupted_where_nothing_is_known() -> None:
    assert SCORES.lines() == [["0,24 0,24", "100,7.8 100,7.8"]]
    assert SCORES.ticks == ["100", "50", "0"]


def test_a_series_that_lacks_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="every series"):
        Chart("题", ["甲", "乙"], [Series("数", [1])])


def test_a_file_has_the_figures_and_no_formula() -> None:
    response = csv_of(Chart("题", ["=1+1", "乙"], [Series("数", [Decimal("1.50"), None])]), "figures")
    assert response.get_data(as_text=True) == "\ufeff,数\r\n'=1+1,1.50\r\n乙,—\r\n"
    assert response.headers["Content-Disposition"] == "attachment; filename=figures.csv"


@pytest.mark.parametrize(("macro", "chart"), [("bar_chart", SCORES), ("line_chart", SCORES), ("stacked_chart", DONE)])
def test_each_kind_has_its_table_and_its_file_and_no_style_of_its_own(app: Flask, macro: str, chart: Chart) -> None:
    with app.test_request_context():
        html = str(get_template_attribute("macros/chart.html", macro)(chart, "/figures.csv"))
    assert re.findall(r'<th scope="row">([^<]+)</th>', html) == list(chart.labels)
    assert 'href="/figures.csv" download' in html and "<svg" in html
    assert "style=" not in html and html.count("<table") == 1


def test_the_chart_of_a_unit_counts_its_duties_by_the_month_in_which_they_fall_due() -> None:
    states = [("2023-01-31", "done"), ("2023-01-31", "late"), ("2023-02-28", "overdue"), ("2023-03-31", "excused")]
    body = {"window": "2023", "duties": [{"due": due, "state": state} for due, state in states]}
    assert by_month(body).rows() == [("1 月", ["1", "1", "0", "0"]), ("2 月", ["0", "0", "1", "0"])]


def test_the_chart_of_the_district_counts_units_by_their_scores_and_names_none() -> None:
    scores = ("100.00", "95.00", "94.99", "59.99", "0.00", None)
    units = [{"unit_id": f"X{number}", "name": "一小", "score": score} for number, score in enumerate(scores)]
    chart = by_score(units)
    assert [values for _, values in chart.rows()] == [["2"], ["1"], ["0"], ["0"], ["0"], ["2"]]
    assert chart.labels == ["95—100", "90—95", "80—90", "70—80", "60—70", "不到 60"]
