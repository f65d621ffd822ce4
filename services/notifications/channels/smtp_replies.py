"""Classifies replies of a mail server: the fault of the channel (nothing can be sent to anybody), of the recipient, or
of the message.

By the step of the dialogue, the reply code (RFC 5321) and the enhanced status (RFC 3463).  Many servers reject a sender
only at RCPT (Postfix's smtpd_delay_reject), so a reply to RCPT about the sender counts as the channel's fault."""

import re
import smtplib
from dataclasses import replace

from services.notifications.delivery.domain import Outcome

_ABOUT_SENDER = re.compile(
    r"\b5\.(1\.[78]|3\.[0235]|7\.[089])\b|sender|relay|client host|authenticat|mail from|"
    r"not (allowed|authori[sz]ed|permitted) to send|发件人|中继",
    re.IGNORECASE,
)
_MAILBOX_IS_FULL = re.compile(r"\b[45]\.2\.\d+\b|grey|gray", re.IGNORECASE)
_OUTAGE_CODES = (421, 530, 535, 538)


def no_connection(error: Exception) -> Outcome:
    """No answer, or greeting, TLS or authentication failed."""
    match error:
        case smtplib.SMTPAuthenticationError():
            code = "auth"
        case smtplib.SMTPResponseException():
            code = f"smtp_{error.smtp_code}"
        case _:
            code = "timeout" if _timed_out(error) else "connect"
    return Outcome("later", code, _without_addresses(repr(error)), "channel", outage=True)


def lost_before_the_dot(error: Exception) -> Outcome:
    """The connection was lost before the final dot: the mail was not sent."""
    code = "timeout" if _timed_out(error) else "lost"
    return Outcome("later", code, _without_addresses(repr(error)), "channel", outage=True)


def lost_after_the_dot(error: Exception) -> Outcome:
    """The connection was lost after the final dot: the outcome is unknown.  After ten minutes of silence the channel
    counts as failing; a server that closes the connection may object to the message."""
    silent = _timed_out(error)
    code = "no_answer" if silent else "lost"
    return Outcome("unknown", code, _without_addresses(repr(error)), "channel", outage=silent)


def to_sender(code: int, reply: bytes | str) -> Outcome:
    """A reply to MAIL FROM: nothing can be sent while our sender is rejected."""
    return _channel(code, reply, outage=code == 421 or code >= 500)


def to_recipient(code: int, reply: bytes | str) -> Outcome:
    """A reply to RCPT TO."""
    text = _text(reply)
    if code in _OUTAGE_CODES or (code >= 500 and _ABOUT_SENDER.search(text)):
        return _channel(code, reply, outage=code in _OUTAGE_CODES)
    if code >= 500:
        return Outcome("never", f"smtp_{code}", _without_addresses(text))
    if code == 450 or _MAILBOX_IS_FULL.search(text):
        return Outcome("later", f"smtp_{code}", _without_addresses(text))
    return _channel(code, reply)


def to_letter(code: int, reply: bytes | str) -> Outcome:
    """A reply to DATA or to the final dot."""
    text = _text(reply)
    if code in _OUTAGE_CODES:
        return _channel(code, reply, outage=True)
    if code >= 500:
        return Outcome("never", f"smtp_{code}", _without_addresses(text), "letter")
    return Outcome("later", f"smtp_{code}", _without_addresses(text)) if code == 450 else _channel(code, reply)


def _timed_out(error: Exception) -> bool:
    """Whether a socket error was a timeout: smtplib always reports a closed connection; the cause is its context."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _channel(code: int, reply: bytes | str, outage: bool = False) -> Outcome:
    return Outcome("later", f"smtp_{code}", _without_addresses(_text(reply)), "channel", outage)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _without_addresses(text: str) -> str:
    """A reply without anything like an address: it is stored in an event that many may read."""
    return " ".join("<...>" if "@" in word else word for word in text.split())[:300]


def without_recipient(outcome: Outcome, email: str, name: str) -> Outcome:
    """The outcome without the mailbox and its owner's name, which many servers repeat without an address (`550 5.1.1
    wang.wu: unknown`)."""
    mailbox = re.escape(email.rpartition("@")[0])
    detail = re.sub(rf"(?<![A-Za-z0-9]){mailbox}(?![A-Za-z0-9])", "<...>", outcome.detail, flags=re.IGNORECASE)
    return replace(outcome, detail=detail.replace(name, "<...>") if name else detail)
