"""The registry in a store of its own: what a service that includes it is answered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import MetaData

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.process.tokens import Actor
from chassis.store.database import ROWS, Store
from chassis.store.projections import Projections, Rows
from contracts.corrections import PostCorrected, UnitCorrected
from contracts.participation import (
    ExemptionGranted,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    PostAssigned,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from duties.days import day_of
from duties.subjects import Unit
from services.registry import queries
from services.registry.identity import subject_of_unit, units_within
from services.registry.projections import exemption_projections, registry_projections
from services.registry.rights import SUPERVISE, HeldPost, Party, may
from services.registry.tables import RegistryTables, exemption_table
from services.registry.versions import instant_of, of_campaign

METADATA = MetaData(schema=ROWS)
TABLES = RegistryTables(METADATA, names=True)
EXEMPTIONS = exemption_table(METADATA)
PROJECTIONS = Projections({**registry_projections(TABLES), **exemption_projections(EXEMPTIONS)})
POSITIONS = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/store.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("new_database")())
    result = Store(url, METADATA)
    result.install("publicity", "district")
    yield result
    result.close()


def recorded(position: int) -> RecordedEvent:
    """At the second of its position."""
    at = f"2022-09-01T00:{position // 60:02}:{position % 60:02}.000000Z"
    return RecordedEvent(0, position, "", "", "", 1, at, at, "", "", "", "", "")


def project(store: Store, *events: Event) -> None:
    with store.writing() as connection:
        rows = Rows(store, connection)
        PROJECTIONS.apply(rows, [(event, recorded(next(POSITIONS))) for event in events])
        rows.flush()


def unit(unit_id: str, name: str) -> UnitRegistered:
    return UnitRegistered(unit_id, name, "school", ("central_school",), "", "", "O1", "2010-09-01", "", "")


def membership(unit_id: str, since: str, until: str = "", name: str = "sealed") -> MembershipStarted:
    return MembershipStarted("P1", unit_id, "teacher", since, until, "", name)


def test_units_are_as_registered_related_and_closed(store: Store) -> None:
    project(store, unit("X1", "一小"), unit("X2", "二小"))
    project(
        store,
        UnitRelated("X1", "", "", "O2", "2022-10-01"),
        UnitRelated("X2", "Z1", "", "", ""),
        UnitClosed("X2", "2022-12-01"),
    )
    with store.reading() as connection:
        assert queries.units(connection, TABLES) == [
            Unit("X1", "school", day_of("2010-09-01"), None, frozenset({"central_school"})),
            Unit("X2", "school", day_of("2010-09-01"), day_of("2022-12-01"), frozenset({"central_school"})),
        ]
        assert queries.unit_names(connection, TABLES) == {"X1": "一小", "X2": "二小"}
        assert queries.unit_name(connection, TABLES, "X3") == ""
        liaisons = [queries.liaisons_on(connection, TABLES, day_of(day)) for day in ("2022-09-30", "2022-10-01")]
    assert liaisons == [{"X1": "O1", "X2": "O1"}, {"X1": "O2", "X2": "O1"}]


def test_whose_units_a_caller_sees_is_asked_in_two_statements_whatever_their_number(store: Store) -> None:
    project(store, *(unit(f"X{number}", "学校") for number in range(9)), UnitRelated("X5", "", "", "O2", "2022-10-01"))
    held = (HeldPost("head", "O1", "office"), HeldPost("clerk", "X5", "school"))
    party = Party("console", "P1", frozenset({"person"}), posts=held, day=day_of("2022-11-01"))
    wanted = [f"X{number}" for number in range(9)] + ["unknown"]
    statements: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with store.reading() as connection:
        statements.clear()
        seen = units_within(connection, TABLES, party, SUPERVISE, wanted)
        assert len([each for each in statements if each.startswith("SELECT")]) == 2
        one_by_one = {
            each for each in wanted if may(party, SUPERVISE, subject_of_unit(connection, TABLES, party, each))
        }
        assert units_within(connection, TABLES, Actor("x", "x", frozenset()), SUPERVISE, wanted) == frozenset()
    assert seen == one_by_one == set(wanted) - {"X5", "unknown"}


def test_a_corrected_liaison_leaves_the_days_before_the_change_that_it_corrects(store: Store) -> None:
    days = [day_of(day) for day in ("2022-09-30", "2022-10-01")]

    def liaisons() -> list[str]:
        with store.reading() as connection:
            return [queries.liaisons_on(connection, TABLES, day)["X1"] for day in days]

    project(store, unit("X1", "一小"), corrected("O2"))
    assert liaisons() == ["O2", "O2"]
    project(store, UnitRelated("X1", "", "", "O3", "2022-10-01"), corrected("O4"))
    assert liaisons() == ["O2", "O4"]
    project(store, corrected(""))
    assert liaisons() == ["O2", ""]


def corrected(liaison_id: str) -> UnitCorrected:
    return UnitCorrected("X1", "一小", "school", (), "", "", liaison_id, "2010-09-01", "", "d", "", False,
                         ("liaison_id",), "", "填写有误")  # fmt: skip


def test_facts_belong_to_the_campaign_that_accepted_them_and_to_no_other(store: Store) -> None:
    granted = ExemptionGranted("E1", "P1", "", "plan", "once", "d", "sealed", "xue")
    project(store, granted, replace(granted, exemption_id="E2", campaign="yue"),
            replace(granted, exemption_id="E3", campaign=""))  # fmt: skip
    with store.reading() as connection:
        rows = connection.execute(sa.select(EXEMPTIONS.c.exemption_id).where(of_campaign(EXEMPTIONS, "xue")))
        assert rows.scalars().all() == ["E1"]


def test_a_person_serves_from_the_first_day_until_the_day_before_the_end(store: Store) -> None:
    project(store, membership("X1", "2020-09-01"), membership("X2", "2022-12-01"))
    project(store, MembershipEnded("P1", "X1", "2020-09-01", "2022-12-01"))
    with store.reading() as connection:
        served = {day: queries.units_of_person(connection, TABLES, "P1", day_of(day))
                  for day in ("2020-08-31", "2020-09-01", "2022-11-30", "2022-12-01")}  # fmt: skip
    assert served == {"2020-08-31": frozenset(), "2020-09-01": {"X1"}, "2022-11-30": {"X1"}, "2022-12-01": {"X2"}}


def test_the_latest_name_counts_and_an_erased_person_has_none(store: Store) -> None:
    project(store, membership("X1", "2020-09-01", "2022-12-01", "old"), membership("X2", "2022-12-01", name="new"))
    with store.reading() as connection:
        assert queries.encrypted_names(connection, TABLES, ["P1", "P2"]) == {"P1": "new"}
    project(store, PersonErased("P1"))
    with store.reading() as connection:
        assert queries.encrypted_names(connection, TABLES, ["P1"]) == {"P1": ""}


def test_there_is_no_campaign_before_the_launch(store: Store) -> None:
    with store.reading() as connection:
        assert queries.campaign_in_force(connection, TABLES) is None


def test_a_service_that_keeps_no_names_has_no_column_for_them() -> None:
    tables = RegistryTables(MetaData())
    assert "name" not in tables.memberships.c


def test_who_was_erased_holds_no_post(store: Store) -> None:
    held = {"unit_id": "S1", "post": "clerk", "since": "2022-09-01", "until": "", "digest": ""}
    project(store, PostAssigned(**held, person_id="P1"), PostAssigned(**held, person_id="P2"))
    project(store, PersonErased("P1"))
    day = day_of("2022-10-01")
    with store.reading() as connection:
        assert queries.posts_of_person(connection, TABLES, "P1", day) == []
        assert queries.holders_of_post(connection, TABLES, "S1", "clerk", day) == ["P2"]


def test_who_holds_a_post_on_a_day_and_as_known_at_an_instant(store: Store) -> None:
    held = {"unit_id": "S1", "post": "clerk", "person_id": "P1", "since": "2022-09-01"}
    project(
        store, PostAssigned(**held, until="", digest=""), PostAssigned(**held | {"post": "head"}, until="", digest="")
    )
    before = instant_of(recorded(next(POSITIONS)).recorded_at)
    correction = {"digest": "", "correction_id": "", "correction_reason": ""}
    project(store, PostCorrected(**held, until="2022-12-01", voided=False, columns=("to",), **correction),
            PostCorrected(**held | {"post": "head"}, until="", voided=True, columns=("*",), **correction))  # fmt: skip
    with store.reading() as connection:

        def posts(day: str, known_at: int | None = None) -> list[tuple[str, str]]:
            return queries.posts_of_person(connection, TABLES, "P1", day_of(day), known_at)

        assert posts("2022-11-30") == [("S1", "clerk")]
        assert posts("2022-12-01") == [] == posts("2022-08-31")
        assert posts("2022-12-01", before) == [("S1", "clerk"), ("S1", "head")]
        assert queries.holders_of_post(connection, TABLES, "S1", "clerk", day_of("2022-10-01")) == ["P1"]
        assert queries.holders_of_post(connection, TABLES, "S1", "head", day_of("2022-10-01")) == []
