"""Checks from time to time the public pages of articles that were published or recorded as taken down by hand."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from chassis.store.unit_of_work import UnitOfWork
from services.publicity.articles.domain import public_check
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.public_pages import NO_ANSWER, PublicPages
from services.publicity.articles.queries import links_to_look_at
from services.publicity.context import PublicityContext
from services.publicity.tables import registry
from services.registry.queries import campaign_in_force

ACTOR = "service:publicity"
AT_ONCE = 20
"""The most pages per round."""


class LinkChecks:
    """Rounds of checks; a site that does not answer is asked once per round."""

    def __init__(
        self, publicity: PublicityContext, unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]],
        is_stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        self.publicity, self.unit_of_work, self._is_stopping = publicity, unit_of_work, is_stopping
        self.pages = PublicPages()

    def look_at_due(self) -> None:
        with self.publicity.reading() as connection:
            campaign = campaign_in_force(connection, registry)
            due = links_to_look_at(connection, self.publicity.now(), AT_ONCE) if campaign else []
        silent: set[str] = set()
        for article_id, link, title in due:
            site = link.split("/")[2]
            if campaign is None or self._is_stopping() or site in silent:
                continue
            finding = self.pages.look(link, title, campaign.publicity.article_hosts)
            if finding == NO_ANSWER:
                silent.add(site)
            self._record(article_id, finding)

    def _record(self, article_id: str, finding: str) -> None:
        with self.unit_of_work(ACTOR) as transaction:
            stream = f"article-{article_id}"
            state = transaction.states(ARTICLES, [stream])[stream]
            transaction.append(*public_check.after_link_check(state, finding, transaction.now))
