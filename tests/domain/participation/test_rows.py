"""What a row is, what it names, which id it locks while it is pending."""

from services.participation.domain import (
    ROW_KINDS,
    Ledger,
    cells_of,
    id_lock,
    kind_of,
    row_of,
    streams_of,
    subjects_of,
)
from tests.domain.participation.scripted import GOOD, given, good, person_record


def test_the_files_come_in_the_order_in_which_they_are_taken() -> None:
    assert [kind.file for kind in ROW_KINDS.values() if kind.file] == [
        *[
            "units.csv",
            "people.csv",
            "posts.csv",
            "exemptions.csv",
            "records.csv",
            "withdrawals.csv",
            "findings.csv",
            "sheets.csv",
            "decisions.csv",
            "corrections.csv",
        ]
    ]


def test_every_kind_has_the_event_type_of_the_interface() -> None:
    reported = ("unit", "membership", "post", "exemption", "record", "withdrawal", "finding", "sheet", "decision")
    corrected = ("unit", "membership", "post", "exemption", "record", "finding", "sheet", "decision")
    assert {name: kind.wire for name, kind in ROW_KINDS.items() if kind.wire} == {
        **{name: f"qihang.{name}.reported.v1" for name in reported},
        "unit_closed": "qihang.unit.closed.v1",
        "unit_related": "qihang.unit.related.v1",
        "membership_ended": "qihang.membership.ended.v1",
        "finding_rectified": "qihang.finding.rectified.v1",
        **{
            f"{name}_{past}": f"qihang.{name}.{past}.v1"
            for name in corrected
            for past in ("corrected", "voided", "restored")
        },
    }


def test_columns_are_those_of_the_files() -> None:
    assert ROW_KINDS["membership"].columns == ("person_id", "name", "role", "unit_id", "from", "to")
    assert ROW_KINDS["unit_related"].columns == ("unit_id", "zone_id", "community_id", "liaison_id", "from")


def test_a_row_keeps_its_own_columns_and_nothing_else() -> None:
    row = row_of("withdrawal", {"record_id": "R1", "reason": "x", "comment": "ignored"})
    assert cells_of(row) == {"record_id": "R1", "withdrawn_at": "", "reason": "x"}
    assert kind_of(row) is ROW_KINDS["withdrawal"]
    assert row_of("withdrawal", cells_of(row)) == row


def test_the_streams_of_a_row_are_its_own_and_those_that_it_names() -> None:
    assert streams_of(good("unit", zone_id="Z")) == {"unit-S1", "unit-Z", "unit-O2"}
    assert streams_of(person_record()) == {"record-R1", "person-P1"}
    assert streams_of(good("finding")) == {"finding-F1", "unit-S1", "unit-O2"}
    assert streams_of(good("membership_ended")) == {"person-P1", "unit-S1"}
    assert streams_of(good("exemption", person_id="", unit_id="")) == {"exemption-E1"}


def test_what_is_no_good_text_names_no_stream_and_holds_nothing() -> None:
    for text in ("\ud800", "a\0", "长" * 129, ""):
        bad = good("withdrawal", record_id=text)
        assert streams_of(bad) == frozenset()
        assert id_lock(bad) == ""


def test_a_row_holds_its_id_in_a_space_of_its_own() -> None:
    keys = {what: id_lock(good(what)) for what in GOOD}
    assert keys["membership"] == "membership:P1"
    assert keys["unit_closed"] == keys["unit_related"]
    assert keys["record_corrected"] == keys["record_voided"] == keys["record_restored"] != keys["record"]
    alone = [key for what, key in keys.items() if not ROW_KINDS[what].corrects]
    assert len(set(alone)) == len(alone) - 1


def test_the_persons_of_a_row_are_those_whose_key_it_may_need() -> None:
    assert subjects_of(good("membership")) == {"P1"}
    assert subjects_of(good("record")) == frozenset()
    assert subjects_of(good("record", person_id="\udcff")) == frozenset()
    withdrawn = given(person_record()).ledger
    assert subjects_of(good("withdrawal")) == frozenset()
    assert subjects_of(good("withdrawal"), withdrawn) == {"P1"}
    assert subjects_of(good("withdrawal"), Ledger()) == frozenset()
