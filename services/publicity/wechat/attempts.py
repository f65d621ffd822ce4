"""One step of one article at the platform: an event before the call where it could publish, and its outcome after."""

import base64
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from chassis.events.definition import Event
from chassis.store.unit_of_work import UnitOfWork
from contracts.articles import ArticleTakenDown, CoverUploaded, DraftAdded, DraftIntended, PublishSubmitted
from contracts.articles import PublishIntended as Intended
from services.publicity.articles.domain import submission
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.domain.state import Article
from services.publicity.articles.domain.submission import (
    AddDraft,
    FindPublication,
    Poll,
    Remove,
    Step,
    SubmitDraft,
    UploadCover,
    next_step,
)
from services.publicity.articles.queries import polls_since
from services.publicity.context import PublicityContext
from services.publicity.rendering.renderer import article_package
from services.publicity.tables import registry
from services.publicity.wechat.accounts import Account
from services.publicity.wechat.client import PlatformRefused, WeChat
from services.registry.queries import campaign_in_force

ACTOR = "service:publicity"
MOST_POLLS = 90
"""A day and account; the platform grants 100."""
QUOTA_SPENT = {45009}
TEMPORARY = {-1, 40001, 40014, 42001, 45011}
NOT_IN_WHITELIST = {40164}
"""Passing only after somebody has mended the whitelist: looked at every hour."""
_NAMES = {UploadCover: "upload_cover", AddDraft: "add_draft", SubmitDraft: "submit", Poll: "poll", Remove: "remove",
          FindPublication: "find_publication"}  # fmt: skip


class Publisher(Protocol):
    """What an attempt needs of the publisher: its accounts and clients, transactions, time, and the works' texts."""

    publicity: PublicityContext
    unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]]
    now: Callable[[], str]

    def account(self, account: str, unit_id: str) -> Account | None: ...

    def client(self, account: Account) -> WeChat: ...


class Attempt:
    """A step that was found to be the next one."""

    def __init__(self, publisher: Publisher, article_id: str, state: Article, step: Step) -> None:
        self.publisher, self.store, self.now = publisher, publisher.publicity.store, publisher.now
        self.article_id, self.state, self.step = article_id, state, step
        self.name = _NAMES[type(step)]
        self.submitted = False

    def run(self) -> None:
        """PlatformRefused, Lost, ContentGone, PeerUnavailable."""
        account = self.publisher.account(self.state.known.account, self.state.known.unit_id)
        if account is None:
            self.give_up("no_account")
            return
        client: WeChat = self.publisher.client(account)
        match self.step:
            case UploadCover():
                cover = client.add_cover(base64.b64decode(self._package()["cover"]))
                self._append_if_next(CoverUploaded(self.article_id, cover))
            case AddDraft(find_first=find_first):
                self._draft(client, find_first)
            case SubmitDraft():
                if self._append_if_next(Intended(self.article_id, self.state.media_id, self.now())):
                    self._submit(client)
            case FindPublication():
                self._find(client)
            case Poll():
                self._poll(client)
            case Remove():
                client.delete(self.state.platform_id)
                known = self.state.known
                self._append_if_next(
                    ArticleTakenDown(self.article_id, known.unit_id, "api", self.state.reason, self.now())
                )

    def _draft(self, client: WeChat, find_first: bool) -> None:
        if find_first and (result := client.draft_of(self.state.cover)):
            self._append_if_next(DraftAdded(self.article_id, result))
            return
        package = self._package()
        content = package["html"]
        for number, picture in enumerate(package["pictures"], 1):
            content = content.replace(f"{{{{{number}}}}}", client.upload_picture(base64.b64decode(picture)))
        if self._append_if_next(DraftIntended(self.article_id, self.now())):
            media_id = client.add_draft(self.state.known.title, content, self.state.cover)
            self._append_if_next(DraftAdded(self.article_id, media_id))

    def _submit(self, client: WeChat) -> None:
        """The one call that can make something public; its intent stands in the log already."""
        self.submitted = True
        publish_id = client.submit(self.state.media_id)
        self._append_if_next(PublishSubmitted(self.article_id, publish_id, self.now()), same=False)

    def _find(self, client: WeChat) -> None:
        platform_id, link = client.published_with(self.state.cover)
        there = bool(not platform_id and client.draft_of(self.state.cover))
        result = self._decide(
            lambda state, now: submission.after_search(state, platform_id, link, there, now), same=True
        )
        if any(isinstance(event, Intended) for event in result):
            self._submit(client)

    def _poll(self, client: WeChat) -> None:
        if self._quota_spent():
            self.retry_later("poll_quota", self._midnight())
            return
        status, platform_id, link = client.publication(self.state.publish_id)
        if status not in (0, 1) and len(self.state.publish_intents) > 1:
            # Of two orders the one may have failed because the other went through.
            other, other_link = client.published_with(self.state.cover)
            if other:
                status, platform_id, link = 0, other, other_link
        self._decide(lambda state, now: submission.after_poll(state, status, platform_id, link, now))

    def _package(self) -> dict[str, Any]:
        known = self.state.known
        return article_package(self.publisher.publicity, known.authors, known.content)

    def on_refused(self, error: PlatformRefused) -> None:
        """Not done, and it is known that it was not."""
        code = str(error.code)
        if error.code in QUOTA_SPENT:
            self.retry_later(code, self._midnight())
        elif error.code in TEMPORARY or (self.submitted and error.code == 40007):
            self.retry_later(code)
        elif error.code in NOT_IN_WHITELIST:
            self.retry_later(code, submission.later(self.now(), 60))
        else:
            self._fail(code, error.message)

    def on_no_answer(self) -> None:
        """Nobody knows; an order is looked for before anything else."""
        self._decide(lambda state, now: submission.stalled(state, self.name, "no_answer", now))

    def retry_later(self, code: str, until: str = "") -> None:
        # -1 and 40007 leave open whether the order arrived; the other codes say that it did not.
        sure = self.submitted and code not in ("-1", "40007")
        name = "submit_refused" if sure else self.name
        self._decide(lambda state, now: submission.stalled(state, name, code, now, until))

    def give_up(self, code: str) -> None:
        self._fail(code, "")

    def _fail(self, code: str, detail: str) -> None:
        self._decide(lambda state, _: submission.failed(state, self.name, code, detail))

    def _append_if_next(self, *events: Event, same: bool = True) -> bool:
        """Append if this step is still the next one; False when another process was quicker or the article stopped."""
        return bool(self._decide(lambda *_: events, same=same))

    def _decide(self, make: Callable[[Article, str], Sequence[Event]], same: bool = False) -> list[Event]:
        with self.publisher.unit_of_work(ACTOR) as transaction:
            stream = f"article-{self.article_id}"
            state = transaction.states(ARTICLES, [stream])[stream]
            if state.status != self.state.status:
                return []
            # A callback may have hurried the step: what it waited for is left out of the question.
            if same and type(next_step(replace(state, until=""), transaction.now)) is not type(self.step):
                return []
            events = list(make(state, transaction.now))
            transaction.append(*events)
            return events

    def _quota_spent(self) -> bool:
        known = self.state.known
        with self.store.reading() as connection:
            since = submission.last_midnight(self.now(), self._zone(connection))
            return polls_since(connection, known.account, known.unit_id, since) >= MOST_POLLS

    def _midnight(self) -> str:
        with self.store.reading() as connection:
            return submission.next_midnight(self.now(), self._zone(connection))

    def _zone(self, connection: Any) -> Any:
        rules = campaign_in_force(connection, registry)
        assert rules is not None  # nothing is submitted before there is a campaign
        return rules.zone
