"""Doors of articles: draft, hand out for pasting, confirm by hand, submit by the API, take down; and the platform's
callback."""

from typing import Any
from urllib.parse import quote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import StrictBoolean
from services.publicity import queries, schemas
from services.publicity.admission import STAFF, admit, admit_for_unit, may_act_for_unit
from services.publicity.domain.articles import (
    ConfirmByHand,
    DraftArticle,
    NoteTakenDown,
    OrderSubmission,
    OrderTakeDown,
)
from services.publicity.house import House, answered, checked_id, line, moment_given, telling
from services.publicity.press import paste
from services.publicity.showing import Showing
from services.publicity.showing_doors import without_people
from services.publicity.words import problem

LARGEST_SCREENSHOT = 8 << 20


class Draft(marshmallow.Schema):
    """An article of a unit's works for an account: unit (its own) or district (the bureau's)."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    account = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True, validate=validate.Length(1, 20))


class TakenDown(marshmallow.Schema):
    """Why; `done`: a person has removed it at the platform already."""

    reason = fields.String(required=True)
    done = StrictBoolean(load_default=False)


class ArticleDoors:
    """Mixed into the service class."""

    runtime: Any

    @property
    def house(self) -> House:
        return self.runtime.house

    @route("POST", "/api/articles", roles=STAFF, body=Draft, response={201: schemas.Drafted}, problems=(410,))
    def draft(self, request: RouteRequest) -> Any:
        """Draft an article of works that were selected and agreed to for this account."""
        given = request.json
        article_id, unit_id = checked_id(given["article_id"], "article_id"), given["unit_id"]
        admit_for_unit(request.actor, unit_id)
        title = line(given["title"], "title", 64)
        result = Showing(self.house).article(unit_id, given["account"], given["works"])
        with self.house.desk(request.actor, request.correlation) as desk:
            desk.article(DraftArticle(article_id, unit_id, given["account"], title, desk.shown(result["works"]),
                                      result["content"], result["size"], result["pictures"], desk.today))  # fmt: skip
            return 201, answered(desk, request, article_id=article_id, content=result["content"])

    @route("GET", "/api/articles", roles=(*STAFF, "leader"), query=schemas.ArticlesQuery, response=schemas.Articles)
    def articles(self, request: RouteRequest) -> Any:
        """Articles with their readings and where they stand: `unit_id`, `article_id`, `status`."""
        with self.house.look() as connection:
            result = queries.article_rows(connection, **request.query)
        seen = [
            item
            for item in result
            if "leader" in request.actor.roles or may_act_for_unit(request.actor, item["unit_id"])
        ]
        return {"articles": [without_people(item) for item in seen]}

    @route("GET", "/api/articles/<article_id>/package", roles=STAFF, response=schemas.PACKAGE, problems=(409, 410, 422))
    def package(self, request: RouteRequest, article_id: str) -> Any:
        """The package to publish by hand: a page to paste, pictures, cover, instructions (zip)."""
        with self.house.look() as connection:
            result = queries.article_rows(connection, article_id=article_id)
        if not result:
            raise problem("unknown_article", "article_id")
        row = result[0]
        admit_for_unit(request.actor, row["unit_id"])
        if row["status"] in ("stopped", "taking_down", "taken_down"):
            raise problem("not_in_draft", "article_id", row["status"])
        with telling():
            package = Showing(self.house).package(row["authors"].split(";"), row["content"])
        content = paste.packed(article_id, row["title"], package)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['title'])}.zip"}
        return Response(content, content_type="application/zip", headers=headers)

    @route(
        "PUT",
        "/api/articles/<article_id>/confirmation",
        roles=STAFF,
        largest=LARGEST_SCREENSHOT,
        body=schemas.SCREENSHOT,
        query=schemas.ConfirmQuery,
        response=schemas.Written,
        problems=(410,),
    )
    def confirm(self, request: RouteRequest, article_id: str) -> Any:
        """Confirm a publication by hand: the body is a screenshot, `link` and `at` (ISO 8601) in the query."""
        with self.house.look() as connection:
            result = queries.article_rows(connection, article_id=article_id)
        if not result:
            raise problem("unknown_article", "article_id")
        self._admit_account(request, result[0])
        evidence = self._screenshot(result[0]["authors"].split(";"), request.body) if request.body else ""
        with self.house.desk(request.actor, request.correlation) as desk:
            at = moment_given(desk, request.query["at"])
            desk.article(ConfirmByHand(article_id, request.query["link"], evidence, at))
            return answered(desk, request)

    @route("POST", "/api/articles/<article_id>/submit", roles=STAFF, response={202: schemas.Written})
    def submit(self, request: RouteRequest, article_id: str) -> Any:
        """Have the article go out by the platform's API; submitted is not yet published."""
        with self.house.desk(request.actor, request.correlation) as desk:
            known = desk.state(f"article-{article_id}").known
            self._admit_account(request, {"account": known.account, "unit_id": known.unit_id})
            if self.runtime.publishing.account(known.account, known.unit_id) is None:
                raise problem("no_account", "account")
            desk.article(OrderSubmission(article_id, desk.now))
            answer = answered(desk, request)
        self.runtime.publishing.wakeup.set()
        return 202, answer

    @route("POST", "/api/articles/<article_id>/take-down", roles=STAFF, body=TakenDown, response=schemas.Written)
    def take_down(self, request: RouteRequest, article_id: str) -> Any:
        """Take an article down: by the API where it went out so; by hand tell with `done` that it is gone."""
        with self.house.desk(request.actor, request.correlation) as desk:
            known = desk.state(f"article-{article_id}").known
            admit_for_unit(request.actor, known.unit_id)
            reason = line(request.json["reason"], "reason")
            if request.json["done"]:
                desk.article(NoteTakenDown(article_id, "hand", reason, desk.now))
            else:
                desk.article(OrderTakeDown(article_id, reason, desk.now))
            answer = answered(desk, request)
        self.runtime.publishing.wakeup.set()
        return answer

    @route("GET", "/wechat/<account>", public=True, query=schemas.WechatQuery, response=schemas.GREETING)
    def greet(self, request: RouteRequest, account: str) -> Any:
        """The platform's check of the callback address."""
        if not self.runtime.publishing.signed(account, request.query):
            return Response("", 403)
        return Response(request.query["echostr"][:200], content_type="text/plain; charset=utf-8")

    @route(
        "POST",
        "/wechat/<account>",
        public=True,
        largest=16 * 1024,
        body=schemas.CALLBACK,
        query=schemas.WechatQuery,
        response=schemas.TAKEN,
    )
    def callback(self, request: RouteRequest, account: str) -> Any:
        """The platform tells that a publication ended (PUBLISHJOBFINISH); it is asked, never believed."""
        if not self.runtime.publishing.signed(account, request.query):
            return Response("", 403)
        self.runtime.publishing.heard(request.body)
        return Response("success", content_type="text/plain")

    def _admit_account(self, request: RouteRequest, row: dict[str, Any]) -> None:
        """A unit may use its own account; the bureau's is the operator's for now."""
        if row["account"] == "district":
            admit("operator" in request.actor.roles)
        admit_for_unit(request.actor, row["unit_id"])

    def _screenshot(self, authors: list[str], content: bytes) -> str:
        """Taken in as any picture and sealed; its address."""
        kind, manuscript = self.house.taken(content)
        if kind != "picture":
            raise problem("picture_format", "screenshot")
        with telling():
            return self.house.vault.keep(authors, manuscript)
