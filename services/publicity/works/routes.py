"""Routes of works: nominate, list, read, consent, select."""

from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.rendering.read_manuscript import LARGEST_FILE
from services.publicity.rendering.renderer import MEDIA_TYPES
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import WriteResult
from services.publicity.works import handlers
from services.publicity.works.listing import candidates_page, works_page
from services.publicity.works.schemas import (
    CandidatesQuery,
    CandidateWorks,
    Deselection,
    Levels,
    NominatedWork,
    NominationQuery,
    ProofQuery,
    Selection,
    TextQuery,
    Works,
    WorksQuery,
    WorkText,
)
from services.publicity.works.views import work_proof, work_text
from services.registry import rights

FILE = Media("application/octet-stream", "the work's file: .txt, .docx, .jpg or .png")
PROOFS = (Media(MEDIA_TYPES["pdf"], "as it would be printed"), Media(MEDIA_TYPES["html"], "as a page"))


class WorkRoutes(PublicityRoutes):
    """Routes of works."""

    @route("PUT", "/api/works/<work_id>", right=rights.SUBMIT_WORK, body=FILE, query=NominationQuery,
           headers={"X-Qihang-Title": "the title, percent-encoded"}, response={201: NominatedWork}, problems=(404, 410),
           largest=LARGEST_FILE)  # fmt: skip
    def nominate_work(self, request: RouteRequest, work_id: str) -> Any:
        """Nominate a work, or submit a returned one again: the body is its file; author_id, unit_id, levels in the
        query, the title (percent-encoded) in X-Qihang-Title."""
        query = request.query
        title = unquote(request.http_request.headers.get("X-Qihang-Title", ""))
        levels = [level for level in query["levels"].split(",") if level]
        return 201, handlers.nominate_work(self.publicity, request, work_id, query["author_id"], query["unit_id"],
                                           query["semester"], title, levels, request.body)  # fmt: skip

    @route("GET", "/api/works", right=rights.SEE_WORK, query=WorksQuery, response=Works)
    def works(self, request: RouteRequest) -> Any:
        """Works with consent, reviews and selection: `unit_id`, `semester`; a person's own, or those to review."""
        return works_page(self.publicity, request.actor, request.query)

    @route("GET", "/api/selections", right=rights.SELECT_FOR_DISTRICT, query=CandidatesQuery, response=CandidateWorks)
    def candidate_works(self, request: RouteRequest) -> Any:
        """Works that were selected by their units and whose authors consent to a use of the district, to select
        from."""
        return candidates_page(self.publicity, request.actor, request.query)

    @route(
        "GET", "/api/works/<work_id>/text", right=rights.SEE_WORK, query=TextQuery, response=WorkText, problems=(410,)
    )
    def work_text(self, request: RouteRequest, work_id: str) -> Any:
        """A work's text: complete for its author and unit, without names for its reviewers (`reviewer_id`)."""
        return work_text(
            self.publicity, request.actor, work_id, request.query["reviewer_id"], f"{self.clock():%Y-%m-%d}"
        )

    @route("GET", "/api/works/<work_id>/proof", right=rights.SUBMIT_WORK, query=ProofQuery, response=PROOFS,
           problems=(410,))  # fmt: skip
    def work_proof(self, request: RouteRequest, work_id: str) -> Any:
        """A work's proof for those who nominate it and its author, before it is reviewed or printed."""
        form = request.query["form"]
        headers = {"Content-Disposition": f"inline; filename=proof.{form}", "X-Content-Type-Options": "nosniff"}
        content = work_proof(self.publicity, request.actor, work_id, form)
        return Response(content, content_type=MEDIA_TYPES[form], headers=headers)

    @route("POST", "/api/works/<work_id>/put-forward", right=rights.PUT_FORWARD, response=WriteResult)
    def put_work_forward(self, request: RouteRequest, work_id: str) -> Any:
        """As its unit, put a work that its author submitted forward for review."""
        return handlers.put_work_forward(self.publicity, request, work_id)

    @route("POST", "/api/works/<work_id>/consent", right=rights.GIVE_CONSENT, body=Levels, response=WriteResult)
    def give_consent(self, request: RouteRequest, work_id: str) -> Any:
        """Consent to further uses of a work."""
        return handlers.give_consent(self.publicity, request, work_id, request.json["levels"])

    @route("POST", "/api/works/<work_id>/withdraw", right=rights.STOP_SHOWING, body=Levels, response=WriteResult)
    def withdraw_consent(self, request: RouteRequest, work_id: str) -> Any:
        """Withdraw consent: nothing new is shown, what is open is stopped, taken down or marked."""
        return handlers.withdraw_consent(self.publicity, request, work_id, request.json["levels"])

    @route("POST", "/api/works/<work_id>/select", right=rights.SELECT_WORK, body=Selection, response=WriteResult)
    def select_work(self, request: RouteRequest, work_id: str) -> Any:
        """Select a work whose reviews reached the pass mark."""
        level, at, reason = (request.json[name] for name in ("level", "at", "reason"))
        return handlers.select_work(self.publicity, request, work_id, level, at, reason)

    @route("POST", "/api/works/<work_id>/deselect", right=rights.SELECT_WORK, body=Deselection, response=WriteResult)
    def deselect_work(self, request: RouteRequest, work_id: str) -> Any:
        """Undo a selection."""
        return handlers.deselect_work(self.publicity, request, work_id, request.json["level"], request.json["reason"])
