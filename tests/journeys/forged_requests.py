"""Requests that no client of ours would write: whoever sends them wants another unit's things, or the machines' own.

Each is a request by hand; `%TOKEN%` is the sender's own good token, RS1 the unit that is none of theirs, RS2 theirs."""

from __future__ import annotations

import socket
from dataclasses import dataclass

HEAD = "Host: x\nConnection: close\n"
ASK = "GET /api/duties?unit_id=RS1 HTTP/1.1\nAuthorization: Bearer %TOKEN%\n"
BODY = '{"reason": "x"}'
WRITE = "POST /api/videos/RV1/withdraw HTTP/1.1\nAuthorization: Bearer %TOKEN%\nContent-Type: application/json\n"
CHUNKED = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"
INNER = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(frozen=True)
class Forged:
    """`name`: what it tries.  Sent to `service` (its own port), or to the console when that is empty."""

    name: str
    request: str
    service: str = "assessment"
    body: bytes = b""

    @property
    def harmless_when_answered(self) -> bool:
        """Its own unit is named too: an answer about that one alone is right."""
        return self.name.startswith(("address", "header"))

    def raw(self, token: str) -> bytes:
        head = self.request.replace("%TOKEN%", token).replace("\n", "\r\n")
        return head.encode("utf-8", "surrogateescape") + b"\r\n" + self.body


def headed(name: str, *lines: str) -> Forged:
    return Forged(f"header: {name}", ASK + "".join(f"{line}\n" for line in lines) + HEAD)


def asked(name: str, target: str) -> Forged:
    head = f"GET {target} HTTP/1.1\nAuthorization: Bearer %TOKEN%\n{HEAD}"
    return Forged(f"address: {name}", head)


def inside(target: str) -> Forged:
    """Through the console, for what only machines of the inside may ask."""
    return Forged(f"inside: {target}", f"GET {target} HTTP/1.1\n{HEAD}", "")


def written(name: str, *lines: str, body: str | bytes = BODY, service: str = "publicity") -> Forged:
    raw = body if isinstance(body, bytes) else body.encode()
    given = lines or (f"Content-Length: {len(raw)}",)
    return Forged(f"body: {name}", WRITE + "".join(f"{line}\n" for line in given) + HEAD, service, raw)


