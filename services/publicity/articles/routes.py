"""Routes of articles: draft, list, hand out for pasting, confirm by hand, submit to the platform, take down."""

from typing import Any
from urllib.parse import quote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.articles import handlers
from services.publicity.articles.queries import article_rows
from services.publicity.context import refusals_as_problems
from services.publicity.permissions import rows_within
from services.publicity.readings.handlers import record_fetched_proof
from services.publicity.readings.queries import is_appointed_reader
from services.publicity.refusal_messages import problem
from services.publicity.rendering.paste_package import zip_package
from services.publicity.rendering.renderer import article_package
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import PassedReading, WriteResult
from services.publicity.shown_works import without_authors
from services.publicity.tables import registry
from services.registry import rights
from services.registry.queries import unit_name

LARGEST_SCREENSHOT = 8 << 20


class Draft(marshmallow.Schema):
    """An article of a unit's works for an account: unit (its own) or district (the bureau's)."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    account = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True, validate=validate.Length(1, 20))


class TakenDown(marshmallow.Schema):
    """Why; `done`: a person has removed it at the platform already, and when (`at`, ISO 8601; empty: now)."""

    reason = fields.String(required=True)
    done = fields.Boolean(load_default=False)
    at = fields.String(load_default="")


class ArticlesQuery(marshmallow.Schema):
    """Which articles."""

    unit_id = fields.String(load_default="")
    article_id = fields.String(load_default="")
    status = fields.String(load_default="")


class ConfirmationQuery(marshmallow.Schema):
    """Where it stands, and since when (`at`, ISO 8601; empty: now)."""

    link = fields.String(load_default="")
    at = fields.String(load_default="")


class DraftedArticle(WriteResult):
    """`content`: a keyed hash."""

    article_id = fields.String(required=True)
    content = fields.String(required=True)


class ArticleRow(marshmallow.Schema):
    """An article; what has not happened is empty.  `unit`: the unit's name; `how`: api or hand; `until`: no step at the
    platform before it.  `stop_at`: since when it is to be taken down; `taken_down_by`: api, platform, or who did it by
    hand.  `looked_at`, `finding`: when the platform was last asked whether it is public, and what it answered."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    account = fields.String(required=True)
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)
    pictures = fields.Integer(required=True, strict=True)
    drafted_on = fields.String(required=True)
    status = fields.String(required=True)
    stop_wanted = fields.String(required=True)
    how = fields.String(required=True)
    reason = fields.String(required=True)
    until = fields.String(required=True)
    publish_id = fields.String(required=True)
    platform_id = fields.String(required=True)
    link = fields.String(required=True)
    evidence = fields.String(required=True)
    published_at = fields.String(required=True)
    taken_down_at = fields.String(required=True)
    taken_down_by = fields.String(required=True)
    stop_at = fields.String(required=True)
    look_at = fields.String(required=True)
    looked_at = fields.String(required=True)
    finding = fields.String(required=True)
    readings = fields.List(fields.Nested(PassedReading), required=True)


class Articles(marshmallow.Schema):
    """Articles in the order of their ids."""

    articles = fields.List(fields.Nested(ArticleRow), required=True)


SCREENSHOT = Media("application/octet-stream", "a screenshot (.jpg or .png)")
PACKAGE = Media("application/zip", "a page to paste, pictures, cover, instructions")


class ArticleRoutes(PublicityRoutes):
    """Articles."""

    @route(
        "POST",
        "/api/articles",
        right=rights.PUBLISH_FOR_UNIT,
        body=Draft,
        response={201: DraftedArticle},
        problems=(404, 410),
    )
    def draft_article(self, request: RouteRequest) -> Any:
        """Draft an article of works that were selected and agreed to for this account."""
        body = request.json
        return 201, handlers.draft_article(self.publicity, request, body["article_id"], body["unit_id"],
                                           body["account"], body["title"], body["works"])  # fmt: skip

    @route("GET", "/api/articles", right=rights.SEE_PUBLICITY, query=ArticlesQuery, response=Articles)
    def articles(self, request: RouteRequest) -> Any:
        """Articles with their readings and where they stand: `unit_id`, `article_id`, `status`."""
        with self.publicity.reading() as connection:
            rows = article_rows(connection, **request.query)
            visible = rows_within(connection, request.actor, rights.SEE_PUBLICITY, rows)
            return {"articles": [without_authors(row) | {"unit": unit_name(connection, registry, row["unit_id"])}
                                 for row in visible]}  # fmt: skip

    @route(
        "GET",
        "/api/articles/<article_id>/package",
        right=rights.SEE_PROOF,
        response=PACKAGE,
        problems=(409, 410),
    )
    def paste_package(self, request: RouteRequest, article_id: str) -> Any:
        """The package to publish by hand: a page to paste, pictures, instructions (zip).  Its readers read it too, and
        that they were handed it is kept."""
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
        """Confirm a publication by hand: the body is a screenshot, `link` and `at` (ISO 8601) in the query."""
        link, at = request.query["link"], request.query["at"]
        return handlers.confirm_publication(self.publicity, request, article_id, link, at, request.body)

    @route("POST", "/api/articles/<article_id>/submit", right=rights.CONFIRM_PUBLICATION, response={202: WriteResult})
    def submit_article(self, request: RouteRequest, article_id: str) -> Any:
        """Have the article go out by the platform's API; submitted is not yet published."""
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
        """Take an article down: by the API where it went out so; whoever removed it by hand tells so with `done`."""
        result = handlers.take_down_article(self.publicity, request, article_id, **request.json)
        self.publisher.wakeup.set()
        return result
