"""Signed statements (ADL's XAPI-00115 to 00117): the file of a signature is a JWS of the statement that bears it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.intake.xapi.requirements import fresh, plain, requirement
from tests.services.participation.platform import Platform

KEY, OTHER = (generate_private_key(65537, 2048) for _ in range(2))


def certificate(key: RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "moodle")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    created = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
    return base64.b64encode(created.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


def sent(
    platform: Platform, signed: Any, *, key: Any = KEY, algorithm: str = "RS256", header: Any = None,
    file: bytes = b"", left_out: bool = False, **attachment: Any,
) -> int:  # fmt: skip
    """The status of a statement that is signed by that payload."""
    statement = plain()
    payload = json.dumps(signed(statement) if callable(signed) else signed).encode()
    content = file or jwt.PyJWS().encode(payload, key, algorithm=algorithm, headers=header).encode()
    sha2 = hashlib.sha256(content).hexdigest()
    described = {"usageType": "http://adlnet.gov/expapi/attachments/signature", "display": {"en": "signature"},
                 "contentType": "application/octet-stream", "length": len(content), "sha2": sha2}  # fmt: skip
    text = json.dumps({**statement, "attachments": [described | attachment]}).encode()
    body = b"--B\r\nContent-Type: application/json\r\n\r\n" + text
    if not left_out:
        body += (f"\r\n--B\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
                 f"X-Experience-API-Hash: {sha2}\r\n\r\n").encode() + content  # fmt: skip
    kind = {"Content-Type": "multipart/mixed; boundary=B"}
    return platform.call("POST", raw=body + b"\r\n--B--\r\n", headers=kind).status_code


def whole(statement: dict[str, Any]) -> dict[str, Any]:
    return statement


@requirement(115, 116, 117)
def test_a_signature_is_a_jws_of_its_statement(platform: Platform) -> None:
    assert sent(platform, whole) == 200
    without = lambda statement: {key: value for key, value in statement.items() if key != "id"}  # noqa: E731
    assert sent(platform, without) == 200, "what a receiver assigns need not be signed"
    for algorithm in ("RS384", "RS512"):
        assert sent(platform, whole, algorithm=algorithm, header={"x5c": [certificate(KEY)]}) == 200


@requirement(115, 116, 117)
@pytest.mark.parametrize("given", [
    {"signed": lambda statement: {**statement, "result": {"success": True}}},
    {"signed": lambda _: plain(id=fresh(), verb={"id": "http://example.com/other"})},
    {"signed": [1]}, {"signed": whole, "algorithm": "HS256", "key": "x" * 32},
    {"signed": whole, "file": b"no signature at all"}, {"signed": whole, "file": b"a.b.c"},
    {"signed": whole, "contentType": "text/plain"},
    {"signed": whole, "left_out": True, "fileUrl": "https://moodle.example.cn/signature"},
    {"signed": whole, "header": {"x5c": [certificate(OTHER)]}}, {"signed": whole, "header": {"x5c": ["no"]}},
    {"signed": whole, "header": {"x5c": "no"}},
])  # fmt: skip
def test_a_signature_that_is_none_of_the_statement_is_refused(platform: Platform, given: dict[str, Any]) -> None:
    assert sent(platform, **given) == 400
