"""One step of one article at the platform: an event before a call that could publish, and the outcome after it."""

import base64
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from chassis.events.definition import Event
from chassis.store.unit_of_work import UnitOfWork
from contracts.articles import ArticleTakenDown, CoverUploaded, DraftAdded, DraftIntended, PublishSubmitted
from contracts.articles import PublishIntended as Intended
from services.publicity.articles.domain import public_check, submission
from services.publicity.articles.domain.check_intervals import later
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.domain.state import SUBMIT_REFUSED, Article
from services.publicity.articles.domain.submission import (
    AddDraft,
    CheckPublic,
    FindPublication,
    Poll,
    Remove,
    Step,
    SubmitDraft,
    UploadCover,
    next_step,
)
from services.publicity.articles.queries import looks_since, polls_since
from services.publicity.context import PublicityContext
from services.publicity.rendering.renderer import article_package
from services.publicity.tables import registry
from services.publicity.wechat.accounts import Account
from services.publicity.wechat.client import PlatformRefused, WeChat
from services.registry.queries import campaign_in_force

ACTOR = "service:publicity"
MOST_POLLS = 90
"""Per day and account; the platform allows 100."""
MOST_LOOKS = 40
"""Articles per day and account that are asked about only to check whether they are public."""
QUOTA_SPENT = {45009}
TEMPORARY = {-1, 40001, 40014, 42001, 45011}
OPEN = {"-1", "40007", "no_answer", "unexpected"}
"""After these errors an order may have been accepted."""
NOT_IN_WHITELIST = {40164}
"""Temporary only if somebody corrects the whitelist: retried every hour."""
_NAMES = {UploadCover: "upload_cover", AddDraft: "add_draft", SubmitDraft: "submit", Poll: "poll", Remove: "remove",
          CheckPublic: "look", FindPublication: "find_publication"}  # fmt: skip


class Publisher(Protocol):
    """What an attempt needs of the publisher: accounts and clients, transactions, time, and the works' texts."""

    publicity: PublicityContext
    unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]]
    now: Callable[[], str]

    def account(self, account: str, unit_id: str) -> Account | None: ...

    def client(self, account: Account) -> WeChat: ...


