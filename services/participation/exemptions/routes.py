"""Routes of exemptions (免计)."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import ClampedInteger, Positions
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.campaign import Campaign
from duties.days import Day, day_of
from services.participation.campaign.queries import campaign_in_force
from services.participation.domain.cells import MOST_CHARACTERS
from services.participation.exemptions.handlers import end_exemptions, grant_exemptions
from services.participation.exemptions.queries import candidates, exemptions_in_force
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights

MOST, MOST_DAYS = 200, 3 * 366
_SOME_TEXT = [validate.Length(1, MOST_CHARACTERS), validate.Regexp(r"(?s).*\S")]


class ExemptionsQuery(marshmallow.Schema):
    """A filter; empty: all."""

    unit_id = fields.String(load_default="")
    person_id = fields.String(load_default="")
    after = fields.Integer(
        load_default=0, validate=validate.Range(0, 1_000_000), metadata={"description": "`next` of the page before"}
    )
    limit = ClampedInteger(50, MOST)


class Exemption(marshmallow.Schema):
    """An exemption of a unit or a person from a duty in a period."""

    exemption_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    person_id = fields.String(required=True)
    person_name = fields.String(required=True)
    duty = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "what the duty is called"})
    period = fields.String(required=True)
    recorded_at = fields.String(required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "null: a person's, which the caller may not read"}
    )


class ExemptionPage(marshmallow.Schema):
    """Exemptions in force, latest first."""

    exemptions = fields.List(fields.Nested(Exemption), required=True)
    total = fields.Integer(required=True, strict=True)
    next = fields.Integer(required=True, strict=True, metadata={"description": "where the next page begins; 0: none"})


class CandidatesQuery(marshmallow.Schema):
    """A unit or a person, and two days."""

    unit_id = fields.String(load_default="")
    person_id = fields.String(load_default="")
    since = fields.String(required=True)
    until = fields.String(required=True, metadata={"description": "the last day"})


class Candidate(marshmallow.Schema):
    """A duty in a period that overlaps the days: begun by the last, due on or after the first."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    every = fields.String(required=True)
    period = fields.String(required=True)
    start = fields.String(required=True)
    due = fields.String(required=True)
    exempt = fields.Boolean(required=True)


class Candidates(marshmallow.Schema):
    """What the subject could be exempted from."""

    candidates = fields.List(fields.Nested(Candidate), required=True)


class ExemptedDuty(marshmallow.Schema):
    """A duty in a period."""

    duty = fields.String(required=True)
    period = fields.String(required=True)


class GrantExemptions(marshmallow.Schema):
    """Exactly one of unit and person, the duties, and the reason."""

    entry_id = fields.String(required=True, validate=validate.Length(8, 128), metadata={"description": "of this act"})
    unit_id = fields.String(load_default="")
    person_id = fields.String(load_default="")
    items = fields.List(fields.Nested(ExemptedDuty), required=True, validate=validate.Length(1, MOST))
    reason = fields.String(required=True, validate=_SOME_TEXT)


class EndExemptions(marshmallow.Schema):
    """The exemptions to revoke, and the reason."""

    exemptions = fields.List(fields.String(), required=True, validate=validate.Length(1, MOST))
    reason = fields.String(required=True, validate=_SOME_TEXT)


class ExemptionsOutcome(Positions):
    """The number of exemptions that changed."""

    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))
    changed = fields.Integer(required=True, strict=True)


class ExemptionRoutes:
    """Routes of exemptions."""

    store: Store
    units_of_work: UnitsOfWork
    pending_loop: PendingLoop

    @route("GET", "/api/exemptions", right=rights.ENTER_FACTS, query=ExemptionsQuery, response=ExemptionPage,
           problems=(409,))  # fmt: skip
    def exemptions(self, request: RouteRequest) -> Any:
        """The exemptions in force, of the campaign in force."""
        rules = self._rules()
        with self.store.reading() as connection:
            return exemptions_in_force(connection, rules, request.actor, request.query)

    @route("GET", "/api/exemptions/candidates", right=rights.ENTER_FACTS, query=CandidatesQuery, response=Candidates,
           problems=(404, 409, 422))  # fmt: skip
    def exemption_candidates(self, request: RouteRequest) -> Any:
        """The duties in periods that a unit or a person could be exempted from between two days."""
        query = request.query
        if bool(query["unit_id"]) == bool(query["person_id"]):
            raise Problem(422, "one_of", "请选择单位或人员其中之一。", column="unit_id")
        since, until = _day(query, "since"), _day(query, "until")
        if not since <= until <= since + MOST_DAYS:
            raise Problem(422, "bad_days", "结束日不能早于开始日，最长三年。", column="until")
        rules = self._rules()
        with self.store.reading() as connection:
            return {"candidates": candidates(connection, rules, query, since, until)}

    @route("POST", "/api/exemptions", right=rights.ENTER_FACTS, body=GrantExemptions, response=ExemptionsOutcome,
           problems=(409, 422))  # fmt: skip
    def grant_exemptions(self, request: RouteRequest) -> Any:
        """Exempt a unit or a person from duties in periods: all or none."""
        return grant_exemptions(
            self.units_of_work, request.json, request.actor, request.correlation, self.pending_loop.wake
        )

    @route("POST", "/api/exemptions/end", right=rights.ENTER_FACTS, body=EndExemptions, response=ExemptionsOutcome,
           problems=(409, 422))  # fmt: skip
    def end_exemptions(self, request: RouteRequest) -> Any:
        """Revoke exemptions: all or none."""
        wanted = request.json
        return end_exemptions(self.units_of_work, wanted["exemptions"], wanted["reason"], request.actor,
                              request.correlation, self.pending_loop.wake)  # fmt: skip

    def _rules(self) -> Campaign:
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
        if stored is None:
            raise Problem(409, "no_campaign", "还没有启动活动方案。")
        return stored.rules


def _day(query: dict[str, str], name: str) -> Day:
    try:
        return day_of(query[name])
    except ValueError:
        detail = f"“{query[name][:20]}”不是有效日期，请写成 2023-09-01 这样。"
        raise Problem(422, "bad_date", detail, column=name) from None
