"""The second step at sign-in: codes of an authenticator (TOTP, RFC 6238), and recovery codes for who lost it.

The secret stands encrypted in the store, a recovery code as a keyed digest; each code works once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import sqlalchemy as sa
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Connection, Row

from console import passwords
from console.accounts import end_sessions
from console.secret_box import SecretBox
from console.store.database import Store
from console.store.tables import recovery_codes, second_steps
from console.users import User

DRIFT_STEPS = 1  # a clock may be one step ahead or behind
RECOVERY_CODES = 10
OBLIGED_POSTS = frozenset({"campaign_office"})
"""Whoever holds one, and the operator, must have a second step where the installation says so."""
CODE, RECOVERY, WRONG = "code", "recovery", ""


class AlreadyOn(Exception):
    """The account has a second step; it is removed before another one begins."""


class NotAvailable(Exception):
    """The installation has no key file for second steps."""


@dataclass(frozen=True)
class SecondStep:
    """That of one account as its owner sees it."""

    since: float
    codes_left: int


class SecondSteps:
    """Keeps the second steps of accounts.  `box`: none where the installation has no key file."""

    def __init__(
        self, store: Store, box: SecretBox | None, required: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._box, self._clock = store, box, clock
        self.is_available, self._required = box is not None, required

    def of(self, account_id: str) -> SecondStep | None:
        """None: there is none, or it was not confirmed."""
        with self._store.reading() as connection:
            row = _row(connection, account_id)
            if row is None or not row.confirmed_at:
                return None
            own = recovery_codes.c.account_id == account_id
            left = connection.scalar(sa.select(sa.func.count()).select_from(recovery_codes).where(own))
        return SecondStep(row.confirmed_at, int(left or 0))

    def is_asked_for(self, user: User) -> bool:
        """Whether this user has none and might be obliged to: who holds which post has to be looked at."""
        return self._required and not user.has_second_step

    def is_missing(self, user: User) -> bool:
        """Whether this user is obliged to have a second step and has none.  `user`: with their profile."""
        obliged = user.is_operator or any(post.post in OBLIGED_POSTS for post in user.profile.posts)
        return obliged and self.is_asked_for(user)

    def begin(self, account_id: str) -> str:
        """A new secret (base32) that waits for its confirmation.  AlreadyOn, NotAvailable."""
        secret = pyotp.random_base32()
        values = {"secret": self._require_box().encrypt(account_id, secret), "confirmed_at": 0.0, "last_step": 0,
                  "created_at": self._clock()}  # fmt: skip
        insert = self._store.insert(second_steps).values(account_id=account_id, **values)
        pending = second_steps.c.confirmed_at == 0
        upsert = insert.on_conflict_do_update(index_elements=["account_id"], set_=values, where=pending)
        with self._store.writing() as connection:
            if connection.scalar(upsert.returning(second_steps.c.account_id)) is None:
                raise AlreadyOn(account_id)
        return secret

    def confirm(self, account_id: str, typed: str, keep_session: str) -> list[str]:
        """The first code puts the second step in force and ends all other sessions.  Returns the recovery codes, this
        once; empty: the code is wrong, or nothing waits for it.  Unreadable."""
        with self._store.reading() as connection:
            row = _row(connection, account_id)
        if row is None or row.confirmed_at or not (step := self._step(row, typed)):
            return []
        same = sa.and_(second_steps.c.account_id == account_id, second_steps.c.secret == row.secret)
        update = sa.update(second_steps).where(same, second_steps.c.confirmed_at == 0)
        with self._store.writing() as connection:
            if not connection.execute(update.values(confirmed_at=self._clock(), last_step=step)).rowcount:
                return []
            end_sessions(connection, account_id, keep_session)
            return self._renew_codes(connection, account_id)

    def renew_codes(self, account_id: str) -> list[str]:
        """New recovery codes in place of all others; empty: there is no second step in force."""
        with self._store.writing() as connection:
            row = _row(connection, account_id)
            return self._renew_codes(connection, account_id) if row is not None and row.confirmed_at else []

    def verify(self, account_id: str, typed: str) -> str:
        """CODE or RECOVERY: it was right, and is used up now; WRONG.  Unreadable, NotAvailable."""
        with self._store.reading() as connection:
            row = _row(connection, account_id)
        if row is None or not row.confirmed_at:
            return WRONG
        if step := self._step(row, typed):
            later = sa.and_(second_steps.c.account_id == account_id, second_steps.c.last_step < step)
            with self._store.writing() as connection:  # of two that come at once with the same code, one is let in
                used = connection.execute(sa.update(second_steps).where(later).values(last_step=step))
            return CODE if used.rowcount else WRONG
        digests = self._require_box().digests(account_id, passwords.code_as_typed(typed))
        own = sa.and_(recovery_codes.c.account_id == account_id, recovery_codes.c.code_hash.in_(digests))
        with self._store.writing() as connection:
            return RECOVERY if connection.execute(sa.delete(recovery_codes).where(own)).rowcount else WRONG

    def remove(self, account_id: str, *, end_all_sessions: bool = False) -> bool:
        """False: there was none in force."""
        own = second_steps.c.account_id == account_id
        with self._store.writing() as connection:
            row = _row(connection, account_id)
            connection.execute(sa.delete(second_steps).where(own))
            connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
            if end_all_sessions:
                end_sessions(connection, account_id)
        return row is not None and bool(row.confirmed_at)

    def all(self) -> frozenset[str]:
        """The accounts that have one in force."""
        with self._store.reading() as connection:
            return frozenset(connection.scalars(
                sa.select(second_steps.c.account_id).where(second_steps.c.confirmed_at > 0)
            ))  # fmt: skip

    def _require_box(self) -> SecretBox:
        if self._box is None:
            raise NotAvailable("no key file for second steps")
        return self._box

    def _step(self, row: Row[Any], typed: str) -> int:
        """The number of the time step whose code was typed, later than the last one used; 0: none's."""
        totp = pyotp.TOTP(self._require_box().decrypt(row.account_id, row.secret))
        try:
            step = totp.verify_and_get_timecode(
                passwords.code_as_typed(typed), for_time=self._clock(), valid_window=DRIFT_STEPS
            )
        except OTPVerificationError:
            return 0
        return step if step > row.last_step else 0

    def _renew_codes(self, connection: Connection, account_id: str) -> list[str]:
        codes = [passwords.new_code() for _ in range(RECOVERY_CODES)]
        box = self._require_box()
        hashed = [{"account_id": account_id, "code_hash": box.digests(account_id, passwords.code_as_typed(code))[0]}
                  for code in codes]  # fmt: skip
        connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
        connection.execute(sa.insert(recovery_codes), hashed)
        return codes


def _row(connection: Connection, account_id: str) -> Row[Any] | None:
    return connection.execute(sa.select(second_steps).where(second_steps.c.account_id == account_id)).one_or_none()
