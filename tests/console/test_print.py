"""What comes out of a printer: the table under the district, the page and the day, on numbered sheets."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.console.conftest import person_with
from tests.console.served import served
from tests.console.test_campaign_keeping import EXEMPTION, OFFICE
from tests.console.test_page_script import sign_in
from tests.console.test_pages import board, unit
from tests.support.chromium import Chromium
from tests.support.fake_gateway import FakeGateway
from tests.support.system import ROOT

SHOWN = "[...document.querySelectorAll('{}')].filter(each => each.checkVisibility()).map(each => each.textContent)"


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


def test_a_long_list_is_printed_on_numbered_sheets_without_menu_and_forms(
    app: Flask, services: FakeGateway, chromium: Chromium
) -> None:
    services.on("GET", "/api/scoreboard", board(*(unit(f"X{number}", number) for number in range(1, 81))))
    person_with(app, services, "P00001", ("see_figures",))
    with served(app) as address:
        sign_in(chromium, address, "/scoreboard")
        assert chromium.run(SHOWN.format("[data-print]")) == ["打印"]
        assert chromium.run(SHOWN.format(".printhead")) == []
        pdf = base64.b64decode(chromium.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        chromium.call("Emulation.setEmulatedMedia", media="print")
        assert re.fullmatch(r"demo · 得分榜 · \d{4}-\d\d-\d\d", chromium.run(SHOWN.format(".printhead"))[0])
        assert chromium.run(SHOWN.format(".sidemenu, .topbar, .filter, [data-print]")) == []
        chromium.run("document.documentElement.style.removeProperty('--printhead'); 0")
        without = base64.b64decode(chromium.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 3
    assert len(pdf) > len(without) + 50, "the head stands on every sheet, not on the first alone"


def test_ticks_and_what_asks_for_them_stay_off_the_paper_with_their_column(
    app: Flask, services: FakeGateway, chromium: Chromium
) -> None:
    services.on("GET", "/api/units", {"units": []})
    services.on("GET", "/api/exemptions", {"exemptions": [EXEMPTION], "total": 1, "next": 0})
    person_with(app, services, "P00001", OFFICE, [("campaign_office", "B01", "教育局")])
    with served(app) as address:
        sign_in(chromium, address, "/campaign/exemptions")
        chromium.call("Emulation.setEmulatedMedia", media="print")
        assert chromium.run(SHOWN.format("main input, main button, main label")) == []
        assert chromium.run(SHOWN.format("main h2")) == ["免计 1 项"]
        chromium.run(
            "document.querySelector('main section:last-of-type').append("
            "Object.assign(document.createElement('p'), {textContent: '读的话'})); 0"
        )
        assert chromium.run(SHOWN.format("main h2"))[1:] == ["撤销勾选的免计"], "with what is read it is printed"
        columns = [len(chromium.run(SHOWN.format(f"table {part} tr:first-child > *"))) for part in ("thead", "tbody")]
        assert columns == [5, 5]


def test_a_column_that_is_not_printed_has_no_cell_that_is() -> None:
    """Its head stays off the paper (macros/page.html), so all that stands under it must."""
    for page in sorted((ROOT / "console" / "templates").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        for heads, body in re.findall(r"{% call table\((.*?)\) %}(.*?){% endcall %}", text, re.DOTALL):
            for name in ("办理", "选择", "撤销"):
                assert (f'("{name}"' in heads) <= (f'data-label="{name}"' in body), (page.name, name)
        for name in ("选择", "撤销"):
            assert f'<td data-label="{name}">' not in text, (page.name, name)


def test_what_explains_clicking_stays_off_the_paper() -> None:
    """Notes of pages that are printed: what to click stands in `notprinted`."""
    clicks, kept = re.compile("点开|点击|点格子|点单位|点日期"), re.compile(r"<(\w+)[^>]*notprinted[^>]*>.*?</\1>")
    for page in sorted((ROOT / "console" / "templates").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        notes = re.findall(r'<p class="note[^>]*>.*?</p>', text) if "printed=true" in text else []
        for note in notes:
            assert not clicks.search(kept.sub("", note)), (page.name, note)
