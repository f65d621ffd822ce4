"""Routes of findings."""

import uuid
from typing import Any

import sqlalchemy as sa

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.result_files import points
from duties.rules import CATEGORIES
from services.participation.campaign.queries import campaign_in_force
from services.participation.domain.rows import FindingRow
from services.participation.findings import handlers, permissions
from services.participation.findings.handlers import FindingTransaction, transaction
from services.participation.findings.queries import finding_detail, findings_of_reader
from services.participation.findings.schemas import (
    AnsweredFinding,
    ChangedFinding,
    ClosedFinding,
    FindingDetail,
    FindingForm,
    FindingPage,
    FindingsQuery,
    FindingState,
    NewFinding,
    ReturnedFinding,
)
from services.participation.intake.pending_loop import PendingLoop
from services.participation.registry.identity import local_day
from services.participation.registry.projections import units
from services.registry import rights

_CHANGEABLE = ("category", "description", "found_on", "deadline", "points")


class FindingRoutes:
    """Routes of findings."""

    store: Store
    units_of_work: UnitsOfWork
    pending_loop: PendingLoop
    clock: Clock

    @route("GET", "/api/findings", right=rights.SEE_FINDINGS, query=FindingsQuery, response=FindingPage)
    def findings(self, request: RouteRequest) -> Any:
        """Findings that the caller may see, by unit, office, status, category, day and text."""
        with self.store.reading() as connection:
            today = local_day(connection, self.clock()).isoformat()
            return findings_of_reader(connection, request.actor, request.query, today)

    @route("GET", "/api/finding-form", right=rights.RAISE_FINDING, response=FindingForm)
    def finding_form(self, request: RouteRequest) -> Any:
        """The categories, the most points, and the units where the caller may raise a finding."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            rules = stored.rules if stored else None
            subjects = permissions.units_over(connection, request.actor, rights.RAISE_FINDING)
            own = permissions.own_offices(request.actor)
            day = local_day(connection, self.clock()).isoformat()
            row = units.c
            open_now = sa.and_(row.voided == 0, row.opened_on <= day, sa.or_(row.closed_on == "", row.closed_on > day))
            rows = connection.execute(
                sa.select(row.unit_id, row.name, row.kind).where(open_now).order_by(row.unit_id)
            ).all()
        return {
            "categories": list(rules.finding_categories if rules else CATEGORIES), "today": day,
            "max_points": points(rules.max_points) if rules and rules.max_points is not None else "",
            "units": [row._asdict() | {"assessor_id": permissions.office_over(request.actor, subjects[row.unit_id])}
                      for row in rows if row.unit_id in subjects and row.unit_id not in own],
        }  # fmt: skip

    @route("GET", "/api/findings/<finding_id>", right=rights.SEE_FINDINGS, problems=(404,), response=FindingDetail)
    def finding(self, request: RouteRequest, finding_id: str) -> Any:
        """A finding with its history and files."""
        with self.store.reading() as connection:
            today = local_day(connection, self.clock()).isoformat()
            return finding_detail(connection, request.actor, finding_id, today)

    @route("POST", "/api/findings", right=rights.RAISE_FINDING, body=NewFinding, problems=(409, 422),
           response={201: FindingState})  # fmt: skip
    def raise_finding(self, request: RouteRequest) -> Any:
        """Raise a finding at a unit that the caller's office supervises."""
        body = request.json
        with self._begin(request) as act:
            finding_id = body["finding_id"] or f"{act.today.replace('-', '')}-{uuid.uuid4().hex[:8]}"
            row = FindingRow(
                finding_id, body["unit_id"], "", body["found_on"] or act.today, body["deadline"],
                body["points"].strip() or "0", "", body["category"], body["description"].strip(),
            )  # fmt: skip
            handlers.raise_finding(act, row, _contents(body))
        return 201, _state(act, finding_id)

    @route("PUT", "/api/findings/<finding_id>", right=rights.REVIEW_FINDING, body=ChangedFinding,
           problems=(404, 409, 422), response=FindingState)  # fmt: skip
    def correct_finding(self, request: RouteRequest, finding_id: str) -> Any:
        """Correct the office's texts, with the reason; the former ones stay in the history."""
        body = request.json
        changes = {name: body[name].strip() for name in _CHANGEABLE if name in body}
        with self._begin(request) as act:
            handlers.correct_finding(act, finding_id, body["revision"], changes, body["reason"].strip())
        return _state(act, finding_id)

    @route("POST", "/api/findings/<finding_id>/answer", right=rights.ANSWER_FINDING, body=AnsweredFinding,
           problems=(404, 409, 422), response=FindingState)  # fmt: skip
    def answer_finding(self, request: RouteRequest, finding_id: str) -> Any:
        """The unit answers: what it has rectified, with files."""
        body = request.json
        with self._begin(request) as act:
            handlers.answer_finding(act, finding_id, body["revision"], body["text"].strip(), _contents(body))
        return _state(act, finding_id)

    @route("POST", "/api/findings/<finding_id>/return", right=rights.REVIEW_FINDING, body=ReturnedFinding,
           problems=(404, 409, 422), response=FindingState)  # fmt: skip
    def return_finding(self, request: RouteRequest, finding_id: str) -> Any:
        """Send an answer back, with what is missing."""
        with self._begin(request) as act:
            handlers.return_finding(act, finding_id, request.json["revision"], request.json["reason"].strip())
        return _state(act, finding_id)

    @route("POST", "/api/findings/<finding_id>/close", right=rights.REVIEW_FINDING, body=ClosedFinding,
           problems=(404, 409, 422), response=FindingState)  # fmt: skip
    def close_finding(self, request: RouteRequest, finding_id: str) -> Any:
        """Close a finding (复查销号): by another person of the office than the one who raised it."""
        body = request.json
        with self._begin(request) as act:
            handlers.close_finding(act, finding_id, body["revision"], body["note"].strip(), body["rectified_on"])
        return _state(act, finding_id)

    @route("POST", "/api/findings/<finding_id>/withdraw", right=rights.REVIEW_FINDING, body=ReturnedFinding,
           problems=(404, 409, 422), response=FindingState)  # fmt: skip
    def withdraw_finding(self, request: RouteRequest, finding_id: str) -> Any:
        """Withdraw a finding that should not have been raised, with the reason: it no longer counts."""
        with self._begin(request) as act:
            handlers.withdraw_finding(act, finding_id, request.json["revision"], request.json["reason"].strip())
        return _state(act, finding_id)

    def _begin(self, request: RouteRequest) -> Any:
        return transaction(self.units_of_work, request.actor, request.correlation, self.pending_loop.wake)


def _contents(body: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(content.lower() for content in body["evidence"]))


def _state(act: FindingTransaction, finding_id: str) -> dict[str, Any]:
    state, positions = act.state(finding_id), act.unit_of_work.positions
    return {"finding_id": finding_id, "status": state.status, "revision": state.revision, "positions": positions,
            "outcome": "accepted" if positions else "unchanged"}  # fmt: skip
