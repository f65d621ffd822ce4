"""Signed tokens (JWT, EdDSA) that name caller, district and roles; `kid` names the issuer, whose keys verify it."""

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.process.text import is_line

# The roles that each issuer may put into a token: a stolen publisher key must not make an operator.
ROLES_BY_ISSUER = {
    "operator": {"operator"},
    "console": {"operator", "leader", "head", "clerk", "person", "inspector"},
    "participation": {"service", "publisher", "subscriber"},
    "assessment": {"service"},
    "publicity": {"service"},
    "notifications": {"service"},
}
MAX_CACHED = 1000
PERSON_SECONDS, SERVICE_SECONDS, OPERATOR_SECONDS, PUBLISHER_SECONDS = 300, 120, 24 * 3600, 365 * 24 * 3600
SUBSCRIBER_SECONDS = PUBLISHER_SECONDS
LONGEST_OPERATOR_SECONDS = 31 * OPERATOR_SECONDS
LEEWAY_SECONDS = 5
KEYS_SECONDS = 1.0
"""Key files are looked at again at most this often, in seconds: so long a replaced key may still be accepted."""
FORMER = "former"
"""Subfolder of replaced public keys: they verify no tokens any more, but still the signed heads of the log."""
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


def longest_seconds(issuer: str, roles: frozenset[str]) -> int:
    """The longest lifetime, in seconds, of a token of that issuer with these roles, whatever its `exp` says."""
    if issuer == "operator":
        return LONGEST_OPERATOR_SECONDS
    return PUBLISHER_SECONDS if roles in ({"publisher"}, {"subscriber"}) else PERSON_SECONDS


class BadToken(ValueError):
    """The token is not accepted; `code` says why.  The message never contains the token."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Actor:
    """The caller of a route, as its token names it; `str()` gives the text that events record as their actor."""

    issuer: str
    name: str
    roles: frozenset[str]
    units: tuple[str, ...] = ()
    generation: int = 0
    """Number of a publisher's or a subscriber's token among those issued; only the newest is accepted."""

    def __str__(self) -> str:
        return f"{sorted(self.roles)[0] if self.roles else 'nobody'}:{self.name}"


class Signer:
    """Issues tokens with one issuer's private key."""

    def __init__(self, issuer: str, district: str, key: Ed25519PrivateKey) -> None:
        self.issuer, self.district, self._key = issuer, district, key

    def issue(
        self, name: str, roles: list[str], seconds: int, units: list[str] | None = None, generation: int = 0
    ) -> str:
        claims = {"iss": self.issuer, "aud": self.district, "sub": name, "roles": roles, "units": units or [],
                  "exp": int(time.time()) + seconds, "iat": int(time.time()),
                  **({"generation": generation} if generation else {})}  # fmt: skip
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self.issuer})

    def sign(self, content: bytes) -> bytes:
        """The signature of other content.  It must not begin with `eyJ`, as the signed part of a token does."""
        return self._key.sign(content)

    def public_pem(self) -> str:
        """The public key (PEM) that verifies this issuer's signatures."""
        public = self._key.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


class TrustedKeys:
    """The public keys in a folder, one file `<issuer>.pem` per issuer.

    A file may contain several keys, all of which are accepted, so that a key can be replaced while tokens signed by the
    old one are still in use.  A file that is changed or removed is noticed within KEYS_SECONDS."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._monotonic = folder, monotonic
        self._keys: dict[str, tuple[Ed25519PublicKey, ...]] = {}
        self._marks: dict[str, tuple[int, int, int] | None] = {}
        self._looked_at = -KEYS_SECONDS

    def changed(self) -> bool:
        """Check the files, at most once in KEYS_SECONDS; returns whether one that was read has changed since."""
        now = self._monotonic()
        if now - self._looked_at < KEYS_SECONDS:
            return False
        self._looked_at = now
        others = [issuer for issuer, mark in self._marks.items() if mark != self._mark(issuer)]
        for issuer in others:
            self._keys.pop(issuer, None)
            self._marks.pop(issuer, None)
        return bool(others)

    def of(self, issuer: str) -> tuple[Ed25519PublicKey, ...]:
        """The keys of an issuer; empty when its file does not exist or contains no key."""
        if issuer not in self._keys:
            mark = self._mark(issuer)
            keys = self._read(issuer)
            if mark is None or not keys:
                return ()
            self._keys[issuer], self._marks[issuer] = keys, mark
        return self._keys[issuer]

    def _mark(self, issuer: str) -> tuple[int, int, int] | None:
        try:
            stat = (self._folder / f"{issuer}.pem").stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _read(self, issuer: str) -> tuple[Ed25519PublicKey, ...]:
        try:
            texts = _PEM.findall((self._folder / f"{issuer}.pem").read_bytes())
            keys = [serialization.load_pem_public_key(text) for text in texts]
        except (OSError, ValueError):
            return ()
        return tuple(key for key in keys if isinstance(key, Ed25519PublicKey))


class Denials:
    """Counts refused requests of outside systems, by (name, code), since `take` was last called.  Only names from
    tokens with a valid signature are counted."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, code: str) -> None:
        self._counts[name, code] += 1

    def take(self) -> list[tuple[tuple[str, str], int]]:
        counts, self._counts = self._counts, Counter()
        return sorted(counts.items())


