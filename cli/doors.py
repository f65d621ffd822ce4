"""Calls to the services through the console's gateway: tokens, retries and problems made into one line."""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import requests

from cli.failure import Failure
from cli.settings import Place, find_place

JsonObject = dict[str, Any]
Body = bytes | BinaryIO
AWAY = frozenset({429, 502, 503, 504})
CONNECT_SECONDS = 5
READ_SECONDS = 130  # longer than the gateway's own limit, so that its answer is the one we show


class Problem(Failure):
    """An answer of problem+json, with its status, code and members."""

    def __init__(self, status: int, members: JsonObject, where: str) -> None:
        self.status = status
        self.code = str(members.get("code") or "")
        self.members = members
        text = str(members.get("detail") or members.get("title") or "没有说明")
        suffix = f"（{self.code}）" if self.code else ""
        super().__init__(f"{where}：{status} {text}{suffix}")


class Away(Failure):
    """No usable answer within the caller's patience."""


class Doors:
    """One caller's way to every service. Not shared between threads."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._clock = clock
        self._session = requests.Session()
        # A proxy or .netrc of the surroundings must neither see nor replace the operator's token.
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def get(self, service: str, path: str, *, patience: float = 15, **query: Any) -> JsonObject:
        """A JSON answer; `patience` is the seconds for which an absent service is asked again."""
        return self.call("GET", service, path, patience=patience, params=query)

    def post(self, service: str, path: str, json: JsonObject | None = None, *, patience: float = 0) -> JsonObject:
        """A JSON answer to a write; only writes that may be repeated are given patience."""
        return self.call("POST", service, path, patience=patience, json=json if json is not None else {})

    def call(self, method: str, service: str, path: str, **kwargs: Any) -> JsonObject:
        """As `open`, reading the whole JSON object; an empty answer is an empty object."""
        with self.open(method, service, path, **kwargs) as answer:
            if not answer.content:
                return {}
            return _json_object(answer, f"{service} {path}")

    @contextmanager
    def open(
        self,
        method: str,
        service: str,
        path: str,
        *,
        patience: float = 0,
        params: Mapping[str, Any] | None = None,
        json: JsonObject | None = None,
        body: Callable[[], Body] | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Iterator[requests.Response]:
        """The open answer of a call; `body` is made anew for every attempt, so that it can be sent again."""
        headers = {**(headers or {}), **({"Content-Type": content_type} if content_type else {})}
        where = f"{service} {path}"
        wait = _Waits(patience, self._clock)
        fresh_token = False
        while True:
            problem: Failure
            try:
                answer = self._once(method, service, path, headers, params, json, body, stream)
            except requests.RequestException as error:
                problem = Away(f"{where}：连接不上 {self._place.address()}（{_short(error)}）")
            else:
                if answer.ok:
                    with answer:
                        yield answer
                    return
                with answer:
                    problem = _problem(answer, where)
                if answer.status_code == 401 and not fresh_token:
                    fresh_token = True  # the file may have been rotated between reading and sending
                    continue
                if answer.status_code not in AWAY:
                    raise problem
            if not wait.again():
                raise problem

    def _once(
        self,
        method: str,
        service: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None,
        json: JsonObject | None,
        body: Callable[[], Body] | None,
        stream: bool,
    ) -> requests.Response:
        data = body() if body else None
        try:
            return self._session.request(
                method,
                f"{self._place.address()}/s/{service}{path}",
                headers={**headers, "Authorization": f"Bearer {self._place.token()}"},
                params={key: value for key, value in (params or {}).items() if value is not None},
                json=json,
                data=data,
                stream=stream,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )
        finally:
            if data is not None and not isinstance(data, bytes):
                data.close()


class _Waits:
    """Growing pauses, with a spread so that many callers do not come back at once, until patience ends."""

    def __init__(self, patience: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + patience
        self._pause = 0.2

    def again(self) -> bool:
        left = self._end - self._clock()
        if left <= 0:
            return False
        time.sleep(min(left, self._pause * random.uniform(0.7, 1.3)))  # noqa: S311 - a spread, not a secret
        self._pause = min(self._pause * 2, 5.0)
        return True


def _json_object(answer: requests.Response, where: str) -> JsonObject:
    try:
        value = answer.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Failure(f"{where}：答复不是 JSON 对象，QIHANG_URL 指向的可能不是启航的控制台")
    return value


def _problem(answer: requests.Response, where: str) -> Problem:
    members: JsonObject = {}
    if "json" in answer.headers.get("Content-Type", ""):
        try:
            value = answer.json()
            members = value if isinstance(value, dict) else {}
        except (ValueError, requests.RequestException):
            members = {}
    return Problem(answer.status_code, members, where)


def _short(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "超时"
    text = str(error)
    for sign, words in (
        ("refused", "拒绝连接"),
        ("resolve", "地址无法解析"),
        ("certificate", "证书不被信任"),
    ):
        if sign in text:
            return words
    return "连接中断"


def connect() -> Doors:
    """The doors of the system that the environment names."""
    return Doors(find_place())
