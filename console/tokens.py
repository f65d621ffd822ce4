"""Tokens that the console signs for a person who has signed in; the services decide what they allow."""

import time

import jwt

LIFETIME = 300  # seconds; architecture.md: people at most five minutes
ISSUER = "console"


def mint(key: bytes, district: str, subject: str, roles: list[str], now: float | None = None) -> str:
    """An EdDSA token for `subject`, good for five minutes."""
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": ISSUER,
        "aud": district,
        "sub": subject,
        "roles": roles,
        "units": [],
        "iat": issued,
        "exp": issued + LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ISSUER})
