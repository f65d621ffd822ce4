"""Words for the example tests: a campaign of one duty or more, units, persons and their deeds, in ISO dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from duties.campaign import Campaign
from duties.days import day_of
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from duties.subjects import Decision, DecisionKind, Exemption, Finding, Membership, Record, SheetRow, Unit

SEMESTERS = [
    {"id": "2022-autumn", "start": "2022-09-01", "end": "2023-02-01", "due": "2022-12-31"},
    {"id": "2023-spring", "start": "2023-02-01", "end": "2023-09-01", "due": "2023-07-10"},
    {"id": "2023-autumn", "start": "2023-09-01", "end": "2024-02-01", "due": "2023-12-31"},
]
EVERY_KIND = ["bureau", "office", "secondary", "school", "kindergarten"]


def duty(name: str = "forum", **keys: Any) -> dict[str, Any]:
    """A school's monthly duty of weight 1 that one record of the kind `name` fulfils, unless the keys say otherwise."""
    plain = {"id": name, "who": {"kinds": ["school"]}, "every": "month", "count": 1, "record": name, "weight": 1}
    return plain | keys


def of_teachers(name: str = "note", **keys: Any) -> dict[str, Any]:
    return duty(name, **({"who": {"roles": ["teacher"]}, "every": "semester"} | keys))


def data(*duties: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """A valid campaign's data."""
    plain: dict[str, Any] = {
        "campaign": "small",
        "version": 1,
        "title": "小活动",
        "timezone": "Asia/Shanghai",
        "starts_on": "2022-11-01",
        "closes_on": None,
        "semesters": SEMESTERS,
        "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"},
        "duties": list(duties) or [duty()],
    }
    return plain | sections


def campaign(*duties: dict[str, Any], **sections: Any) -> Campaign:
    return Campaign.from_data(data(*duties, **sections))


def unit_awards(**keys: Any) -> dict[str, Any]:
    plain = {"kinds": ["school", "office"], "percent": 50, "rounding": "floor", "pass_line": 0, "pools": None}
    return {"awards": {"units": plain | keys}}


def individual_awards(*points: dict[str, Any], **keys: Any) -> dict[str, Any]:
    plain = {"seats": 1, "roles": ["teacher"], "allocation": "open", "points": list(points)}
    return {"awards": {"individuals": plain | keys, **unit_awards()["awards"]}}


def line(record: str = "note", **keys: Any) -> dict[str, Any]:
    return {"record": record, "on_time": 5, "late": 2, "cap": 100} | keys


def unit(
    unit_id: str = "X1", kind: str = "school", opened: str = "2010-09-01", closed: str = "", tags: str = ""
) -> Unit:
    return Unit(unit_id, kind, day_of(opened), day_of(closed) if closed else None, frozenset(tags.split()))


def post(unit_id: str = "X1", role: str = "teacher", start: str = "2015-09-01", end: str = "") -> Membership:
    return Membership(unit_id, role, day_of(start), day_of(end) if end else None)


def deed(day: str, record: str = "forum", record_id: str = "R1", hour: int = 9, **keys: Any) -> Record:
    """A record of that local day; who made it is said by whose list it stands in."""
    instant = (day_of(day) * 24 + hour) * 3_600_000_000
    return Record(record_id, record, "", "", day_of(day), instant, **keys)


class District:
    """Subjects with their facts, gathered for a calculation."""

    def __init__(self, campaign: Campaign, *units: Unit) -> None:
        self.campaign = campaign
        self.units = units or (unit(),)
        self.of_units: dict[str, tuple[Sequence[Any], ...]] = {}
        self.of_persons: dict[str, tuple[Any, ...]] = {}
        self.decisions: list[Decision] = []

    def unit(
        self,
        *records: Record,
        of: str = "X1",
        exempt: Sequence[Exemption] = (),
        findings: Sequence[Finding] = (),
        sheets: Sequence[SheetRow] = (),
    ) -> District:
        self.of_units[of] = records, exempt, findings, sheets
        return self

    def person(
        self,
        *records: Record,
        name: str = "P1",
        posts: Sequence[Membership] = (post(),),
        exempt: Sequence[Exemption] = (),
    ) -> District:
        self.of_persons[name] = posts, records, exempt
        return self

    def decided(self, kind: DecisionKind, *, unit: str = "", person: str = "", year: int = 2022) -> District:
        self.decisions.append(Decision(f"D{len(self.decisions)}", kind, year, unit, person))
        return self

    def calculate(self, *requests: ScoreRequest | AwardRequest | OutstandingRequest) -> ScoreCalculation:
        calculation = ScoreCalculation(self.campaign, self.units, requests, self.decisions)
        for item in self.units:
            calculation.add_unit(item, *self.of_units.get(item.unit_id, ((),)))
        for name, facts in self.of_persons.items():
            calculation.add_person(name, *facts)
        return calculation

    def scores(self, window: str, as_of: str) -> dict[str, Any]:
        request = ScoreRequest(window, day_of(as_of))
        return {score.unit_id: score for score in self.calculate(request).scores(request)}

    def base(self, window: str, as_of: str) -> Any:
        """The base of X1, None where it has no score."""
        result = self.scores(window, as_of).get("X1")
        return result and result.base

    def outstanding(self, as_of: str) -> list[tuple[str, ...]]:
        request = OutstandingRequest(day_of(as_of))
        return [
            (item.duty, item.period, item.unit_id, item.person_id, str(date.fromordinal(item.due)))
            for item in self.calculate(request).outstanding(request)
        ]

    def commended(self, year: int) -> list[tuple[int, str, str, int]]:
        request = AwardRequest(year)
        return [
            (pool.pool, item.candidate.unit_id, item.status, item.position)
            for pool in self.calculate(request).commended(request)
            for item in pool.placed
        ]

    def individuals(self, year: int) -> list[tuple[str, str, Any, str]]:
        request = AwardRequest(year)
        result = self.calculate(request).individuals(request)
        return [(item.unit_id, item.person_id, item.points, item.status) for item in result if item.status != "reserve"]
