"""Schemas of the routes of articles."""

import marshmallow
from marshmallow import fields, validate

from services.publicity.articles.queries import GROUPS
from services.publicity.next_steps.steps import STEPS
from services.publicity.schemas import AppointedReader, PassedReading, WriteResult


class Draft(marshmallow.Schema):
    """An article of works for an account: unit (its own) or district (the bureau's)."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    account = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True, validate=validate.Length(1, 20))


class TakenDown(marshmallow.Schema):
    """The reason; `done`: the caller has already removed it at the platform; `at`: when (ISO 8601; empty: now)."""

    reason = fields.String(required=True)
    done = fields.Boolean(load_default=False)
    at = fields.String(load_default="")


class ArticlesQuery(marshmallow.Schema):
    """Which articles; `group`: open (in progress), public or ended; `kind`: article (of works) or video; `limit` of
    them after `after`."""

    unit_id = fields.String(load_default="")
    article_id = fields.String(load_default="")
    status = fields.String(load_default="")
    group = fields.String(load_default="", validate=validate.OneOf(("", *GROUPS)))
    kind = fields.String(load_default="", validate=validate.OneOf(("", "article", "video")))
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 500))


class ConfirmationQuery(marshmallow.Schema):
    """Where it was published, and when (`at`, ISO 8601; empty: now)."""

    link = fields.String(load_default="")
    at = fields.String(load_default="")


class DraftedArticle(WriteResult):
    """`content`: a keyed hash."""

    article_id = fields.String(required=True)
    content = fields.String(required=True)


class ArticleRow(marshmallow.Schema):
    """An article, or a video (`film`: its SHA-256); fields of what has not happened are empty.  `unit`: the unit's
    name; `how`: api or hand; `until`: no step at the platform before it.  `stop_at`: since when it is to be taken down;
    `taken_down_by`: api, platform, or the person who did it.  `looked_at`, `finding`: the last check whether it is
    public, and its result."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    account = fields.String(required=True)
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)
    pictures = fields.Integer(required=True, strict=True)
    film = fields.String(required=True)
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
    appointed = fields.List(fields.Nested(AppointedReader), required=True)
    step = fields.String(required=True, validate=validate.OneOf(STEPS), metadata={"description": "what is next"})
    stage = fields.String(required=True, metadata={"description": "of the reading that is next"})


class Articles(marshmallow.Schema):
    """Articles, newest first; `next`: cursor of the next page, empty on the last."""

    articles = fields.List(fields.Nested(ArticleRow), required=True)
    next = fields.String(required=True)


class ArticleDetail(ArticleRow):
    """An article with details.  `names`: of its readers, if the caller may know them; `api`: whether its account has
    one; `may`: the caller's rights over its unit."""

    names = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    api = fields.Boolean(required=True)
    may = fields.List(fields.String(), required=True)
