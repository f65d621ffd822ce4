"""Who is signed in: a signed cookie that ends after 30 idle minutes, 12 hours, a sign-out or a new secret."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSessionInterface

from console.accounts import Who, who

IDLE = 30 * 60
LONGEST = 12 * 3600
SEEN_EVERY = 60  # the cookie is written again at most this often
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"


class Cookie(SecureCookieSessionInterface):
    """Marks the cookie Secure whenever the request came by HTTPS; a loopback demo has none."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the signature is Flask's
        return bool(request.is_secure)


class Sessions:
    """Begins, checks and ends sessions; remembers ended ones for as long as their cookie could live.  `mark` tells what
    changes with an account's secret."""

    def __init__(self, secret: bytes, mark: Callable[[str], str], clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._mark = mark
        self._clock = clock
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self, user: str) -> None:
        """A session of its own id and CSRF token, so that nothing from before the sign-in is worth anything."""
        now = int(self._clock())
        session.clear()
        session.update(
            id=secrets.token_urlsafe(16),
            user=user,
            csrf=secrets.token_urlsafe(24),
            since=now,
            seen=now,
            password=self._fingerprint(user),
        )

    def end(self) -> None:
        """A copy of the cookie is worth nothing afterwards."""
        now = self._clock()
        with self._lock:
            self._ended = {name: at for name, at in self._ended.items() if now - at < LONGEST}
            if name := session.get("id"):
                self._ended[name] = now
        session.clear()

    def user(self, *, alive: bool = True) -> Who | None:
        """Who is signed in. `alive` is False for requests that a page makes by itself: they do not count as use."""
        now = int(self._clock())
        user = session.get("user")
        if not isinstance(user, str):
            return None
        seen, since = int(session.get("seen", 0)), int(session.get("since", 0))
        stale = now - seen > IDLE or now - since > LONGEST or session.get("id") in self._ended
        if stale or not hmac.compare_digest(str(session.get("password")), self._fingerprint(user)):
            session.clear()
            return None
        if alive and now - seen >= SEEN_EVERY:
            session["seen"] = now
        return who(user)

    def csrf(self) -> str:
        """The token that a form of this session has to send back."""
        if "csrf" not in session:
            session["csrf"] = secrets.token_urlsafe(24)
        return str(session["csrf"])

    def csrf_given(self, asked: Request) -> bool:
        """Whether the request bears the session's token, in its header or its form."""
        given = asked.headers.get(CSRF_HEADER) or ""
        if not given and asked.mimetype == "application/x-www-form-urlencoded":
            given = asked.form.get(CSRF_FIELD, "")
        expected = str(session.get("csrf", ""))
        return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())

    def _fingerprint(self, user: str) -> str:
        """Of the account's secret; one that has none any more fits no session."""
        mark = self._mark(user)
        return hmac.new(self._secret, mark.encode(), hashlib.sha256).hexdigest()[:24] if mark else secrets.token_hex(12)
