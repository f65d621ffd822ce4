"""Routes of filings."""

import uuid
from typing import Any, Final

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.campaign.queries import campaign_in_force
from services.participation.filings import handlers
from services.participation.filings.details import filing_detail, readable_filing
from services.participation.filings.domain.contents import Content
from services.participation.filings.handlers import FilingTransaction, Request, transaction
from services.participation.filings.queries import MOST, filings_of_reader, own_filings, own_records, responses_to
from services.participation.filings.readable_files import files_of_page
from services.participation.filings.recalling import return_filing, return_record
from services.participation.filings.schemas import (
    AtRevision,
    Because,
    ChangedFiling,
    ConfirmedFilings,
    FilingDetail,
    FilingIds,
    FilingPage,
    FilingsChanged,
    FilingsQuery,
    FirstResponses,
    MayHaveReason,
    NewFilings,
    OwnFilings,
    PageQuery,
    WithReason,
)
from services.participation.intake.pending_loop import PendingLoop
from services.participation.registry.people import unit_of_person
from services.registry import rights

_LARGEST: Final = 1024 * 1024
_FILING: Final = "/api/filings/<string(minlength=8):filing_id>"
"""So that `confirm` does not match as an id: that path allows POST only."""


class FilingRoutes:
    """Routes of filings."""

    store: Store
    units_of_work: UnitsOfWork
    pending_loop: PendingLoop
    clock: Clock

    @route("GET", "/api/filings", right=rights.SEE_RECORDS, query=FilingsQuery, response=FilingPage)
    def filings(self, request: RouteRequest) -> Any:
        """Filings that the caller may see, by unit, kind, status, period, day and title, in pages."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            for_all = stored.rules.kinds_referred_to if stored else frozenset[str]()
            page = filings_of_reader(connection, request.actor, request.query, for_all)
            if request.query["files"]:
                files = files_of_page(connection, request.actor, page["filings"])
                page["filings"] = [each | {"files": files[each["filing_id"]]} for each in page["filings"]]
            return page

    @route("GET", "/api/mine/filings", query=PageQuery, response=OwnFilings)
    def own_filings(self, request: RouteRequest) -> Any:
        """The caller's own filings, drafts included, and their records from any source."""
        with self.store.reading() as connection:
            page = own_filings(connection, request.actor, request.query)
            return page | {"records": own_records(connection, request.actor, MOST)}

    @route(
        "GET",
        "/api/filings/<string(minlength=8):filing_id>",
        right=rights.SEE_RECORDS,
        problems=(404,),
        response=FilingDetail,
    )
    def filing(self, request: RouteRequest, filing_id: str) -> Any:
        """A filing with its history."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            return filing_detail(connection, request.actor, stored.rules if stored else None, filing_id)

    @route("GET", "/api/filings/<filing_id>/first-responses", right=rights.SEE_RECORDS, problems=(404,),
           response=FirstResponses)  # fmt: skip
    def first_responses(self, request: RouteRequest, filing_id: str) -> Any:
        """The first filing of each unit that refers to this one (即讲即学: a unit's first session on an item)."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            readable_filing(connection, request.actor, stored.rules if stored else None, filing_id)
            return {"responses": responses_to(connection, request.actor, filing_id)}

    @route("POST", "/api/filings", right=rights.FILE_RECORD, largest=_LARGEST, body=NewFilings, problems=(409, 422),
           response=FilingsChanged)  # fmt: skip
    def file(self, request: RouteRequest) -> Any:
        """Create the filings of one entry as drafts, or submit them at once."""
        body = request.json
        entry_id = body["entry_id"] or uuid.uuid4().hex
        with transaction(self.units_of_work, self._request(request)) as act:
            contents = [self._content(act, request, deed) for deed in body["deeds"]]
            revisions = [deed["revision"] for deed in body["deeds"]]
            names = handlers.draft_filings(act, entry_id, contents, revisions, body["submit"])
            states = [_state(act, name) for name in names]
        return _write_result(act, states)

    @route("PUT", _FILING, right=rights.FILE_RECORD, largest=_LARGEST, body=ChangedFiling,
           problems=(404, 409, 422), response=FilingsChanged)  # fmt: skip
    def change_filing(self, request: RouteRequest, filing_id: str) -> Any:
        """Save a draft, or correct a filing that counts."""
        body = request.json
        with transaction(self.units_of_work, self._request(request)) as act:
            content = self._content(act, request, body["content"])
            handlers.change_filing(act, filing_id, content, body["revision"], body["reason"].strip())
            if body["submit"]:
                handlers.submit_filing(act, filing_id, 0)
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    @route("POST", "/api/filings/<filing_id>/submit", right=rights.FILE_RECORD, body=AtRevision,
           problems=(404, 409, 422), response=FilingsChanged)  # fmt: skip
    def submit_filing(self, request: RouteRequest, filing_id: str) -> Any:
        """Submit a draft: it counts at once, or awaits confirmation by the head or its owner."""
        with transaction(self.units_of_work, self._request(request)) as act:
            handlers.submit_filing(act, filing_id, request.json["revision"])
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    @route("POST", "/api/filings/<filing_id>/return", right=rights.CONFIRM_FILING, body=WithReason,
           problems=(404, 409), response=FilingsChanged)  # fmt: skip
    def return_filing(self, request: RouteRequest, filing_id: str) -> Any:
        """Return a submitted filing, with the reason."""
        with transaction(self.units_of_work, self._request(request)) as act:
            return_filing(act, filing_id, request.json["revision"], request.json["reason"].strip())
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    @route("POST", "/api/records/<path:record_id>/return", right=rights.RETURN_REPORT, body=Because,
           problems=(404, 409), response=FilingsChanged)  # fmt: skip
    def return_record(self, request: RouteRequest, record_id: str) -> Any:
        """Return a record that was not filed at a page (imported, or sent by another system): a filing is created for
        its unit to change and submit."""
        with transaction(self.units_of_work, self._request(request)) as act:
            filing_id = return_record(act, record_id, request.json["reason"].strip())
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    @route("POST", "/api/filings/<filing_id>/confirm", right=rights.CONFIRM_FILING, body=AtRevision,
           problems=(404, 409, 422), response=FilingsChanged)  # fmt: skip
    def confirm_filing(self, request: RouteRequest, filing_id: str) -> Any:
        """Confirm a submitted filing: it counts from now on."""
        with transaction(self.units_of_work, self._request(request)) as act:
            handlers.confirm_filing(act, filing_id, request.json["revision"])
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    @route("POST", "/api/filings/confirm", right=rights.CONFIRM_FILING, body=FilingIds, response=ConfirmedFilings)
    def confirm_filings(self, request: RouteRequest) -> Any:
        """Confirm several filings independently: one that cannot be confirmed does not affect the others."""
        outcomes: list[dict[str, str]] = []
        positions: list[str] = []
        refusals: list[Problem] = []
        for filing_id in request.json["filings"]:
            outcome, message = "confirmed", ""
            try:
                with transaction(self.units_of_work, self._request(request)) as act:
                    outcome = "confirmed" if handlers.confirm_filing(act, filing_id, 0) else "unchanged"
                positions = act.unit_of_work.positions or positions
            except Problem as problem:
                outcome, message = "refused", problem.detail
                refusals.append(problem)
            outcomes.append({"filing_id": filing_id, "outcome": outcome, "message": message})
        if len(refusals) == len(outcomes) and all(problem.status == 403 for problem in refusals):
            raise refusals[0]
        return {"outcomes": outcomes, "positions": positions}

    @route("POST", "/api/filings/<filing_id>/withdraw", right=rights.FILE_RECORD, body=MayHaveReason,
           problems=(404, 409, 422), response=FilingsChanged)  # fmt: skip
    def withdraw_filing(self, request: RouteRequest, filing_id: str) -> Any:
        """Withdraw a filing: a draft is dropped, a counting one no longer counts."""
        with transaction(self.units_of_work, self._request(request)) as act:
            handlers.withdraw_filing(act, filing_id, request.json["revision"], request.json["reason"].strip())
            states = [_state(act, filing_id)]
        return _write_result(act, states)

    def _request(self, request: RouteRequest) -> Request:
        return Request(request.actor, request.correlation, self.pending_loop.wake)

    def _content(self, act: FilingTransaction, request: RouteRequest, body: dict[str, Any]) -> Content:
        people = tuple(dict.fromkeys(body["people"]))
        kind = act.kind(body["kind"])
        if not people and kind.of == "person" and kind.filed_by == "person" and "person" in request.actor.roles:
            people = (request.actor.name,)
        unit_id = body["unit_id"]
        if not unit_id and len(people) == 1:
            unit_id = unit_of_person(act.connection, people[0], self.clock())
        evidence = tuple(dict.fromkeys(sha256.lower() for sha256 in body["evidence"]))
        return Content(body["kind"], unit_id, people, body["occurred_at"], body["period"], body["title"].strip(),
                       body["content_sha256"].lower(), evidence, body["fields"])  # fmt: skip


def _state(act: FilingTransaction, filing_id: str) -> dict[str, Any]:
    state = act.state(filing_id)
    return {"filing_id": filing_id, "status": state.status, "awaits": state.awaits, "counts": state.counts,
            "revision": state.revision}  # fmt: skip


def _write_result(act: FilingTransaction, states: list[dict[str, Any]]) -> dict[str, Any]:
    positions = act.unit_of_work.positions
    return {"filings": states, "positions": positions, "outcome": "accepted" if positions else "unchanged"}
