"""Publishes articles through the platform's API: one step at a time, each recorded as events.

A crash at any moment loses nothing and publishes nothing twice (the reasons are in articles/domain/submission.py)."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from chassis.process.greenlets import Wakeup
from chassis.process.peers import PeerUnavailable
from chassis.store import event_log
from chassis.store.unit_of_work import UnitOfWork
from services.publicity.articles.domain.check_intervals import later
from services.publicity.articles.domain.state import Article, evolve_article
from services.publicity.articles.domain.submission import (
    CheckPublic,
    FindPublication,
    NothingToDo,
    Poll,
    Step,
    next_step,
)
from services.publicity.articles.queries import article_rows, at_the_platform, orders_without_answer
from services.publicity.content_store import ContentGone
from services.publicity.context import PublicityContext
from services.publicity.wechat.accounts import Account
from services.publicity.wechat.attempts import Attempt
from services.publicity.wechat.callbacks import Callback, Callbacks
from services.publicity.wechat.client import PlatformRefused, UnknownResult, WeChat

_log = structlog.get_logger(__name__)
IDLE_SECONDS = 2.0


class WeChatPublisher:
    """One loop per service; replicas may run it concurrently, since only one of them can append an intent."""

    def __init__(
        self, publicity: PublicityContext, unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]],
        now: Callable[[], str], is_stopping: Callable[[], bool], accounts: Mapping[str, Account],
    ) -> None:  # fmt: skip
        self.publicity, self.unit_of_work, self.now, self.accounts = publicity, unit_of_work, now, accounts
        self._is_stopping = is_stopping
        self._clients: dict[str, WeChat] = {}
        self.callbacks = Callbacks(accounts)
        self.wakeup = Wakeup()

    def account(self, account: str, unit_id: str) -> Account | None:
        """The account on which an article is published, if it has an API."""
        return self.accounts.get("district" if account == "district" else unit_id)

    def has_api(self, account: str, unit_id: str) -> bool:
        return self.account(account, unit_id) is not None

    def client(self, account: Account) -> WeChat:
        return self._clients.setdefault(account.name, WeChat(account))

    def advance_all(self) -> None:
        """Advance every article that is due by one step."""
        with self.publicity.store.reading() as connection:
            waiting = at_the_platform(connection, self.now())
        for article_id in waiting:
            if not self._is_stopping():
                self.advance(article_id)

    def advance(self, article_id: str) -> None:
        """Take the next step of one article."""
        state = self.state(article_id)
        self._attempt(article_id, state, next_step(state, self.now()))

    def _attempt(self, article_id: str, state: Article, step: Step) -> None:
        if isinstance(step, NothingToDo):
            return
        attempt = Attempt(self, article_id, state, step)
        try:
            attempt.run()
        except PlatformRefused as error:
            attempt.on_refused(error)
        except UnknownResult as error:
            _log.warning("the platform did not answer", article=article_id, detail=str(error))
            attempt.on_no_answer()
        except PeerUnavailable:
            attempt.retry_later("participation_away")
        except ContentGone:
            attempt.give_up("gone")
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - one article's fault neither stops the others nor repeats at once
            _log.exception("an article's step failed", article=article_id, step=attempt.name)
            attempt.retry_later("unexpected")

    def state(self, article_id: str) -> Article:
        state = Article()
        with self.publicity.store.reading() as connection:
            for about in event_log.streams(connection, [f"article-{article_id}"]):
                state = evolve_article(state, about.event())
        return state

    def on_callback(self, account: str, callback: Callback) -> None:
        """Ask about the named order now, or search for an order that has no id yet.  Ignored: another account, an order
        before the current one, an order that was just asked about."""
        with self.publicity.store.reading() as connection:
            rows = article_rows(connection, publish_id=callback.publish_id)
            names = [row["article_id"] for row in rows] or orders_without_answer(
                connection, "district" if account == "district" else "unit", account
            )
        for name in names:
            state = self.state(name)
            known = self.account(state.known.account, state.known.unit_id)
            if known is not None and known.name == account:
                self._attempt(name, state, step_of_callback(state, callback, self.now()))


def step_of_callback(state: Article, callback: Callback, now: str) -> Step:
    """The step that a callback brings forward, at most one a minute; Rest if it says nothing new."""
    intended = state.publish_intents[-1] if state.publish_intents else ""
    if not intended or callback.sent_at < intended[:19]:
        return NothingToDo()
    asked = max(intended if state.status == "submitting" else "", *state.polls[-1:], state.looked_at, "")
    if asked and later(asked, 1) > now:
        return NothingToDo()
    match state.status:
        case "submitted" if state.publish_id == callback.publish_id:
            return Poll()
        case "published" if state.publish_id == callback.publish_id:
            return CheckPublic()
        case "submitting":
            return FindPublication()
    return NothingToDo()
