"""Routes of anthologies: compile, list, download, take down."""

from typing import Any
from urllib.parse import quote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.anthologies import handlers
from services.publicity.anthologies.queries import anthology_rows
from services.publicity.anthologies.views import anthology_detail, visible_anthologies
from services.publicity.next_steps.steps import STEPS
from services.publicity.readings.handlers import record_fetched_proof
from services.publicity.readings.queries import is_appointed_reader
from services.publicity.refusal_messages import problem
from services.publicity.rendering.renderer import MEDIA_TYPES, anthology_file
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import AppointedReader, PassedReading, Reason, WriteResult
from services.publicity.tables import registry
from services.registry import rights
from services.registry.queries import unit_name


class Compile(marshmallow.Schema):
    """The anthology to compile; no works: all that are selected and consented to."""

    unit_id = fields.String(required=True)
    semester = fields.String(required=True)
    level = fields.String(load_default="inside", validate=validate.OneOf(("inside", "unit", "district", "print")))
    title = fields.String(load_default="优秀成果汇编")
    works = fields.List(fields.String(), load_default=list, validate=validate.Length(0, 500))


class AnthologiesQuery(marshmallow.Schema):
    """Which anthologies to list: `limit` of them after `after`."""

    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 500))


class CompiledAnthology(WriteResult):
    """The edition now in force; `content`: a keyed hash."""

    anthology_id = fields.String(required=True)
    edition = fields.Integer(required=True, strict=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)


class AnthologyRow(marshmallow.Schema):
    """An anthology; `outdated`: 1 if a consent was withdrawn; `returned`: the reason of a reading that returned it,
    else empty."""

    anthology_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    semester = fields.String(required=True)
    edition = fields.Integer(required=True, strict=True)
    level = fields.String(required=True)
    title = fields.String(required=True)
    works = fields.List(fields.String(), required=True)
    content = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    compiled_at = fields.String(required=True)
    outdated = fields.Integer(required=True, strict=True)
    returned = fields.String(required=True)
    taken_down_at = fields.String(required=True)
    readings = fields.List(fields.Nested(PassedReading), required=True)
    appointed = fields.List(fields.Nested(AppointedReader), required=True)
    step = fields.String(required=True, validate=validate.OneOf(STEPS), metadata={"description": "what is next"})
    stage = fields.String(required=True, metadata={"description": "of the reading that is next"})


class Anthologies(marshmallow.Schema):
    """Anthologies ordered by id; `next`: cursor of the next page, empty on the last."""

    anthologies = fields.List(fields.Nested(AnthologyRow), required=True)
    next = fields.String(required=True)


class Edition(marshmallow.Schema):
    """One edition; `works`: their number."""

    edition = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    level = fields.String(required=True)
    works = fields.Integer(required=True, strict=True)
    compiled_at = fields.String(required=True)


class AnthologyDetail(AnthologyRow):
    """An anthology with details.  `names`: of its readers, if the caller may know them; `may`: the caller's rights over
    its unit; `editions`: newest first."""

    names = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    may = fields.List(fields.String(), required=True)
    editions = fields.List(fields.Nested(Edition), required=True)


FILES = tuple(Media(media.split(";")[0], f".{ending}") for ending, media in MEDIA_TYPES.items())


class AnthologyRoutes(PublicityRoutes):
    """Routes of anthologies."""

    @route("POST", "/api/anthologies", right=rights.PUBLISH_FOR_UNIT, body=Compile, response={201: CompiledAnthology},
           problems=(404, 410))  # fmt: skip
    def compile_anthology(self, request: RouteRequest) -> Any:
        """Compile a unit's anthology of a semester as .docx, .html and .pdf."""
        body = request.json
        return 201, handlers.compile_anthology(self.publicity, request, body["unit_id"], body["semester"],
                                               body["level"], body["title"], body["works"])  # fmt: skip

    @route("GET", "/api/anthologies", right=rights.SEE_PUBLICITY, query=AnthologiesQuery, response=Anthologies)
    def anthologies(self, request: RouteRequest) -> Any:
        """List anthologies: `unit_id`, `semester`."""
        return visible_anthologies(self.publicity, request.actor, request.query)

    @route("GET", "/api/anthologies/<anthology_id>", right=rights.SEE_PUBLICITY, response=AnthologyDetail)
    def anthology(self, request: RouteRequest, anthology_id: str) -> Any:
        """One anthology with its readers and editions, and what the caller may do."""
        return anthology_detail(self.publicity, request.actor, anthology_id)

    @route(
        "GET",
        "/api/anthologies/<anthology_id>/<any(docx,html,pdf):ending>",
        right=rights.SEE_PROOF,
        response=FILES,
        problems=(409, 410),
    )
    def anthology_file(self, request: RouteRequest, anthology_id: str, ending: str) -> Any:
        """Download one file of an anthology: docx, html or pdf.  A download by its reader is recorded with the
        edition."""
        with self.publicity.reading() as connection:
            rows = anthology_rows(connection, anthology_id=anthology_id)
            unit = unit_name(connection, registry, rows[0]["unit_id"]) if rows else ""
            reads = is_appointed_reader(connection, "anthology", anthology_id, request.actor.name)
        if not rows or ending not in MEDIA_TYPES:
            raise problem("unknown_anthology", "anthology_id")
        row = rows[0]
        reader_id = request.actor.name if reads else ""
        rights.require(request.actor, rights.SEE_PROOF, rights.Subject(row["unit_id"], person_id=reader_id))
        if row["outdated"] or row["taken_down_at"]:
            raise problem("not_in_force", "anthology_id")
        name = quote(f"{row['title']}-{unit}-{row['semester']}.{ending}")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "X-Content-Type-Options": "nosniff"}
        content = anthology_file(self.publicity, row, ending)
        if reads:
            record_fetched_proof(self.publicity, request, "anthology", anthology_id, row["content"])
        return Response(content, content_type=MEDIA_TYPES[ending], headers=headers)

    @route(
        "POST",
        "/api/anthologies/<anthology_id>/take-down",
        right=rights.PUBLISH_FOR_UNIT,
        body=Reason,
        response=WriteResult,
    )
    def take_down_anthology(self, request: RouteRequest, anthology_id: str) -> Any:
        """Take an anthology down: it is no longer handed out, and its deed is undone."""
        return handlers.take_down_anthology(self.publicity, request, anthology_id, request.json["reason"])
