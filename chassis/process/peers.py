"""The HTTP client for calls to the other services, authenticated with a short-lived token of the calling service."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from chassis.process.settings import Settings
from chassis.process.tokens import SERVICE_SECONDS, Signer

FEED_PAGE = 1000
TIMEOUT = (3.0, 30.0)
"""Seconds for connecting, and between two bytes of the response."""
# A peer that restarts refuses connections for a moment: connecting is tried once more.  What was sent is not sent again
# here: the loops that call (catch-up, delivery) have retries of their own, with their own pace and log line.
_RETRY = Retry(total=1, connect=1, read=0, status=0, redirect=0, other=0, backoff_factor=0.1)


class PeerUnavailable(ConnectionError):
    """The other service did not answer, answered with an error status, or not with a JSON object."""


class Peers:
    """Calls the other services over one session, whose connections are kept open and reused."""

    def __init__(self, settings: Settings, signer: Signer) -> None:
        self._settings, self._signer = settings, signer
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_RETRY))

    def get(self, service: str, path: str, **params: Any) -> dict[str, Any]:
        """The JSON object that a GET returns.  Raises PeerUnavailable."""
        return self._call("GET", service, path, TIMEOUT, params=params)

    def post(
        self, service: str, path: str, body: dict[str, Any], timeout: tuple[float, float] = TIMEOUT
    ) -> dict[str, Any]:
        """The JSON object that a POST returns.  `timeout`: as TIMEOUT.  Raises PeerUnavailable."""
        return self._call("POST", service, path, timeout, json=body)

    def heads(self, source: str) -> dict[str, Any]:
        """The heads of a source's log, by partition.  Raises PeerUnavailable."""
        return self.get(source, "/feed")

    def feed(self, source: str, partition: int, after: int, limit: int = FEED_PAGE) -> dict[str, Any]:
        """A page of a source's feed: at most `limit` events past position `after`.  Raises PeerUnavailable."""
        return self.get(source, f"/feed/{partition}", after=after, limit=limit)

    def _call(
        self, method: str, service: str, path: str, timeout: tuple[float, float], **content: Any
    ) -> dict[str, Any]:
        token = self._signer.issue(self._signer.issuer, ["service"], SERVICE_SECONDS)
        try:
            response = self._session.request(
                method, self._settings.peer(service) + path, timeout=timeout, allow_redirects=False,
                headers={"Authorization": f"Bearer {token}"}, **content,
            )  # fmt: skip
            response.raise_for_status()
            result = response.json()
        except (requests.RequestException, ValueError) as error:
            raise PeerUnavailable(f"{service}{path}: {error}") from error
        if not isinstance(result, dict):
            raise PeerUnavailable(f"{service}{path}: not an object")
        return result
