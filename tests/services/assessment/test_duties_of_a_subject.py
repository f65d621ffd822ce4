"""One unit's or person's duties and figures by route are those of the whole report, and only for who may see them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from werkzeug.test import EnvironBuilder

from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.runtime.extensions import unstarted
from chassis.store.prepared_query import QueryRunner
from services.assessment.scores import score_run
from services.assessment.service import Service as Assessment
from services.assessment.tables import registry
from services.participation.service import Service as Participation
from tests.domain.duties.small_districts import some_facts
from tests.services.assessment.both_services import District, launch
from tests.support.campaigns import document_of
from tests.support.written_district import assessed, write_files

AS_OF = "2023-07-12"
WINDOWS = ("2022", "2022-autumn", "2023-spring", "2023-07")
OPERATOR = Actor("operator", "operator", frozenset({"operator"}))
KINDS = {"units": "unit", "people": "membership", "exemptions": "exemption", "records": "record",
         "findings": "finding", "sheets": "sheet"}  # fmt: skip
PLACED = ("rank", "band", "score")
Line = dict[str, Any]


@dataclass
class Looks:
    """Asks the routes of assessment as this or that actor."""

    assessment: Assessment
    district: District
    actor: Actor = OPERATOR

    def get(self, path: str, headers: dict[str, str] | None = None, **query: str) -> tuple[int, Any]:
        self.assessment.runtime.verifier.actor = lambda _: self.actor
        headers = {"Authorization": "Bearer any"} | (headers or {})
        request = EnvironBuilder(path=path, query_string=urlencode(query), headers=headers).get_request()
        route = {"/api/duties": self.assessment.duties, "/api/duties/people": self.assessment.duties_of_people,
                 "/api/duties/supervised": self.assessment.duties_of_supervised}[path]  # fmt: skip
        response = route(request)
        return response.status_code, json.loads(response.get_data())

    def duties(self, **query: str) -> Any:
        status, answer = self.get("/api/duties", **query)
        assert status == 200, answer
        return answer

    def people(self, **query: str) -> list[Line]:
        status, answer = self.get("/api/duties/people", **query)
        assert status == 200, answer
        return list(answer["duties"])

    def status(self, actor: Actor, path: str = "/api/duties", **query: str) -> int:
        return replace(self, actor=actor).get(path, **query)[0]


def rows_of(path: Path) -> list[Line]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(params=["sqlite", "postgresql"])
def looks(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes the stores of a random small district, and what asks there, with time enough on a busy machine."""
    monkeypatch.setattr("services.assessment.progress.rankings.MOST_SECONDS", 120)
    services: list[Any] = []

    def started(service: str, cls: Any, folder: Path) -> Any:
        url = f"sqlite:///{folder}/{service}.db"
        if request.param == "postgresql":
            url = str(request.getfixturevalue("new_database")())
        settings = Settings(district="district", data=str(folder / "data"), database_url=url, check_responses=True)
        services.append(unstarted(cls, settings))
        services[-1].runtime.store.install(service, "district")
        return services[-1]

    def district_of(seed: int) -> Looks:
        folder = tmp_path / str(seed)
        write_files(assessed(some_facts(seed)), folder)
        both = started("participation", Participation, folder), started("assessment", Assessment, folder)
        district = District(*both)
        launch(district.participation, document_of((folder / "campaign.yaml").read_bytes()))
        for name, kind in KINDS.items():
            district.report(kind, *rows_of(folder / "district" / f"{name}.csv"))
        return Looks(district.assessment, district)

    yield district_of
    for item in services:
        item.runtime.store.close()


def whole_report(looks: Looks, folder: Path) -> dict[str, list[Line]]:
    """The files of the whole district's report."""
    day = date.fromisoformat(AS_OF).toordinal()
    requests = [*(["score", window, day] for window in WINDOWS), ["outstanding", "", day], ["award", "2023", 0]]
    url = looks.assessment.runtime.store.url.render_as_string(hide_password=False)
    folder.mkdir()
    order: Any = {"database_url": url, "requests": requests, "known_at": None, "folder": str(folder)}
    score_run.run({**order, "campaign": None})
    return {path.stem: rows_of(path) for path in folder.glob("*.csv")}


def memberships(looks: Looks) -> list[tuple[str, str]]:
    """Every person with every unit of theirs."""
    with looks.assessment.runtime.store.reading() as connection:
        return [(row.person_id, row.unit_id) for row in connection.execute(registry.memberships.select())]


def unit_ids(looks: Looks, without: str = "-") -> list[str]:
    """Every unit, but those with this tag."""
    with looks.assessment.runtime.store.reading() as connection:
        rows = connection.execute(registry.units.select())
        return sorted(row.unit_id for row in rows if without not in row.tags.split(";"))


def not_done(lines: list[Line]) -> set[tuple[str, ...]]:
    return {(line["duty"], line["period"], line["unit_id"], line["person_id"], line["due"], str(line["done"]),
             "yes" if line["state"] == "overdue" else "no")
            for line in lines if line["state"] in ("open", "overdue")}  # fmt: skip


