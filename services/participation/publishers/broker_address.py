"""The public address of the broker and its certificate, as given to the authors of outside systems."""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from chassis.process.settings import BadSetting

PORT = 5671


@dataclass(frozen=True)
class BrokerAddress:
    """All empty if the broker is not reachable from outside."""

    amqps_address: str = ""
    """`host:port`."""
    amqps_ca: str = ""
    """The CA certificate in PEM; empty: a public CA."""
    amqps_fingerprint: str = ""
    """SHA-256 of that certificate (hex)."""

    @classmethod
    def of(cls, address: str, ca_file: str) -> Self:
        """The address with the first certificate of the file and its digest.  Raises BadSetting."""
        if not address:
            return cls()
        certificate = _certificate(ca_file)
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest() if certificate else ""
        return cls(_with_port(address), certificate, fingerprint)


def _with_port(address: str) -> str:
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.path or parts.username is not None:
        raise BadSetting("QIHANG_AMQPS_ADDRESS: write host:port, such as mq.example.cn:5671")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _certificate(ca_file: str) -> str:
    """The first certificate of the file; '' if it is empty."""
    try:
        text = Path(ca_file).read_text("ascii").strip() if ca_file else ""
        return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(_first_certificate(text))) if text else ""
    except (OSError, ValueError) as error:
        raise BadSetting(f"QIHANG_AMQPS_CA_FILE: {ca_file} does not hold a certificate (PEM): {error}") from None


def _first_certificate(text: str) -> str:
    return text[: text.find(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)]
