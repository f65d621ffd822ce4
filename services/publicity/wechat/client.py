"""A client of the Official Account API: token, pictures, drafts, publications, within the documented limits.

It distinguishes what the platform rejected (PlatformRefused) from an unknown outcome (Lost), and never puts a token
into a message."""

import json
import time
from collections.abc import Iterator
from typing import Any

import requests

from chassis.process.greenlets import time_limit
from services.publicity.articles.domain.submission import STATUSES
from services.publicity.wechat.accounts import Account

TIMEOUT = (5, 30)
SECONDS_IN_ALL = 120
EARLY_SECONDS = 300
STALE_TOKEN = {40001, 40014, 42001}
LONGEST = {"title": 32, "author": 16, "digest": 128}
MOST_CHARACTERS, MOST_BYTES = 20_000, 1 << 20
PAGE, PAGES = 20, 10
NO_SUCH_ARTICLE = 53600


class PlatformRefused(Exception):
    """The platform answered with an error: the call was not executed."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class UnknownResult(ConnectionError):
    """No usable answer: the call may or may not have been executed."""


class WeChat:
    """The API of one account.  Methods raise PlatformRefused, Lost."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._token, self._until = "", 0.0
        self._session = requests.Session()
        self._session.trust_env = False

    def upload_picture(self, content: bytes) -> str:
        """Upload a picture for an article's text (JPEG or PNG under 1 MB); returns its URL."""
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        files = {"media": (f"picture.{kind.replace('jpeg', 'jpg')}", content, f"image/{kind}")}
        return _text(self._call("/cgi-bin/media/uploadimg", files=files), "url")

    def add_cover(self, content: bytes) -> str:
        """Upload a permanent thumb (JPEG, at most 64 KB); returns its id."""
        files = {"media": ("cover.jpg", content, "image/jpeg")}
        return _text(self._call("/cgi-bin/material/add_material", files=files, type="thumb"), "media_id")

    def add_draft(self, title: str, content: str, cover: str) -> str:
        """Create a draft of one article; returns its id."""
        article = {"article_type": "news", "title": title, "author": self.account.author, "content": content,
                   "thumb_media_id": cover, "need_open_comment": 0, "only_fans_can_comment": 0}  # fmt: skip
        for name, most in LONGEST.items():
            if len(str(article.get(name, ""))) > most:
                raise PlatformRefused(45003, f"{name} is longer than {most}")
        if len(content) >= MOST_CHARACTERS or len(content.encode()) >= MOST_BYTES:
            raise PlatformRefused(45002, "content is too long")
        return _text(self._call("/cgi-bin/draft/add", {"articles": [article]}), "media_id")

    def draft_of(self, cover: str) -> str:
        """The id of the draft with this cover; empty if there is none."""
        for item in self._pages("/cgi-bin/draft/batchget"):
            if _entries_with(item, cover):
                return _text(item, "media_id")
        return ""

    def submit(self, media_id: str) -> str:
        """Order the publication of a draft; returns the order's id.  It is not published yet."""
        return _text(self._call("/cgi-bin/freepublish/submit", {"media_id": media_id}), "publish_id")

    def publication(self, publish_id: str) -> tuple[int, str, str]:
        """(status, article id, URL) of an order; a public article has an id."""
        result = self._call("/cgi-bin/freepublish/get", {"publish_id": publish_id})
        status = result.get("publish_status")
        if not isinstance(status, int) or isinstance(status, bool) or status not in STATUSES:
            raise UnknownResult("an order without a status")
        if status:
            return status, str(result.get("article_id") or ""), ""
        article_id = _text(result, "article_id")
        detail = result.get("article_detail")
        items = detail.get("item") if isinstance(detail, dict) else None
        first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
        return status, article_id, str(first.get("article_url") or "")

    def published_with(self, cover: str) -> tuple[str, str]:
        """(id, URL) of the public article with this cover; empty if there is none."""
        for item in self._pages("/cgi-bin/freepublish/batchget"):
            for entry in _entries_with(item, cover):
                if not entry.get("is_deleted"):
                    return _text(item, "article_id"), str(entry.get("url") or "")
        return "", ""

    def address_of(self, article_id: str) -> str:
        """The URL of an article while it is public; empty afterwards."""
        try:
            entries = self._call("/cgi-bin/freepublish/getarticle", {"article_id": article_id}).get("news_item")
        except PlatformRefused as error:
            if error.code == NO_SUCH_ARTICLE:
                return ""
            raise
        if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
            raise UnknownResult("an article without its parts")
        public = [_text(entry, "url") for entry in entries if not entry.get("is_deleted")]
        return public[0] if public else ""

    def delete(self, article_id: str) -> None:
        """Delete a public article; a missing one is no error."""
        try:
            if "errcode" not in self._call("/cgi-bin/freepublish/delete", {"article_id": article_id, "index": 0}):
                raise UnknownResult("a deletion without an errcode")
        except PlatformRefused as error:
            if error.code != NO_SUCH_ARTICLE:
                raise
            if self.address_of(article_id):
                raise UnknownResult("a deletion of what is not there, and it is") from None

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        """The entries, newest first.  Raises Lost if an answer does not say how many there are, since nothing follows
        from it."""
        for offset in range(0, PAGES * PAGE, PAGE):
            result = self._call(path, {"offset": offset, "count": PAGE, "no_content": 1})
            total, items = result.get("total_count"), result.get("item", [])
            if not isinstance(total, int) or not isinstance(items, list) or len(items) < min(total - offset, PAGE):
                raise UnknownResult(f"{path}: an incomplete list")
            yield from items
            if total <= offset + PAGE:
                return

    def _call(self, path: str, body: Any = None, files: Any = None, **query: str) -> dict[str, Any]:
        try:
            return self._post_with_token(path, body, files, query)
        except PlatformRefused as error:
            if error.code not in STALE_TOKEN:
                raise
        self._token = ""
        return self._post_with_token(path, body, files, query)

    def _post_with_token(self, path: str, body: Any, files: Any, query: dict[str, str]) -> dict[str, Any]:
        return self._post(path, body, files, {"access_token": self._fresh_token(), **query})

    def _fresh_token(self) -> str:
        """The platform returns the same stable token to every process, so that none invalidates another's."""
        if not self._token or time.monotonic() > self._until:
            body = {"grant_type": "client_credential", "appid": self.account.appid, "secret": self.account.secret()}
            result = self._post("/cgi-bin/stable_token", body, None, {})
            seconds = result.get("expires_in")
            self._token = _text(result, "access_token")
            self._until = time.monotonic() + max((seconds if isinstance(seconds, int) else 0) - EARLY_SECONDS, 60)
        return self._token

    def _post(self, path: str, body: Any, files: Any, query: dict[str, str]) -> dict[str, Any]:
        # \uXXXX would be shown literally: the platform does not decode JSON escapes in texts
        data = None if files else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if files else {"Content-Type": "application/json; charset=utf-8"}
        try:
            with time_limit(SECONDS_IN_ALL):
                answer = self._session.post(self.account.url + path, params=query, data=data, files=files,
                                            headers=headers, timeout=TIMEOUT, allow_redirects=False)  # fmt: skip
            result = json.loads(answer.content) if answer.status_code == 200 else None
        except (requests.RequestException, TimeoutError, ValueError) as error:
            raise UnknownResult(f"{path}: {type(error).__name__}") from None
        if not isinstance(result, dict):
            raise UnknownResult(f"{path}: status {answer.status_code}")
        code = result.get("errcode") or 0
        if not isinstance(code, int):
            raise UnknownResult(f"{path}: an errcode that is none")
        if code:
            raise PlatformRefused(code, str(result.get("errmsg") or "")[:200])
        return result


def _text(result: dict[str, Any], name: str) -> str:
    """A required field of the answer.  Raises Lost."""
    value = result.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise UnknownResult(f"an answer without {name}")
    return str(value)


def _entries_with(item: Any, cover: str) -> list[dict[str, Any]]:
    """The articles of a list entry that have this cover.  Raises Lost if the entry has none at all."""
    content = item.get("content") if isinstance(item, dict) else None
    entries = content.get("news_item") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(_is_whole(entry) for entry in entries):
        raise UnknownResult("a list with an incomplete entry")
    return [entry for entry in entries if entry.get("thumb_media_id") == cover]


def _is_whole(entry: Any) -> bool:
    """Whether the entry has a cover; picture posts have none."""
    return isinstance(entry, dict) and ("thumb_media_id" in entry or entry.get("article_type") == "newspic")
