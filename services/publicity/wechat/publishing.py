"""Brings articles through the platform's API: one step at a time, each remembered before and after it is made.

Kills at any moment lose nothing and publish nothing twice (domain/submission.py says why)."""

import hashlib
import hmac
import re
from typing import Any

import structlog

from chassis.process.greenlets import Wakeup
from chassis.process.peers import PeerUnavailable
from chassis.store import event_log
from chassis.store.database import is_transient
from services.publicity import queries
from services.publicity.domain.articles import Article, evolve_article
from services.publicity.domain.submission import FindPublication, Poll, Rest, Step, next_step
from services.publicity.showing import Showing
from services.publicity.vault import Gone
from services.publicity.wechat.accounts import Account, accounts
from services.publicity.wechat.attempts import Attempt
from services.publicity.wechat.client import Lost, PlatformRefused, WeChat

_log = structlog.get_logger(__name__)
IDLE_SECONDS = 2.0


class Publishing:
    """One loop a service; replicas may run it side by side, since an intent is taken by one of them only."""

    def __init__(self, runtime: Any) -> None:
        self.runtime = runtime
        self.showing = Showing(runtime.house)
        self.accounts = accounts(runtime.settings.wechat_accounts)
        self._clients: dict[str, WeChat] = {}
        self.wakeup = Wakeup()

    def account(self, account: str, unit_id: str) -> Account | None:
        """The account that an article goes out on, if it has an API."""
        return self.accounts.get("district" if account == "district" else unit_id)

    def client(self, account: Account) -> WeChat:
        return self._clients.setdefault(account.name, WeChat(account))

    def run(self) -> None:
        """Loop until the service stops."""
        while not self.runtime.monitor.stopping:
            self.wakeup.clear()
            try:
                self.round()
            except Exception as error:
                if not is_transient(error):
                    raise
                self.runtime.monitor.outage("publishing")
            self.runtime.monitor.pulse("publishing")
            self.wakeup.wait(IDLE_SECONDS)

    def round(self) -> None:
        """Every article one step further, as far as there is something to do now."""
        with self.runtime.store.reading() as connection:
            waiting = queries.at_the_platform(connection)
        for article_id in waiting:
            if not self.runtime.monitor.stopping:
                self.step(article_id)

    def step(self, article_id: str, hurry: bool = False) -> None:
        """The next step of one article; with `hurry` what it waits for is not waited for."""
        state = self.state(article_id)
        wanted = next_step(state, self.runtime.now())
        if hurry:
            wanted = hurried(state, wanted)
        if isinstance(wanted, Rest):
            return
        attempt = Attempt(self, article_id, state, wanted)
        try:
            attempt.make()
        except PlatformRefused as error:
            attempt.refused(error)
        except Lost as error:
            _log.warning("the platform did not answer", article=article_id, detail=str(error))
            attempt.lost()
        except PeerUnavailable:
            attempt.later("participation_away")
        except Gone:
            attempt.hopeless("gone")

    def state(self, article_id: str) -> Article:
        state = Article()
        with self.runtime.store.reading() as connection:
            for about in event_log.streams(connection, [f"article-{article_id}"]):
                state = evolve_article(state, about.event())
        return state

    def heard(self, body: bytes) -> None:
        """A callback names an order: look at once, at what it names or at what has no name yet."""
        match = re.search(rb"<publish_id>\s*(\d{1,20})\s*</publish_id>", body)
        if b"PUBLISHJOBFINISH" not in body or match is None:
            return
        with self.runtime.store.reading() as connection:
            rows = queries.article_rows(connection, publish_id=match[1].decode())
            names = [row["article_id"] for row in rows] or queries.at_the_platform(connection)
        for name in names:
            self.step(name, hurry=True)

    def signed(self, account: str, query: Any) -> bool:
        """Whether the platform signed this call: SHA-1 over token, timestamp and nonce, sorted."""
        known = self.accounts.get(account)
        token = known.callback_token() if known else ""
        parts = sorted([token, query.get("timestamp", ""), query.get("nonce", "")])
        wanted = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - the platform's own scheme
        return bool(token) and hmac.compare_digest(wanted.encode(), query.get("signature", "").encode())


def hurried(state: Article, wanted: Step) -> Step:
    if state.status in ("submitted", "published") and state.publish_id:
        return Poll()
    if state.status == "submitting" and state.publish_intents:
        return FindPublication()
    return wanted
