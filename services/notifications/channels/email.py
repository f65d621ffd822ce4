"""E-mail by SMTP with TLS: text and HTML, headers with Chinese (RFC 2047), international addresses (RFC 6532)."""

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
from chassis.process.greenlets import time_limit
from chassis.process.settings import BadSetting
from services.notifications.channels import Message, smtp_replies
from services.notifications.channels.smtp_transfer import TIMEOUTS, Timeouts, Transfer
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome

IDLE_SECONDS = 10
_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


@dataclass(frozen=True)
class MailServer:
    """The server from a URL: `smtp+starttls://user:password@host:587`, `smtps://host:465`, or `smtp://127.0.0.1:25`;
    without TLS only on this machine, since addresses and names would be readable on the network."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    ca_file: str

    @classmethod
    def of(cls, url: str, sender: str, ca_file: str) -> "MailServer":
        """The server of a URL.  Raises BadSetting."""
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
                   unquote(parts.password or ""), sender, _checked_ca_file(ca_file))  # fmt: skip


def _checked_ca_file(ca_file: str) -> str:
    """The file, or '' if empty; checked at the start, so that not every mail fails.  Raises BadSetting."""
    try:
        if not ca_file or not Path(ca_file).stat().st_size:
            return ""
        ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(f"QIHANG_SMTP_CA_FILE: {ca_file} does not hold certificates (PEM): {error}") from None
    return ca_file


class Email:
    """Keeps one connection open; a mail accepted by the server counts as sent, whatever happens afterwards."""

    def __init__(self, server: MailServer, timeouts: Timeouts = TIMEOUTS) -> None:
        self.server, self._timeouts = server, timeouts
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

    @property
    def to(self) -> str:
        return f"{self.server.scheme}://{self.server.host}:{self.server.port}"

    def address(self, contact: Contact) -> str:
        return contact.email.casefold()

    def wait(self, _: Contact) -> float:
        return 0.0

    def send(self, message: Message) -> Outcome:
        """Send one mail.  `smtp_replies` classifies errors; a connection lost after the final dot leaves the outcome
        unknown."""
        try:
            mail = composed(message, self.server.sender)
        except ValueError as error:  # an address that passed the form's check but not the mail library's
            return Outcome("never", "bad_address", type(error).__name__)
        before, ends = self._connection, time.monotonic() + self._timeouts.before_dot
        outcome = self._deliver(message, mail, ends)
        if outcome.code == "lost" and outcome.result == "later" and before is not None:
            outcome = self._deliver(message, mail, ends)  # the server had closed the idle connection; this one is new
        self._used_at = time.monotonic()
        return smtp_replies.without_recipient(outcome, message.contact.email, message.contact.name)

    def _deliver(self, message: Message, mail: EmailMessage, ends: float) -> Outcome:
        utf8 = not message.contact.email.isascii()
        try:
            with time_limit(ends - time.monotonic()):
                connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return smtp_replies.no_connection(error)
        if utf8 and not connection.has_extn("smtputf8"):
            return Outcome("never", "no_smtputf8", "the mail server takes no addresses in other scripts")
        body = mail.as_bytes(policy=SMTPUTF8 if utf8 else SMTP)
        transfer = Transfer(connection, self._timeouts, ends)
        outcome = transfer.send(self.server.sender, message.contact.email, body, utf8)
        if transfer.broken:
            self.close()
        return outcome

    def _connect(self) -> smtplib.SMTP:
        if self._connection is not None and time.monotonic() - self._used_at < IDLE_SECONDS:
            return self._connection
        self.close()
        server, timeout = self.server, self._timeouts.connect
        context = ssl.create_default_context(cafile=server.ca_file or None)
        if server.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
        self._connection = connection
        if server.scheme == "smtp+starttls":
            connection.starttls(context=context)
        code, reply = connection.ehlo()
        if code >= 400:
            raise smtplib.SMTPHeloError(code, reply)
        if server.user:
            connection.login(server.user, server.password)
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def composed(message: Message, sender: str) -> EmailMessage:
    """The mail; its headers are built by the library, which rejects line breaks in names."""
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
