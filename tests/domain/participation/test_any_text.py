"""Whatever the cells hold, every row gets a decision, and what is accepted can be written down."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.events.definition import text_of
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    CODES,
    ROW_KINDS,
    Accepted,
    Pending,
    Refused,
    UnitRow,
    id_lock,
    message,
    row_of,
    streams_of,
    subjects_of,
)
from services.participation.registry.domain.units import decide_units
from tests.domain.participation.district import apply_decision
from tests.domain.participation.scripted import GOOD, good, person_record
from tests.domain.participation.scripted import given as given_rows

ANY = st.text(st.characters(exclude_categories=[]), max_size=12)
PLAUSIBLE = st.sampled_from(
    [
        *(
            "",
            "S1",
            "O1",
            "O2",
            "B1",
            "P1",
            "X",
            "R1",
            "R2",
            "F1",
            "F2",
            "E1",
            "forum",
            "summary",
            "monthly_report",
        ),
        *("2022-11", "2022-autumn", "2022-Q4", "once", "2022-11-20", "2010-09-01", "2022-11-20T10:00:00Z"),
        *(
            "0001-01-01T00:00+23:59",
            "9999-12-31",
            "school",
            "office",
            "central_school;",
            "cadre",
            "depth",
            "1.5",
        ),
        *(
            "-1",
            "9" * 4000,
            "a" * 64,
            "A" * 64,
            "\0",
            "\ud800",
            "长" * 129,
            "长" * 4001,
            "-",
            "٣",
            "2022-11-2٣",
        ),
    ]
)
CELL = st.one_of(PLAUSIBLE, PLAUSIBLE, ANY)
IN_THE_BOOK = (
    good("finding"),
    good("exemption"),
    good("sheet"),
    person_record(record_id="R2"),
    good("record"),
)


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A row of any kind: some cells good, the others anything."""
    kind = draw(st.sampled_from(sorted(ROW_KINDS)))
    broken = draw(st.dictionaries(st.sampled_from(ROW_KINDS[kind].columns), CELL))
    return kind, {**GOOD[kind], **broken}


@settings(max_examples=400, deadline=None)
@given(rows(), st.booleans(), st.booleans())
def test_every_row_gets_a_decision(row: tuple[str, dict[str, str]], allow_pending: bool, launched: bool) -> None:
    existing, reported = given_rows(*IN_THE_BOOK), row_of(*row)
    decision = decide_row(
        reported, existing.ledger, existing.rules if launched else None, existing.keys, allow_pending=allow_pending
    )
    match decision:
        case Accepted(events):
            for event in events:
                assert text_of(event)
                assert event.stream in streams_of(reported)
            apply_decision(decision, existing.ledger)
        case Refused(column, code):
            assert code in CODES
            assert column in ROW_KINDS[row[0]].columns
            assert message(code, column, row[1].get(column, "")).encode()
        case Pending(awaits):
            assert allow_pending
            assert id_lock(reported).encode()
            assert all(row.encode() for row in awaits)
    assert all(stream.encode() for stream in streams_of(reported))
    assert all(person.encode() for person in subjects_of(reported, existing.ledger))


@settings(deadline=None)
@given(rows())
def test_an_accepted_row_again_is_unchanged(row: tuple[str, dict[str, str]]) -> None:
    """But for a void or a restoration: the row is then what it was to become."""
    existing, reported = given_rows(*IN_THE_BOOK), row_of(*row)
    if row[0].endswith(("_voided", "_restored")):
        return
    if isinstance(apply_decision(existing.when(reported).decision, existing.ledger), Accepted):
        existing.when(reported).then_unchanged()


@settings(deadline=None)
@given(st.lists(st.builds(UnitRow, *[CELL] * 9), max_size=8), st.booleans())
def test_every_unit_gets_a_decision(units: list[UnitRow], allow_pending: bool) -> None:
    assert len(decide_units(units, given_rows().ledger, allow_pending=allow_pending)) == len(units)
