"""The subjects' keys, fetched from participation, which owns them; kept for a minute, since a key may be destroyed."""

import time
from collections.abc import Collection, Mapping
from typing import Any

import requests

from chassis.peers import Away
from chassis.tokens import SERVICE_SECONDS

SECONDS = 60


class Keyring:
    """Keys by person; who has none (unknown, or erased) is absent."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._kept: dict[str, tuple[float, bytes]] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def of(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Their keys.  Away."""
        now = time.monotonic()
        self._kept = {name: one for name, one in self._kept.items() if one[0] > now}
        missing = sorted(set(subjects) - self._kept.keys())
        for at in range(0, len(missing), 1000):
            for name, key in self._ask(missing[at : at + 1000]).items():
                self._kept[name] = (now + SECONDS, bytes.fromhex(key))
        return {name: self._kept[name][1] for name in subjects if name in self._kept}

    def forget(self, subject: str) -> None:
        """The person was erased."""
        self._kept.pop(subject, None)

    def _ask(self, subjects: list[str]) -> dict[str, str]:
        frame = self._frame
        token = frame.signer.issue(frame.service, ["service"], SERVICE_SECONDS)
        try:
            answer = self._session.post(
                frame.settings.peer("participation") + "/api/keys", json={"subjects": subjects}, timeout=(3, 30),
                headers={"Authorization": f"Bearer {token}"},
            )  # fmt: skip
            answer.raise_for_status()
            found: dict[str, str] = answer.json()["keys"]
        except (requests.RequestException, ValueError, KeyError) as error:
            raise Away(f"participation/api/keys: {type(error).__name__}") from error
        return found
