"""Schemas of publicity's queries and responses."""

import marshmallow
from marshmallow import fields

from chassis.http.schemas import Media, Positions


class Written(Positions):
    """What a write answers; `changed`: whether it recorded anything (a repeat does not)."""

    changed = fields.Boolean(required=True)


class UnitQuery(marshmallow.Schema):
    """Of which unit; empty: of all that one may see."""

    unit_id = fields.String(load_default="")


class PassedReading(marshmallow.Schema):
    """One of the three readings (初审、复审、终审) that passed the content in force."""

    stage = fields.String(required=True)
    reader_id = fields.String(required=True)
    read_on = fields.String(required=True)


class NominateQuery(marshmallow.Schema):
    """Whose work it is; `levels`: uses agreed to, comma separated."""

    author_id = fields.String(load_default="")
    unit_id = fields.String(load_default="")
    levels = fields.String(
        load_default="", metadata={"description": "of inside, unit, district, print, comma separated"}
    )
    semester = fields.String(load_default="", metadata={"description": "id; default: the one of today"})


class WorksQuery(marshmallow.Schema):
    """Which works; a person's own, or (`reader_id`) those to review."""

    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    author_id = fields.String(load_default="")
    reader_id = fields.String(load_default="")


class TextQuery(marshmallow.Schema):
    """As whom the text is read."""

    reader_id = fields.String(load_default="", metadata={"description": "a reviewer of the work: without names"})


class WechatQuery(marshmallow.Schema):
    """How the platform signs: SHA-1 over token, timestamp and nonce, sorted."""

    signature = fields.String(load_default="")
    timestamp = fields.String(load_default="")
    nonce = fields.String(load_default="")
    echostr = fields.String(load_default="", metadata={"description": "answered when the address is checked"})


class DayQuery(marshmallow.Schema):
    """On which day."""

    on = fields.String(load_default="", metadata={"description": "`YYYY-MM-DD`; default: today"})


class Nominated(Written):
    """The nominated work; `content` is the address of its manuscript."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    content = fields.String(required=True)


class Review(marshmallow.Schema):
    """A reader's review; `total` and `marked_on` are empty until it is marked."""

    reader_id = fields.String(required=True)
    assigned_on = fields.String(required=True)
    total = fields.String(required=True)
    marked_on = fields.String(required=True)


class Return(marshmallow.Schema):
    """That the work is returned to its author and not yet revised."""

    on = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class Work(marshmallow.Schema):
    """A work; a reviewer sees only work_id, kind, semester and size."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    semester = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    author_id = fields.String()
    author = fields.String(metadata={"description": "the author's name; empty: not readable"})
    unit_id = fields.String()
    content = fields.String()
    nominated_on = fields.String()
    by = fields.String()
    title = fields.String()
    levels = fields.List(fields.String())
    reviews = fields.List(fields.Nested(Review))
    selected = fields.List(fields.String())
    returned = fields.Nested(Return, allow_none=True)


class Works(marshmallow.Schema):
    """Works, by unit and id."""

    works = fields.List(fields.Nested(Work), required=True)


class WorkText(marshmallow.Schema):
    """A work's text as blocks [style, text, picture (base64)]; no title for a reviewer."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String()
    blocks = fields.List(fields.List(fields.String()), required=True)


class MayRead(marshmallow.Schema):
    """Whether the person may review the author's work."""

    may_read = fields.Boolean(required=True)


class ArticlesQuery(UnitQuery):
    """Which articles."""

    article_id = fields.String(load_default="")
    status = fields.String(load_default="")


class ConfirmQuery(marshmallow.Schema):
    """Where the article was published by hand."""

    link = fields.String(load_default="", metadata={"description": "address of the published page"})
    at = fields.String(load_default="", metadata={"description": "when, ISO 8601; default: now"})


class Drafted(Written):
    """The drafted article; `content` is the address of its package."""

    article_id = fields.String(required=True)
    content = fields.String(required=True)


class Article(marshmallow.Schema):
    """An article with the readings of its content; texts that do not apply yet are empty."""

    article_id = fields.String(required=True)
    unit_id = fields.String(required=True)
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
    readings = fields.List(fields.Nested(PassedReading), required=True)


class Articles(marshmallow.Schema):
    """Articles, by id."""

    articles = fields.List(fields.Nested(Article), required=True)


class AnthologiesQuery(UnitQuery):
    """Which anthologies."""

    semester = fields.String(load_default="")


class Compiled(Written):
    """The compiled edition; `content` is the address of its files."""

    anthology_id = fields.String(required=True)
    edition = fields.Integer(required=True, strict=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)


class Anthology(marshmallow.Schema):
    """An anthology's edition in force with the readings of its content."""

    anthology_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True, metadata={"description": "the unit's name"})
    semester = fields.String(required=True)
    edition = fields.Integer(required=True, strict=True)
    level = fields.String(required=True)
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    compiled_at = fields.String(required=True)
    outdated = fields.Integer(required=True, strict=True, metadata={"description": "1: a work lost its consent"})
    returned = fields.String(required=True, metadata={"description": "why a reading sent it back; empty: none did"})
    taken_down_at = fields.String(required=True)
    readings = fields.List(fields.Nested(PassedReading), required=True)


class Anthologies(marshmallow.Schema):
    """Anthologies, by id."""

    anthologies = fields.List(fields.Nested(Anthology), required=True)


FILE = (
    Media("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "The anthology as docx."),
    Media("text/html", "The anthology as html."),
    Media("application/pdf", "The anthology as pdf."),
)


class VideoRow(marshmallow.Schema):
    """A video that was published on an official account; `withdrawn_at` is empty unless its record was withdrawn."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    published_at = fields.String(required=True)
    withdrawn_at = fields.String(required=True)


class Videos(marshmallow.Schema):
    """Videos, by id."""

    videos = fields.List(fields.Nested(VideoRow), required=True)


PACKAGE = Media("application/zip", "The package to publish by hand.")
SCREENSHOT = Media("image/*", "A screenshot of the published page: JPEG or PNG.")
CALLBACK = Media("text/xml", "The platform's notification.")
GREETING = {200: Media("text/plain", "The echo string.", {"type": "string"}), 403: Media("text/plain", "Not signed.")}
TAKEN = {200: Media("text/plain", "success", {"type": "string"}), 403: Media("text/plain", "Not signed.")}
WORK_FILE = Media("application/octet-stream", "The work's file: text, .docx, JPEG or PNG.")
TITLE_HEADER = {"X-Qihang-Title": "the work's title, percent-encoded"}
