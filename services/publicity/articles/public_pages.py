"""Reads the public page of an article published by hand, with limits of time and size.

Only a page that says so counts as gone: no answer, or a page that is not understood, leaves it undecided."""

import html
import time
from collections.abc import Collection
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests

from services.publicity.articles.links import PLATFORM

PUBLIC, GONE, UNCLEAR, NO_ANSWER = "public", "gone", "unclear", "no_answer"
TIMEOUT: Final = (5, 10)
MOST_SECONDS: Final = 20.0
MOST_BYTES: Final = 4 << 20
MOST_REDIRECTS: Final = 3
_GONE_STATUS: Final = (404, 410)
_GONE_SENTENCES: Final = (
    "该内容已被发布者删除",
    "此内容因违规无法查看",
    "此内容被投诉且经审核涉嫌侵权",
    "此账号已被屏蔽",
)
"""What the platform shows, with status 200, in place of an article."""


class PublicPages:
    """An HTTP client for the public sites."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def look(self, link: str, title: str, hosts: Collection[str]) -> str:
        """public, gone, unclear or no_answer.  `hosts`: sites that may be read besides the platform."""
        until, address = time.monotonic() + MOST_SECONDS, link
        try:
            for _ in range(MOST_REDIRECTS + 1):
                if (urlsplit(address).hostname or "") not in (PLATFORM, *hosts):
                    return UNCLEAR
                with self.session.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
                    if not answer.is_redirect:
                        return _finding(answer.status_code, _read_in_time(answer, until), title)
                    address = urljoin(address, answer.headers["Location"])
        except (requests.RequestException, ValueError):
            return NO_ANSWER
        return UNCLEAR


def _read_in_time(answer: requests.Response, until: float) -> str:
    """The page, or the part that arrives in time."""
    content = bytearray()
    for piece in answer.iter_content(1 << 14):
        content += piece
        if len(content) > MOST_BYTES or time.monotonic() > until:
            break
    return content.decode("utf-8", "replace")


def _finding(status: int, page: str, title: str) -> str:
    if status in _GONE_STATUS:
        return GONE
    if status != 200:
        return NO_ANSWER
    if _without_blanks(title) in _without_blanks(html.unescape(page)):
        return PUBLIC
    return GONE if any(sentence in page for sentence in _GONE_SENTENCES) else UNCLEAR


def _without_blanks(text: str) -> str:
    return "".join(text.split())
