"""Who is let in at the intake's HTTP route: every forged, old or foreign token gets a problem and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.process.tokens import Signer, private_key
from tests.intake.entrances import Participation
from tests.intake.envelopes import TOKENS
from tests.intake.kinds import SINGLE, body, event


class Forge:
    """Makes each kind of `Authorization` header of the table."""

    def __init__(self, participation: Participation) -> None:
        self.keys = participation.system.data / "keys"
        self.good = participation.hostile["token"]
        self.key = private_key(self.keys / "participation.key")
        self.generation = jwt.decode(self.good, options={"verify_signature": False})["generation"]

    def claims(self, **changes: Any) -> dict[str, Any]:
        result = {"iss": "participation", "aud": "district", "sub": "hostile", "roles": ["publisher"],
                "generation": self.generation, "exp": int(time.time()) + 60} | changes  # fmt: skip
        return {name: value for name, value in result.items() if value is not None}

    def signed(self, kid: Any = "participation", key: Any = None, **changes: Any) -> str:
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(self.claims(**changes), key or self.key, algorithm="EdDSA", headers=headers)

    def by_hand(self, header: bytes, sign: Callable[[bytes], bytes] = lambda _: b"", **changes: Any) -> str:
        signed = _b64(header) + b"." + _b64(json.dumps(self.claims(**changes)).encode())
        return (signed + b"." + _b64(sign(signed))).decode()

    def header(self, name: str) -> str | None:
        public = (self.keys / "participation.pem").read_bytes()
        others = {"none": None, "basic": "Basic aG9zdGlsZTp4", "garbage": "Bearer garbage", "three dots": "Bearer ...",
                  "not base64": "Bearer a!.b!.c!",
                  "basic of another name": f"Basic {base64.b64encode(f'neighbour:{self.good}'.encode()).decode()}",
                  "basic that is no base64": "Basic %%%"}  # fmt: skip
        if name in others:
            return others[name]
        head, _, signature = self.good.split(".")
        result: dict[str, Callable[[], str]] = {
            "header nested past the recursion limit": lambda: self.by_hand(b"[" * 5000),
            "header that is a list": lambda: self.by_hand(b"[]"),
            "kid a list": lambda: self.by_hand(b'{"alg":"EdDSA","kid":["participation"]}', self.key.sign),
            "no kid": lambda: self.signed(kid=None),
            "unknown kid": lambda: self.signed(kid="stranger"),
            "kid that climbs": lambda: self.signed(kid="../keys/participation"),
            "alg none": lambda: self.by_hand(b'{"alg":"none","kid":"participation"}'),
            "HS256 under the public key": lambda: self.by_hand(
                b'{"alg":"HS256","kid":"participation"}', lambda text: hmac.digest(public, text, hashlib.sha256)),
            "signed by a stranger": lambda: self.signed(key=Ed25519PrivateKey.generate()),
            "claims changed": lambda: ".".join([head, _b64(json.dumps(self.claims(sub="neighbour")).encode()).decode(),
                                                signature]),
            "expired": lambda: self.signed(exp=int(time.time()) - 60),
            "exp past the end of time": lambda: self.by_hand(
                b'{"alg":"EdDSA","kid":"participation"}', self.key.sign, exp=float("inf")),
            "no exp": lambda: self.signed(exp=None),
            "another district": lambda: self.signed(aud="elsewhere"),
            "no audience": lambda: self.signed(aud=None),
            "issuer is not the kid": lambda: self.signed(iss="operator"),
            "operator by a publisher's key": lambda: self.signed(roles=["operator"]),
            "roles as text": lambda: self.signed(roles="publisher"),
            "a number as name": lambda: self.by_hand(
                b'{"alg":"EdDSA","kid":"participation"}', self.key.sign, sub=5),
            "a name with a NUL": lambda: self.signed(sub="hostile\0"),
            "an old generation": lambda: self.signed(generation=0),
            "no generation": lambda: self.signed(generation=None),
            "a generation of 4,000 digits": lambda: self.signed(generation=10**4000),
            "a generation as text": lambda: self.signed(generation="1"),
            "a publisher that is none": lambda: self.signed(sub="stranger"),
            "a service's role": lambda: self.signed(roles=["service"]),
            "a leader's role": lambda: Signer("console", "district", private_key(self.keys / "console.key")).issue(
                "leader", ["leader"], 60),
            "no role": lambda: self.signed(roles=[]),
        }  # fmt: skip
        return f"Bearer {result[name]()}"


def _b64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@pytest.mark.parametrize("name", TOKENS)
def test_each_is_turned_away_with_a_code(participation: Participation, name: str) -> None:
    given = Forge(participation).header(name)
    headers = {"Content-Type": SINGLE} | ({} if given is None else {"Authorization": given})
    status, answered, content = participation.request("POST", "/api/intake", body(event(f"token {name}")), headers)
    problem = json.loads(content)
    assert (status, problem["code"]) == TOKENS[name], (problem, participation.process.tail(5))
    assert answered["content-type"] == "application/problem+json"
    assert given is None or given.split(" ")[1][:20] not in content.decode()
    assert f"U-token {name}" not in participation.units()


def test_a_rotated_token_ends_with_its_rotation(participation: Participation) -> None:
    given = participation.json("POST", "/api/publishers", {"name": "rotated", "types": ["qihang.*"]})
    assert participation.report(event("before", source="rotated"), token=given["token"])[0]["outcome"] == "accepted"
    fresh = participation.json("POST", "/api/publishers/rotated/rotate", {})
    headers = {"Content-Type": SINGLE, "Authorization": f"Bearer {given['token']}"}
    status, _, content = participation.request("POST", "/api/intake", body(event("after", source="rotated")), headers)
    assert (status, json.loads(content)["code"]) == (401, "token_revoked")
    assert participation.report(event("after", source="rotated"), token=fresh["token"])[0]["outcome"] == "accepted"
