"""HTTP client of the services, through the console's gateway: bearer token, retries, problem+json as one line of
text."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import requests
from urllib3 import Retry

from cli.failure import Failure
from cli.language import localise
from cli.settings import ConnectionSettings, load_connection_settings
from cli.terminal_text import escape_controls

JsonObject = dict[str, Any]
Body = bytes | BinaryIO
CONNECT_SECONDS = 5
UNSEEN_SECONDS = 3.0
NO_ROOM = 507
RETRIED_STATUSES = frozenset({429, 502, 503, 504, NO_ROOM})
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


class ServiceUnavailable(Failure):
    """The service could not be reached, or did not answer, within the caller's patience."""


class ApiClient:
    """Calls to every service with the caller's token.  Not to be shared between threads."""

    def __init__(
        self,
        settings: ConnectionSettings,
        clock: Callable[[], float] = time.monotonic,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._timeouts = (min(CONNECT_SECONDS, read_seconds), read_seconds)
        self._session = requests.Session()
        # A proxy or .netrc of the environment must neither see nor replace the operator's token.
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def get(self, service: str, path: str, *, patience: float = 15, **query: Any) -> JsonObject:
        """The JSON object of a GET; `patience`: seconds during which an unavailable service is asked again."""
        return self.call("GET", service, path, patience=patience, params=query)

    def post(self, service: str, path: str, json: JsonObject | None = None, *, patience: float = 0) -> JsonObject:
        """The JSON object that a write returns; only idempotent writes are given patience."""
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
        """The open response of a call; `body` is called for every attempt, so that it can be sent again."""
        headers = {**(headers or {}), **({"Content-Type": content_type} if content_type else {})}
        where = f"{service} {path}"
        retries = _RetryUntil(patience, self._clock)
        fresh_token = False
        while True:
            problem: Failure
            answer = None
            try:
                answer = self._send(method, service, path, headers, params, json, body, stream)
            except requests.RequestException as error:
                problem = ServiceUnavailable(f"{where}：连接不上 {self._settings.address()}（{_reason(error)}）")
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
                if answer.status_code not in RETRIED_STATUSES:
                    raise problem
            if not retries.wait(answer, problem):
                raise problem

    def _send(
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
                f"{self._settings.address()}/s/{service}{path}",
                headers={**headers, "Authorization": f"Bearer {self._settings.token()}"},
                params={key: value for key, value in (params or {}).items() if value is not None},
                json=json,
                data=data,
                stream=stream,
                allow_redirects=False,
                timeout=self._timeouts,
            )
        finally:
            if data is not None and not isinstance(data, bytes):
                data.close()


class _RetryUntil:
    """urllib3's back-off (exponential, with jitter; `Retry-After` is honoured) until a deadline.

    urllib3 counts attempts and repeats them with the same address, token and body; a caller here waits for a time, in
    which the system may come back at another address and with another token.  So the loop is ours, the policy is
    not."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shown = ""
        self._began = clock()
        self._deadline = clock() + seconds
        self._retry = Retry(total=None, backoff_factor=0.2, backoff_max=5.0, backoff_jitter=0.1)

    def wait(self, response: requests.Response | None, problem: Failure) -> bool:
        """Sleeps before the next attempt; False when the deadline has passed.  Whoever waits for long reads why."""
        remaining = self._deadline - self._clock()
        if remaining <= 0:
            return False
        self._explain(problem, remaining)
        self._retry = self._retry.increment()
        retry_after = self._retry.get_retry_after(response.raw) if response is not None else None
        time.sleep(min(remaining, retry_after or self._retry.get_backoff_time()))
        return True

    def _explain(self, problem: Failure, remaining: float) -> None:
        """On stderr, once for each reason; an interruption of a few seconds does not show, a full disk does."""
        reason = str(problem)
        lasting = self._clock() - self._began > UNSEEN_SECONDS or getattr(problem, "status", 0) == NO_ROOM
        if lasting and reason != self._shown:
            self._shown = reason
            words = localise(f"qihang: {reason}；继续重试，最多再等 {remaining:.0f} 秒")
            print(escape_controls(words), file=sys.stderr, flush=True)


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


def _reason(error: Exception) -> str:
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


def connect(read_seconds: float = READ_SECONDS) -> ApiClient:
    """A client of the system that the environment names."""
    return ApiClient(load_connection_settings(), read_seconds=read_seconds)
