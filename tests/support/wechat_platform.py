"""The Official Account platform on loopback: its documented contract, errors and limits, and faults on demand.

`python -m tests.support.wechat_platform [--port 8199] [--callback URL --token T]` serves demos; `GET /seen` tells
what is public.  Drafts disappear once published; submitted is not published; review may refuse later."""

from __future__ import annotations

import argparse
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.held_call import HeldCall
from tests.support.wechat_callbacks import Callbacks
from tests.support.wechat_messages import MESSAGES, QUOTAS

APPID, SECRET = "wx-test-account", "a-test-secret"
HIDDEN = ("<script", "<style", "<iframe", "<form", " class=", " id=")


class Answered(Exception):
    """An errcode instead of a result."""

    def __init__(self, code: int) -> None:
        self.code = code


@dataclass
class Publication:
    """An order; `ends` is when (monotonic) it is decided, `verdict` how: 0 public, 2 to 4 refused."""

    media_id: str
    ends: float
    verdict: int
    article_id: str = ""
    done: bool = False


@dataclass
class Platform:
    """The state of the platform, shared by the threads of its server."""

    review_seconds: float = 0.2
    faults: float = 0.0
    """Share of answers that are faults: errors that pass, silence after the deed or before it, broken bodies."""
    verdicts: list[int] = field(default_factory=list)
    """How the next orders are decided; then 0."""
    failing: dict[str, int] = field(default_factory=dict)
    """path -> the errcode that it answers always."""
    blank: Counter[str] = field(default_factory=Counter)
    """path -> how many of its next answers are 200 without any field, whatever was done."""
    callbacks: Callbacks = field(default_factory=Callbacks)
    slow: float = 0.0
    quotas: dict[str, int] = field(default_factory=lambda: dict(QUOTAS))
    random: random.Random = field(default_factory=lambda: random.Random(7))
    lock: threading.RLock = field(default_factory=threading.RLock)
    tokens: dict[str, float] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    materials: dict[str, bytes] = field(default_factory=dict)
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, Publication] = field(default_factory=dict)
    public: dict[str, dict[str, Any]] = field(default_factory=dict)
    ever: list[dict[str, Any]] = field(default_factory=list)
    """Every publication that ever happened: none twice.  `shown_at` and `gone_at` are what `clock` said."""
    clock: Callable[[], str] = lambda: ""
    calls: Counter[str] = field(default_factory=Counter)
    held: dict[str, HeldCall] = field(default_factory=dict)
    number: int = 0
    address: str = ""

    def serve(self, port: int = 0) -> ThreadingHTTPServer:
        """Serve in a thread until `shutdown`."""
        server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"platform": self}))
        self.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def hold(self, path: str) -> HeldCall:
        """The next call of that path waits, so that who asked can be killed in the meantime."""
        return self.held.setdefault(path, HeldCall())

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number:06d}"

    def answer(self, path: str, query: dict[str, str], body: bytes, kind: str) -> dict[str, Any]:
        """The platform's answer.  Answered."""
        with self.lock:
            self.settle()
            if path == "/cgi-bin/stable_token":
                return self._token(json.loads(body))
            if query.get("access_token") not in self.tokens:
                raise Answered(40001)
            self.calls[path] += 1
            if (code := self.failing.get(path, self.failing.get("*", 0))) != 0:
                raise Answered(code)
            if self.calls[path] > self.quotas.get(path, 10**9):
                raise Answered(45009)
            if "multipart" in kind:
                return self._upload(path, query, _file_of(body, kind))
            if rb"\u" in body:
                raise Answered(47001)
            return self._json(path, json.loads(body))

    def _token(self, given: dict[str, str]) -> dict[str, Any]:
        if given.get("appid") != APPID:
            raise Answered(40013)
        if given.get("secret") != SECRET:
            raise Answered(40125)
        if (code := self.failing.get("token", 0)) != 0:
            raise Answered(code)
        if not self.tokens:
            self.tokens[self.name("token")] = time.monotonic() + 7200
        return {"access_token": next(iter(self.tokens)), "expires_in": 7200}

    def _upload(self, path: str, query: dict[str, str], content: bytes) -> dict[str, Any]:
        jpeg, png = content.startswith(b"\xff\xd8\xff"), content.startswith(b"\x89PNG\r\n\x1a\n")
        if path == "/cgi-bin/media/uploadimg":
            if not (jpeg or png):
                raise Answered(40005)
            if len(content) >= 1 << 20:
                raise Answered(40009)
            url = f"http://mmbiz.qpic.cn/{self.name('picture')}/0"
            self.pictures[url] = content
            return {"url": url}
        if path == "/cgi-bin/material/add_material" and query.get("type") == "thumb":
            if not jpeg:
                raise Answered(40005)
            if len(content) > 64 * 1024:
                raise Answered(40009)
            media_id = self.name("material")
            self.materials[media_id] = content
            return {"media_id": media_id, "url": ""}
        raise Answered(40004)

    def _json(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        match path:
            case "/cgi-bin/draft/add":
                return self._add_draft(given["articles"])
            case "/cgi-bin/draft/batchget":
                return _page([{"media_id": k, "content": {"news_item": v["articles"]}} for k, v in self.drafts.items()],
                             given)  # fmt: skip
            case "/cgi-bin/freepublish/submit":
                if given["media_id"] not in self.drafts:
                    raise Answered(40007)
                verdict = self.verdicts.pop(0) if self.verdicts else 0
                publish_id = str(2247480000 + len(self.orders))
                self.orders[publish_id] = Publication(
                    given["media_id"], time.monotonic() + self.review_seconds, verdict
                )
                return {"publish_id": publish_id, "msg_data_id": publish_id}
            case "/cgi-bin/freepublish/get":
                return self._status(given["publish_id"])
            case "/cgi-bin/freepublish/batchget":
                return _page(
                    [
                        {"article_id": k, "content": {"news_item": [v | {"is_deleted": False}]}}
                        for k, v in self.public.items()
                    ],
                    given,
                )
            case "/cgi-bin/freepublish/delete":
                gone = self.public.pop(given["article_id"], None)
                if gone is None:
                    raise Answered(53600)
                gone["gone_at"] = self.clock()
                return {"errcode": 0, "errmsg": "ok"}
            case "/cgi-bin/freepublish/getarticle":
                if given["article_id"] not in self.public:
                    raise Answered(53600)
                return {"news_item": [self.public[given["article_id"]] | {"is_deleted": False}]}
        raise Answered(40066)

    def _add_draft(self, articles: list[dict[str, Any]]) -> dict[str, Any]:
        if not 1 <= len(articles) <= 8:
            raise Answered(45008)
        for article in articles:
            if (
                not 0 < len(article["title"]) <= 32
                or len(article.get("author", "")) > 16
                or len(article.get("digest", "")) > 128
            ):
                raise Answered(45003)
            content = article["content"]
            if len(content) >= 20_000 or len(content.encode()) >= 1 << 20:
                raise Answered(45002)
            if article["thumb_media_id"] not in self.materials:
                raise Answered(40007)
            if any(word in content for word in HIDDEN):
                raise Answered(45166)
            if set(re.findall(r'src="([^"]*)"', content)) - set(self.pictures):
                raise Answered(45166)
        media_id = self.name("draft")
        self.drafts[media_id] = {"articles": articles}
        return {"media_id": media_id}

    def _status(self, publish_id: str) -> dict[str, Any]:
        order = self.orders.get(publish_id)
        if order is None:
            raise Answered(53600)
        if not order.done:
            return {"publish_id": publish_id, "publish_status": 1}
        if order.verdict:
            return {"publish_id": publish_id, "publish_status": order.verdict, "fail_idx": [1]}
        if order.article_id not in self.public:
            return {"publish_id": publish_id, "publish_status": 5, "article_id": order.article_id}
        url = self.public[order.article_id]["url"]
        return {"publish_id": publish_id, "publish_status": 0, "article_id": order.article_id,
                "article_detail": {"count": 1, "item": [{"idx": 1, "article_url": url}]}}  # fmt: skip

    def settle(self) -> None:
        """Decide the orders whose time has come, and call back."""
        for publish_id, order in self.orders.items():
            if order.done or order.ends > time.monotonic():
                continue
            order.done = True
            if not order.verdict and order.media_id not in self.drafts:
                order.verdict = 3  # its draft was published by another order
            if not order.verdict:
                article = self.drafts.pop(order.media_id)["articles"][0]
                order.article_id = self.name("article")
                article |= {"url": f"http://mp.weixin.qq.com/s/{order.article_id}", "shown_at": self.clock()}
                self.public[order.article_id] = article
                self.ever.append(article)
            if self.callbacks.url:
                self.callbacks.send(publish_id, order.verdict, self.clock())


def _page(items: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    newest = items[::-1]
    chosen = newest[given["offset"] : given["offset"] + min(given["count"], 20)]
    return {"total_count": len(items), "item_count": len(chosen), "item": chosen}


def _file_of(body: bytes, kind: str) -> bytes:
    mark = b"--" + kind.partition("boundary=")[2].encode()
    part = body.split(mark)[1]
    return part.partition(b"\r\n\r\n")[2][:-2]


class _Handler(BaseHTTPRequestHandler):
    platform: Platform

    def do_GET(self) -> None:
        with self.platform.lock:
            self.platform.settle()
            titles = [item["title"] for item in self.platform.ever]
            seen = {"public": [item["title"] for item in self.platform.public.values()], "ever": titles,
                    "drafts": len(self.platform.drafts), "calls": dict(self.platform.calls)}  # fmt: skip
        self._send(json.dumps(seen, ensure_ascii=False).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        platform = self.platform
        if held := platform.held.pop(place.path, None):
            held.wait_for_release()
        fault = platform.random.random() if platform.random.random() < platform.faults else -1.0
        if 0 <= fault < 0.25:
            return self._send(json.dumps({"errcode": -1, "errmsg": MESSAGES[-1]}).encode())
        if 0.25 <= fault < 0.4:
            return self._drop()  # nothing was done
        time.sleep(platform.slow)
        try:
            answer = platform.answer(place.path, query, body, self.headers.get("Content-Type", ""))
        except Answered as error:
            answer = {"errcode": error.code, "errmsg": MESSAGES.get(error.code, "error")}
        if platform.blank[place.path] > 0 or 0.4 <= fault < 0.5:
            platform.blank[place.path] -= 1
            return self._send(b"{}")  # it was done, and the answer lacks every field
        if 0.5 <= fault < 0.7:
            return self._drop()  # it was done, and nobody will learn of it
        if fault >= 0.85:
            return self._send(b"<html>502 Bad Gateway</html>", 502)
        if fault >= 0.7:
            with platform.lock:
                platform.tokens.clear()
        return self._send(json.dumps(answer, ensure_ascii=False).encode())

    def _drop(self) -> None:
        self.close_connection = True

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8199)
    parser.add_argument("--callback", default="")
    parser.add_argument("--token", default="callback-token")
    parser.add_argument("--review-seconds", type=float, default=20)
    given = parser.parse_args()
    platform = Platform(given.review_seconds, callbacks=Callbacks(given.callback, given.token))
    platform.serve(given.port)
    print(f"the platform is at {platform.address}; appid {APPID}, secret {SECRET}", flush=True)  # noqa: T201
    while True:
        time.sleep(1)
        with platform.lock:
            platform.settle()


if __name__ == "__main__":
    main()