@pytest.mark.parametrize("seed", [3, 11, 21])
def test_they_are_those_of_the_whole_report(looks: Any, seed: int, tmp_path: Path) -> None:
    asked: Looks = looks(seed)
    whole = whole_report(asked, tmp_path / "report")
    people = {person for person, _ in memberships(asked)}
    scores = {(row["window"], row["unit_id"]): row for row in whole["unit_scores"]}
    assert scores
    outstanding = {tuple(row[key] for key in ("duty", "period", "unit_id", "person_id", "due", "counted", "overdue"))
                   for row in whole["outstanding"]}  # fmt: skip
    seen: set[tuple[str, ...]] = set()
    for window in WINDOWS:
        for unit_id in unit_ids(asked):
            answer = asked.duties(unit_id=unit_id, window=window, as_of=AS_OF)
            expected = scores.get((window, unit_id))
            figures = answer["figures"] and {key: value or "" for key, value in answer["figures"].items()}
            assert figures == (expected and {key: expected[key] for key in figures})
            ranking = answer["ranking"] and {key: str(answer["ranking"][key] or "") for key in PLACED}
            assert ranking == (expected and {key: expected[key] for key in PLACED})
            of_people = asked.people(unit_id=unit_id, window=window, as_of=AS_OF)
            seen |= not_done(answer["duties"] + of_people)
            assert sum(line["owing"] for line in answer["people"]) == sum(not line["excuse"] for line in of_people)
        of_persons = [asked.duties(person_id=person, window=window, as_of=AS_OF) for person in people]
        assert not_done([line for answer in of_persons for line in answer["duties"]]) <= outstanding
    assert seen <= outstanding
    year = {row for row in outstanding if row[1][:4] == "2022"}
    assert year
    assert year <= seen
    points = {row["person_id"]: row["points"] for row in whole["individuals"]}
    assert points or seed != 3
    for person, expected in points.items():
        assert asked.duties(person_id=person, window="2023", as_of=AS_OF)["points"] == expected


def test_each_sees_what_is_theirs_and_no_other(looks: Any) -> None:
    asked: Looks = looks(3)
    served = memberships(asked)
    person, own = served[0]
    other = next(unit for unit in unit_ids(asked, "supervision_office") if (person, unit) not in served)
    stranger = next(name for name, _ in served if (name, own) not in served)

    def actor(role: str, *units: str, name: str = "somebody") -> Actor:
        return Actor("console", name, frozenset({role}), units)

    allowed = {
        "leader": asked.status(actor("leader"), unit_id=own),
        "clerk": asked.status(actor("clerk", own), unit_id=own),
        "of their person": asked.status(actor("head", own), person_id=person),
        "own": asked.status(actor("person", name=person), person_id=person),
        "inspector": asked.status(actor("inspector", own), unit_id=own),
        "people": asked.status(actor("clerk", own), "/api/duties/people", unit_id=own),
    }
    assert set(allowed.values()) == {200}, allowed
    refused = {
        "clerk of another unit": asked.status(actor("clerk", other), unit_id=own),
        "person asks for the unit": asked.status(actor("person", own, name=person), unit_id=own),
        "another person": asked.status(actor("person", name=person), person_id=stranger),
        "clerk of another unit asks for a person": asked.status(actor("clerk", other), person_id=person),
        "clerk asks for nobody": asked.status(actor("clerk", own), person_id="nobody"),
        "leader asks for names": asked.status(actor("leader"), "/api/duties/people", unit_id=own),
        "inspector asks for names": asked.status(actor("inspector", own), "/api/duties/people", unit_id=own),
        "nobody in particular": asked.status(actor("publisher"), unit_id=own),
    }
    assert set(refused.values()) == {403}, refused


def test_a_faulty_question_gets_an_answer_that_says_what_is_wrong(looks: Any) -> None:
    asked: Looks = looks(3)
    unit = unit_ids(asked)[0]

    def code(**query: str) -> tuple[int, str]:
        status, answer = asked.get("/api/duties", **query)
        return status, answer.get("code", "")

    assert code() == (422, "one_of")
    assert code(unit_id=unit, person_id="P") == (422, "one_of")
    assert code(unit_id="nowhere") == (404, "unknown_unit")
    assert code(person_id="nobody") == (404, "unknown_person")
    assert code(unit_id=unit, window="2023-13") == (422, "bad_window")
    assert code(unit_id=unit, as_of="soon") == (422, "bad_window")
    assert asked.duties(unit_id=unit)["window"] == asked.duties(unit_id=unit)["as_of"][:4]


