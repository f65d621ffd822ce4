"""How a service asks another: short HTTP calls with its own token, bounded in time."""

from typing import Any

import requests

from chassis.process.settings import Settings
from chassis.process.tokens import SERVICE_SECONDS, Signer

FEED_PAGE = 1000


class PeerUnavailable(ConnectionError):
    """The other service did not answer, or not sensibly."""


class Peers:
    """The other services' doors."""

    def __init__(self, settings: Settings, signer: Signer) -> None:
        self._settings, self._signer = settings, signer
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, service: str, path: str, **params: Any) -> dict[str, Any]:
        """A JSON answer.  Away."""
        token = self._signer.issue(self._signer.issuer, ["service"], SERVICE_SECONDS)
        try:
            answer = self._session.get(self._settings.peer(service) + path, params=params, timeout=(3, 30),
                                       headers={"Authorization": f"Bearer {token}"})  # fmt: skip
            answer.raise_for_status()
            result = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise PeerUnavailable(f"{service}{path}: {error}") from error
        if not isinstance(result, dict):
            raise PeerUnavailable(f"{service}{path}: not an object")
        return result

    def heads(self, source: str) -> dict[str, Any]:
        return self.get(source, "/feed")

    def feed(self, source: str, partition: int, after: int, limit: int = FEED_PAGE) -> dict[str, Any]:
        return self.get(source, f"/feed/{partition}", after=after, limit=limit)
