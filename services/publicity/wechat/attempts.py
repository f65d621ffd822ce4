"""One step of one article at the platform: what is remembered before, asked, and remembered after."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from chassis.events.definition import Event
from contracts.articles import ArticleTakenDown, CoverUploaded, DraftAdded, DraftIntended, PublishSubmitted
from contracts.articles import PublishIntended as Intended
from services.publicity import queries
from services.publicity.desk import Desk
from services.publicity.domain import submission
from services.publicity.domain.articles import Article
from services.publicity.domain.submission import (
    AddDraft,
    FindPublication,
    Poll,
    Remove,
    Step,
    SubmitDraft,
    UploadCover,
    next_step,
)
from services.publicity.wechat.client import PlatformRefused, WeChat

ACTOR = "service:publicity"
MOST_POLLS = 90
"""A day and account; the platform grants 100."""
BY_QUOTA = {45009}
PASSING = {-1, 40001, 40014, 42001, 45011}
BY_WHITELIST = {40164}
"""Passing only after somebody has mended the whitelist: looked at every hour."""
_NAMES = {UploadCover: "upload_cover", AddDraft: "add_draft", SubmitDraft: "submit", Poll: "poll", Remove: "remove",
          FindPublication: "find_publication"}  # fmt: skip


class Attempt:
    """A step that was found to be the next one."""

    def __init__(self, publishing: Any, article_id: str, state: Article, step: Step) -> None:
        self.publishing, self.runtime = publishing, publishing.runtime
        self.article_id, self.state, self.step = article_id, state, step
        self.name = _NAMES[type(step)]
        self.ordered = False

    def make(self) -> None:
        """PlatformRefused, Lost, Gone, Away."""
        account = self.publishing.account(self.state.known.account, self.state.known.unit_id)
        if account is None:
            self.hopeless("no_account")
            return
        client: WeChat = self.publishing.client(account)
        match self.step:
            case UploadCover():
                cover = client.add_cover(base64.b64decode(self._package()["cover"]))
                self._note(CoverUploaded(self.article_id, cover))
            case AddDraft(find_first=find_first):
                self._draft(client, find_first)
            case SubmitDraft():
                if self._note(Intended(self.article_id, self.state.media_id, self.runtime.now())):
                    self._order(client)
            case FindPublication():
                self._find(client)
            case Poll():
                self._poll(client)
            case Remove():
                client.delete(self.state.platform_id)
                held = self.state.known
                self._note(
                    ArticleTakenDown(self.article_id, held.unit_id, "api", self.state.reason, self.runtime.now())
                )

    def _draft(self, client: WeChat, find_first: bool) -> None:
        if find_first and (result := client.draft_of(self.state.cover)):
            self._note(DraftAdded(self.article_id, result))
            return
        package = self._package()
        content = package["html"]
        for number, picture in enumerate(package["pictures"], 1):
            content = content.replace(f"{{{{{number}}}}}", client.upload_picture(base64.b64decode(picture)))
        if self._note(DraftIntended(self.article_id, self.runtime.now())):
            media_id = client.add_draft(self.state.known.title, content, self.state.cover)
            self._note(DraftAdded(self.article_id, media_id))

    def _order(self, client: WeChat) -> None:
        """The one call that can make something public; its intent stands in the log already."""
        self.ordered = True
        publish_id = client.submit(self.state.media_id)
        self._note(PublishSubmitted(self.article_id, publish_id, self.runtime.now()), same=False)

    def _find(self, client: WeChat) -> None:
        platform_id, link = client.published_with(self.state.cover)
        there = bool(not platform_id and client.draft_of(self.state.cover))
        result = self._remember(lambda state, now: submission.sought(state, platform_id, link, there, now), same=True)
        if any(isinstance(event, Intended) for event in result):
            self._order(client)

    def _poll(self, client: WeChat) -> None:
        if self._quota_spent():
            self.later("poll_quota", self._midnight())
            return
        status, platform_id, link = client.publication(self.state.publish_id)
        if status not in (0, 1) and len(self.state.publish_intents) > 1:
            # Of two orders the one may have failed because the other went through.
            other, other_link = client.published_with(self.state.cover)
            if other:
                status, platform_id, link = 0, other, other_link
        self._remember(lambda state, now: submission.polled(state, status, platform_id, link, now))

    def _package(self) -> dict[str, Any]:
        held = self.state.known
        result: dict[str, Any] = self.publishing.showing.package(list(held.authors), held.content)
        return result

    def refused(self, error: PlatformRefused) -> None:
        """Not done, and it is known that it was not."""
        code = str(error.code)
        if error.code in BY_QUOTA:
            self.later(code, self._midnight())
        elif error.code in PASSING or (self.ordered and error.code == 40007):
            self.later(code)
        elif error.code in BY_WHITELIST:
            self.later(code, submission.later(self.runtime.now(), 60))
        else:
            self._fail(code, error.message)

    def lost(self) -> None:
        """Nobody knows; an order is looked for before anything else."""
        self._remember(lambda state, now: submission.stalled(state, self.name, "no_answer", now))

    def later(self, code: str, until: str = "") -> None:
        # -1 and 40007 leave open whether the order arrived; the other codes say that it did not.
        sure = self.ordered and code not in ("-1", "40007")
        name = "submit_refused" if sure else self.name
        self._remember(lambda state, now: submission.stalled(state, name, code, now, until))

    def hopeless(self, code: str) -> None:
        self._fail(code, "")

    def _fail(self, code: str, detail: str) -> None:
        self._remember(lambda state, _: submission.failed(state, self.name, code, detail))

    def _note(self, *events: Event, same: bool = True) -> bool:
        """Append if this step is still the next one; False when another process was quicker or the article stopped."""
        return bool(self._remember(lambda *_: events, same=same))

    def _remember(self, make: Callable[[Article, str], Sequence[Event]], same: bool = False) -> list[Event]:
        with self.runtime.unit_of_work(ACTOR) as transaction:
            desk = Desk(transaction)
            state: Article = desk.state(f"article-{self.article_id}")
            if state.status != self.state.status:
                return []
            # A callback may have hurried the step: what it waited for is left out of the question.
            if same and type(next_step(replace(state, until=""), desk.now)) is not type(self.step):
                return []
            return desk.keep(make(state, desk.now))

    def _quota_spent(self) -> bool:
        held = self.state.known
        with self.runtime.store.reading() as connection:
            since = submission.last_midnight(self.runtime.now(), self._zone(connection))
            return queries.polls_since(connection, held.account, held.unit_id, since) >= MOST_POLLS

    def _midnight(self) -> str:
        with self.runtime.store.reading() as connection:
            return submission.next_midnight(self.runtime.now(), self._zone(connection))

    def _zone(self, connection: Any) -> Any:
        rules = queries.campaign(connection)
        assert rules is not None  # nothing is submitted before there is a campaign
        return rules.zone
