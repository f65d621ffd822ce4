"""A thin client of the Official Account API: token, pictures, drafts, publications, within the documented limits.

Tells what the platform refused (PlatformRefused) from what nobody knows (Lost); never puts a token in a message."""

import json
import time
from collections.abc import Iterator
from typing import Any

import requests

from services.publicity.wechat.accounts import Account

TIMEOUT = (5, 30)
EARLY_SECONDS = 300
STALE_TOKEN = {40001, 40014, 42001}
LONGEST = {"title": 32, "author": 16, "digest": 128}
MOST_CHARACTERS, MOST_BYTES = 20_000, 1 << 20
PAGE, PAGES = 20, 10


class PlatformRefused(Exception):
    """The platform answered with an error: what was asked did not happen."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class Lost(ConnectionError):
    """No usable answer: what was asked may have happened or not."""


class WeChat:
    """One account's way to the platform."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._token, self._until = "", 0.0
        self._session = requests.Session()
        self._session.trust_env = False

    def upload_picture(self, content: bytes) -> str:
        """A picture of an article's text (JPEG or PNG under 1 MB): its address."""
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        files = {"media": (f"picture.{kind.replace('jpeg', 'jpg')}", content, f"image/{kind}")}
        return str(self._call("/cgi-bin/media/uploadimg", files=files)["url"])

    def add_cover(self, content: bytes) -> str:
        """A permanent thumb (JPEG, at most 64 KB): its id."""
        files = {"media": ("cover.jpg", content, "image/jpeg")}
        return str(self._call("/cgi-bin/material/add_material", files=files, type="thumb")["media_id"])

    def add_draft(self, title: str, content: str, cover: str) -> str:
        """A draft of one article: its id."""
        article = {"article_type": "news", "title": title, "author": self.account.author, "content": content,
                   "thumb_media_id": cover, "need_open_comment": 0, "only_fans_can_comment": 0}  # fmt: skip
        for name, most in LONGEST.items():
            if len(str(article.get(name, ""))) > most:
                raise PlatformRefused(45003, f"{name} is longer than {most}")
        if len(content) >= MOST_CHARACTERS or len(content.encode()) >= MOST_BYTES:
            raise PlatformRefused(45002, "content is too long")
        return str(self._call("/cgi-bin/draft/add", {"articles": [article]})["media_id"])

    def draft_of(self, cover: str) -> str:
        """The id of the draft that bears this cover; empty when there is none."""
        result = (item["media_id"] for item in self._pages("/cgi-bin/draft/batchget") if _bears(item, cover))
        return str(next(result, ""))

    def submit(self, media_id: str) -> str:
        """Orders a draft's publication: the order's id.  That is not publication."""
        return str(self._call("/cgi-bin/freepublish/submit", {"media_id": media_id})["publish_id"])

    def publication(self, publish_id: str) -> tuple[int, str, str]:
        """(status, article's id, address) of an order."""
        result = self._call("/cgi-bin/freepublish/get", {"publish_id": publish_id})
        items = (result.get("article_detail") or {}).get("item") or [{}]
        return (
            int(result["publish_status"]),
            str(result.get("article_id") or ""),
            str(items[0].get("article_url") or ""),
        )

    def published_with(self, cover: str) -> tuple[str, str]:
        """(id, address) of the public article that bears this cover; empty when there is none."""
        for item in self._pages("/cgi-bin/freepublish/batchget"):
            if _bears(item, cover):
                return str(item["article_id"]), str(item["content"]["news_item"][0].get("url") or "")
        return "", ""

    def delete(self, article_id: str) -> None:
        """Takes a public article down; one that is gone already is no error."""
        try:
            self._call("/cgi-bin/freepublish/delete", {"article_id": article_id, "index": 0})
        except PlatformRefused as error:
            if error.code != 53600:
                raise

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        for page in range(PAGES):
            result = self._call(path, {"offset": page * PAGE, "count": PAGE, "no_content": 1}).get("item") or []
            yield from result
            if len(result) < PAGE:
                return

    def _call(self, path: str, body: Any = None, files: Any = None, **query: str) -> dict[str, Any]:
        try:
            return self._once(path, body, files, query)
        except PlatformRefused as error:
            if error.code not in STALE_TOKEN:
                raise
        self._token = ""
        return self._once(path, body, files, query)

    def _once(self, path: str, body: Any, files: Any, query: dict[str, str]) -> dict[str, Any]:
        return self._post(path, body, files, {"access_token": self._fresh_token(), **query})

    def _fresh_token(self) -> str:
        """The platform answers the same stable token to every process that asks, so none ends another's."""
        if not self._token or time.monotonic() > self._until:
            body = {"grant_type": "client_credential", "appid": self.account.appid, "secret": self.account.secret()}
            result = self._post("/cgi-bin/stable_token", body, None, {})
            self._token = str(result["access_token"])
            self._until = time.monotonic() + max(int(result["expires_in"]) - EARLY_SECONDS, 60)
        return self._token

    def _post(self, path: str, body: Any, files: Any, query: dict[str, str]) -> dict[str, Any]:
        # \uXXXX would be shown as such: the platform does not read JSON escapes in texts.
        data = None if files else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if files else {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = self._session.post(self.account.url + path, params=query, data=data, files=files,
                                        headers=headers, timeout=TIMEOUT, allow_redirects=False)  # fmt: skip
            result = json.loads(answer.content) if answer.status_code == 200 else None
        except (requests.RequestException, ValueError) as error:
            raise Lost(f"{path}: {type(error).__name__}") from None
        if not isinstance(result, dict):
            raise Lost(f"{path}: status {answer.status_code}")
        if code := int(result.get("errcode") or 0):
            raise PlatformRefused(code, str(result.get("errmsg") or "")[:200])
        return result


def _bears(item: dict[str, Any], cover: str) -> bool:
    return any(entry.get("thumb_media_id") == cover for entry in item["content"]["news_item"])
