"""Authenticates the platform's callbacks: signed, fresh, not replayed; and reads which order each is about."""

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chassis.events.canonical_json import instant, moment
from services.publicity.wechat.accounts import Account

FRESH_SECONDS: Final = 300
"""Older callbacks, and those from the future, are ignored: polling finds out the same."""
MOST_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Callback:
    """`sent_at`: UTC, to the second."""

    publish_id: str
    sent_at: str


class Callbacks:
    """Remembers the signatures of all accounts' callbacks while they are fresh."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self._seen: OrderedDict[str, float] = OrderedDict()

    def is_signed(self, account: str, query: Mapping[str, str]) -> bool:
        """Whether the platform signed this call: SHA-1 over token, timestamp and nonce, sorted."""
        known = self._accounts.get(account)
        token = known.callback_token() if known else ""
        parts = sorted([token, query.get("timestamp", ""), query.get("nonce", "")])
        wanted = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - the platform's own scheme
        return bool(token) and hmac.compare_digest(wanted.encode(), query.get("signature", "").encode())

    def read(self, account: str, query: Mapping[str, str], body: bytes, now: str) -> Callback | None:
        """The content of a signed call; None if it is not about the end of an order, too old, or a replay."""
        match = re.search(rb"<publish_id>\s*(?:<!\[CDATA\[)?\s*(\d{1,20})\s*(?:\]\]>)?\s*</publish_id>", body)
        stamp = query.get("timestamp", "")
        if b"PUBLISHJOBFINISH" not in body or match is None or not re.fullmatch(r"\d{1,10}", stamp):
            return None
        at, sent = moment(now).timestamp(), float(stamp)
        if abs(at - sent) > FRESH_SECONDS or not self._is_new(f"{account} {query.get('signature')}", at):
            return None
        created = re.search(rb"<CreateTime>\s*(\d{1,10})\s*</CreateTime>", body)
        earliest = min(sent, float(created[1])) if created else sent
        return Callback(match[1].decode(), instant(datetime.fromtimestamp(earliest, UTC))[:19])

    def _is_new(self, key: str, at: float) -> bool:
        while self._seen and (len(self._seen) >= MOST_REMEMBERED or abs(at - self._oldest()) > 2 * FRESH_SECONDS):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = at
        return True

    def _oldest(self) -> float:
        return next(iter(self._seen.values()))