def test_a_look_waits_for_what_it_is_to_see(looks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Looks = looks(3)
    monkeypatch.setattr("chassis.runtime.caught_up.WAIT_SECONDS", 0.1)
    after = {"X-Qihang-After": f"participation/0/{asked.district.consumed + 1}"}
    unit = unit_ids(asked)[0]
    status, answer = asked.get("/api/duties", after, unit_id=unit)
    assert (status, answer["code"]) == (503, "not_caught_up")
    after = {"X-Qihang-After": f"participation/0/{asked.district.consumed}"}
    assert asked.get("/api/duties", after, unit_id=unit)[0] == 200


def placed(line: Line) -> Line:
    return {key: line[key] for key in PLACED}


def test_a_units_rank_is_there_at_the_first_look_and_then_that_of_the_scoreboard_shown_last(looks: Any) -> None:
    asked: Looks = looks(3)
    query = {"window": "2023", "as_of": AS_OF}
    first = {unit_id: asked.duties(unit_id=unit_id, **query)["ranking"] for unit_id in unit_ids(asked)}
    scoreboards = asked.assessment.scoreboards
    shown = scoreboards.look(asked.assessment.score_runner.campaign(), "2023", AS_OF, None)
    assert shown.lines
    assert {unit_id for unit_id, ranking in first.items() if ranking} == {line["unit_id"] for line in shown.lines}
    assert any(line["rank"] for line in shown.lines)
    for line in shown.lines:
        assert first[line["unit_id"]] == placed(line) | {"position": shown.position}
    asked.assessment.rankings._spawn = None  # nothing is calculated
    assert {unit_id: asked.duties(unit_id=unit_id, **query)["ranking"] for unit_id in first} == first
    scoreboards.stop()


def test_a_units_rank_as_known_at_an_instant_is_the_scoreboards_of_that_instant(looks: Any) -> None:
    asked: Looks = looks(3)
    asked.assessment.scoreboards._kept = None  # what is kept is as known now
    asked.assessment.runtime.caught_up.wait_until_known = lambda _: None  # nothing comes any more
    known_at = asked.assessment.runtime.clock().isoformat()
    campaign = asked.assessment.score_runner.campaign()
    lines = asked.assessment.scoreboards.look(campaign, "2023", AS_OF, known_at).lines
    line = next(line for line in lines if line["rank"])
    query = {"window": "2023", "as_of": AS_OF, "known_at": known_at, "unit_id": line["unit_id"]}
    assert placed(asked.duties(**query)["ranking"]) == placed(line)


def test_a_scoreboard_as_known_before_the_launch_is_refused_in_words(looks: Any) -> None:
    asked: Looks = looks(3)
    asked.assessment.runtime.caught_up.wait_until_known = lambda _: None
    campaign = asked.assessment.score_runner.campaign()
    with pytest.raises(Problem) as refused:
        asked.assessment.scoreboards.look(campaign, "2023", AS_OF, "2001-01-01T00:00:00+00:00")
    assert (refused.value.status, refused.value.code) == (422, "before_the_campaign")
    before = {"unit_id": unit_ids(asked)[0], "window": "2023", "known_at": "2001-01-01T00:00:00+00:00"}
    for path in ("/api/duties", "/api/duties/people"):
        status, problem = asked.get(path, **before)
        assert (status, problem["code"], problem["column"]) == (422, "before_the_campaign", "known_at"), path


def test_todays_scoreboard_is_ready_before_anybody_looks_and_tomorrows_before_midnight(looks: Any) -> None:
    asked: Looks = looks(3)
    rankings, scoreboards = asked.assessment.rankings, asked.assessment.scoreboards
    rankings._spawn = lambda function, *given: function(*given)
    zone = asked.assessment.score_runner.campaign().zone
    day = date.fromisoformat(AS_OF)
    for hour, ready in ((22, [day]), (23, [day, day + timedelta(1)])):
        rankings._clock = lambda hour=hour: datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone)
        rankings._rest_until = 0
        rankings.keep_ready()
        assert [as_of for _, as_of in scoreboards._kept] == [item.toordinal() for item in ready]
        assert all(scoreboards.shown_last("2023", item.toordinal()).lines for item in ready)
    asked.district.report("unit", {"unit_id": "NEW", "name": "new", "kind": "school", "opened_on": "2020-01-01"})
    rankings._rest_until = 0
    rankings.keep_ready()
    scoreboards.stop()
    rankings._spawn = None  # nothing is calculated when they are looked at
    for as_of in (AS_OF, (day + timedelta(1)).isoformat()):
        ranking = asked.duties(unit_id="NEW", window="2023", as_of=as_of)["ranking"]
        assert ranking["position"] == f"participation/0/{asked.district.consumed}"


def test_a_look_at_a_unit_is_two_round_trips_whatever_its_people(looks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Looks = looks(3)
    store, together, single = asked.assessment.store, list[int](), list[str]()
    prefetch = QueryRunner.prefetch

    def counted(runner: QueryRunner, *queries: Any) -> None:
        together.append(len(queries))
        prefetch(runner, *queries)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        single.extend([statement] if statement.startswith("SELECT") else [])

    monkeypatch.setattr(QueryRunner, "prefetch", counted)
    sa.event.listen(store.engine, "before_cursor_execute", note)
    asked.assessment.rankings.of_unit = lambda *_: None
    for unit_id in unit_ids(asked):
        together.clear()
        single.clear()
        asked.duties(unit_id=unit_id)
        assert together == [8]
        assert len(single) == (1 if store.postgresql else 1 + 8)  # SQLite has no pipeline
