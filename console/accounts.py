"""The accounts beside the operator's: people, clerks, heads, leaders, each with an argon2id hash of its password.

One JSON file, written by this one process; the services decide what each role may see."""

import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

OPERATOR = "operator"
_NAME = re.compile(r"(person|clerk|head|leader)-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
# OWASP's first choice for argon2id: 19 MiB for each sign-in, since a console has many threads and a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_HASH_OF_NO_PASSWORD = _hasher.hash(secrets.token_bytes(16))
PASSWORD_BYTES = 9  # twelve characters, as the operator's first password


class UnknownName(ValueError):
    """The name is not of the form person-ID, clerk-UNIT, head-UNIT or leader-NAME, or has no account."""


@dataclass(frozen=True)
class User:
    """A signed-in user: what the tokens that are signed for them contain."""

    name: str
    subject: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()

    def has(self, *roles: str) -> bool:
        return bool(set(roles) & set(self.roles))


def user_of(name: str) -> User:
    """The user of an account's name: a person has their own id as subject, a post its unit.  UnknownName."""
    if name == OPERATOR:
        return User(OPERATOR, OPERATOR, (OPERATOR,))
    match = _NAME.fullmatch(name)
    if match is None:
        raise UnknownName(name)
    role, of = match.groups()
    if role in ("clerk", "head"):
        return User(name, name, (role,), (of,))
    return User(name, of if role == "person" else name, (role,))


class Accounts:
    """The file is read at every sign-in and request, so that a deleted account loses access at once."""

    def __init__(self, file: Path, operator_password: Callable[[], str]) -> None:
        self._file, self._operator_password = file, operator_password
        self._lock = threading.Lock()

    def names(self) -> dict[str, str]:
        """Every account and the day of its password."""
        return {name: entry["since"] for name, entry in sorted(self._read().items())}

    def add(self, names: Iterable[str], renew: bool) -> dict[str, str]:
        """New passwords, returned this once, for names without an account, or (`renew`) for those that have one.
        UnknownName."""
        with self._lock:
            accounts = self._read()
            wanted = [name for name in dict.fromkeys(names) if (name in accounts) == renew]
            for name in wanted:
                if name == OPERATOR:
                    raise UnknownName(name)
                user_of(name)
            passwords = {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in wanted}
            today = time.strftime("%Y-%m-%d")
            entries = {name: {"hash": _hasher.hash(word), "since": today} for name, word in passwords.items()}
            self._write(accounts | entries)
        return passwords

    def remove(self, name: str) -> None:
        """UnknownName."""
        with self._lock:
            accounts = self._read()
            if accounts.pop(name, None) is None:
                raise UnknownName(name)
            self._write(accounts)

    def verify_password(self, name: str, password: str) -> bool:
        """Whether that is the account's password; takes as long for an unknown name."""
        if name == OPERATOR:
            expected = self._operator_password()
            return hmac.compare_digest(password.encode(), expected.encode()) and bool(expected)
        entry = self._read().get(name)
        try:
            return _hasher.verify(entry["hash"] if entry else _HASH_OF_NO_PASSWORD, password) and entry is not None
        except (VerificationError, InvalidHashError):
            return False

    def credential_version(self, name: str) -> str:
        """Changes with the password, so that sessions end with it; empty: there is no such account any more."""
        if name == OPERATOR:
            return self._operator_password()
        return self._read().get(name, {}).get("hash", "")

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            accounts: dict[str, dict[str, str]] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return accounts

    def _write(self, accounts: dict[str, dict[str, str]]) -> None:
        new_file = self._file.with_suffix(".new")
        new_file.unlink(missing_ok=True)
        new_file.touch(mode=0o600)
        new_file.write_text(json.dumps(accounts, indent=1), encoding="utf-8")
        new_file.replace(self._file)
