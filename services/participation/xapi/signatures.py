"""Signed statements: the signature's file is a JWS (RFC 7515) of the statement as before signing."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chassis.events import strict_json
from services.participation.xapi.domain.mapping import SIGNATURE
from services.participation.xapi.domain.statements import is_same_deed

ALGORITHMS: Final = ("RS256", "RS384", "RS512")
_JWS: Final = jwt.PyJWS(algorithms=list(ALGORITHMS))
_SAME_DEED: Final = "the signature's payload is another statement"


def is_signature(attachment: Mapping[str, Any]) -> bool:
    return bool(attachment["usageType"] == SIGNATURE)


def signature_fault(attachment: Mapping[str, Any], file: bytes | None, statement: Mapping[str, Any]) -> str:
    """What is wrong with it; empty if it is a JWS of this statement, valid for the certificate it contains, if any.
    The certificate's owner is not checked: it is the platform's own claim."""
    if attachment["contentType"] != "application/octet-stream":
        return "contentType of a signature is application/octet-stream"
    if file is None:
        return "the signature itself is not in the body"
    try:
        header = jwt.get_unverified_header(file)
        if header.get("alg") not in ALGORITHMS:
            return f"alg of a signature is one of {', '.join(ALGORITHMS)}"
        payload = _verified_payload(file, header)
        signed = strict_json.parse(payload, len(payload))
    except jwt.InvalidSignatureError:
        return "the signature is not of the certificate in x5c"
    except (jwt.PyJWTError, strict_json.BadJson, ValueError, binascii.Error):
        return "the signature is no JWS of a statement"
    return "" if isinstance(signed, dict) and is_same_deed(statement, signed) else _SAME_DEED


def _verified_payload(file: bytes, header: Mapping[str, Any]) -> bytes:
    """The payload, verified if the header contains the signer's certificate."""
    chain = header.get("x5c")
    if chain is None:
        unverified: bytes = _JWS.decode_complete(file, options={"verify_signature": False})["payload"]
        return unverified
    first = chain[0] if isinstance(chain, list) and chain else ""
    key = x509.load_der_x509_certificate(base64.b64decode(str(first), validate=True)).public_key()
    if not isinstance(key, RSAPublicKey):
        raise jwt.InvalidKeyError("the certificate is of another kind of key")
    payload: bytes = _JWS.decode(file, key, algorithms=list(ALGORITHMS))
    return payload
