"""The messages by which the platform says that an order has ended: signed, lost, twice, and old ones once more."""

from __future__ import annotations

import hashlib
import random
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode


@dataclass
class Callbacks:
    """`lost`: share of those that never arrive; the others arrive twice, and once more at the end of the next order."""

    url: str = ""
    token: str = "callback-token"
    lost: float = 0.0
    random: random.Random = field(default_factory=lambda: random.Random(11))
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def send(self, publish_id: str, status: int, clock: str) -> None:
        at = int(datetime.fromisoformat(clock).timestamp() if clock else time.time())
        query, body = signed_callback(self.token, publish_id, status, at, self.random.random())
        old = self.sent[-1:]
        self.sent.append((query, body))
        now = [] if self.random.random() < self.lost else [(query, body)] * 2
        threading.Thread(target=self._deliver, args=([*old, *now],), daemon=True).start()

    def _deliver(self, messages: list[tuple[str, bytes]]) -> None:
        for query, body in messages:
            try:
                urllib.request.urlopen(f"{self.url}?{query}", body, timeout=5).close()
            except OSError:
                time.sleep(0.2)


def signed_callback(token: str, publish_id: str, status: int, at: int, nonce: object) -> tuple[str, bytes]:
    """The query and the body of the platform's message that an order has ended."""
    stamp = str(at)
    signature = hashlib.sha1("".join(sorted([token, stamp, str(nonce)])).encode()).hexdigest()  # noqa: S324 - theirs
    query = urlencode({"signature": signature, "timestamp": stamp, "nonce": nonce})
    body = (f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[mphelper]]></FromUserName>"
            f"<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
            f"<Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo><publish_id>{publish_id}</publish_id>"
            f"<publish_status>{status}</publish_status></PublishEventInfo></xml>").encode()  # fmt: skip
    return query, body
