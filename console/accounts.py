"""Who may sign in beside the operator: people, clerks, heads, leaders, each with a secret that is kept as a hash only.

One JSON file, changed in place by its one process; the services decide what each may see."""

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPERATOR = "operator"
_NAME = re.compile(r"(person|clerk|head|leader)-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
SECRET_BYTES = 9  # twelve characters, as the operator's first password


class UnknownName(ValueError):
    """The name is not of the form person-ID, clerk-UNIT, head-UNIT or leader-NAME, or has no account."""


@dataclass(frozen=True)
class Who:
    """Somebody who has signed in: what stands in the tokens that are signed for them."""

    name: str
    subject: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()

    def has(self, *roles: str) -> bool:
        return bool(set(roles) & set(self.roles))


def who(name: str) -> Who:
    """What an account's name says: a person bears their own id, a post its unit.  UnknownName."""
    if name == OPERATOR:
        return Who(OPERATOR, OPERATOR, (OPERATOR,))
    match = _NAME.fullmatch(name)
    if match is None:
        raise UnknownName(name)
    role, of = match.groups()
    if role in ("clerk", "head"):
        return Who(name, name, (role,), (of,))
    return Who(name, of if role == "person" else name, (role,))


class Accounts:
    """The file is read at every sign-in and look, so that what was taken away is gone at once."""

    def __init__(self, file: Path, operator: Callable[[], str]) -> None:
        self._file, self._operator = file, operator
        self._lock = threading.Lock()

    def names(self) -> dict[str, str]:
        """Every account and the day of its secret."""
        return {name: str(item["since"]) for name, item in sorted(self._read().items())}

    def add(self, names: Iterable[str], renew: bool) -> dict[str, str]:
        """New secrets, told this once, for names without an account, or (`renew`) for those that have one.
        UnknownName."""
        with self._lock:
            held = self._read()
            wanted = [name for name in dict.fromkeys(names) if (name in held) == renew]
            for name in wanted:
                if name == OPERATOR:
                    raise UnknownName(name)
                who(name)
            told = {name: secrets.token_urlsafe(SECRET_BYTES) for name in wanted}
            today = time.strftime("%Y-%m-%d")
            self._write(held | {name: _hashed(secret) | {"since": today} for name, secret in told.items()})
        return told

    def remove(self, name: str) -> None:
        """UnknownName."""
        with self._lock:
            held = self._read()
            if held.pop(name, None) is None:
                raise UnknownName(name)
            self._write(held)

    def matches(self, name: str, secret: str) -> bool:
        """Whether that is the account's secret; as slow for a name that there is not."""
        if name == OPERATOR:
            expected = self._operator()
            return hmac.compare_digest(secret.encode(), expected.encode()) and bool(expected)
        item = self._read().get(name)
        given = _hashed(secret, bytes.fromhex(item["salt"] if item else "00" * 16))["hash"]
        return hmac.compare_digest(given, str(item["hash"]) if item else "") and item is not None

    def mark(self, name: str) -> str:
        """What changes with the secret, so that sessions end with it; empty: no such account any more."""
        if name == OPERATOR:
            return self._operator()
        return str(self._read().get(name, {}).get("hash", ""))

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            result: dict[str, dict[str, Any]] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return result

    def _write(self, held: dict[str, dict[str, Any]]) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(held, indent=1), encoding="utf-8")
        fresh.replace(self._file)


def _hashed(secret: str, salt: bytes = b"") -> dict[str, str]:
    salt = salt or secrets.token_bytes(16)
    return {"salt": salt.hex(), "hash": hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT).hex()}
