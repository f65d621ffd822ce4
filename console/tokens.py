"""Tokens that the console signs for a person who has signed in, and the operator's own, which it honours at its own
doors; what a token allows the services decide."""

import time
from pathlib import Path

import jwt

from console.accounts import OPERATOR, Who

LIFETIME = 300  # seconds; architecture.md: people at most five minutes
ISSUER = "console"


def mint(key: bytes, district: str, who: Who, now: float | None = None) -> str:
    """An EdDSA token for somebody who has signed in, good for five minutes."""
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": ISSUER,
        "aud": district,
        "sub": who.subject,
        "roles": list(who.roles),
        "units": list(who.units),
        "iat": issued,
        "exp": issued + LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ISSUER})


def is_operator(trusted: Path | None, district: str, token: str) -> bool:
    """Whether the token is the operator's, signed by the operator's key: not one that the console signed."""
    try:
        key = (trusted / f"{OPERATOR}.pem").read_bytes() if trusted else b""
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=district, issuer=OPERATOR, leeway=5,
                            options={"require": ["exp", "aud", "iss", "sub"]})  # fmt: skip
    except (jwt.PyJWTError, OSError, ValueError, TypeError):
        return False
    return OPERATOR in (claims.get("roles") or [])
