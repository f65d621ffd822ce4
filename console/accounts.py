"""Accounts of the console: the operator's and those of persons, each with an argon2id hash of its password.

What a person may do follows from their posts, which stand in the registry; an account only says who signs in."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from console import passwords
from console.store.database import Store
from console.store.tables import accounts, inboxes_read, recovery_codes, second_steps, sessions
from console.users import OPERATOR

CODE_SECONDS = 14 * 24 * 3600
_PERSON_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SIGN_IN_NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


class UnknownAccount(ValueError):
    """There is no account of this id."""


class BadName(ValueError):
    """No account can have this id or sign-in name, or another has it."""


@dataclass(frozen=True)
class Account:
    """One account as lists show it."""

    account_id: str
    sign_in_name: str
    one_time: bool
    expires_at: float
    disabled: bool
    created_at: float
    changed_at: float

    def state(self, now: float) -> str:
        """active, disabled, must_change, or expired: a one-time password that was not used in time."""
        if self.disabled:
            return "disabled"
        if self.one_time:
            return "expired" if 0 < self.expires_at < now else "must_change"
        return "active"


@dataclass(frozen=True)
class IssuedCode:
    """A one-time password, returned this once."""

    account_id: str
    sign_in_name: str
    code: str
    expires_at: float


@dataclass(frozen=True)
class Verdict:
    """What came of a name and a password: `good`, `wrong`, `disabled` or `expired`; the account where it is known."""

    outcome: str
    account_id: str = ""
    changed_at: float = 0.0  # of the password that was looked at


class Accounts:
    """Reads and writes the accounts; whoever changes a password or disables an account ends its sessions with it."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock

    def now(self) -> float:
        return self._clock()

    def verify(self, name: str, password: str) -> Verdict:
        """Whether that is the password of the account of this sign-in name; takes as long for an unknown one."""
        with self._store.reading() as connection:
            known = name.casefold() if "\0" not in name else ""  # PostgreSQL takes no such text
            row = connection.execute(sa.select(accounts).where(accounts.c.sign_in_name == known)).one_or_none()
        is_code = row is not None and row.one_time and row.expires_at
        typed = passwords.code_as_typed(password) if is_code else password
        if not passwords.verify_password(row.password_hash if row else "", typed) or row is None:
            return Verdict("wrong", row.account_id if row else "")
        if row.disabled_at:
            return Verdict("disabled", row.account_id)
        if row.one_time and 0 < row.expires_at < self._clock():
            return Verdict("expired", row.account_id)
        if passwords.needs_rehash(row.password_hash):
            self._rehash(row, typed)
        return Verdict("good", row.account_id, row.changed_at)

    def verify_own(self, account_id: str, password: str) -> bool:
        """Whether that is the password of the account with this id."""
        account = self.account(account_id)
        return account is not None and self.verify(account.sign_in_name, password).outcome == "good"

    def account(self, account_id: str) -> Account | None:
        return next(iter(self._accounts(accounts.c.account_id == account_id)), None)

    def all(self) -> list[Account]:
        """Every account, by id."""
        return self._accounts(sa.true())

    def of(self, account_ids: Iterable[str]) -> dict[str, Account]:
        """Those of these ids that have an account."""
        present = self._accounts(accounts.c.account_id.in_(list(account_ids)))
        return {account.account_id: account for account in present}

    def create(self, person_ids: Iterable[str]) -> list[IssuedCode]:
        """Accounts with one-time passwords for those persons who have none.  BadName."""
        wanted = sorted(set(person_ids))  # in one order: two who create the same accounts do not wait for each other
        for person_id in wanted:
            if not _PERSON_ID.fullmatch(person_id) or person_id.casefold() == OPERATOR:
                raise BadName(person_id)
        present = self.of(wanted)
        now = self._clock()
        prepared = [(IssuedCode(person_id, person_id.casefold(), code := passwords.new_code(), now + CODE_SECONDS),
                     passwords.hash_password(passwords.code_as_typed(code)))
                    for person_id in wanted if person_id not in present]  # fmt: skip
        with self._store.writing() as connection:
            return [issued for issued, digest in prepared if self._insert(connection, issued, digest, now)]

    def create_without_password(self, person_id: str) -> bool:
        """An account that no password opens: its owner signs in by the provider.  False: no account can have this id or
        its sign-in name, or somebody has it."""
        if not _PERSON_ID.fullmatch(person_id) or person_id.casefold() == OPERATOR:
            return False
        now = self._clock()
        insert = self._store.insert(accounts).values(
            account_id=person_id, sign_in_name=person_id.casefold(), password_hash="", one_time=0, expires_at=0.0,
            disabled_at=0.0, created_at=now, changed_at=now, installed_hash="",
        )  # fmt: skip
        with self._store.writing() as connection:
            return _is_written(connection, insert)

    def reset(self, account_id: str) -> IssuedCode:
        """A one-time password in place of the present one, whatever it is.  UnknownAccount."""
        code, now = passwords.new_code(), self._clock()
        digest = passwords.hash_password(passwords.code_as_typed(code))
        with self._store.writing() as connection:
            self._update(connection, account_id, password_hash=digest, one_time=1, expires_at=now + CODE_SECONDS,
                         changed_at=now)  # fmt: skip
            end_sessions(connection, account_id)
            name = connection.scalar(sa.select(accounts.c.sign_in_name).where(accounts.c.account_id == account_id))
        return IssuedCode(account_id, str(name), code, now + CODE_SECONDS)

    def change_password(self, account_id: str, password: str) -> float:
        """The password that its owner chose; all sessions end.  When it was changed.  UnknownAccount."""
        digest, now = passwords.hash_password(password), self._clock()
        with self._store.writing() as connection:
            self._update(connection, account_id, password_hash=digest, one_time=0, expires_at=0.0, changed_at=now)
            end_sessions(connection, account_id)
        return now

    def disable(self, account_id: str) -> None:
        """Nobody signs in with it any more; its sessions end.  UnknownAccount."""
        with self._store.writing() as connection:
            self._update(connection, account_id, disabled_at=self._clock())
            end_sessions(connection, account_id)

    def enable(self, account_id: str) -> None:
        """Enable a disabled account; its password stays.  Raises UnknownAccount."""
        with self._store.writing() as connection:
            self._update(connection, account_id, disabled_at=0.0)

    def rename(self, account_id: str, sign_in_name: str) -> None:
        """Give the account another sign-in name.  Raises UnknownAccount, BadName if it is taken or malformed."""
        name = sign_in_name.casefold()
        if not _SIGN_IN_NAME.fullmatch(name):
            raise BadName(sign_in_name)
        with self._write_unique_name(sign_in_name) as connection:
            taken = sa.select(accounts.c.account_id).where(
                sa.or_(accounts.c.sign_in_name == name, sa.func.lower(accounts.c.account_id) == name),
                accounts.c.account_id != account_id,
            )
            if connection.execute(taken).first() is not None:
                raise BadName(sign_in_name)
            self._update(connection, account_id, sign_in_name=name)

    def remove(self, account_id: str) -> bool:
        """Whether no file of the store has bytes of it any more.  UnknownAccount."""
        with self._store.writing() as connection:
            end_sessions(connection, account_id)
            for table in (second_steps, recovery_codes, inboxes_read):
                connection.execute(sa.delete(table).where(table.c.account_id == account_id))
            if not connection.execute(sa.delete(accounts).where(accounts.c.account_id == account_id)).rowcount:
                raise UnknownAccount(account_id)
        return self._store.scrub(accounts, sessions, second_steps, recovery_codes, inboxes_read)

    def install_operator(self, password: str, must_change: bool) -> bool:
        """The operator's account with the password of the file, at the first start and whenever the file is another
        one.  Returns whether anything changed."""
        with self._store.reading() as connection:
            query = sa.select(accounts.c.installed_hash).where(accounts.c.account_id == OPERATOR)
            installed = connection.scalar(query)
        if not password or (installed is not None and passwords.verify_password(installed, password)):
            return False
        digest, now = passwords.hash_password(password), self._clock()
        values = {"password_hash": digest, "installed_hash": digest, "one_time": int(must_change), "expires_at": 0.0,
                  "changed_at": now}  # fmt: skip
        with self._store.writing() as connection:
            end_sessions(connection, OPERATOR)
            if installed is not None:
                self._update(connection, OPERATOR, **values)
            else:
                insert = self._store.insert(accounts).values(
                    account_id=OPERATOR, sign_in_name=OPERATOR, disabled_at=0.0, created_at=now, **values
                )  # fmt: skip
                return _is_written(connection, insert)
        return True

    @contextmanager
    def _write_unique_name(self, sign_in_name: str) -> Iterator[Connection]:
        """BadName where another request takes this sign-in name first."""
        try:
            with self._store.writing() as connection:
                yield connection
        except IntegrityError:
            raise BadName(sign_in_name) from None

    def _accounts(self, condition: Any) -> list[Account]:
        query = sa.select(accounts).where(condition).order_by(accounts.c.account_id)
        with self._store.reading() as connection:
            return [_account(row) for row in connection.execute(query)]

    def _insert(self, connection: Connection, issued: IssuedCode, digest: str, now: float) -> bool:
        """False: another request was first.  BadName: another account has that sign-in name."""
        insert = self._store.insert(accounts).values(
            account_id=issued.account_id, sign_in_name=issued.sign_in_name, password_hash=digest, one_time=1,
            expires_at=issued.expires_at, disabled_at=0.0, created_at=now, changed_at=now, installed_hash="",
        )  # fmt: skip
        if _is_written(connection, insert):
            return True
        same = sa.select(accounts.c.account_id).where(accounts.c.account_id == issued.account_id)
        if connection.scalar(same) is None:
            raise BadName(issued.account_id)
        return False

    def _rehash(self, row: Row[Any], password: str) -> None:
        """With today's parameters, unless the password was changed meanwhile."""
        unchanged = sa.and_(
            accounts.c.account_id == row.account_id, accounts.c.password_hash == row.password_hash
        )  # fmt: skip
        digest = passwords.hash_password(password)
        with self._store.writing() as connection:
            connection.execute(sa.update(accounts).where(unchanged).values(password_hash=digest))

    def _update(self, connection: Connection, account_id: str, **values: Any) -> None:
        update = sa.update(accounts).where(accounts.c.account_id == account_id).values(**values)
        if not connection.execute(update).rowcount:
            raise UnknownAccount(account_id)


def end_sessions(connection: Connection, account_id: str, keep: str = "") -> None:
    """All sessions of the account but the one that is kept."""
    others = sa.and_(sessions.c.account_id == account_id, sessions.c.session_id != keep)
    connection.execute(sa.delete(sessions).where(others))


def _is_written(connection: Connection, insert: Any) -> bool:
    """False: such a row is there already."""
    return connection.scalar(insert.on_conflict_do_nothing().returning(accounts.c.account_id)) is not None


def _account(row: Row[Any]) -> Account:
    return Account(row.account_id, row.sign_in_name, bool(row.one_time), row.expires_at, bool(row.disabled_at),
                   row.created_at, row.changed_at)  # fmt: skip
