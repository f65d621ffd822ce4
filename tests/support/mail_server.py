"""A real SMTP server on loopback with TLS, which keeps every mail and can be told to refuse, delay or drop some."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.processes import free_ports

USER, PASSWORD = "qihang", "p@ss word"
TAKEN = "250 OK"


@dataclass(frozen=True)
class Mail:
    """A mail that was taken; `seen` is what a test's clock said when it came.  Read only when a test looks into it:
    thousands come."""

    to: str
    content: bytes
    seen: str

    @functools.cached_property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.content, policy=default))

    @functools.cached_property
    def id(self) -> str:
        return str(message_from_bytes(self.content.partition(b"\r\n\r\n")[0])["Message-ID"])

    @property
    def text(self) -> str:
        return self._part("text/plain")

    @property
    def html(self) -> str:
        return self._part("text/html")

    def _part(self, kind: str) -> str:
        """By the policy that reads no header into objects: 1 ms a mail less."""
        part = next(part for part in message_from_bytes(self.content).walk() if part.get_content_type() == kind)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        return content.decode(part.get_content_charset("ascii")).replace("\r\n", "\n")


class MailServer:
    """`answer(to, how many came before)` is the reply to a mail; "drop" keeps it and cuts the line unanswered, "silent"
    keeps it and never answers.  `to_sender` is the reply to MAIL FROM, `to_recipient(to)` that to RCPT TO."""

    def __init__(self, folder: Path, *, implicit_tls: bool = False, utf8: bool = True, host: str = "127.0.0.1") -> None:
        self.mails: list[Mail] = []
        self.answer: Callable[[str, int], str] = lambda _to, _before: TAKEN
        self.clock: Callable[[], str] = lambda: ""
        self.took: Callable[[int], None] = lambda _: None  # told how many there are, before the answer goes
        self.to_sender = TAKEN
        self.to_recipient: Callable[[str], str] = lambda _to: TAKEN
        self.pause = 0.0
        self._tries: dict[str, int] = {}
        self.ca_file = folder / "mail-ca.pem"
        self.host = host
        context = _context(folder, self.ca_file, host)
        (self.port,) = free_ports(1)
        more: dict[str, Any] = {"ssl_context": context} if implicit_tls else {"tls_context": context}
        if not implicit_tls:
            more |= {"require_starttls": True, "auth_required": True, "authenticator": _authenticate}
        self._listen = lambda: Controller(self, hostname=host, port=self.port, enable_SMTPUTF8=utf8, **more)
        self.scheme = "smtps" if implicit_tls else "smtp+starttls"
        self._controller: Controller | None = None
        self.reopen()

    @property
    def url(self) -> str:
        who = "" if self.scheme == "smtps" else f"{USER}:p%40ss%20word@"
        return f"{self.scheme}://{who}{self.host}:{self.port}"

    async def handle_MAIL(self, _server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.to_sender == TAKEN:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.to_sender

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.to_recipient(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        (to,) = envelope.rcpt_tos
        before = self._tries.get(to, 0)
        self._tries[to] = before + 1
        if self.pause:
            await asyncio.sleep(self.pause)
        answer = self.answer(to, before)
        if answer in (TAKEN, "drop", "silent"):
            self.mails.append(Mail(to, envelope.content, self.clock()))
            self.took(len(self.mails))
        if answer == "silent":
            await asyncio.sleep(3600)
        if answer == "drop":
            server.transport.close()
        return answer

    def close(self) -> None:
        """Away: connections are refused."""
        self.stop()

    def reopen(self) -> None:
        """There again, if it was away."""
        if self._controller is not None and not self._controller.loop.is_closed():
            return
        self._controller = self._listen()
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None and not self._controller.loop.is_closed():
            self._controller.stop(no_assert=True)


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=given.login == USER.encode() and given.password == PASSWORD.encode())


def _context(folder: Path, public: Path, host: str) -> ssl.SSLContext:
    private = folder / "mail-key.pem"
    make_certificate(public, private, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context


def make_certificate(public: Path, private: Path, host: str) -> None:
    """Of an address, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    result = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public.write_bytes(result.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))  # fmt: skip
