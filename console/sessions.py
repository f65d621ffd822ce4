"""Sessions: a signed cookie that ends after 30 idle minutes, 12 hours, a sign-out or a new password."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from console.accounts import User, user_of

IDLE_SECONDS = 30 * 60
TOTAL_SECONDS = 12 * 3600
REFRESH_SECONDS = 60  # the cookie is written again at most this often


class SessionCookie(SecureCookieSessionInterface):
    """Marks the cookie Secure whenever the request came by HTTPS; a demo on loopback has none."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the signature is Flask's
        return bool(request.is_secure)


class Sessions:
    """Starts, checks and ends sessions; ended ones are remembered for as long as their cookie could be valid.
    `credential_version` changes with an account's password."""

    def __init__(
        self, secret: bytes, credential_version: Callable[[str], str], clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret
        self._credential_version = credential_version
        self._clock = clock
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def start(self, user: str) -> None:
        """A new session with a new id; the CSRF token from before the sign-in is dropped with the rest."""
        now = int(self._clock())
        session.clear()
        session.update(
            id=secrets.token_urlsafe(16), user=user, since=now, seen=now, password=self._fingerprint(user)
        )  # fmt: skip

    def end(self) -> None:
        """From now on a copy of the cookie is refused too."""
        now = self._clock()
        with self._lock:
            self._ended = {name: at for name, at in self._ended.items() if now - at < TOTAL_SECONDS}
            if name := session.get("id"):
                self._ended[name] = now
        session.clear()

    def user(self, *, counts_as_use: bool = True) -> User | None:
        """The signed-in user.  `counts_as_use` is False for requests that a page makes by itself: an idle session ends
        in spite of them."""
        now = int(self._clock())
        user = session.get("user")
        if not isinstance(user, str):
            return None
        seen, since = int(session.get("seen", 0)), int(session.get("since", 0))
        stale = now - seen > IDLE_SECONDS or now - since > TOTAL_SECONDS or session.get("id") in self._ended
        if stale or not hmac.compare_digest(str(session.get("password")), self._fingerprint(user)):
            session.clear()
            return None
        if counts_as_use and now - seen >= REFRESH_SECONDS:
            session["seen"] = now
        return user_of(user)

    def _fingerprint(self, user: str) -> str:
        """Of the account's password as it is now; without an account a random one, which matches no session."""
        version = self._credential_version(user)
        if not version:
            return secrets.token_hex(12)
        return hmac.new(self._secret, version.encode(), hashlib.sha256).hexdigest()[:24]