HEADERS = [
    headed("an address of this host", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"),
    headed("another host", "Host: participation", "X-Forwarded-Host: localhost"),
    headed("another address", "X-Original-URL: /livez", "X-Rewrite-URL: /livez"),
    headed("another method", "X-HTTP-Method-Override: GET", "X-HTTP-Method: OPTIONS"),
    headed("an actor", "X-Qihang-Actor: operator:operator", "X-Qihang-Roles: operator", "X-Qihang-Units: RS1"),
    headed("headers of nameko", "X-nameko.auth: operator", "X-MyNewHeader: operator", "nameko-user_id: operator"),
    headed("a user of a proxy", "Remote-User: operator", "X-Remote-User: operator", "X-Auth-Request-User: operator"),
    headed("two tokens, the other first", "Authorization: Bearer operator"),
    headed("a second token in one line", "Authorization: Bearer %TOKEN%, Bearer operator"),
    headed("a cookie", "Cookie: session=operator; __Host-session=operator; token=operator"),
    headed("a folded line", "X-A: b", " Authorization: Bearer operator"),
]
ADDRESSES = [
    asked("its own first", "/api/duties?unit_id=RS2&unit_id=RS1"),
    asked("its own last", "/api/duties?unit_id=RS1&unit_id=RS2"),
    asked("a list", "/api/duties?unit_id[]=RS1&unit_id=RS2"),
    asked("a separator in the value", "/api/duties?unit_id=RS2%26unit_id%3DRS1"),
    asked("semicolons", "/api/duties?unit_id=RS2;unit_id=RS1"),
    asked("NUL", "/api/duties?unit_id=RS1%00&person_id="),
    asked("percent signs twice", "/api/duties?unit_id=%2552S1"),
    asked("percent signs", "/api/duties?unit_id=%52S%31"),
    asked("wide letters", "/api/duties?unit_id=%EF%BC%B2%EF%BC%B3%EF%BC%91"),
    asked("bytes that are no UTF-8", "/api/duties?unit_id=RS1%ff"),
    asked("a wildcard", "/api/duties?unit_id=%25"),
    asked("an injection", "/api/duties?unit_id=RS2'%20OR%20'1'='1"),
    asked("a number past all", f"/api/duties?unit_id=RS1&period={'9' * 400}"),
    asked("a path upwards", "/livez/../api/duties?unit_id=RS1"),
    asked("a coded path upwards", "/livez/%2e%2e/api/duties?unit_id=RS1"),
    asked("slashes", "//api//duties?unit_id=RS1"),
    asked("coded letters", "/%61pi/%64uties?unit_id=RS1"),
    asked("a parameter of the path", "/api;x=y/duties?unit_id=RS1"),
    asked("a whole address", "http://localhost/api/duties?unit_id=RS1"),
    asked("a history by a path", "/api/duties/..%2f..%2ffeed/0"),
    asked("the feed", "/feed/0?after=0"),
    asked("heads", "/api/heads"),
    asked("a partition past all", f"/feed/{'9' * 30}"),
]
INSIDE = [
    inside(f"/s/participation/{path}") for path in (
        "metrics", "./metrics", "/metrics", "%2e/metrics", "api/../metrics", "api/%2e%2e/metrics", "api/..%2fmetrics",
        "..%2fparticipation/metrics", "%6detrics", "metrics/", "metrics%2f", "metrics/.", "metrics/%2e", "metrics%00",
        "metrics%20", "metrics;x", "metrics%3fx", "metrics%23", "METRICS", "api/%252e%252e/metrics", "%5cmetrics",
        "..%5cmetrics", "readyz", "openapi.json", "%6fpenapi.json", "api/x/../../openapi.json", "livez",
    )
] + [inside(path) for path in ("/s//metrics", "/s/../metrics", "/metrics", "/openapi.json", "/s/console/metrics",
                               "/s/participation@assessment/metrics", "/static/../../settings.py",
                               "/static/%2e%2e/settings.py", "/static/..%5csettings.py")]  # fmt: skip
BODIES = [
    written("as it should be"),
    written("a key twice", body='{"reason": "x", "reason": "y"}'),
    written("an actor beside", body='{"reason": "x", "actor": "operator:operator", "unit_id": "RS2"}'),
    written("UTF-16", body=BODY.encode("utf-16")),
    written("a byte order mark", body=b"\xef\xbb\xbf" + BODY.encode()),
    written("a huge number", body='{"reason": 1' + "0" * 5000 + "}"),
    written("nested", body='{"reason": ' + "[" * 20_000 + "]" * 20_000 + "}"),
    written("a length and chunks", "Content-Length: 15", "Transfer-Encoding: chunked", body=f"0\r\n\r\n{INNER}"),
    written("no length and chunks", "Content-Length: 0", "Transfer-Encoding: chunked", body=CHUNKED),
    written("two lengths", "Content-Length: 3", f"Content-Length: {len(BODY)}"),
    written("a length with a sign", f"Content-Length: +{len(BODY)}"),
    written("a negative length", "Content-Length: -1"),
    written("a disguised coding", "Transfer-Encoding: xchunked", "Content-Length: 3", body=f"0\r\n\r\n{INNER}"),
    written("a coding with a tab", "Transfer-Encoding:\tchunked", body=f"0\r\n\r\n{INNER}"),
    written("a chunk of more than it says", "Transfer-Encoding: chunked", body=f"1\r\n{BODY}\r\n0\r\n\r\n"),
    written("a chunk of a negative size", "Transfer-Encoding: chunked", body=f"-5\r\n{BODY}\r\n0\r\n\r\n"),
    written("another request behind", f"Content-Length: {len(BODY)}", body=BODY + INNER),
]  # fmt: skip
THROUGH_THE_CONSOLE = [
    Forged(f"{each.name}, through the console",
           each.request.replace(" /api/", f" /s/{each.service}/api/", 1), "", each.body)
    for each in (*HEADERS, *BODIES)
]  # fmt: skip
FORGED = [*HEADERS, *ADDRESSES, *INSIDE, *BODIES, *THROUGH_THE_CONSOLE]


def answers_of(port: int, request: bytes) -> bytes:
    """All that comes back until the server closes, or says no more."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionError):
            return received
    return received


def statuses(answer: bytes) -> list[int]:
    """Of every response in it."""
    parts = answer.split(b"HTTP/1.")[1:]
    return [int(part[2:5]) for part in parts if part[2:5].isdigit()]
