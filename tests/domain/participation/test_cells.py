"""How one cell may be written: instants, text."""

from zoneinfo import ZoneInfo

import pytest

from services.participation.domain.cells import Moment, is_day, is_instant, moment_of
from tests.domain.participation.scripted import given, good

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "day", "utc"),
    [
        ("2022-11-20", "2022-11-20", "2022-11-19T16:00:00.000000Z"),
        ("2022-11-20T10", "2022-11-20", "2022-11-20T02:00:00.000000Z"),
        ("2022-11-20T10:30", "2022-11-20", "2022-11-20T02:30:00.000000Z"),
        ("2022-11-20T10:30:15.5", "2022-11-20", "2022-11-20T02:30:15.500000Z"),
        ("2022-11-20T10:30:15,123456789", "2022-11-20", "2022-11-20T02:30:15.123456Z"),
        ("2022-11-20T23:59:59Z", "2022-11-21", "2022-11-20T23:59:59.000000Z"),
        ("2022-11-20T10:30+08:00", "2022-11-20", "2022-11-20T02:30:00.000000Z"),
        ("2022-11-20T10:30+0800", "2022-11-20", "2022-11-20T02:30:00.000000Z"),
        ("2022-11-20T10:30-08", "2022-11-21", "2022-11-20T18:30:00.000000Z"),
    ],
)
def test_an_instant_is_a_local_day_and_a_utc_text(text: str, day: str, utc: str) -> None:
    assert is_instant(text)
    assert moment_of(text, SHANGHAI) == Moment(day, utc)


@pytest.mark.parametrize(
    "text",
    [
        *("2022-13-40T10:00:00", "昨天", "2022-02-29", "2022-11-20 10:00", "2022-11-20t10:00", " 2022-11-20"),
        *("2022-11-20T", "2022-11-20T24:00", "2022-11-20T10:60", "2022-11-20T10:00:60", "2022-11-20T1000"),
        *("20221120", "20221120T100000", "2022-W47-7", "2022-W47", "2022-324", "2022-11", "2022", "22-11-20"),
        *(
            "2022-11-20Z",
            "2022-11-20+08:00",
            "2022-11-20T10:00z",
            "2022-11-20T10:00+25:00",
            "2022-11-20T10:00:00.",
        ),
        *("2022-11-20T10:00+08:00:30", "2022-11-20T10:00 +08:00", "+2022-11-20", "12022-11-20", "0000-01-01"),
        *("２０２２-11-20", "2022-11-20T10:00\n", "2022-11-20\0", "0001-01-01", "9999-12-31T23:59-12:00"),
        "2022-11-20T10:00:00." + "1" * 5000,
    ],
)
def test_other_writings_are_no_instant(text: str) -> None:
    assert not is_instant(text)
    with pytest.raises(ValueError, match="not an instant"):
        moment_of(text, SHANGHAI)


def test_the_first_and_the_last_instants_stay_inside_the_calendar_under_every_zone() -> None:
    for zone in ("Etc/GMT+12", "Pacific/Kiritimati", "Asia/Shanghai"):
        for text in ("0001-01-03T00:00+23:59", "9999-12-29T23:59-23:59", "0001-01-03", "9999-12-29T23:59:59"):
            moment_of(text, ZoneInfo(zone))


def test_a_local_time_that_passes_twice_is_the_first_and_one_that_is_left_out_follows_the_gap() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert moment_of("2022-10-30T02:30", berlin).utc == "2022-10-30T00:30:00.000000Z"
    assert moment_of("2022-03-27T02:30", berlin).utc == "2022-03-27T01:30:00.000000Z"


def test_a_bare_date_is_its_first_moment_also_where_midnight_is_left_out() -> None:
    assert moment_of("2018-11-04", ZoneInfo("America/Sao_Paulo")) == (
        "2018-11-04",
        "2018-11-04T03:00:00.000000Z",
    )
    assert moment_of("1991-09-15", SHANGHAI).utc == "1991-09-14T15:00:00.000000Z"


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    assert is_day("9999-12-31")
    assert is_day("0001-01-01")
    assert not is_day("10000-01-01")


def test_text_that_cannot_be_kept_is_refused() -> None:
    for title in ("a\0b", "\ud800", "\udcff", "长" * 4001):
        given().when(good("record", title=title)).then_refused("title", "bad_text")


def test_text_may_be_as_long_as_4000_characters_and_an_id_128() -> None:
    given().when(good("record", title="😀" * 4000, evidence="证" * 4000)).then_accepted(title="😀" * 4000)
    given().when(good("record", record_id="录" * 128)).then_accepted(record_id="录" * 128)
    given().when(good("record", record_id="录" * 129)).then_refused("record_id", "bad_text")
    given().when(good("record", unit_id="X" * 129), allow_pending=True).then_refused("unit_id", "bad_text")


def test_two_half_characters_in_neighbouring_cells_make_no_whole_one() -> None:
    given().when(good("record", title="\ud83d", content_sha256="\ude00")).then_refused("title", "bad_text")
