"""Brings articles through the platform's API: one step at a time, each recorded as events.

Kills at any moment lose nothing and publish nothing twice (articles/domain/submission.py says why)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

from chassis.process.greenlets import Wakeup
from chassis.process.peers import PeerUnavailable
from chassis.store import event_log
from chassis.store.unit_of_work import UnitOfWork
from services.publicity.articles.domain.state import Article, evolve_article
from services.publicity.articles.domain.submission import FindPublication, Poll, Rest, Step, next_step
from services.publicity.articles.queries import article_rows, at_the_platform
from services.publicity.content_store import ContentGone
from services.publicity.context import PublicityContext
from services.publicity.wechat.accounts import Account
from services.publicity.wechat.attempts import Attempt
from services.publicity.wechat.client import Lost, PlatformRefused, WeChat

_log = structlog.get_logger(__name__)
IDLE_SECONDS = 2.0


class WeChatPublisher:
    """One loop a service; replicas may run it side by side, since an intent is taken by one of them only."""

    def __init__(
        self, publicity: PublicityContext, unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]],
        now: Callable[[], str], is_stopping: Callable[[], bool], accounts: Mapping[str, Account],
    ) -> None:  # fmt: skip
        self.publicity, self.unit_of_work, self.now, self.accounts = publicity, unit_of_work, now, accounts
        self._is_stopping = is_stopping
        self._clients: dict[str, WeChat] = {}
        self.wakeup = Wakeup()

    def account(self, account: str, unit_id: str) -> Account | None:
        """The account that an article goes out on, if it has an API."""
        return self.accounts.get("district" if account == "district" else unit_id)

    def has_api(self, account: str, unit_id: str) -> bool:
        return self.account(account, unit_id) is not None

    def client(self, account: Account) -> WeChat:
        return self._clients.setdefault(account.name, WeChat(account))

    def advance_all(self) -> None:
        """Every article one step further, as far as there is something to do now."""
        with self.publicity.store.reading() as connection:
            waiting = at_the_platform(connection)
        for article_id in waiting:
            if not self._is_stopping():
                self.advance(article_id)

    def advance(self, article_id: str, hurry: bool = False) -> None:
        """The next step of one article; with `hurry` what it waits for is not waited for."""
        state = self.state(article_id)
        wanted = next_step(state, self.now())
        if hurry:
            wanted = hurried(state, wanted)
        if isinstance(wanted, Rest):
            return
        attempt = Attempt(self, article_id, state, wanted)
        try:
            attempt.run()
        except PlatformRefused as error:
            attempt.on_refused(error)
        except Lost as error:
            _log.warning("the platform did not answer", article=article_id, detail=str(error))
            attempt.on_no_answer()
        except PeerUnavailable:
            attempt.retry_later("participation_away")
        except ContentGone:
            attempt.give_up("gone")

    def state(self, article_id: str) -> Article:
        state = Article()
        with self.publicity.store.reading() as connection:
            for about in event_log.streams(connection, [f"article-{article_id}"]):
                state = evolve_article(state, about.event())
        return state

    def on_callback(self, body: bytes) -> None:
        """A callback names an order: look at once, at what it names or at what has no name yet."""
        match = re.search(rb"<publish_id>\s*(\d{1,20})\s*</publish_id>", body)
        if b"PUBLISHJOBFINISH" not in body or match is None:
            return
        with self.publicity.store.reading() as connection:
            rows = article_rows(connection, publish_id=match[1].decode())
            names = [row["article_id"] for row in rows] or at_the_platform(connection)
        for name in names:
            self.advance(name, hurry=True)

    def is_signed(self, account: str, query: Any) -> bool:
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
