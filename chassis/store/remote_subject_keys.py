"""Subject keys in a service that does not own them: fetched from participation, and cached for a short time only, since
a key may be destroyed."""

import time
from collections.abc import Callable, Collection, Mapping

from chassis.process.peers import TIMEOUT, Peers, PeerUnavailable

PAGE = 1000
MAX_CACHED = 20_000


class RemoteKeys:
    """Fetches keys by person id.  `kept`: seconds in the cache; `timeout`: seconds for connecting and for the
    response."""

    def __init__(self, peers: Peers, kept: float = 60, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._peers, self._seconds, self._timeout = peers, kept, timeout
        self._kept: dict[str, tuple[float, bytes]] = {}
        self.fetch: Callable[[list[str]], Mapping[str, bytes]] = self._from_participation

    def of(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """The keys of these persons, from the cache or fetched; a person without one (unknown or erased) is absent.
        Raises PeerUnavailable."""
        result = self.cached(subjects)
        missing = sorted(set(subjects) - result.keys())
        for at in range(0, len(missing), PAGE):
            result |= self.fetch(missing[at : at + PAGE])
        if len(self._kept) + len(missing) > MAX_CACHED:
            self._kept.clear()
        until = time.monotonic() + self._seconds
        self._kept |= {name: (until, result[name]) for name in missing if name in result}
        return result

    def cached(self, subjects: Collection[str]) -> dict[str, bytes]:
        """The keys of these persons that are in the cache."""
        now = time.monotonic()
        return {name: item[1] for name in subjects if (item := self._kept.get(name)) and item[0] > now}

    def forget(self, subject: str) -> None:
        """Remove a person's key from the cache: the person was erased."""
        self._kept.pop(subject, None)

    def _from_participation(self, subjects: list[str]) -> dict[str, bytes]:
        answer = self._peers.post("participation", "/api/keys", {"subjects": subjects}, self._timeout)
        try:
            return {name: bytes.fromhex(key) for name, key in answer["keys"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PeerUnavailable("participation/api/keys: not keys") from None
