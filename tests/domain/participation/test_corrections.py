"""A correction changes one cell of a row, voids it or brings it back (scoring.md 1)."""

import pytest

from contracts.corrections import CorrectionReceived, RecordCorrected
from services.participation.domain import Accepted, Unchanged
from tests.domain.participation.district import apply_decision
from tests.domain.participation.scripted import Given, given, good, person_record


def correction(table: str, row: str, column: str, value: str, correction_id: str = "C1", reason: str = "有误") -> dict:  # type: ignore[type-arg]
    return {"correction_id": correction_id, "table": table, "row": row, "column": column, "value": value,
            "reason": reason}  # fmt: skip


def corrected(book: Given, *cells: str) -> Given:
    """The book after an accepted correction."""
    decision = book.when(good("correction", **correction(*cells))).decision
    assert isinstance(decision, Accepted), decision
    apply_decision(decision, book.ledger)
    return book


def test_a_correction_makes_the_row_whole_as_it_stands_from_now_on() -> None:
    decision = given(good("record")).when(good("correction", **correction("records", "R1", "title", "新题"))).decision
    assert isinstance(decision, Accepted)
    event, received = decision.events
    assert isinstance(event, RecordCorrected) and isinstance(received, CorrectionReceived)
    assert (event.title, event.kind, event.unit_id, event.columns) == ("新题", "forum", "S1", ("title",))
    assert not event.voided and received.changed


def test_content_as_accepted_and_as_it_stands_are_unchanged_and_nothing_in_between() -> None:
    book = corrected(given(good("finding")), "findings", "F1", "points", "2")
    book = corrected(book, "findings", "F1", "points", "3", "C2")
    book.when(good("finding")).then_unchanged()
    book.when(good("finding", points="3")).then_unchanged()
    book.when(good("finding", points="2")).then_refused("finding_id", "conflict")


def test_a_correction_that_changes_nothing_is_unchanged_and_spends_its_id() -> None:
    book = given(good("finding"))
    same = good("correction", **correction("findings", "F1", "points", "1.5"))
    decision = book.when(same).decision
    assert isinstance(decision, Unchanged)
    (received,) = decision.events
    assert isinstance(received, CorrectionReceived) and not received.changed
    book.ledger.fold(decision.events)
    book.when(same).then_unchanged()
    other = good("correction", **correction("findings", "F1", "points", "2"))
    book.when(other).then_refused("correction_id", "conflict")


def test_the_id_of_a_voided_row_is_spent_until_it_is_restored() -> None:
    book = corrected(given(good("finding")), "findings", "F1", "*", "")
    book.when(good("finding")).then_refused("finding_id", "conflict")
    book.when(good("correction", **correction("findings", "F1", "points", "2", "C2"))).then_refused(
        "row", "unknown_row"
    )
    book = corrected(book, "findings", "F1", "*", "restore", "C2")
    book.when(good("finding")).then_unchanged()


def test_a_withdrawn_record_is_restored_and_its_withdrawal_is_not_repeated() -> None:
    book = corrected(given(person_record(), good("withdrawal")), "records", "R1", "*", "restore")
    book.when(good("withdrawal")).then_unchanged()
    book.when(person_record()).then_unchanged()
    corrected(book, "records", "R1", "*", "", "C2").when(person_record()).then_refused("record_id", "conflict")


def test_what_is_void_does_not_exist_for_later_rows() -> None:
    book = corrected(given(), "people", "P1/S1/2020-09-01", "*", "")
    book.when(person_record()).then_refused("person_id", "unknown_person")
    book.when(good("membership", from_="2021-09-01")).then_accepted(since="2021-09-01")
    book = corrected(given(), "units", "S1", "*", "")
    book.when(good("record")).then_refused("unit_id", "unknown_unit")


def test_faults_that_the_row_has_already_are_left_aside_but_not_in_a_restoration() -> None:
    book = corrected(given(good("record")), "units", "S1", "*", "")
    book = corrected(book, "records", "R1", "title", "新题", "C2")
    book = corrected(book, "records", "R1", "*", "", "C3")
    again = good("correction", **correction("records", "R1", "*", "restore", "C4"))
    book.when(again).then_refused("value", "unknown_unit")


