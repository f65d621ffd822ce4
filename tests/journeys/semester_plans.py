"""How much of the semester each way of running goes through, and what happens on which of its days (decision 0103)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Plan(NamedTuple):
    """`publicity`: on which day each step of it is taken.  `windows`: (what, id, as_of) of the figures that are checked
    at the end.  `mail_faults`: what is wrong with the mail server on a morning.
    `deeds_count_on`: a day of these on which what publicity did shows in what is outstanding."""

    first: date
    last: date
    previewed: date
    killed_while_sending: date
    publicity: dict[str, date]
    windows: list[tuple[str, str, date]]
    deeds_count_on: date
    least_mails: int
    mail_faults: dict[date, str]


WHOLE_SEMESTER = Plan(
    first=date(2022, 11, 1), last=date(2023, 2, 15),
    previewed=date(2022, 11, 30), killed_while_sending=date(2023, 1, 3),
    publicity={
        "nominate": date(2022, 11, 14), "review": date(2022, 11, 18), "revise": date(2022, 11, 22),
        "select": date(2022, 11, 25), "compile": date(2022, 11, 28), "draft": date(2022, 12, 1),
        "first": date(2022, 12, 2), "second": date(2022, 12, 5), "final": date(2022, 12, 6),
        "submit": date(2022, 12, 7), "withdraw": date(2022, 12, 14), "by_hand": date(2022, 12, 16),
    },
    windows=[
        ("score", "2022-11", date(2022, 11, 30)), ("score", "2022-12", date(2023, 1, 5)),
        ("score", "2022-autumn", date(2023, 1, 31)), ("score", "2022", date(2022, 12, 31)),
        ("score", "2023-01", date(2023, 2, 15)), ("award", "2022", date(2022, 12, 31)),
        ("outstanding", "", date(2022, 12, 31)), ("outstanding", "", date(2023, 2, 15)),
    ],
    deeds_count_on=date(2022, 12, 31), least_mails=500,
    mail_faults={
        date(2022, 11, 30): "away", date(2022, 12, 1): "refuses our sender", date(2022, 12, 2): "slow",
        date(2022, 12, 30): "silent",
    },
)  # fmt: skip
EVERY_KIND_OF_DAY = Plan(  # working days, a weekend, a festival, a weekend worked for it, the semester's last day
    first=date(2023, 1, 13), last=date(2023, 2, 1),
    previewed=date(2023, 2, 1), killed_while_sending=date(2023, 1, 31),
    publicity={
        "nominate": date(2023, 1, 13), "review": date(2023, 1, 13), "revise": date(2023, 1, 16),
        "select": date(2023, 1, 16), "compile": date(2023, 1, 17), "draft": date(2023, 1, 17),
        "first": date(2023, 1, 18), "second": date(2023, 1, 18), "final": date(2023, 1, 18),
        "submit": date(2023, 1, 19), "by_hand": date(2023, 1, 20), "withdraw": date(2023, 1, 28),
    },
    windows=[
        ("score", "2022-12", date(2023, 1, 5)), ("score", "2022-autumn", date(2023, 1, 31)),
        ("score", "2022", date(2022, 12, 31)), ("score", "2023-01", date(2023, 2, 1)),
        ("award", "2022", date(2022, 12, 31)), ("outstanding", "", date(2023, 1, 31)),
    ],
    deeds_count_on=date(2023, 1, 31), least_mails=100,
    mail_faults={date(2023, 1, 19): "silent"},
)  # fmt: skip
PLANS = {"embedded": WHOLE_SEMESTER, "district": EVERY_KIND_OF_DAY}
