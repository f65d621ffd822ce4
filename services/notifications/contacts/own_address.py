"""Registration of one's own mail address by a code sent to it.  Nothing is stored before the code is entered: the
request is in a sealed proof that the client returns (docs/decisions/0207)."""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from datetime import datetime, timedelta
from html import escape
from typing import Final

from chassis.events.canonical_json import instant
from services.notifications.channels import Channel, Message
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome
from services.notifications.digests.message_texts import MessageText

LIFE: Final = timedelta(minutes=30)
MOST_SENT: Final = 5
WITHIN: Final = timedelta(hours=1)
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without letters that are easily confused."""
_LENGTH: Final = 8
SUBJECT: Final = "启航提醒邮箱的验证码"


class CodesSent:
    """Counts the codes recently sent to each recipient, as a limit."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[datetime]] = {}

    def may(self, recipient: str, now: datetime) -> bool:
        """Whether another code may be sent; counts it."""
        for known in [name for name, times in self._sent.items() if times[-1] <= now - WITHIN]:
            del self._sent[known]
        times = self._sent.setdefault(recipient, deque())
        while times and times[0] <= now - WITHIN:
            times.popleft()
        if len(times) >= MOST_SENT:
            return False
        times.append(now)
        return True


def new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def send_code(channel: Channel, now: datetime, contact: Contact, code: str) -> Outcome:
    """Send the mail with the code now."""
    shown = f"{code[:4]}-{code[4:]}"
    text = f"有人在启航登记这个邮箱接收催办提醒。验证码：{shown}，30 分钟内有效。不是您本人操作的，不必理会。"
    message = MessageText(SUBJECT, f"{text}\n", f"<p>{escape(text)}</p>", text)
    try:
        return channel.send(Message(f"<{secrets.token_hex(16)}@qihang.invalid>", instant(now), contact, message))
    finally:
        channel.close()


def make_proof(secret: bytes, recipient: str, email: str, code: str, now: datetime) -> str:
    """A signed proof of recipient, address and expiry; the code is part of the signature, not of the text."""
    ends = instant(now + LIFE)
    content = json.dumps([recipient, email, ends]).encode()
    return f"{urlsafe_b64encode(content).decode()}.{_mark(secret, content, code)}"


def proved_address(secret: bytes, proof: str, recipient: str, code: str, now: datetime) -> str:
    """The address in the proof; '' if the code is wrong, the proof is for another recipient, or it has expired."""
    content_text, _, mark = proof.partition(".")
    try:
        content = urlsafe_b64decode(content_text.encode())
        asked, email, ends = json.loads(content)
    except ValueError:
        return ""
    good = hmac.compare_digest(_mark(secret, content, plain_code(code)).encode(), mark.encode())
    return str(email) if good and asked == recipient and instant(now) < ends else ""


def plain_code(text: str) -> str:
    """The code in canonical form: people type lower case, blanks and hyphens."""
    return "".join(character for character in text.upper() if character.isalnum())


def _mark(secret: bytes, content: bytes, code: str) -> str:
    return hmac.digest(secret, content + b"\0" + code.encode(), "sha256").hex()
