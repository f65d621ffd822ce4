"""What a page looks like, measured in a browser: fields of a row stand in one line, text in a choice is not cut, and
nothing sticks to what stands above it; and what a heading counts it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.console.conftest import person_with
from tests.console.served import served
from tests.console.test_campaign_keeping import EXEMPTION, OFFICE
from tests.console.test_page_script import sign_in
from tests.console.test_sheets import ITEMS, LINES
from tests.support.chromium import Chromium
from tests.support.fake_gateway import FakeGateway
from tests.support.system import ROOT

EDGES = """[...document.querySelectorAll('main .filter :is(input:not([type=hidden]), select, button)')].map(each =>
    Math.round(each.getBoundingClientRect().bottom))"""
GAP = """(() => { const panel = document.querySelector('main form.filter ~ form .panel').getBoundingClientRect();
    return panel.top - document.querySelector('main form.filter').getBoundingClientRect().bottom; })()"""
TOP = """document.querySelector('main .panel').getBoundingClientRect().top
    - document.querySelector('main').getBoundingClientRect().top"""
CUT = """[...document.querySelectorAll('main .filter select')].filter(each => {
    const style = getComputedStyle(each), pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(each.selectedOptions[0].text).width > room + 1;
}).map(each => each.selectedOptions[0].text)"""
BARE = re.compile(r"<h[12][^>]*>(?:(?!</h[12]>).)*\{\{[^{}]*(?:\|length|counts|kept)[^{}]*\}\}）?</h[12]>")


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


def test_a_person_s_field_stands_in_line_with_the_others_and_apart_from_the_list(
    app: Flask, services: FakeGateway, chromium: Chromium
) -> None:
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小", "kind": "school"}]})
    services.on("GET", "/api/exemptions", {"exemptions": [EXEMPTION], "total": 1, "next": 0})
    person_with(app, services, "P00001", OFFICE, [("campaign_office", "B01", "教育局")])
    with served(app) as address:
        chromium.width(1440)
        sign_in(chromium, address, "/campaign/exemptions/new")
        assert len(set(chromium.run(EDGES))) == 1, chromium.run(EDGES)
        chromium.open(f"{address}/campaign/exemptions")
        assert len(set(chromium.run(EDGES))) == 1 and chromium.run(GAP) >= 12
        chromium.open(f"{address}/nowhere")
        assert chromium.run(TOP) >= 12


def test_what_is_chosen_in_a_row_of_fields_is_read_whole_on_a_phone(
    app: Flask, services: FakeGateway, chromium: Chromium
) -> None:
    quarter = {"period": "2022-Q4", "periods": ["2022-Q4"], "items": ITEMS, "share": "3/10", "sheets": LINES}
    services.on("GET", "/api/quarter-sheets", quarter)
    person_with(app, services, "P00001", ("assess_unit", "see_sheet"), [("clerk", "O1", "督查室")])
    with served(app) as address:
        chromium.width(390)
        sign_in(chromium, address, "/sheets")
        assert chromium.run(CUT) == []


def test_a_heading_says_what_its_number_counts() -> None:
    bare = {page.name: match for page in sorted((ROOT / "console" / "templates").glob("*.html"))
            if (match := BARE.findall(page.read_text(encoding="utf-8")))}  # fmt: skip
    assert bare == {}
