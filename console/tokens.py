"""Tokens that the console signs for a signed-in user, and verification of the operator's token for the console's own
routes.  The services decide what a token allows."""

import time
from pathlib import Path

import jwt

from console.users import OPERATOR, User

LIFETIME = 300  # seconds; architecture.md: people at most five minutes
ISSUER = "console"


def issue_token(key: bytes, district: str, user: User, now: float | None = None) -> str:
    """An EdDSA token for the signed-in user, valid for five minutes."""
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": ISSUER,
        "aud": district,
        "sub": user.account_id,
        "roles": list(user.roles),
        "units": [],
        "iat": issued,
        "exp": issued + LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ISSUER})


def is_operator(trusted: Path | None, district: str, token: str) -> bool:
    """Whether the token is signed by the operator's own key (the console may not sign such a one)."""
    try:
        key = (trusted / f"{OPERATOR}.pem").read_bytes() if trusted else b""
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=district, issuer=OPERATOR, leeway=5,
                            options={"require": ["exp", "aud", "iss", "sub"]})  # fmt: skip
    except (jwt.PyJWTError, OSError, ValueError, TypeError):
        return False
    return OPERATOR in (claims.get("roles") or [])
