"""Signed tokens (JWT, EdDSA): caller, district, roles; `kid` names the issuer and so the key."""

import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# The roles that each issuer may put into a token: a stolen publisher key must not make an operator.
ROLES_BY_ISSUER = {
    "operator": {"operator"},
    "console": {"operator", "leader", "head", "clerk", "person", "inspector"},
    "participation": {"service", "publisher"},
    "assessment": {"service"},
    "publicity": {"service"},
    "notifications": {"service"},
}
MAX_CACHED = 1000
PERSON_SECONDS, SERVICE_SECONDS, OPERATOR_SECONDS = 300, 120, 24 * 3600


class BadToken(ValueError):
    """The token is not accepted; `code` says why, the token itself is never shown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Actor:
    """The caller of a route."""

    issuer: str
    name: str
    roles: frozenset[str]
    units: tuple[str, ...] = ()
    generation: int = 0
    """Of a publisher's token: its number among those issued; only the newest is accepted."""

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


class Verifier:
    """Verifies tokens of the issuers whose public key is in the folder; a key is read when its issuer first occurs."""

    def __init__(self, district: str, folder: Path) -> None:
        self.district, self._folder = district, folder
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._cache: dict[str, tuple[Actor, float]] = {}

    def actor(self, token: str) -> Actor:
        """The caller.  BadToken.  A token is verified once and cached until it expires."""
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
            claims = jwt.decode(token, self._key(issuer), algorithms=["EdDSA"], audience=self.district,
                                issuer=issuer, leeway=5, options={"require": ["exp", "aud", "iss", "sub"]})  # fmt: skip
        except BadToken:
            raise
        except jwt.ExpiredSignatureError:
            raise BadToken("token_expired") from None
        except jwt.InvalidAudienceError:
            raise BadToken("token_of_another_district") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            raise BadToken("bad_token") from None
        return _actor(issuer, claims), float(claims["exp"])

    def _key(self, issuer: object) -> Ed25519PublicKey:
        if issuer not in ROLES_BY_ISSUER:
            raise BadToken("unknown_issuer")
        if issuer not in self._keys:
            try:
                key = serialization.load_pem_public_key((self._folder / f"{issuer}.pem").read_bytes())
            except (OSError, ValueError):
                raise BadToken("unknown_issuer") from None
            if not isinstance(key, Ed25519PublicKey):
                raise BadToken("unknown_issuer")
            self._keys[str(issuer)] = key
        return self._keys[str(issuer)]


def _actor(issuer: str, claims: dict[str, object]) -> Actor:
    roles, units, name = claims.get("roles", []), claims.get("units", []), claims["sub"]
    generation = claims.get("generation", 0)
    valid = isinstance(roles, list) and isinstance(units, list) and isinstance(name, str) and type(generation) is int
    if not valid or not all(isinstance(item, str) for item in [*roles, *units]):  # type: ignore[misc]
        raise BadToken("bad_token")
    if not (0 < len(str(name)) <= 128 and str(name).isprintable()):
        raise BadToken("bad_token")
    if not set(roles) <= ROLES_BY_ISSUER[issuer]:  # type: ignore[call-overload]
        raise BadToken("role_not_of_this_issuer")
    return Actor(issuer, str(name), frozenset(roles), tuple(units), generation)  # type: ignore[arg-type,call-overload]


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a file; ValueError when it is none."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} is not an Ed25519 private key")  # noqa: TRY004 - the content, not a Python type
    return key


def make_keys(private: Path, public: Path) -> None:
    """A new pair: the private half readable by its owner only."""
    key = Ed25519PrivateKey.generate()
    none = serialization.NoEncryption()
    private.parent.mkdir(parents=True, exist_ok=True)
    public.parent.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none))
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
