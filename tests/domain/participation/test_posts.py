"""posts.csv: who holds which post of a unit, on which days."""

import pytest

from services.participation.domain import streams_of
from services.participation.domain.cells import POSTS
from services.participation.domain.naming import id_lock, split_post_id
from services.participation.history.domain import STREAM_OF_TABLE
from tests.domain.participation.scripted import given, good

BY_FILE = {"correction_id": "C1", "table": "posts", "row": "S1/clerk/P1/2022-09-01", "reason": "填写有误"}


def test_a_post_begins_and_ends_on_its_days() -> None:
    given().when(good("post", to="2023-09-01")).then_accepted(
        unit_id="S1", post="clerk", person_id="P1", since="2022-09-01", until="2023-09-01"
    )


def test_the_same_post_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    given(good("post")).when(good("post")).then_unchanged()
    given(good("post")).when(good("post", to="2023-09-01")).then_refused("unit_id", "conflict")


def test_several_persons_hold_one_post_at_a_time_and_one_person_several() -> None:
    book = given(good("membership", person_id="P2"), good("post"))
    book.when(good("post", person_id="P2")).then_accepted(person_id="P2")
    book.when(good("post", post="head")).then_accepted(post="head")
    book.when(good("post", unit_id="O2")).then_accepted(unit_id="O2")
    book.when(good("post", from_="2022-10-01")).then_accepted(since="2022-10-01")


@pytest.mark.parametrize("post", sorted(POSTS))
def test_the_bureau_has_every_post_and_another_unit_neither_leader_nor_campaign_office(post: str) -> None:
    given().when(good("post", unit_id="B1", post=post)).then_accepted(post=post)
    outcome = given().when(good("post", post=post))
    if post in ("leader", "campaign_office"):
        outcome.then_refused("post", "bad_post")
    else:
        outcome.then_accepted(post=post)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"unit_id": "", "post": "king"}, "unit_id", "missing"),
        ({"person_id": ""}, "person_id", "missing"),
        ({"from_": ""}, "from", "missing"),
        ({"person_id": "P\0", "post": "king"}, "person_id", "bad_text"),
        ({"unit_id": "X", "post": "king"}, "post", "bad_post"),
        ({"from_": "2022-9-1"}, "from", "bad_date"),
        ({"to": "never"}, "to", "bad_date"),
        ({"unit_id": "X", "person_id": "P9"}, "unit_id", "unknown_unit"),
        ({"person_id": "P9", "post": "leader"}, "person_id", "unknown_person"),
        ({"post": "leader", "to": "2022-01-01"}, "post", "bad_post"),
        ({"to": "2022-09-01"}, "to", "bad_order"),
    ],
)
def test_a_post_is_refused_for_the_first_code_in_the_order_of_codes(
    cells: dict[str, str], column: str, code: str
) -> None:
    given().when(good("post", **cells)).then_refused(column, code)


def test_a_post_waits_for_its_unit_and_its_person_alone() -> None:
    given().when(good("post", unit_id="X", person_id="P9"), allow_pending=True).then_pending_for("unit:X", "person:P9")
    given().when(good("post", person_id="P9", to="2022-01-01"), allow_pending=True).then_refused(
        "person_id", "unknown_person"
    )


def test_a_person_all_of_whose_memberships_are_void_takes_no_post() -> None:
    given(good("membership_voided")).when(good("post")).then_refused("person_id", "unknown_person")


def test_the_end_of_a_post_is_corrected_by_file_and_by_event() -> None:
    ended = {"until": "2023-02-01", "columns": ("to",)}
    given(good("post")).when(good("post_corrected", to="2023-02-01")).then_accepted(**ended)
    book = given(good("post"))
    outcome = book.when(good("correction", **BY_FILE, column="to", value="2023-02-01"))
    assert {name: getattr(outcome.decision.events[0], name) for name in ended} == ended  # type: ignore[union-attr]


def test_a_correction_must_leave_a_post_in_order_and_names_no_column_of_the_id() -> None:
    book = given(good("post"))
    book.when(good("post_corrected", to="2022-08-31")).then_refused("to", "bad_order")
    book.when(good("correction", **BY_FILE, column="to", value="2022-08-31")).then_refused("value", "bad_order")
    book.when(good("correction", **BY_FILE, column="post", value="head")).then_refused("column", "bad_column")


def test_a_void_post_is_spent_until_it_is_restored() -> None:
    void = given(good("post"), good("post_voided"))
    void.when(good("post")).then_refused("unit_id", "conflict")
    void.when(good("post_corrected", to="2023-02-01")).then_refused("unit_id", "unknown_row")
    void.when(good("post_restored")).then_accepted(voided=False, columns=("*",))


def test_a_post_outlives_what_becomes_of_the_membership() -> None:
    for change in ("membership_ended", "membership_voided"):
        given(good("post"), good(change)).when(good("post")).then_unchanged()


def test_a_correction_waits_for_the_person_whose_post_it_mends() -> None:
    given().when(good("post_voided"), allow_pending=True).then_pending_for("person:P1")


def test_posts_share_their_persons_stream_and_corrections_one_lock_a_person() -> None:
    assert streams_of(good("post")) == {"unit-S1", "person-P1"}
    assert streams_of(good("post_voided")) == {"person-P1"}
    assert id_lock(good("post")) == "post:P1"
    assert id_lock(good("post_voided")) == "correction-post:P1"
    assert STREAM_OF_TABLE["posts"] == "person"


def test_ids_of_a_post_may_bear_slashes_and_the_names_of_posts() -> None:
    assert split_post_id("S/1/head/P/1/2022-09-01") == [("S/1", "head", "P/1", "2022-09-01")]
    assert split_post_id("S1/head/clerk/P1/2022-09-01") == [
        ("S1", "head", "clerk/P1", "2022-09-01"), ("S1/head", "clerk", "P1", "2022-09-01"),
    ]  # fmt: skip
    assert split_post_id("S1/head/2022-09-01") == []


def test_an_erased_persons_post_stays_and_cannot_be_compared() -> None:
    given(good("post")).erased("P1").when(good("post", to="2023-01-01")).then_unchanged()
