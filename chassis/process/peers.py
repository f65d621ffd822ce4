"""HTTP client of the other services: short calls with the service's own token, bounded in time."""

from typing import Any

import requests

from chassis.process.settings import Settings
from chassis.process.tokens import SERVICE_SECONDS, Signer

FEED_PAGE = 1000


class PeerUnavailable(ConnectionError):
    """The other service did not answer, or not sensibly."""


class Peers:
    """The other services' routes."""

    def __init__(self, settings: Settings, signer: Signer) -> None:
        self._settings, self._signer = settings, signer
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, service: str, path: str, **params: Any) -> dict[str, Any]:
        """A JSON answer.  PeerUnavailable."""
        return self._ask("GET", service, path, (3, 30), params=params)

    def post(self, service: str, path: str, body: dict[str, Any], timeout: tuple[float, float]) -> dict[str, Any]:
        """A JSON answer to a JSON body.  PeerUnavailable."""
        return self._ask("POST", service, path, timeout, json=body)

    def _ask(
        self, method: str, service: str, path: str, timeout: tuple[float, float], **content: Any
    ) -> dict[str, Any]:
        token = self._signer.issue(self._signer.issuer, ["service"], SERVICE_SECONDS)
        try:
            response = self._session.request(method, self._settings.peer(service) + path, timeout=timeout,
                                             headers={"Authorization": f"Bearer {token}"}, **content)  # fmt: skip
            response.raise_for_status()
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            raise PeerUnavailable(f"{service}{path}: {error}") from error
        if not isinstance(answer, dict):
            raise PeerUnavailable(f"{service}{path}: not an object")
        return answer

    def heads(self, source: str) -> dict[str, Any]:
        return self.get(source, "/feed")

    def feed(self, source: str, partition: int, after: int, limit: int = FEED_PAGE) -> dict[str, Any]:
        return self.get(source, f"/feed/{partition}", after=after, limit=limit)
