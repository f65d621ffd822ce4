"""Use cases of articles: draft, confirm by hand, submit to the platform, take down."""

from collections.abc import Callable, Sequence
from typing import Any

from services.publicity.articles.domain.commands import (
    ConfirmPublication,
    ConfirmTakenDown,
    DraftArticle,
    OrderSubmission,
    OrderTakeDown,
)
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.links import article_link
from services.publicity.articles.queries import article_rows, articles_with_link
from services.publicity.context import Caller, PublicityContext, nothing_left_if_refused, refusals_as_problems
from services.publicity.domain.links import checked_link
from services.publicity.permissions import rows_within
from services.publicity.refusal_messages import problem
from services.publicity.rendering.file_shapes import described
from services.publicity.rendering.renderer import read_manuscript, render_article
from services.publicity.request_values import checked_id, instant_until, one_line_text
from services.publicity.transaction import PublicityTransaction, local_day
from services.publicity.works.works_to_show import units_shown, works_to_show
from services.registry import rights


@nothing_left_if_refused
def draft_article(
    publicity: PublicityContext, caller: Caller, article_id: str, unit_id: str, account: str, title: str,
    work_ids: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """`account`: unit (its own) or district (the bureau's).  Problem."""
    checked_id(article_id, "article_id")
    rights.require(caller.actor, rights.PUBLISH_FOR_UNIT, rights.Subject(unit_id))
    title = one_line_text(title, "title", 64)
    rendered = render_article(publicity, unit_id, account, work_ids)
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        works = works_to_show(transaction, rendered.work_ids)
        command = DraftArticle(article_id, unit_id, account, title, works, rendered.content, rendered.size,
                               rendered.pictures, transaction.today,
                               units_shown(transaction, unit_id, works))  # fmt: skip
        transaction.unit_of_work.execute(ARTICLES, command)
        return transaction.result(article_id=article_id, content=rendered.content)


@nothing_left_if_refused
def confirm_publication(
    publicity: PublicityContext, caller: Caller, article_id: str, link: str, at: str, screenshot: bytes
) -> dict[str, Any]:
    """It was published by hand.  `at`: when; empty: now.  Problem."""
    with publicity.reading() as connection:
        rows = article_rows(connection, article_id=article_id)
    if not rows:
        raise problem("unknown_article", "article_id")
    right = _right_of_account(rows[0]["account"])
    rights.require(caller.actor, rights.CONFIRM_PUBLICATION, rights.Subject(rows[0]["unit_id"]))
    rights.require(caller.actor, right, rights.Subject(rows[0]["unit_id"]))
    evidence = _store_screenshot(publicity, rows[0]["authors"].split(";"), screenshot) if screenshot else ""
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, right, rows[0]["unit_id"])
        published_at = instant_until(transaction.now, transaction.campaign.zone, at)
        hosts = transaction.campaign.publicity.article_hosts
        link = checked_link(link) if rows[0]["film"] else article_link(link, hosts)
        _check_link_is_free(transaction, caller, article_id, link)
        on = local_day(transaction.campaign, published_at)
        command = ConfirmPublication(article_id, link, evidence, published_at, on)
        transaction.unit_of_work.execute(ARTICLES, command)
        return transaction.result()


def submit_article(
    publicity: PublicityContext, caller: Caller, article_id: str, has_api: Callable[[str, str], bool]
) -> dict[str, Any]:
    """Order publication through the platform's API.  `has_api`: whether an account (and unit) has one.  Problem."""
    with publicity.transaction(caller) as transaction:
        known = transaction.state(ARTICLES, f"article-{article_id}").known
        transaction.act(caller.actor, rights.CONFIRM_PUBLICATION, known.unit_id)
        transaction.act(caller.actor, _right_of_account(known.account), known.unit_id)
        if not has_api(known.account, known.unit_id):
            raise problem("no_account", "account")
        transaction.unit_of_work.execute(ARTICLES, OrderSubmission(article_id, transaction.now))
        return transaction.result()


def take_down_article(
    publicity: PublicityContext, caller: Caller, article_id: str, reason: str, done: bool, at: str
) -> dict[str, Any]:
    """`done`: the caller has already removed it at the platform, at that time.  Problem."""
    with publicity.transaction(caller) as transaction:
        unit_id = transaction.state(ARTICLES, f"article-{article_id}").known.unit_id
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        reason = one_line_text(reason, "reason")
        command: ConfirmTakenDown | OrderTakeDown = OrderTakeDown(article_id, reason, transaction.now)
        if done:
            done_at = instant_until(transaction.now, transaction.campaign.zone, at)
            command = ConfirmTakenDown(article_id, "hand", reason, done_at)
        transaction.unit_of_work.execute(ARTICLES, command)
        return transaction.result()


def _check_link_is_free(transaction: PublicityTransaction, caller: Caller, article_id: str, link: str) -> None:
    """A link belongs to one article only; the other one is named if the caller may see it.  Problem."""
    others = [row for row in articles_with_link(transaction.connection, link) if row["article_id"] != article_id]
    if others:
        visible = rows_within(transaction.connection, caller.actor, rights.SEE_PUBLICITY, others)
        raise problem("link_taken", "link", "".join(f" {row['article_id']}" for row in visible))


def _right_of_account(account: str) -> rights.Right:
    """The right for an account: a unit's own, or the bureau's, which is the campaign office's."""
    return rights.PUBLISH_FOR_DISTRICT if account == "district" else rights.PUBLISH_FOR_UNIT


def _store_screenshot(publicity: PublicityContext, authors: list[str], content: bytes) -> str:
    """Check and encrypt the screenshot; returns its address."""
    read = read_manuscript(content)
    if read.kind != "picture":
        raise problem("picture_format", "screenshot", described(content))
    with refusals_as_problems():
        return publicity.content_store.store_content(authors, read.content)
