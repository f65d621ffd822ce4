"""units.csv: which units enter, alone and together."""

from services.participation.domain import (
    Accepted,
    Ledger,
    Pending,
    Refused,
    Unchanged,
    UnitRow,
)
from services.participation.registry.domain.units import decide_units
from tests.domain.participation.scripted import GOOD, given, good


def unit(unit_id: str, **cells: str) -> UnitRow:
    row = good("unit", **{"unit_id": unit_id, "liaison_id": "", **cells})
    assert isinstance(row, UnitRow)
    return row


def outcomes(*rows: UnitRow, allow_pending: bool = False, ledger: Ledger | None = None) -> list[str]:
    """One word a row: the code where it is refused, what it awaits where it is pending."""
    words = []
    for decision in decide_units(rows, ledger or Ledger(), allow_pending=allow_pending):
        match decision:
            case Accepted() | Unchanged():
                words.append(type(decision).__name__.lower())
            case Refused(column, code):
                words.append(f"{column} {code}")
            case Pending(awaits):
                words.append("waits " + " ".join(sorted(awaits)))
    return words


def test_a_good_unit_is_registered_with_its_tags_each_once() -> None:
    row = unit("S2", tags="central_school;;community_core;central_school")
    given().when(row).then_accepted(unit_id="S2", name=GOOD["unit"]["name"], tags=("central_school", "community_core"))


def test_the_same_row_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    given().when(good("unit")).then_unchanged()
    given().when(good("unit", name="改名")).then_refused("unit_id", "conflict")


def test_conflict_comes_before_everything_else() -> None:
    given().when(good("unit", name="", kind="academy")).then_refused("unit_id", "conflict")


def test_a_kind_or_tag_outside_the_list_is_malformed() -> None:
    given().when(unit("S2", kind="academy")).then_refused("kind", "bad_kind")
    given().when(unit("S2", tags="central_school;best_school")).then_refused("tags", "bad_tag")
    given().when(unit("S2", tags=" central_school")).then_refused("tags", "bad_tag")


def test_days_are_written_in_one_way_only() -> None:
    for text in (
        "2010-9-1",
        "20100901",
        "2010-W35-3",
        "2010-244",
        "2010-02-30",
        "0000-01-01",
        "2010-09-01 ",
        "２０１０-09-01",
    ):
        given().when(unit("S2", opened_on=text)).then_refused("opened_on", "bad_date")


def test_a_unit_must_not_close_before_it_opens() -> None:
    given().when(unit("S2", closed_on="2010-09-01")).then_refused("closed_on", "bad_order")
    given().when(unit("S2", closed_on="2010-09-02")).then_accepted(closed_on="2010-09-02")


def test_a_unit_may_name_itself_and_units_of_later_rows() -> None:
    assert outcomes(unit("A", zone_id="B"), unit("B", liaison_id="C"), unit("C", zone_id="C")) == ["accepted"] * 3


def test_units_that_name_each_other_enter_together_or_not_at_all() -> None:
    ring = [unit("A", zone_id="B"), unit("B", community_id="C"), unit("C", liaison_id="A")]
    assert outcomes(*ring) == ["accepted"] * 3
    ring[2] = unit("C", liaison_id="A", kind="academy")
    assert outcomes(*ring) == ["zone_id unknown_unit", "community_id unknown_unit", "kind bad_kind"]


def test_a_malformed_cell_comes_before_an_unknown_unit_and_that_before_the_order_of_days() -> None:
    assert outcomes(unit("A", zone_id="X", opened_on="soon")) == ["opened_on bad_date"]
    assert outcomes(unit("A", zone_id="X", closed_on="2000-01-01")) == ["zone_id unknown_unit"]


def test_the_first_row_that_can_stand_bears_the_id() -> None:
    refused_first = [
        unit("A", kind="academy"),
        unit("A"),
        unit("A"),
        unit("A", name="改名"),
        unit("B", zone_id="A"),
    ]
    assert outcomes(*refused_first) == [
        "kind bad_kind",
        "accepted",
        "unchanged",
        "unit_id conflict",
        "accepted",
    ]
    stranded_first = [unit("A", zone_id="X"), unit("A")]
    assert outcomes(*stranded_first) == ["zone_id unknown_unit", "accepted"]


def test_a_later_row_of_an_accepted_id_is_a_conflict_even_when_it_is_bad_in_itself() -> None:
    assert outcomes(unit("A"), unit("A", kind="academy")) == ["accepted", "unit_id conflict"]


def test_an_id_lives_on_in_a_later_row_for_those_who_name_it() -> None:
    rows = [unit("A", zone_id="X"), unit("B", zone_id="A"), unit("A", name="再报")]
    assert outcomes(*rows) == ["zone_id unknown_unit", "accepted", "accepted"]


def test_a_unit_may_be_pending_for_the_units_that_it_names() -> None:
    given().when(unit("S2", zone_id="X", liaison_id="Y"), allow_pending=True).then_pending_for("unit:X", "unit:Y")
    given().when(unit("S2", zone_id="X", kind="academy"), allow_pending=True).then_refused("kind", "bad_kind")


def test_later_rows_of_a_waiting_id_wait_behind_it() -> None:
    rows = [unit("A", zone_id="X"), unit("A"), unit("A", kind="academy"), unit("B", zone_id="A")]
    assert outcomes(*rows, allow_pending=True) == ["waits unit:X", "waits unit:A", "waits unit:A", "waits unit:A"]


def test_waiting_units_that_name_each_other_enter_when_the_last_of_them_comes() -> None:
    first, last = unit("A", zone_id="B"), unit("B", zone_id="A")
    assert outcomes(first, allow_pending=True) == ["waits unit:B"]
    assert outcomes(first, last, allow_pending=True) == ["accepted", "accepted"]


def test_a_chain_of_a_province_falls_without_a_second_look_at_every_row() -> None:
    """15,000 units of which each names the next and the last names nobody's: one pass, or this takes minutes."""
    chain = [unit(f"U{at}", zone_id=f"U{at + 1}") for at in range(15_000)]
    assert outcomes(*chain) == ["zone_id unknown_unit"] * 15_000