def test_an_assessor_whom_nothing_assigns_is_a_fault_of_a_finding_also_where_its_unit_is_void() -> None:
    """So it is left aside when the finding moves to a unit that is not void."""
    book = given(good("finding", assessor_id="B1"), good("unit", unit_id="S9"))
    book = corrected(book, "units", "S1", "*", "")
    book = corrected(book, "units", "B1", "kind", "office", "C2")
    corrected(book, "findings", "F1", "unit_id", "S9", "C3")


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (("districts", "S1", "name", "x"), "table", "bad_table"),
        (("withdrawals", "R1", "reason", "x"), "table", "bad_table"),
        (("units", "S1", "unit_id", "x"), "column", "bad_column"),
        (("people", "P1/S1/2020-09-01", "from", "x"), "column", "bad_column"),
        (("units", "S1", "*", "gone"), "value", "bad_column"),
        (("units", "S9", "name", "x"), "row", "unknown_row"),
        (("people", "P1/S1", "name", "x"), "row", "unknown_row"),
        (("units", "S1", "*", "restore"), "row", "unknown_row"),
        (("units", "S1", "name", ""), "value", "missing"),
        (("units", "S1", "closed_on", "2000-01-01"), "value", "bad_order"),
        (("units", "", "name", "x"), "row", "missing"),
    ],
)
def test_a_correction_is_refused_for_its_own_cells_then_for_its_row(
    cells: tuple[str, str, str, str], column: str, code: str
) -> None:
    given().when(good("correction", **correction(*cells))).then_refused(column, code)


def test_a_record_given_to_another_person_is_keyed_anew() -> None:
    book = given(good("membership", person_id="P2", name="周宁"), person_record(content_sha256="a" * 64))
    before = book.ledger.records["R1"].event
    book = corrected(book, "records", "R1", "person_id", "P2")
    after = book.ledger.records["R1"].event
    assert (after.person_id, after.content_sha256) == ("P2", "a" * 64)
    assert after.content != before.content and after.digest != before.digest
    book.when(person_record(content_sha256="a" * 64)).then_unchanged()
    book.when(person_record(person_id="P2", content_sha256="a" * 64)).then_unchanged()
    book.when(person_record(person_id="P2")).then_refused("record_id", "conflict")


def test_two_sheets_of_one_item_and_two_decisions_alike_are_duplicates_unless_one_is_void() -> None:
    book = given(good("sheet"), good("decision"))
    book.when(good("sheet", sheet_id="Q2")).then_refused("item", "duplicate")
    book.when(good("decision", decision_id="D2")).then_refused("kind", "duplicate")
    book = corrected(book, "sheets", "Q1", "*", "")
    book.when(good("sheet", sheet_id="Q2")).then_accepted(sheet_id="Q2")
    corrected(book, "decisions", "D1", "year", "2023", "C2").when(good("decision", decision_id="D2")).then_accepted(
        decision_id="D2"
    )


def test_an_event_corrects_several_cells_at_once_and_names_the_column_at_fault() -> None:
    book = given(good("finding"))
    good_event = good("finding_corrected", points="0.5", deadline="")
    book.when(good_event).then_accepted(points="0.5", deadline="", columns=("deadline", "points"))
    book.when(good("finding_corrected", points="9")).then_refused("points", "out_of_range")


def test_an_event_may_wait_for_the_row_that_it_corrects() -> None:
    given().when(good("finding_voided"), allow_pending=True).then_pending_for("finding:F1")
    given().when(good("finding_voided")).then_refused("finding_id", "unknown_row")


def test_a_change_by_event_is_content_as_it_stands() -> None:
    book = given(good("finding"), good("finding_rectified"), good("membership_ended"), good("unit_closed"))
    book.when(good("finding", rectified_on="2022-12-10")).then_unchanged()
    book.when(good("membership", to="2023-03-01")).then_unchanged()
    book.when(good("unit", closed_on="2023-09-01")).then_unchanged()
