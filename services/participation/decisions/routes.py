"""Routes of decisions about a year's awards (评选决定), proposed by one person and confirmed by another; and of
candidates' names."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.decisions import handlers
from services.participation.decisions.handlers import Request
from services.participation.decisions.proposals import ACTS, STATUSES
from services.participation.decisions.queries import names_of_candidates, proposals_of_year, waiting_proposals
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights

MOST_NAMES, LONGEST = 600, 1000
KINDS = ("veto", "decline", "choose")
_ID = validate.Regexp(r"[A-Za-z0-9._-]{8,80}\Z")
_SOME_TEXT = [validate.Length(1, LONGEST), validate.Regexp(r"(?s).*\S")]


class ProposalsQuery(marshmallow.Schema):
    """The year of the awards; without one all open proposals."""

    year = fields.String(load_default="", validate=validate.Regexp(r"([0-9]{4})?\Z"))


class ProposalLine(marshmallow.Schema):
    """A proposed decision and its state."""

    proposal_id = fields.String(required=True)
    year = fields.String(required=True)
    act = fields.String(required=True, validate=validate.OneOf(ACTS))
    decision_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    person_id = fields.String(required=True)
    person_name = fields.String(required=True, metadata={"description": "empty: erased"})
    document = fields.String(required=True, metadata={"description": "number of the minutes"})
    decided_on = fields.String(required=True)
    reason = fields.String(required=True)
    proposed_by = fields.String(required=True)
    proposer_name = fields.String(required=True)
    proposed_at = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    settled_by = fields.String(required=True)
    settled_at = fields.String(required=True)
    returned_because = fields.String(required=True)


class ProposalList(marshmallow.Schema):
    """The proposals of the year, open ones first; at most 200."""

    proposals = fields.List(fields.Nested(ProposalLine), required=True)


class ProposedDecision(marshmallow.Schema):
    """A decision to be confirmed by another person.  `sign`: exactly one of unit and person; `void`: the decision."""

    proposal_id = fields.String(required=True, validate=_ID, metadata={"description": "of this act"})
    act = fields.String(load_default="sign", validate=validate.OneOf(ACTS))
    decision_id = fields.String(load_default="", validate=validate.Length(0, 128))
    kind = fields.String(load_default="", validate=validate.OneOf(("", *KINDS)))
    year = fields.String(load_default="", validate=validate.Regexp(r"([0-9]{4})?\Z"))
    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    person_id = fields.String(load_default="", validate=validate.Length(0, 128))
    document = fields.String(required=True, validate=[validate.Length(1, 200), validate.Regexp(r"(?s).*\S")])
    decided_on = fields.String(load_default="", validate=validate.Length(0, 10))
    reason = fields.String(required=True, validate=_SOME_TEXT)


class WhyReturned(marshmallow.Schema):
    """Why it is not confirmed."""

    reason = fields.String(required=True, validate=_SOME_TEXT)


class CandidatesWanted(marshmallow.Schema):
    """The ids whose names are wanted."""

    people = fields.List(fields.String(), required=True, validate=validate.Length(0, MOST_NAMES))


class CandidateNames(marshmallow.Schema):
    """The names by id; an erased person's is empty, an unknown id is missing."""

    people = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class DecisionRoutes:
    """Routes of decisions about a year's awards."""

    store: Store
    units_of_work: UnitsOfWork
    pending_loop: PendingLoop

    @route("GET", "/api/decision-proposals", right=rights.SEE_CANDIDATES, query=ProposalsQuery, response=ProposalList)
    def decision_proposals(self, request: RouteRequest) -> Any:
        """The decisions of a year that were proposed here, and their state."""
        year = request.query["year"]
        with self.store.reading() as connection:
            return {"proposals": proposals_of_year(connection, year) if year else waiting_proposals(connection)}

    @route("POST", "/api/decision-proposals", right=rights.PROPOSE_DECISION, body=ProposedDecision, response=Positions,
           problems=(409, 422))  # fmt: skip
    def propose_decision(self, request: RouteRequest) -> Any:
        """Propose a decision (一票否决, 放弃, 并列评定, or voiding one): it takes effect when another person confirms
        it."""
        wanted = {name: text.strip() for name, text in request.json.items()}
        return {"positions": handlers.propose_decision(self.units_of_work, self._request_of(request), wanted)}

    @route("POST", "/api/decision-proposals/<proposal_id>/confirm", right=rights.CONFIRM_DECISION, response=Positions,
           problems=(404, 409, 422))  # fmt: skip
    def confirm_proposal(self, request: RouteRequest, proposal_id: str) -> Any:
        """Confirm a decision that another person proposed: it takes effect."""
        return {"positions": handlers.confirm_proposal(self.units_of_work, self._request_of(request), proposal_id)}

    @route("POST", "/api/decision-proposals/<proposal_id>/return", right=rights.CONFIRM_DECISION, body=WhyReturned,
           response=Positions, problems=(404, 409))  # fmt: skip
    def return_proposal(self, request: RouteRequest, proposal_id: str) -> Any:
        """Reject a proposal, or withdraw one's own."""
        reason = request.json["reason"].strip()
        return {
            "positions": handlers.return_proposal(self.units_of_work, self._request_of(request), proposal_id, reason)
        }

    @route("POST", "/api/candidate-names", right=rights.SEE_CANDIDATES, body=CandidatesWanted, response=CandidateNames)
    def candidate_names(self, request: RouteRequest) -> Any:
        """The names of candidates for awards, for those who decide about them."""
        with self.store.reading() as connection:
            return {"people": names_of_candidates(connection, request.json["people"])}

    def _request_of(self, request: RouteRequest) -> Request:
        return Request(request.actor, request.correlation, self.pending_loop.wake)
