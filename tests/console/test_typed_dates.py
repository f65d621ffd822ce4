"""A day is taken as people write it, and reads in Chinese where the browser writes it otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.typed_dates import date_or_empty, day_as_typed
from tests.console.served import served
from tests.console.test_audit import act
from tests.console.test_deliveries import DAY, office
from tests.console.test_page_script import sign_in
from tests.support.chromium import Chromium
from tests.support.fake_gateway import FakeGateway

__all__ = ["office"]
READINGS = "[...document.querySelectorAll('.reading')].map(each => each.textContent)"


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-05",
        "2026-11-5",
        "2026.11.5",
        "2026/11/05",
        "20261105",
        "2026年11月5日",
        " 2026 . 11 . 5 ",
        "２０２６－１１－５",
    ],
)
def test_a_day_is_taken_as_people_write_it(typed: str) -> None:
    assert date_or_empty(typed) == day_as_typed(typed) == "2026-11-05"


@pytest.mark.parametrize("typed", ["", "2026-13-1", "2026-2-30", "2026.11-5", "5.11.2026", "2026-W45-4", "261105", "x"])
def test_what_is_no_day_is_none_and_stays_as_typed_for_the_service(typed: str) -> None:
    assert date_or_empty(typed) == "" and day_as_typed(typed) == typed


def test_an_address_may_bear_a_day_as_people_write_it(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/acts", {"acts": [act("9")], "next": ""})
    assert 'value="2022-12-01"' in operator.get("/audit?since=2022.12.1").text
    assert services.called("GET", "/api/acts")[-1].query["since"] == "2022-11-30T16:00:00.000000Z"


@pytest.fixture
def address(app: Flask, office: FlaskClient) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


def test_an_english_browser_shows_beside_a_day_how_it_reads_in_chinese(address: str, chromium: Chromium) -> None:
    sign_in(chromium, address, f"/deliveries?day={DAY}")
    assert chromium.run(READINGS) == ["2022年12月1日"]
    typed = "const each = document.querySelector('[name=day]'); each.value = '2022-12-31';"
    chromium.run(f"(() => {{ {typed} each.dispatchEvent(new Event('input', {{bubbles: true}})) }})(); 0")
    assert chromium.run(READINGS) == ["2022年12月31日"]
