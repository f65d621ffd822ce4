"""Whose fault a mail server's answer is: the channel's (nobody can be sent anything), the recipient's, or the letter's.

By the step of the dialogue, the code (RFC 5321) and the enhanced status (RFC 3463).  Many servers refuse a sender only
at the recipient (Postfix's smtpd_delay_reject), so that an answer to RCPT about the sender is the channel's."""

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
    """Nothing was answered, or the greeting, TLS or the sign-in was refused."""
    match error:
        case smtplib.SMTPAuthenticationError():
            code = "auth"
        case smtplib.SMTPResponseException():
            code = f"smtp_{error.smtp_code}"
        case _:
            code = "timeout" if _timed_out(error) else "connect"
    return Outcome("later", code, _without_addresses(repr(error)), "channel", outage=True)


def lost_before_the_dot(error: Exception) -> Outcome:
    """It cannot have gone."""
    code = "timeout" if _timed_out(error) else "lost"
    return Outcome("later", code, _without_addresses(repr(error)), "channel", outage=True)


def lost_after_the_dot(error: Exception) -> Outcome:
    """Nobody can tell.  Who says nothing for ten minutes is away; who hangs up may dislike the letter."""
    silent = _timed_out(error)
    code = "no_answer" if silent else "lost"
    return Outcome("unknown", code, _without_addresses(repr(error)), "channel", outage=silent)


def to_sender(code: int, reply: bytes | str) -> Outcome:
    """MAIL FROM: nobody can be written to while our sender is refused."""
    return _channel(code, reply, outage=code == 421 or code >= 500)


def to_recipient(code: int, reply: bytes | str) -> Outcome:
    """RCPT TO."""
    text = _text(reply)
    if code in _OUTAGE_CODES or (code >= 500 and _ABOUT_SENDER.search(text)):
        return _channel(code, reply, outage=code in _OUTAGE_CODES)
    if code >= 500:
        return Outcome("never", f"smtp_{code}", _without_addresses(text))
    if code == 450 or _MAILBOX_IS_FULL.search(text):
        return Outcome("later", f"smtp_{code}", _without_addresses(text))
    return _channel(code, reply)


def to_letter(code: int, reply: bytes | str) -> Outcome:
    """DATA, or the final dot."""
    text = _text(reply)
    if code in _OUTAGE_CODES:
        return _channel(code, reply, outage=True)
    if code >= 500:
        return Outcome("never", f"smtp_{code}", _without_addresses(text), "letter")
    return Outcome("later", f"smtp_{code}", _without_addresses(text)) if code == 450 else _channel(code, reply)


def _timed_out(error: Exception) -> bool:
    """smtplib says of every socket error that the connection was closed; which it was is the context."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _channel(code: int, reply: bytes | str, outage: bool = False) -> Outcome:
    return Outcome("later", f"smtp_{code}", _without_addresses(_text(reply)), "channel", outage)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _without_addresses(text: str) -> str:
    """A server's words without what looks like an address: they stand in an event that everybody may read."""
    return " ".join("<...>" if "@" in word else word for word in text.split())[:300]


def without_recipient(outcome: Outcome, email: str, name: str) -> Outcome:
    """Without the mailbox and its owner, whom many servers name without an address (`550 5.1.1 wang.wu: unknown`)."""
    mailbox = re.escape(email.rpartition("@")[0])
    detail = re.sub(rf"(?<![A-Za-z0-9]){mailbox}(?![A-Za-z0-9])", "<...>", outcome.detail, flags=re.IGNORECASE)
    return replace(outcome, detail=detail.replace(name, "<...>") if name else detail)
