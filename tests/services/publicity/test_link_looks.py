"""What was published by hand is looked at: gone when the page says so twice, and never because nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image
from requests.adapters import HTTPAdapter

from services.publicity.articles.handlers import confirm_publication, take_down_article
from services.publicity.articles.public_pages import PublicPages
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_readers import OPERATOR

LINK = "https://mp.weixin.qq.com/s/abc"
SHOWN = "<html><h1>推文&#32;A1</h1></html>"
DELETED = "<html><p>该内容已被发布者删除</p></html>"
CHALLENGE = "<html>环境异常，完成验证后即可继续访问</html>"


class Site:
    """A site that answers as a test says: a status and a page, or nothing at all."""

    def __init__(self) -> None:
        self.status, self.page, self.location, self.asked = 200, SHOWN, "", 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                self.send_response(site.status)
                if site.location:
                    self.send_header("Location", site.location)
                self.end_headers()
                self.wfile.write(site.page.encode())

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class ToSite(HTTPAdapter):
    """Asks the site of the test in place of the platform."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site

    def send(self, request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        request.url = f"http://127.0.0.1:{self.site.server.server_port}{request.path_url}"
        return super().send(request, *given, **named)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def by_hand(bureau: Bureau, site: Site) -> Bureau:
    """An article that the operator published by hand."""
    picture = BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    bureau.work("W1")
    bureau.article("A1", "W1")
    confirm_publication(bureau.service.publicity, OPERATOR, "A1", LINK, "", picture.getvalue())
    bureau.service.link_looks.pages.session.mount("https://", ToSite(site))
    return bureau


def looks(bureau: Bureau, count: int, **wait: float) -> list[str]:
    """The article's status after each look."""
    result = []
    for _ in range(count):
        bureau.pass_time(**wait)
        bureau.service.link_looks.look_at_due()
        result.append(bureau.status("A1"))
    return result


def test_a_page_that_is_there_is_looked_at_ever_more_seldom(by_hand: Bureau, site: Site) -> None:
    by_hand.service.link_looks.look_at_due()
    assert site.asked == 0, "not on its first day"
    assert set(looks(by_hand, 60, days=1)) == {"published"}
    assert 4 <= site.asked <= 6 and by_hand.row("A1")["finding"] == "public"


@pytest.mark.parametrize(("status", "page"), [(404, "x"), (410, "x"), (200, DELETED)])
def test_a_page_that_is_gone_twice_is_gone(by_hand: Bureau, site: Site, status: int, page: str) -> None:
    site.status, site.page = status, page
    assert looks(by_hand, 1, days=2) == ["published"]
    assert looks(by_hand, 1, minutes=30) == ["published"] and site.asked == 1
    assert looks(by_hand, 1, minutes=31) == ["taken_down"]
    row = by_hand.row("A1")
    assert (row["taken_down_by"], row["reason"], row["look_at"]) == ("platform", "gone", "")
    assert len(by_hand.events_of_type("article_taken_down")) == 1


@pytest.mark.parametrize(
    ("status", "page"), [(500, DELETED), (403, DELETED), (200, CHALLENGE), (200, ""), (200, f"{SHOWN}{DELETED}")]
)
def test_what_tells_nothing_takes_nothing_down(by_hand: Bureau, site: Site, status: int, page: str) -> None:
    site.status, site.page = status, page
    assert set(looks(by_hand, 40, days=1)) == {"published"} and site.asked <= 6


def test_a_site_that_does_not_answer_is_not_a_withdrawn_article(by_hand: Bureau, site: Site) -> None:
    site.close()
    assert set(looks(by_hand, 20, days=1)) == {"published"}
    assert by_hand.row("A1")["finding"] == "no_answer"


def test_one_page_that_was_gone_for_a_moment_stays(by_hand: Bureau, site: Site) -> None:
    for status in (404, 200, 404, 200):
        site.status = status
        looks(by_hand, 1, days=31)
    assert by_hand.status("A1") == "published"


def test_a_take_down_that_was_not_done_is_disproved_and_one_that_was_is_believed(by_hand: Bureau, site: Site) -> None:
    take_down_article(by_hand.service.publicity, OPERATOR, "A1", "误发", True, "")
    assert looks(by_hand, 1, minutes=11) == ["taking_down"]
    assert len(by_hand.events_of_type("take_down_disproved")) == 1
    site.page = DELETED
    assert looks(by_hand, 3, days=2)[-1] == "taken_down"
    take_down = by_hand.events_of_type("article_taken_down")
    assert len(take_down) == 2 and by_hand.row("A1")["taken_down_by"] == "platform"


def test_no_other_site_is_asked_than_the_platform_and_those_of_the_campaign(site: Site) -> None:
    pages = PublicPages()
    for scheme in ("http://", "https://"):
        pages.session.mount(scheme, ToSite(site))
    assert pages.look("https://edu.example.cn/a", "推文 A1", ()) == "unclear" and site.asked == 0
    assert pages.look("https://edu.example.cn/a", "推文 A1", ("edu.example.cn",)) == "public"
    site.status, site.location = 302, "http://169.254.169.254/latest"
    assert pages.look(LINK, "推文 A1", ()) == "unclear" and site.asked == 2
    site.location = LINK
    assert pages.look(LINK, "推文 A1", ()) == "unclear" and site.asked == 6, "it leads nowhere"


def test_a_silent_site_costs_one_question_a_round(by_hand: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand.work("W2")
    by_hand.article("A2", "W2")
    picture = BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    confirm_publication(by_hand.service.publicity, OPERATOR, "A2", f"{LINK}d", "", picture.getvalue())
    asked: list[str] = []
    silent: Callable[..., str] = lambda link, *_: asked.append(link) or "no_answer"  # type: ignore[func-returns-value] # noqa: E731
    monkeypatch.setattr(by_hand.service.link_looks.pages, "look", silent)
    looks(by_hand, 1, days=2)
    assert len(asked) == 1
