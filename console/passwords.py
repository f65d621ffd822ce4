"""Passwords: argon2id hashes, one-time codes, and what a password must be (NIST SP 800-63B)."""

import re
import secrets
import threading
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 128  # characters
CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another on paper
CODE_LENGTH = 12  # of 31 letters: 59 bits
# OWASP's first choice for argon2id: 19 MiB and two passes.  At most four at once: guessing takes no more.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_few_at_once = threading.BoundedSemaphore(4)
_COMMON = Path(__file__).with_name("common_passwords.txt")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    with _few_at_once:
        return _hasher.hash(_normal(password))


_HASH_OF_NO_PASSWORD = hash_password(secrets.token_urlsafe(16))


def verify_password(stored: str, password: str) -> bool:
    """Whether that is the password; takes as long where nothing is stored."""
    with _few_at_once:
        try:
            return _hasher.verify(stored or _HASH_OF_NO_PASSWORD, _normal(password)[: 2 * LONGEST]) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with parameters of an earlier day."""
    return _hasher.check_needs_rehash(stored)


def new_code() -> str:
    """A one-time password as it is printed: three groups of four letters."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def code_as_typed(text: str) -> str:
    """A one-time password without what people add or leave out when they type it from paper."""
    return re.sub(r"[\s\-－—]", "", unicodedata.normalize("NFKC", text)).lower()


def weakness(password: str, *names: str) -> str:
    """Why the password will not do, in words for whoever chose it; empty: it will.  `names`: of its account."""
    normal = _normal(password)
    lower = normal.lower()
    if len(normal) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符；可以用一句自己记得住的话。"
    if len(normal) > LONGEST:
        return f"密码最多 {LONGEST} 个字符。"
    if lower in _common() or len(set(lower)) < 4 or _is_sequence(lower):
        return "这个密码太常见，容易被猜中，请换一个。"
    if any(len(name) > 2 and name.lower() in lower for name in names):
        return "密码里不要含有账号或姓名，请换一个。"
    return ""


def _is_sequence(text: str) -> bool:
    """Letters or digits one after the other, up or down."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


@cache
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
