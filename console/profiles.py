"""What the registry knows of whoever is signed in: asked of participation, kept for a few seconds."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from console.service_client import ServiceClient, ServiceResponse
from console.users import Post, Profile, User

KEPT_SECONDS, KEPT_UNKNOWN_SECONDS = 15.0, 2.0
LAST_KNOWN_SECONDS = 1800.0
"""How long pages are offered by what was known last, while participation is away; services judge each request."""
MOST_PROFILES = 5000


class Profiles:
    """The profiles of users; without an answer a person is offered what was known of them last, or what every person
    has."""

    def __init__(self, services: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._kept: OrderedDict[str, tuple[float, float, Profile]] = OrderedDict()
        self._lock = threading.Lock()

    def with_profile(self, user: User, *, fresh: bool = False) -> User:
        """The user with posts and rights; `fresh`: as they are now, for what changes anything."""
        if user.is_operator or user.must_change:
            return user
        now = self._clock()
        with self._lock:
            until, known_at, last = self._kept.get(user.account_id, (0.0, 0.0, Profile(known=False)))
        if until > now and not fresh:
            return replace(user, profile=last)
        profile = _profile(self._services.get_json(user, "participation", "/api/me"))
        if profile.known:
            known_at = now
        elif not fresh and last.known and now - known_at < LAST_KNOWN_SECONDS:
            profile = last
        seconds = KEPT_SECONDS if known_at == now else KEPT_UNKNOWN_SECONDS
        self._cache_profile(user.account_id, now + seconds, known_at, profile)
        return replace(user, profile=profile)

    def _cache_profile(self, account_id: str, until: float, known_at: float, profile: Profile) -> None:
        with self._lock:
            self._kept[account_id] = (until, known_at, profile)
            self._kept.move_to_end(account_id)
            while len(self._kept) > MOST_PROFILES:
                self._kept.popitem(last=False)


def _profile(response: ServiceResponse) -> Profile:
    if not response.ok:
        return Profile(known=False)
    body = response.body
    posts = tuple(Post(str(item.get("post")), str(item.get("unit_id")), str(item.get("unit_name") or ""),
                       str(item.get("unit_kind") or ""))
                  for item in body.get("posts") or ())  # fmt: skip
    return Profile(str(body.get("name") or ""), posts, frozenset(map(str, body.get("rights") or ())))
