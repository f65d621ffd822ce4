"""Routes of works: nominate, list, read, consent, select."""

from typing import Any
from urllib.parse import unquote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.rendering.read_manuscript import LARGEST_FILE
from services.publicity.rendering.renderer import MEDIA_TYPES
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import WriteResult
from services.publicity.works import handlers
from services.publicity.works.views import visible_works, work_proof, work_text
from services.registry import rights


class Levels(marshmallow.Schema):
    """Uses of a work: inside, unit, district, print; none: all."""

    levels = fields.List(fields.String(), load_default=list, validate=validate.Length(0, 10))


class Selection(marshmallow.Schema):
    """Selecting by the unit or the district; `at` (ISO 8601) when it was decided."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    at = fields.String(load_default="")


class Deselection(marshmallow.Schema):
    """Why a selection is undone."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    reason = fields.String(required=True)


class NominationQuery(marshmallow.Schema):
    """`levels`: the uses that the author agrees to, separated by commas; no semester: that of today."""

    author_id = fields.String(load_default="")
    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    levels = fields.String(load_default="")


class WorksQuery(marshmallow.Schema):
    """Which works; `reviewer_id`: those that this person is to review."""

    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    author_id = fields.String(load_default="")
    reviewer_id = fields.String(load_default="")


class ProofQuery(marshmallow.Schema):
    """`form`: pdf or html."""

    form = fields.String(load_default="pdf", validate=validate.OneOf(("pdf", "html")))


class TextQuery(marshmallow.Schema):
    """`reviewer_id`: as a reviewer of the work, without names."""

    reviewer_id = fields.String(load_default="")


class NominatedWork(WriteResult):
    """`kind`: text, docx or picture; `content`: a keyed hash."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    content = fields.String(required=True)
    left_out = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "what of its file is left out, in sentences"},
    )
    proof = fields.String(required=True, metadata={"description": "where its proof is read"})


class Review(marshmallow.Schema):
    """A reviewer of a work; `total` and `marked_on` are empty until it is marked."""

    reviewer_id = fields.String(required=True)
    assigned_on = fields.String(required=True)
    total = fields.String(required=True)
    marked_on = fields.String(required=True)


class WorkReturn(marshmallow.Schema):
    """A return that waits for the revised work; `by`: reviewer or unit."""

    on = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class NominatedWorkRow(marshmallow.Schema):
    """A work; a person who reviews it gets an id by chance, kind, semester, size and `repeated`."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    semester = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    author_id = fields.String()
    author = fields.String()
    unit_id = fields.String()
    content = fields.String()
    nominated_on = fields.String()
    by = fields.String()
    title = fields.String()
    levels = fields.List(fields.String())
    reviews = fields.List(fields.Nested(Review))
    returned = fields.Nested(WorkReturn, allow_none=True)
    selected = fields.List(fields.String())
    left_out = fields.List(fields.String())
    same_text = fields.List(fields.String(), metadata={"description": "works with the same words, as far as visible"})
    repeated = fields.Boolean(metadata={"description": "for a reviewer: another work has the same words"})


class Works(marshmallow.Schema):
    """Works in the order of unit and id."""

    works = fields.List(fields.Nested(NominatedWorkRow), required=True)


class WorkText(marshmallow.Schema):
    """A work's text; a reviewer gets no title.  A block: style (text, heading, picture), text, picture (base64)."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String()
    blocks = fields.List(fields.List(fields.String()), required=True)


FILE = Media("application/octet-stream", "the work's file: .txt, .docx, .jpg or .png")
PROOFS = (Media(MEDIA_TYPES["pdf"], "as it would be printed"), Media(MEDIA_TYPES["html"], "as a page"))


class WorkRoutes(PublicityRoutes):
    """Works."""

    @route("PUT", "/api/works/<work_id>", right=rights.SUBMIT_WORK, body=FILE, query=NominationQuery,
           headers={"X-Qihang-Title": "the title, percent-encoded"}, response={201: NominatedWork}, problems=(404, 410),
           largest=LARGEST_FILE)  # fmt: skip
    def nominate_work(self, request: RouteRequest, work_id: str) -> Any:
        """Nominate a work, or hand in a returned one again: the body is its file; author_id, unit_id, levels in the
        query, the title (percent-encoded) in X-Qihang-Title."""
        query = request.query
        title = unquote(request.http_request.headers.get("X-Qihang-Title", ""))
        levels = [level for level in query["levels"].split(",") if level]
        return 201, handlers.nominate_work(self.publicity, request, work_id, query["author_id"], query["unit_id"],
                                           query["semester"], title, levels, request.body)  # fmt: skip

    @route("GET", "/api/works", right=rights.SEE_WORK, query=WorksQuery, response=Works)
    def works(self, request: RouteRequest) -> Any:
        """Works with consent, reviews and selection: `unit_id`, `semester`; a person's own, or to review."""
        return {"works": visible_works(self.publicity, request.actor, request.query)}

    @route(
        "GET", "/api/works/<work_id>/text", right=rights.SEE_WORK, query=TextQuery, response=WorkText, problems=(410,)
    )
    def work_text(self, request: RouteRequest, work_id: str) -> Any:
        """A work's text: for its author and unit as it is, for its reviewers (`reviewer_id`) without names."""
        return work_text(
            self.publicity, request.actor, work_id, request.query["reviewer_id"], f"{self.clock():%Y-%m-%d}"
        )

    @route("GET", "/api/works/<work_id>/proof", right=rights.SUBMIT_WORK, query=ProofQuery, response=PROOFS,
           problems=(410,))  # fmt: skip
    def work_proof(self, request: RouteRequest, work_id: str) -> Any:
        """A work's proof for who nominates and its author, before anybody reviews or prints it."""
        form = request.query["form"]
        headers = {"Content-Disposition": f"inline; filename=proof.{form}", "X-Content-Type-Options": "nosniff"}
        content = work_proof(self.publicity, request.actor, work_id, form)
        return Response(content, content_type=MEDIA_TYPES[form], headers=headers)

    @route("POST", "/api/works/<work_id>/consent", right=rights.GIVE_CONSENT, body=Levels, response=WriteResult)
    def give_consent(self, request: RouteRequest, work_id: str) -> Any:
        """Agree to more uses of a work."""
        return handlers.give_consent(self.publicity, request, work_id, request.json["levels"])

    @route("POST", "/api/works/<work_id>/withdraw", right=rights.STOP_SHOWING, body=Levels, response=WriteResult)
    def withdraw_consent(self, request: RouteRequest, work_id: str) -> Any:
        """Take consent back: nothing new appears, what is open is stopped, taken down or marked."""
        return handlers.withdraw_consent(self.publicity, request, work_id, request.json["levels"])

    @route("POST", "/api/works/<work_id>/select", right=rights.SELECT_WORK, body=Selection, response=WriteResult)
    def select_work(self, request: RouteRequest, work_id: str) -> Any:
        """Choose a work whose reviews reached the pass mark."""
        return handlers.select_work(self.publicity, request, work_id, request.json["level"], request.json["at"])

    @route("POST", "/api/works/<work_id>/deselect", right=rights.SELECT_WORK, body=Deselection, response=WriteResult)
    def deselect_work(self, request: RouteRequest, work_id: str) -> Any:
        """Undo a choice."""
        return handlers.deselect_work(self.publicity, request, work_id, request.json["level"], request.json["reason"])
