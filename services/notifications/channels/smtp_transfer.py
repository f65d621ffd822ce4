"""Sends one mail over an SMTP connection, each step with its own timeout (RFC 5321, 4.5.3.2) and all with a common
one."""

import re
import smtplib
import time
from dataclasses import dataclass

from chassis.process.greenlets import time_limit
from services.notifications.channels import smtp_replies
from services.notifications.delivery.domain import Outcome

_LOST = (smtplib.SMTPException, OSError)


@dataclass(frozen=True)
class Timeouts:
    """Seconds without a reply before a step fails.  After the final dot a server may take ten minutes, and a mail that
    it accepts then is delivered; before it, an aborted mail is simply sent again.  `before_dot` and `after_dot` limit
    the total, against servers that send a byte at a time."""

    connect: float = 60
    command: float = 300
    data: float = 180
    after_dot: float = 600
    before_dot: float = 900

    @classmethod
    def of(cls, after_dot: float) -> "Timeouts":
        """Timeouts scaled to `after_dot`: no step longer than it, and all steps before the dot at most three times
        it."""
        usual = cls()
        connect, command, data = (min(limit, after_dot) for limit in (usual.connect, usual.command, usual.data))
        return cls(connect, command, data, after_dot, min(usual.before_dot, 3 * after_dot))


TIMEOUTS = Timeouts()


class Transfer:
    """`broken`: the connection cannot be used again.  `ends`: by when the dot must be reached (`time.monotonic`)."""

    def __init__(self, connection: smtplib.SMTP, timeouts: Timeouts, ends: float) -> None:
        self._connection, self._timeouts, self._ends = connection, timeouts, ends
        self.broken = False

    def send(self, sender: str, to: str, body: bytes, utf8: bool) -> Outcome:
        """Send a mail; `body` has CRLF line ends."""
        try:
            with time_limit(self._ends - time.monotonic()):
                refused = self._offer(sender, to, utf8)
                if refused is not None:
                    return refused
                self._limit(self._timeouts.data)
                self._connection.send(_transparent(body))
        except _LOST as error:
            self.broken = True
            return smtp_replies.lost_before_the_dot(error)
        return self._finish()

    def _offer(self, sender: str, to: str, utf8: bool) -> Outcome | None:
        """The steps up to DATA; returns the outcome if the server rejected one.  Raises SMTPException, OSError."""
        connection = self._connection
        self._limit(self._timeouts.command)
        code, reply = connection.mail(sender, ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else [])
        if code >= 400:
            return self._reset_after_refusal(smtp_replies.to_sender(code, reply), code)
        code, reply = connection.rcpt(to)
        if code >= 400:
            return self._reset_after_refusal(smtp_replies.to_recipient(code, reply), code)
        code, reply = connection.docmd("DATA")
        if code != 354:
            return self._reset_after_refusal(smtp_replies.to_letter(code, reply), code)
        return None

    def _finish(self) -> Outcome:
        """Send the final dot and read the reply: from here on a lost connection leaves the outcome unknown."""
        try:
            with time_limit(self._timeouts.after_dot):
                self._limit(self._timeouts.after_dot)
                code, reply = self._connection.docmd(".")
        except _LOST as error:
            self.broken = True
            return smtp_replies.lost_after_the_dot(error)
        if code < 400:
            return Outcome("succeeded")
        with time_limit(self._timeouts.command):
            return self._reset_after_refusal(smtp_replies.to_letter(code, reply), code)

    def _limit(self, seconds: float) -> None:
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)

    def _reset_after_refusal(self, outcome: Outcome, code: int) -> Outcome:
        try:
            self.broken = code == 421
            if not self.broken:
                self._connection.rset()
        except _LOST:
            self.broken = True
        return outcome


def _transparent(body: bytes) -> bytes:
    """The body with dots at the beginning of lines doubled (RFC 5321, 4.5.2) and a line end at the end."""
    doubled = re.sub(rb"(?m)^\.", b"..", body)
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