class Verifier:
    """Verifies tokens of the issuers whose public keys are in the folder."""

    def __init__(self, district: str, folder: Path) -> None:
        self.district, self._keys, self._former = district, TrustedKeys(folder), TrustedKeys(folder / FORMER)
        self._cache: dict[str, tuple[Actor, float]] = {}
        self.denials = Denials()

    def has_signed(self, issuer: str, content: bytes, signature: bytes) -> bool:
        """Whether the signature is by a current or a replaced key of the issuer."""
        self._former.changed()
        for key in (*self._keys.of(issuer), *self._former.of(issuer)):
            with contextlib.suppress(InvalidSignature):
                key.verify(signature, content)
                return True
        return False

    def actor(self, token: str) -> Actor:
        """Verify a token; returns the caller.  Raises BadToken.  The result is cached until the token expires or a key
        is replaced."""
        if self._keys.changed():
            self._cache.clear()
        actor, until = self._cache.get(token, (None, 0.0))
        if actor is not None and time.time() < until:
            return actor
        actor, until = self._verify(token)
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[token] = actor, until
        return actor

    def _verify(self, token: str) -> tuple[Actor, float]:
        try:
            issuer = jwt.get_unverified_header(token).get("kid", "")
            claims = self._claims(token, issuer)
        except BadToken:
            raise
        except jwt.ExpiredSignatureError:  # its signature is ours
            claims = jwt.decode(token, options={"verify_signature": False})
            if claims.get("roles") == ["publisher"]:
                self.denials.add(str(claims.get("sub")), "token_expired")
            raise BadToken("token_expired") from None
        except jwt.InvalidAudienceError:
            raise BadToken("token_of_another_district") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            raise BadToken("bad_token") from None
        actor = _actor(issuer, claims)
        if float(claims["exp"]) - time.time() > longest_seconds(issuer, actor.roles) + LEEWAY_SECONDS:
            raise BadToken("token_lives_too_long")
        return actor, float(claims["exp"])

    def _claims(self, token: str, issuer: str) -> dict[str, Any]:
        """By whichever of the issuer's keys it was signed."""
        keys = self._keys.of(issuer) if issuer in ROLES_BY_ISSUER else ()
        if not keys:
            raise BadToken("unknown_issuer")
        for key in keys[:-1]:
            try:
                return self._decode(token, issuer, key)
            except jwt.InvalidSignatureError:
                continue
        return self._decode(token, issuer, keys[-1])

    def _decode(self, token: str, issuer: str, key: Ed25519PublicKey) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["EdDSA"], audience=self.district, issuer=issuer, leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )  # fmt: skip
        return claims


def _actor(issuer: str, claims: dict[str, object]) -> Actor:
    roles, units, name = claims.get("roles", []), claims.get("units", []), claims["sub"]
    generation = claims.get("generation", 0)
    valid = isinstance(roles, list) and isinstance(units, list) and isinstance(name, str) and type(generation) is int
    if not valid or not all(isinstance(item, str) for item in [*roles, *units]):  # type: ignore[misc]
        raise BadToken("bad_token")
    if not (0 < len(str(name)) <= 128 and is_line(str(name))):
        raise BadToken("bad_token")
    if not set(roles) <= ROLES_BY_ISSUER[issuer]:  # type: ignore[call-overload]
        raise BadToken("role_not_of_this_issuer")
    return Actor(issuer, str(name), frozenset(roles), tuple(units), generation)  # type: ignore[arg-type,call-overload]


def private_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key (PEM).  Raises ValueError when the file contains something else."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} is not an Ed25519 private key")  # noqa: TRY004 - the content, not a Python type
    return key


def make_keys(private: Path, public: Path) -> None:
    """Write a new key pair (PEM); the private key is readable by its owner only."""
    key = Ed25519PrivateKey.generate()
    none = serialization.NoEncryption()
    private.parent.mkdir(parents=True, exist_ok=True)
    public.parent.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none))
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
