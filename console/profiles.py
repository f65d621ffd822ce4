"""What the registry knows of whoever is signed in: asked of participation, kept for a few seconds."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from console.service_client import ServiceClient, ServiceResponse
from console.users import Post, Profile, User

KEPT_SECONDS, KEPT_UNKNOWN_SECONDS = 15.0, 2.0
MOST_PROFILES = 5000


class Profiles:
    """The profiles of users; without an answer a person is offered what every person has."""

    def __init__(self, services: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._kept: OrderedDict[str, tuple[float, Profile]] = OrderedDict()
        self._lock = threading.Lock()

    def with_profile(self, user: User, *, fresh: bool = False) -> User:
        """The user with posts and rights; `fresh`: as they are now, for what changes anything."""
        if user.is_operator or user.must_change:
            return user
        now = self._clock()
        with self._lock:
            until, profile = self._kept.get(user.account_id, (0.0, Profile()))
        if fresh or until <= now:
            profile = _profile(self._services.get_json(user, "participation", "/api/me"))
            with self._lock:
                self._kept[user.account_id] = (now + (KEPT_SECONDS if profile.known else KEPT_UNKNOWN_SECONDS), profile)
                self._kept.move_to_end(user.account_id)
                while len(self._kept) > MOST_PROFILES:
                    self._kept.popitem(last=False)
        return replace(user, profile=profile)


def _profile(response: ServiceResponse) -> Profile:
    if not response.ok:
        return Profile(known=False)
    body = response.body
    posts = tuple(Post(str(item.get("post")), str(item.get("unit_id")), str(item.get("unit_name") or ""))
                  for item in body.get("posts") or ())  # fmt: skip
    return Profile(str(body.get("name") or ""), posts, frozenset(map(str, body.get("rights") or ())))
