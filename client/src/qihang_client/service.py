"""Qihang's routes for an outside system, by HTTP; the standard library alone."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qihang_client.errors import BodyRefused, NotAllowed, Unavailable
from qihang_client.reports import Answer

BATCH = "application/cloudevents-batch+json"
LIST = "text/tab-separated-values"
LONG_LOOK = 600.0
"""Seconds to wait for what looks at everything that is held."""
LATER = (408, 429, 500, 502, 503, 504)
"""Statuses by which nothing is decided: the same again later."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Another address must not get the token."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Service:
    """Qihang at an address such as `https://qihang.example.cn/s/participation`, with the token of a publisher.

    `ca`: a file with the certificate of the authority to trust, where that is none of the system's."""

    def __init__(self, address: str, token: str, ca: str = "", timeout: float = 60.0) -> None:
        if not address.startswith(("https://", "http://")):
            raise NotAllowed(f"{address}: an address begins with https://")
        if not token.strip().isascii():
            raise NotAllowed("the token has characters that no token has")
        self._address, self._timeout = address.rstrip("/"), timeout
        self._authorization = f"Bearer {token.strip()}"
        context = ssl.create_default_context(cafile=ca or None)
        self._opener = urllib.request.build_opener(_NoRedirects(), urllib.request.HTTPSHandler(context=context))

    def submit(self, events: Sequence[bytes]) -> list[Answer]:
        """Reports encoded events; an answer for each, in their order."""
        answer = self._call("POST", "/api/intake", b"[" + b",".join(events) + b"]", BATCH)
        answers = [Answer.of(receipt["data"]) for receipt in answer["receipts"]]
        if len(answers) != len(events):
            raise Unavailable(f"{len(answers)} receipts for {len(events)} events")
        return answers

    def registration(self) -> dict[str, Any]:
        """What the publisher may report, its quota, and until when its token is honoured."""
        return self._call("GET", "/api/publisher")

    def reference(self) -> dict[str, Any]:
        """What rows may name."""
        return self._call("GET", "/api/publisher/reference")

    def receipts(self, after: int = 0, limit: int = 1000) -> tuple[list[Answer], int]:
        """Receipts of the last 30 days past a position, oldest first; and the next position."""
        page = self._call("GET", f"/api/publisher/receipts?after={after}&limit={limit}")
        answers = [Answer.of(receipt)._replace(revision=None) for receipt in page["receipts"]]
        return answers, int(page["next"])

    def holdings(self) -> dict[str, tuple[int, str]]:
        """By kind how many rows stand, and the digest over them."""
        held = self._call("GET", "/api/publisher/holdings", timeout=LONG_LOOK)["holdings"]
        return {item["kind"]: (item["count"], item["digest"]) for item in held}

    def row(self, kind: str, row_id: str) -> dict[str, Any]:
        """One own row as it stands."""
        return self._call("GET", f"/api/publisher/rows/{kind}/{urllib.parse.quote(row_id)}")

    def differences(self, lines: Iterable[tuple[str, str, str]], **area: str) -> list[dict[str, Any]]:
        """Compares (kind, id, digest) with what is held; `kind`, `first`, `before` limit what is compared."""
        body = gzip.compress("".join(f"{kind}\t{row_id}\t{digest}\n" for kind, row_id, digest in lines).encode())
        query = f"?{urllib.parse.urlencode(area)}" if area else ""
        path, packed = f"/api/publisher/differences{query}", {"Content-Encoding": "gzip"}
        answer = self._call("POST", path, body, LIST, packed, LONG_LOOK)
        differences: list[dict[str, Any]] = answer["differences"]
        return differences

    def _call(self, method: str, path: str, body: bytes | None = None, content_type: str = "",
              headers: Mapping[str, str] | None = None, timeout: float = 0.0) -> dict[str, Any]:  # fmt: skip
        request = urllib.request.Request(self._address + path, body, method=method)  # noqa: S310 - the caller's address
        given = {"Authorization": self._authorization, "Accept": "application/json", **(headers or {})}
        for name, value in (given | ({"Content-Type": content_type} if content_type else {})).items():
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=max(timeout, self._timeout)) as response:
                answer: dict[str, Any] = json.loads(response.read())
                return answer
        except urllib.error.HTTPError as error:
            with error:
                raise _problem(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:  # cut off, or no JSON: a proxy's page
            if isinstance(reason := getattr(error, "reason", error), ssl.SSLCertVerificationError):
                raise NotAllowed(f"{self._address}: {reason.verify_message}") from None
            raise Unavailable(f"{self._address}: {error or type(error).__name__}") from None


def _problem(error: urllib.error.HTTPError) -> Exception:
    try:
        problem = json.loads(error.read())
    except (OSError, http.client.HTTPException, ValueError):
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    code, detail = str(problem.get("code") or ""), str(problem.get("detail") or error.reason)
    if error.code in LATER:
        return Unavailable(f"{error.code} {code} {detail}".rstrip(), _seconds(error.headers.get("Retry-After")))
    if error.code in (401, 403):
        return NotAllowed(f"{error.code} {code} {detail}".rstrip())
    return BodyRefused(error.code, code, detail)


def _seconds(text: str | None) -> float:
    try:
        return min(max(float(text or 0), 0.0), 3600.0)
    except ValueError:
        return 0.0
