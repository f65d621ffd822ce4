"""Sessions in the console's store: they survive a restart, and end after 30 idle minutes, 12 hours, a sign-out, a new
password or the end of the account.  The browser holds a random token, the store only its hash."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, has_request_context, request, session
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Connection

from console.accounts import end_sessions
from console.language import clear_session
from console.store.database import Store
from console.store.tables import accounts, second_steps, sessions
from console.users import User

IDLE_SECONDS = 30 * 60
TOTAL_SECONDS = 12 * 3600
REFRESH_SECONDS = 60  # the last use is written at most this often
MOST_SESSIONS = 20  # of one account; beyond that the one that was unused for longest ends
PASSWORD, OIDC = "password", "oidc"  # how a session was signed in; `+code` or `+recovery` after a second step
TOKEN = "token"  # noqa: S105 - the name of the cookie's member


def _is_open() -> sa.ColumnElement[bool]:
    """With the values of `_open_since`."""
    return sa.and_(sessions.c.seen_at >= sa.bindparam("seen_since"),
                   sessions.c.started_at >= sa.bindparam("started_since"))  # fmt: skip


def _open_since(now: float) -> dict[str, float]:
    return {"seen_since": now - IDLE_SECONDS, "started_since": now - TOTAL_SECONDS}


_OPEN_SESSION = (
    sa.select(sessions, accounts.c.sign_in_name, accounts.c.one_time, second_steps.c.confirmed_at)
    .join(accounts, accounts.c.account_id == sessions.c.account_id)
    .outerjoin(second_steps, second_steps.c.account_id == sessions.c.account_id)
    .where(sessions.c.token_hash == sa.bindparam("digest"), accounts.c.disabled_at == 0, _is_open())
)
"""Every request asks it: built once."""


class SessionCookie(SecureCookieSessionInterface):
    """Under https the cookie is `__Host-` and Secure: no neighbouring site and no page without TLS can set it."""

    def get_cookie_name(self, app: Flask) -> str:
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if has_request_context() and request.is_secure else name

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the signature is Flask's
        return bool(request.is_secure)


@dataclass(frozen=True)
class OpenSession:
    """One session as its owner sees it."""

    session_id: str
    started_at: float
    seen_at: float
    address: str
    device: str
    signed_in_by: str


class Sessions:
    """Starts, checks, lists and ends sessions."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock

    def start(self, account_id: str, address: str, device: str, changed_at: float, by: str) -> str:
        """A new session with a new token; what the cookie bore before the sign-in, the CSRF token too, is dropped.
        `by`: how they signed in.  Returns the session's id; empty: the password that was looked at (of `changed_at`)
        is no longer this account's, or the account was disabled."""
        now, token, session_id = self._clock(), secrets.token_urlsafe(32), secrets.token_urlsafe(9)
        before = session.get(TOKEN)
        same = sa.and_(accounts.c.account_id == account_id, accounts.c.changed_at == changed_at)
        with self._store.writing() as connection:
            query = sa.select(accounts.c.account_id).where(same, accounts.c.disabled_at == 0)
            if connection.scalar(query.with_for_update(read=True)) is None:
                return ""
            if isinstance(before, str):
                connection.execute(sa.delete(sessions).where(sessions.c.token_hash == _hash(before)))
            self._delete_ended(connection, account_id)
            connection.execute(sa.insert(sessions).values(
                token_hash=_hash(token), session_id=session_id, account_id=account_id, started_at=now, seen_at=now,
                address=address, device=device, signed_in_by=by,
            ))  # fmt: skip
        clear_session()
        session[TOKEN] = token
        return session_id

    def user(self, *, counts_as_use: bool = True) -> User | None:
        """The signed-in user.  `counts_as_use` is False for requests that a page makes by itself: an idle session ends
        in spite of them."""
        token = session.get(TOKEN)
        if not isinstance(token, str):
            return None
        digest, now = _hash(token), self._clock()
        with self._store.reading() as connection:
            row = connection.execute(_OPEN_SESSION, {"digest": digest, **_open_since(now)}).one_or_none()
        if row is None:
            clear_session()
            return None
        if counts_as_use and now - row.seen_at >= REFRESH_SECONDS:
            with self._store.writing() as connection:
                used = sa.update(sessions).where(sessions.c.token_hash == digest)
                connection.execute(used.values(seen_at=now))
        must_change = bool(row.one_time) and not row.signed_in_by.startswith(OIDC)  # no password was used
        return User(row.account_id, row.sign_in_name, row.session_id, must_change, bool(row.confirmed_at),
                    row.signed_in_by)  # fmt: skip

    def end(self) -> None:
        """Signs out: from now on a copy of the cookie is refused too."""
        token = session.get(TOKEN)
        if isinstance(token, str):
            with self._store.writing() as connection:
                connection.execute(sa.delete(sessions).where(sessions.c.token_hash == _hash(token)))
        clear_session()

    def open_sessions(self, account_id: str) -> list[OpenSession]:
        """Those of an account, the one that was used last first."""
        query = sa.select(sessions).where(sessions.c.account_id == account_id, _is_open())
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(sessions.c.seen_at.desc()), _open_since(self._clock())).all()
        return [OpenSession(row.session_id, row.started_at, row.seen_at, row.address, row.device, row.signed_in_by)
                for row in rows]  # fmt: skip

    def end_one(self, account_id: str, session_id: str) -> bool:
        """Ends a session of this account; False: it has no such session."""
        own = sa.and_(sessions.c.account_id == account_id, sessions.c.session_id == session_id)
        with self._store.writing() as connection:
            return bool(connection.execute(sa.delete(sessions).where(own)).rowcount)

    def end_all(self, account_id: str, keep: str = "") -> None:
        """Ends every session of the account but the one that is kept."""
        with self._store.writing() as connection:
            end_sessions(connection, account_id, keep)

    def _delete_ended(self, connection: Connection, account_id: str) -> None:
        """What has ended goes, and of one account's sessions those beyond the most that it may have."""
        ended = sa.select(sessions.c.token_hash).where(sa.not_(_is_open()))
        free = ended.with_for_update(skip_locked=True)  # two that clear up at once would wait for each other
        connection.execute(sa.delete(sessions).where(sessions.c.token_hash.in_(free)), _open_since(self._clock()))
        query = sa.select(sessions.c.token_hash).where(sessions.c.account_id == account_id)
        latest = connection.scalars(query.order_by(sessions.c.seen_at.desc())).all()
        for digest in latest[MOST_SESSIONS - 1 :]:
            connection.execute(sa.delete(sessions).where(sessions.c.token_hash == digest))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
