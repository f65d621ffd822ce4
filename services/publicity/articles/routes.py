"""Routes of articles: draft, list, hand out for pasting, confirm by hand, submit to the platform, take down."""

from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.articles import handlers
from services.publicity.articles.queries import article_rows
from services.publicity.articles.schemas import (
    ArticleDetail,
    Articles,
    ArticlesQuery,
    ConfirmationQuery,
    Draft,
    DraftedArticle,
    TakenDown,
)
from services.publicity.articles.views import article_detail, screenshot, visible_articles
from services.publicity.context import refusals_as_problems
from services.publicity.readings.handlers import record_fetched_proof
from services.publicity.readings.queries import is_appointed_reader
from services.publicity.refusal_messages import problem
from services.publicity.rendering.paste_package import zip_package
from services.publicity.rendering.renderer import article_package
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import WriteResult
from services.registry import rights

LARGEST_SCREENSHOT = 8 << 20
SCREENSHOT = Media("application/octet-stream", "a screenshot (.jpg or .png)")
PICTURE = (Media("image/png", "a screenshot"), Media("image/jpeg", "a screenshot"))
PACKAGE = Media("application/zip", "a page to paste, pictures, cover, instructions")


class ArticleRoutes(PublicityRoutes):
    """Routes of articles."""

    @route(
        "POST",
        "/api/articles",
        right=rights.PUBLISH_FOR_UNIT,
        body=Draft,
        response={201: DraftedArticle},
        problems=(404, 410),
    )
    def draft_article(self, request: RouteRequest) -> Any:
        """Draft an article of works that are selected and consented to for this account."""
        body = request.json
        return 201, handlers.draft_article(self.publicity, request, body["article_id"], body["unit_id"],
                                           body["account"], body["title"], body["works"])  # fmt: skip

    @route("GET", "/api/articles", right=rights.SEE_PUBLICITY, query=ArticlesQuery, response=Articles)
    def articles(self, request: RouteRequest) -> Any:
        """Articles with readings, status and next step, newest first."""
        return visible_articles(self.publicity, request.actor, request.query)

    @route("GET", "/api/articles/<article_id>", right=rights.SEE_PUBLICITY, response=ArticleDetail)
    def article(self, request: RouteRequest, article_id: str) -> Any:
        """One article with its readers, and what the caller may do."""
        return article_detail(self.publicity, request.actor, article_id, self.publisher.has_api)

    @route("GET", "/api/articles/<article_id>/screenshot", right=rights.SEE_PROOF, response=PICTURE, problems=(410,))
    def article_screenshot(self, request: RouteRequest, article_id: str) -> Any:
        """The screenshot that confirms a publication by hand."""
        content, kind = screenshot(self.publicity, request.actor, article_id)
        return Response(content, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    @route(
        "GET",
        "/api/articles/<article_id>/package",
        right=rights.SEE_PROOF,
        response=PACKAGE,
        problems=(409, 410),
    )
    def paste_package(self, request: RouteRequest, article_id: str) -> Any:
        """Download the package for publishing by hand: a page to paste, pictures, instructions (zip).  Its readers use
        it too; their download is recorded."""
        with self.publicity.reading() as connection:
            rows = article_rows(connection, article_id=article_id)
            reads = is_appointed_reader(connection, "article", article_id, request.actor.name)
        if not rows:
            raise problem("unknown_article", "article_id")
        row = rows[0]
        reader_id = request.actor.name if reads else ""
        rights.require(request.actor, rights.SEE_PROOF, rights.Subject(row["unit_id"], person_id=reader_id))
        if row["status"] in ("stopped", "taking_down", "taken_down"):
            raise problem("not_in_draft", "article_id", row["status"])
        with refusals_as_problems():
            package = article_package(self.publicity, row["authors"].split(";"), row["content"])
        content = zip_package(article_id, row["title"], package)
        if reads:
            record_fetched_proof(self.publicity, request, "article", article_id, row["content"])
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['title'])}.zip"}
        return Response(content, content_type="application/zip", headers=headers)

    @route("PUT", "/api/articles/<article_id>/confirmation", right=rights.CONFIRM_PUBLICATION, body=SCREENSHOT,
           query=ConfirmationQuery,
           response=WriteResult, problems=(410,), largest=LARGEST_SCREENSHOT)  # fmt: skip
    def confirm_publication(self, request: RouteRequest, article_id: str) -> Any:
        """Confirm a publication by hand: the body is a screenshot, `link` and `at` (ISO 8601) are in the query."""
        link, at = request.query["link"], request.query["at"]
        return handlers.confirm_publication(self.publicity, request, article_id, link, at, request.body)

    @route("POST", "/api/articles/<article_id>/submit", right=rights.CONFIRM_PUBLICATION, response={202: WriteResult})
    def submit_article(self, request: RouteRequest, article_id: str) -> Any:
        """Submit the article to the platform's API; it is not published yet."""
        result = handlers.submit_article(self.publicity, request, article_id, self.publisher.has_api)
        self.publisher.wakeup.set()
        return 202, result

    @route(
        "POST",
        "/api/articles/<article_id>/take-down",
        right=rights.PUBLISH_FOR_UNIT,
        body=TakenDown,
        response=WriteResult,
    )
    def take_down_article(self, request: RouteRequest, article_id: str) -> Any:
        """Take an article down: through the API if it was published so; with `done` the caller has removed it by
        hand."""
        result = handlers.take_down_article(self.publicity, request, article_id, **request.json)
        self.publisher.wakeup.set()
        return result
