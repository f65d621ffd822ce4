"""E-mail by SMTP with TLS: text and HTML, Chinese in headers by RFC 2047, addresses of any script by RFC 6532."""

import smtplib
import ssl
import time
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from chassis.events.canonical_json import moment
from chassis.process.settings import BadSetting
from services.notifications.channels import Message
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome

SECONDS = 30
IDLE_SECONDS = 10
_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
_LOST = (smtplib.SMTPServerDisconnected, OSError)


@dataclass(frozen=True)
class MailServer:
    """`smtp+starttls://user:password@host:587`, `smtps://host:465`, or `smtp://127.0.0.1:25`; plain SMTP is taken for
    this machine only, for addresses and names would travel in the open."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    ca_file: str

    @classmethod
    def of(cls, url: str, sender: str, ca_file: str) -> "MailServer":
        """BadSetting."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise BadSetting("QIHANG_SMTP_URL: write smtp+starttls://user:password@host:587 or smtps://host:465")
        if parts.scheme == "smtp" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise BadSetting("QIHANG_SMTP_URL: without TLS only a mail server on this machine; use smtp+starttls://")
        if not (unquote(parts.username or "") + unquote(parts.password or "")).isascii():
            raise BadSetting("QIHANG_SMTP_URL: user and password must be ASCII, for SMTP can sign in with no others")
        if "@" not in sender:
            raise BadSetting("QIHANG_MAIL_FROM: give the address that the reminders come from")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], unquote(parts.username or ""),
                   unquote(parts.password or ""), sender, _given(ca_file))  # fmt: skip


def _given(ca_file: str) -> str:
    """The file, or nothing when it is empty; a wrong one is told at start, not by every mail.  BadSetting."""
    try:
        if not ca_file or not Path(ca_file).stat().st_size:
            return ""
        ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(f"QIHANG_SMTP_CA_FILE: {ca_file} does not hold certificates (PEM): {error}") from None
    return ca_file


class Email:
    """One connection, kept while it lasts; a letter that the server took is made, whatever happens afterwards."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

    @property
    def to(self) -> str:
        return f"{self.server.scheme}://{self.server.host}:{self.server.port}"

    def reaches(self, contact: Contact) -> bool:
        return bool(contact.email)

    def wait(self, _: Contact) -> float:
        return 0.0

    def send(self, message: Message) -> Outcome:
        """Classified: 4xx and what never began are for later, 5xx never; a line lost after the text went, unknown."""
        try:
            mail = composed(message, self.server.sender)
        except ValueError as error:  # an address that the form let pass and the mail library does not
            return Outcome("never", "bad_address", type(error).__name__)
        before = self._connection
        outcome = self._deliver(message, mail)
        if outcome.code == "lost" and outcome.result == "later" and before is not None:
            outcome = self._deliver(message, mail)  # the server had closed a line that stood open; this one is new
        self._used_at = time.monotonic()
        return outcome

    def _deliver(self, message: Message, mail: EmailMessage) -> Outcome:
        utf8 = not message.contact.email.isascii()
        try:
            connection = self._open()
        except smtplib.SMTPAuthenticationError as error:
            return self._left("later", "auth", error)
        except (smtplib.SMTPException, OSError) as error:
            return self._left("later", "connect", error)
        if utf8 and not connection.has_extn("smtputf8"):
            return Outcome("never", "no_smtputf8", "the mail server takes no addresses in other scripts")
        return self._transfer(connection, message, mail, utf8)

    def _transfer(self, connection: smtplib.SMTP, message: Message, mail: EmailMessage, utf8: bool) -> Outcome:
        body = mail.as_bytes(policy=SMTPUTF8 if utf8 else SMTP)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else []
        try:
            for code, reply in (connection.mail(self.server.sender, options), connection.rcpt(message.contact.email)):
                if code >= 400:
                    return self._refused(connection, code, reply)
        except _LOST as error:
            return self._left("later", "lost", error)  # before the text: it cannot have gone
        try:
            code, reply = connection.data(body)
        except smtplib.SMTPDataError as error:
            return self._refused(connection, error.smtp_code, error.smtp_error)
        except _LOST as error:
            return self._left("unknown", "lost", error)
        return Outcome("succeeded") if code < 400 else self._refused(connection, code, reply)

    def _refused(self, connection: smtplib.SMTP, code: int, reply: bytes | str) -> Outcome:
        try:
            connection.rset()
        except (*_LOST, smtplib.SMTPException):
            self.close()
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        return Outcome("later" if code < 500 else "never", f"smtp_{code}", _without_addresses(text))

    def _left(self, result: str, code: str, error: Exception) -> Outcome:
        self.close()
        return Outcome("unknown" if result == "unknown" else "later", code, _without_addresses(repr(error)))

    def _open(self) -> smtplib.SMTP:
        if self._connection is not None and time.monotonic() - self._used_at < IDLE_SECONDS:
            return self._connection
        self.close()
        server = self.server
        context = ssl.create_default_context(cafile=server.ca_file or None)
        if server.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        self._connection = connection
        if server.scheme == "smtp+starttls":
            connection.starttls(context=context)
        connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def composed(message: Message, sender: str) -> EmailMessage:
    """The mail itself; headers are made by the library, which takes no line breaks from anybody's name."""
    mail = EmailMessage()
    mail["From"] = Address(display_name="启航催办提醒", addr_spec=sender)
    name = " ".join(message.contact.name.split())
    user, _, domain = message.contact.email.rpartition("@")
    mail["To"] = Address(display_name=name, username=user, domain=domain)
    mail["Subject"] = message.text.subject
    mail["Date"] = format_datetime(moment(message.sent_at))
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text.text)
    mail.add_alternative(message.text.html, subtype="html")
    return mail


def _without_addresses(text: str) -> str:
    """A server's words without what looks like an address: they stand in an event that everybody may read."""
    return " ".join("<...>" if "@" in word else word for word in text.split())[:300]
