"""In a browser: a page says when it is cut off, a form is sent once, and what was typed outlives the session."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import OWN_PASSWORD, components_of, person_with
from tests.console.served import served
from tests.console.test_posts import KEY, office
from tests.support.chromium import Chromium
from tests.support.fake_gateway import FakeGateway
from tests.support.processes import wait_until

__all__ = ["office"]
FORM = f"/posts/hand-over?{urlencode(KEY)}"
NOTICES = "[...document.querySelectorAll('.notice')].map(each => each.textContent)"


@pytest.fixture
def address(app: Flask, office: FlaskClient) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


def sign_in(chromium: Chromium, address: str, path: str, who: str = "P00001") -> None:
    """By the form, as a person would."""
    if not chromium.run("location.pathname").startswith("/signin"):
        chromium.open(f"{address}/signin?{urlencode({'next': path})}")
    values = {"user": who, "password": OWN_PASSWORD}
    for name, value in values.items():
        chromium.run(f"document.querySelector('[name={name}]').value = {json.dumps(value)}; 0")
    chromium.run("document.querySelector('main [type=submit]').click(); 0")
    chromium.wait_for_page(".topbar")


def write(chromium: Chromium, text: str) -> None:
    chromium.run(f"""(() => {{ const field = document.querySelector('[name=successor]');
        field.value = {json.dumps(text)}; field.dispatchEvent(new Event('input', {{bubbles: true}})); }})(); 0""")


def kept(chromium: Chromium) -> str:
    return str(chromium.run("JSON.stringify(Object.entries(localStorage).filter(([key]) => key.includes('kept')))"))


def wait_for_notice(chromium: Chromium, words: str) -> None:
    wait_until(lambda: any(words in each for each in chromium.run(NOTICES)), 20, f"{words} on the page")


def test_what_was_typed_outlives_the_session_and_goes_when_it_is_saved(
    app: Flask, address: str, chromium: Chromium, services: FakeGateway
) -> None:
    sign_in(chromium, address, FORM)
    write(chromium, "P2")
    wait_until(lambda: "hand-over-X1" in kept(chromium), 20, "the input to be kept")
    assert '\\"P2\\"' not in kept(chromium), "nobody else at this computer can read it"

    components_of(app).sessions.end_all("P00001")
    chromium.run("document.querySelector('main form [type=submit]').click(); 0")
    chromium.wait_for_page("[name=password]")
    wait_for_notice(chromium, "登录后可以恢复")
    assert not [call for call in services.calls if call.method == "POST"]

    sign_in(chromium, address, "/account")
    wait_for_notice(chromium, "还没有提交")
    chromium.run("document.querySelector('.notice a').click(); 0")
    chromium.wait_for_page("[name=successor]")
    wait_for_notice(chromium, "还没有提交")
    assert chromium.run("document.querySelector('[name=successor]').value") == ""
    chromium.run("document.querySelector('.notice button').click(); 0")
    wait_until(
        lambda: chromium.run("document.querySelector('[name=successor]').value") == "P2", 20, "the input is back"
    )

    chromium.run("document.querySelector('main form [type=submit]').click(); 0")
    chromium.wait_for_page(".alert-success")
    wait_until(lambda: kept(chromium) == "[]", 20, "what was saved to be forgotten")


def test_nobody_else_at_the_computer_is_offered_what_was_typed(
    app: Flask, address: str, chromium: Chromium, services: FakeGateway
) -> None:
    sign_in(chromium, address, FORM)
    write(chromium, "P2")
    wait_until(lambda: "hand-over-X1" in kept(chromium), 20, "the input to be kept")
    before = chromium.run("document.body.dataset.keptKey")
    person_with(app, services, "P00003", ["enter_facts", "keep_posts"])
    chromium.run("document.querySelector('.signout [type=submit]').click(); 0")
    chromium.wait_for_page("[name=password]")
    assert chromium.run("document.body.dataset.keptKey ?? ''") == ""
    sign_in(chromium, address, FORM, "P00003")
    chromium.open(f"{address}{FORM}")
    assert re.fullmatch(r"[\w+/]{43}=", before) and chromium.run("document.body.dataset.keptKey") != before
    chromium.run("new Promise(done => setTimeout(done, 300))")
    assert chromium.run(NOTICES) == [] and "P00001:hand-over-X1" in kept(chromium)


def test_a_page_that_is_cut_off_says_so_with_its_time_and_goes_on(address: str, chromium: Chromium) -> None:
    sign_in(chromium, address, FORM)
    chromium.call("Network.enable")
    limits = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    chromium.call("Network.emulateNetworkConditions", offline=True, **limits)
    wait_for_notice(chromium, "已断开，页面内容截至")
    assert re.search(r"截至 \d\d:\d\d", chromium.run(NOTICES)[0])
    chromium.run("document.querySelector('main form [type=submit]').click(); 0")
    assert chromium.run("location.pathname") == "/posts/hand-over", "a form that cannot be sent stays as it is"
    chromium.call("Network.emulateNetworkConditions", offline=False, **limits)
    wait_until(lambda: chromium.run(NOTICES) == [], 20, "the notice to go")


def test_a_form_is_sent_once_and_says_that_it_is_on_its_way(
    address: str, chromium: Chromium, services: FakeGateway
) -> None:
    sign_in(chromium, address, FORM)
    write(chromium, "P2")
    busy = chromium.run("""(() => { const button = document.querySelector('main form [type=submit]');
        button.click(); button.click(); return document.documentElement.classList.contains('busy'); })()""")
    assert busy
    chromium.wait_for_page(".alert-success")
    assert len([call for call in services.calls if call.path == "/api/posts/hand-over"]) == 1


def test_an_answer_that_htmx_cannot_use_is_reported(address: str, chromium: Chromium) -> None:
    sign_in(chromium, address, FORM)
    for status, words in ((403, "不能办理"), (500, "没有成功"), (502, "已断开")):
        chromium.run(f"document.body.dispatchEvent(new CustomEvent('htmx:responseError', "
                     f"{{detail: {{xhr: {{status: {status}}}}}}})); 0")  # fmt: skip
        wait_for_notice(chromium, words)
