"""One code a row: the first in the table's order, among cells of one code from left to right (scoring.md 1)."""

from services.participation.batch.domain import decide_row
from services.participation.domain import ROW_KINDS, Refused, row_of
from tests.domain.participation.scripted import GOOD, given, person_record

LONG = "长" * 4001


def refusals(what: str, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Breaks the good row by all steps, then mends one after the other: what it is refused for before each mending."""
    existing = given()
    answers = []
    for at in range(len(steps)):
        cells = {**GOOD[what], **dict(reversed(steps[at:]))}
        decision = decide_row(row_of(what, cells), existing.ledger, existing.rules, existing.keys)
        assert isinstance(decision, Refused), cells
        answers.append((decision.column, decision.code))
    return answers


def test_a_record_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[("record_id", ""), ("occurred_at", ""), ("title", LONG), ("evidence", "\0")],
        *[("occurred_at", "soon"), ("content_sha256", "abc"), ("record", "dance"), ("unit_id", "X")],
        *[("person_id", "P9"), ("period", "2022-winter"), ("occurred_at", "1999-01-01")],
    ]
    assert refusals("record", *steps) == [
        *[
            ("record_id", "missing"),
            ("occurred_at", "missing"),
            ("title", "bad_text"),
            ("evidence", "bad_text"),
        ],
        *[
            ("occurred_at", "bad_instant"),
            ("content_sha256", "bad_sha256"),
            ("record", "unknown_record_kind"),
        ],
        *[("unit_id", "unknown_unit"), ("person_id", "unknown_person"), ("period", "unknown_period")],
        ("occurred_at", "not_in_service"),
    ]


def test_a_unit_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[
            ("unit_id", ""),
            ("kind", ""),
            ("opened_on", ""),
            ("tags", "\ud800"),
            ("kind", "academy"),
            ("tags", "best"),
        ],
        *[("opened_on", "soon"), ("closed_on", "never"), ("zone_id", "X"), ("community_id", "Y")],
        *[("liaison_id", "Z"), ("closed_on", "2000-01-01")],
    ]
    with_new_id = [("unit_id", "S9") if step == ("unit_id", "S1") else step for step in steps]
    ledger = given().ledger
    del ledger.units["S1"]
    answers = []
    for at in range(len(with_new_id)):
        cells = {**GOOD["unit"], **dict(reversed(with_new_id[at:]))}
        answers.append(decide_row(row_of("unit", cells), ledger, None, lambda _: b"key"))
    assert answers == [
        *[Refused("unit_id", "missing"), Refused("kind", "missing"), Refused("opened_on", "missing")],
        *[Refused("tags", "bad_text"), Refused("kind", "bad_kind"), Refused("tags", "bad_tag")],
        *[
            Refused("opened_on", "bad_date"),
            Refused("closed_on", "bad_date"),
            Refused("zone_id", "unknown_unit"),
        ],
        *[Refused("community_id", "unknown_unit"), Refused("liaison_id", "unknown_unit")],
        Refused("closed_on", "bad_order"),
    ]


def test_a_membership_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[("person_id", ""), ("name", ""), ("role", ""), ("unit_id", ""), ("from", ""), ("name", LONG)],
        *[("role", "dancer"), ("from", "soon"), ("to", "late"), ("unit_id", "X"), ("to", "2019-01-01")],
        ("from", "2021-09-01"),
    ]
    assert refusals("membership", *steps) == [
        *[("person_id", "missing"), ("name", "missing"), ("role", "missing"), ("unit_id", "missing")],
        *[
            ("from", "missing"),
            ("name", "bad_text"),
            ("role", "bad_role"),
            ("from", "bad_date"),
            ("to", "bad_date"),
        ],
        *[("unit_id", "unknown_unit"), ("to", "bad_order"), ("from", "overlapping")],
    ]


def test_an_exemption_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[("exemption_id", ""), ("duty", ""), ("period", ""), ("reason", ""), ("reason", "\0")],
        *[
            ("person_id", "P9"),
            ("unit_id", "X"),
            ("duty", "singing"),
            ("period", "2022-11"),
            ("person_id", ""),
        ],
    ]
    assert refusals("exemption", *steps) == [
        *[("exemption_id", "missing"), ("duty", "missing"), ("period", "missing"), ("reason", "missing")],
        *[("reason", "bad_text"), ("person_id", "unknown_person"), ("unit_id", "unknown_unit")],
        *[("duty", "unknown_duty"), ("period", "unknown_period"), ("person_id", "one_of")],
    ]


def test_a_withdrawal_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        ("record_id", ""),
        ("withdrawn_at", ""),
        ("reason", ""),
        ("reason", LONG),
        ("withdrawn_at", "soon"),
    ]
    assert refusals("withdrawal", *steps, ("record_id", "R9")) == [
        *[
            ("record_id", "missing"),
            ("withdrawn_at", "missing"),
            ("reason", "missing"),
            ("reason", "bad_text"),
        ],
        *[("withdrawn_at", "bad_instant"), ("record_id", "unknown_record")],
    ]


def test_a_finding_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[("finding_id", ""), ("unit_id", ""), ("assessor_id", ""), ("found_on", ""), ("points", "")],
        *[("deadline", "\0"), ("found_on", "soon"), ("deadline", "soon"), ("points", "two")],
        *[("rectified_on", "soon"), ("unit_id", "X"), ("assessor_id", "Y"), ("points", "6")],
        *[("assessor_id", "S1"), ("assessor_id", "O3")],
    ]
    assert refusals("finding", *steps) == [
        *[
            ("finding_id", "missing"),
            ("unit_id", "missing"),
            ("assessor_id", "missing"),
            ("found_on", "missing"),
        ],
        *[
            ("points", "missing"),
            ("deadline", "bad_text"),
            ("found_on", "bad_date"),
            ("deadline", "bad_date"),
        ],
        *[("points", "bad_number"), ("rectified_on", "bad_date"), ("unit_id", "unknown_unit")],
        *[("assessor_id", "unknown_unit"), ("points", "out_of_range"), ("assessor_id", "self_assessment")],
        ("assessor_id", "not_assigned"),
    ]


def test_a_sheet_is_refused_for_the_first_thing_wrong_with_it() -> None:
    steps = [
        *[
            ("sheet_id", ""),
            ("unit_id", ""),
            ("assessor_id", ""),
            ("period", ""),
            ("item", ""),
            ("points", ""),
        ],
        *[("assessed_on", ""), ("item", LONG), ("points", "two"), ("assessed_on", "soon"), ("unit_id", "X")],
        *[
            ("assessor_id", "Y"),
            ("period", "2022"),
            ("item", "charm"),
            ("points", "31"),
            ("assessor_id", "S1"),
        ],
        *[("unit_id", "S1"), ("assessor_id", "O3")],
    ]
    assert refusals("sheet", *steps) == [
        *[("sheet_id", "missing"), ("unit_id", "missing"), ("assessor_id", "missing"), ("period", "missing")],
        *[("item", "missing"), ("points", "missing"), ("assessed_on", "missing"), ("item", "bad_text")],
        *[("points", "bad_number"), ("assessed_on", "bad_date"), ("unit_id", "unknown_unit")],
        *[("assessor_id", "unknown_unit"), ("period", "unknown_period"), ("item", "unknown_item")],
        *[("points", "out_of_range"), ("assessor_id", "self_assessment"), ("unit_id", "not_assigned")],
        ("assessor_id", "not_assigned"),
    ]


def test_a_row_that_may_be_pending_with_one_thing_that_no_arrival_mends_is_refused_for_the_first_of_all() -> None:
    mixed = person_record(person_id="P9", period="2022-winter")
    given().when(mixed, allow_pending=True).then_refused("person_id", "unknown_person")


def test_every_column_of_every_kind_is_asked_for_its_text() -> None:
    for kind in ROW_KINDS.values():
        for column in kind.columns:
            cells = {**GOOD[kind.name], kind.columns[0]: "new", column: "\0"}
            given().when(row_of(kind.name, cells)).then_refused(column, "bad_text")