class Attempt:
    """The next step of an article."""

    def __init__(self, publisher: Publisher, article_id: str, state: Article, step: Step) -> None:
        self.publisher, self.store, self.now = publisher, publisher.publicity.store, publisher.now
        self.article_id, self.state, self.step = article_id, state, step
        self.name = _NAMES[type(step)]
        self.submitted = False

    def run(self) -> None:
        """Raises PlatformRefused, Lost, ContentGone, PeerUnavailable."""
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
                if self._publish_if_earlier_order_arrived(client):
                    return
                if self._append_if_next(Intended(self.article_id, self.state.media_id, self.now())):
                    self._submit(client)
            case FindPublication():
                self._find(client)
            case Poll():
                self._poll(client)
            case CheckPublic():
                self._check_public(client)
            case Remove():
                client.delete(self.state.platform_id)
                known, reason = self.state.known, self.state.stop_wanted
                self._append_if_next(
                    ArticleTakenDown(self.article_id, known.unit_id, "api", reason, self.now(), known.units)
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
        """The only call that can make something public; its intent event is committed already."""
        self.submitted, self.name = True, "submit"
        publish_id = client.submit(self.state.media_id)
        self._append_if_next(PublishSubmitted(self.article_id, publish_id, self.now()), same=False)

    def _find(self, client: WeChat) -> None:
        if self._publish_if_earlier_order_arrived(client):
            return
        platform_id, link = client.published_with(self.state.cover)
        ordering = self.state.status == "submitting"
        there = bool(ordering and not platform_id and client.draft_of(self.state.cover))
        result = self._decide(
            lambda state, now: submission.after_search(state, platform_id, link, there, now), same=ordering
        )
        if any(isinstance(event, Intended) for event in result):
            self._submit(client)

    def _publish_if_earlier_order_arrived(self, client: WeChat) -> bool:
        """An earlier order whose outcome was unknown was accepted after all."""
        for cover in self.state.earlier:
            platform_id, link = client.published_with(cover)
            if platform_id:
                self._decide(lambda state, now: submission.published(state, platform_id, link, now))  # noqa: B023
                return True
        return False

    def _poll(self, client: WeChat) -> None:
        if self._is_used_up(polls_since, MOST_POLLS):
            self.retry_later("poll_quota", self._midnight())
            return
        status, platform_id, link = client.publication(self.state.publish_id)
        if status == 0 and not link:
            link = client.address_of(platform_id)
        if status not in (0, 1) and len(self.state.publish_intents) > 1:
            # of two orders the later one may have failed because the earlier one succeeded
            other, other_link = client.published_with(self.state.cover)
            if other:
                status, platform_id, link = 0, other, other_link
        self._decide(lambda state, now: submission.after_poll(state, status, platform_id, link, now))

    def _check_public(self, client: WeChat) -> None:
        if self._is_used_up(looks_since, MOST_LOOKS):
            self._record_check("look_quota")
            return
        self._record_check("public" if client.address_of(self.state.platform_id) else "gone")

    def _record_check(self, finding: str) -> None:
        self._decide(lambda state, now: public_check.after_check(state, finding, now))

    def _package(self) -> dict[str, Any]:
        known = self.state.known
        return article_package(self.publisher.publicity, known.authors, known.content)

    def on_refused(self, error: PlatformRefused) -> None:
        """The call was not executed.  Only what is not ordered yet is given up: no error undoes what the platform has
        or shows."""
        code = str(error.code)
        if error.code in QUOTA_SPENT:
            self.retry_later(code, self._midnight())
        elif error.code in TEMPORARY or (self.submitted and error.code == 40007):
            self.retry_later(code)
        elif error.code in NOT_IN_WHITELIST:
            self.retry_later(code, later(self.now(), 60))
        elif isinstance(self.step, Remove):
            self._still_public(code, error.message, passing=False)
        elif isinstance(self.step, Poll | FindPublication | CheckPublic) and not self.submitted:
            self.retry_later(code)
        else:
            self._fail(code, error.message)

    def on_no_answer(self) -> None:
        """The outcome is unknown; an order is searched for before anything else."""
        self.retry_later("no_answer")

    def retry_later(self, code: str, until: str = "") -> None:
        """The error concerns this article only; others continue."""
        if isinstance(self.step, Remove):
            self._still_public(code, "", passing=True, until=until)
        elif self.state.status in ("submitting", "submitted"):
            # -1, 40007 and no answer leave open whether the order was accepted; other codes say that it was not
            sure = self.submitted and code not in OPEN
            name = SUBMIT_REFUSED if sure else self.name
            self._decide(lambda state, now: submission.stalled(state, name, code, now, until))
        elif isinstance(self.step, FindPublication):
            self._decide(lambda state, now: submission.not_found(state, code, now))
        else:
            self._record_check(code)

    def give_up(self, code: str) -> None:
        if isinstance(self.step, Remove):
            self._still_public(code, "", passing=False)
        else:
            self._fail(code, "")

    def _fail(self, code: str, detail: str) -> None:
        name = SUBMIT_REFUSED if self.submitted else self.name
        self._decide(lambda state, now: submission.failed(state, name, code, detail, now))

    def _still_public(self, code: str, detail: str, passing: bool, until: str = "") -> None:
        self._decide(lambda state, now: public_check.still_public(state, code, detail, passing, now, until))

    def _append_if_next(self, *events: Event, same: bool = True) -> bool:
        """Append if this step is still the next one; returns False if another process was quicker or the article was
        stopped."""
        return bool(self._decide(lambda *_: events, same=same))

    def _decide(self, make: Callable[[Article, str], Sequence[Event]], same: bool = False) -> list[Event]:
        with self.publisher.unit_of_work(ACTOR) as transaction:
            stream = f"article-{self.article_id}"
            state = transaction.states(ARTICLES, [stream])[stream]
            if state.status != self.state.status:
                return []
            # a callback may have brought the step forward, so its waiting time is ignored in the comparison
            if same and type(next_step(replace(state, until=""), transaction.now)) is not type(self.step):
                return []
            events = list(make(state, transaction.now))
            transaction.append(*events)
            return events

    def _is_used_up(self, count: Callable[[Any, str, str, str], int], most: int) -> bool:
        known = self.state.known
        with self.store.reading() as connection:
            since = submission.last_midnight(self.now(), self._zone(connection))
            return count(connection, known.account, known.unit_id, since) >= most

    def _midnight(self) -> str:
        with self.store.reading() as connection:
            return submission.next_midnight(self.now(), self._zone(connection))

    def _zone(self, connection: Any) -> Any:
        rules = campaign_in_force(connection, registry)
        assert rules is not None  # nothing is submitted before there is a campaign
        return rules.zone
