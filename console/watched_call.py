"""A request to a service that is given up within a second and a half when the service shows no sign of life, and has
more time while it does: a frozen or vanished service holds up no page, one that calculates may.

It asks `/livez` beside the request; the request itself is sent once and never again."""

import http.client
import json as json_text
import select
import socket
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from requests.utils import requote_uri

CONNECT_SECONDS = 1.0
FIRST_LOOK_SECONDS = 0.4
"""An answer that takes longer makes us look whether the service lives at all."""
LIFE_SECONDS = 0.9
"""In which a living service answers `/livez`; one whose processor is taken by others does too."""
KNOWN_AWAY_SECONDS = 0.15
"""The same of a service that was found to be away a moment ago."""


class NoAnswer(Exception):
    """The service gave none: it is away, or (`slow`) lives and did not end in time."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__("slow" if slow else "away")
        self.slow = slow


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        """ValueError: the body is none."""
        return json_text.loads(self.content)


def ask(
    method: str, url: str, headers: Mapping[str, str], seconds: float, *, known_away: bool = False,
    params: Mapping[str, str] | None = None, json: Any = None,
) -> Reply:  # fmt: skip
    """Sends the request and reads the answer within `seconds`.  NoAnswer."""
    until = time.monotonic() + seconds
    if known_away and not lives(url, KNOWN_AWAY_SECONDS):
        raise NoAnswer
    target = urlsplit(requote_uri(url)).path + (f"?{urlencode(params)}" if params else "")
    body = None if json is None else json_text.dumps(json, ensure_ascii=False).encode()
    try:
        with closing(_connection(url, CONNECT_SECONDS)) as connection:
            connection.connect()
            connection.sock.settimeout(seconds)
            content_type = {} if json is None else {"Content-Type": "application/json"}
            with suppress(BrokenPipeError):  # it has answered before it read all
                connection.request(method, target, body, {**headers, **content_type, "Connection": "close"})
            _wait_for_answer(connection.sock, url, until)
            connection.sock.settimeout(max(LIFE_SECONDS, until - time.monotonic()))
            response = connection.getresponse()
            return Reply(response.status, response.read())
    except TimeoutError:
        raise NoAnswer(slow=time.monotonic() >= until) from None
    except (OSError, http.client.HTTPException):
        raise NoAnswer from None


def lives(url: str, seconds: float) -> bool:
    """Whether the service at that address answers anything in time."""
    try:
        with closing(_connection(url, seconds)) as connection:
            connection.request("GET", "/livez", headers={"Connection": "close"})
            connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    return True


def _wait_for_answer(sock: socket.socket, url: str, until: float) -> None:
    """Until the answer begins.  NoAnswer: no life was seen, or the time is over."""
    wait = FIRST_LOOK_SECONDS
    while not _begins(sock, min(wait, max(0.0, until - time.monotonic()))):
        if time.monotonic() >= until:
            raise NoAnswer(slow=True)
        if not lives(url, LIFE_SECONDS) and not _begins(sock, 0.0):
            raise NoAnswer
        wait = LIFE_SECONDS


def _begins(sock: socket.socket, seconds: float) -> bool:
    poll = select.poll()  # `select` takes no descriptor past 1,023
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def _connection(url: str, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=seconds)
