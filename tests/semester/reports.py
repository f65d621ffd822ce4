"""The sample district's rows as they would come in: each the day after it happened, every fifth some time later."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from zlib import crc32

from tests.semester.book import accepted
from tests.semester.calendar import DAY, instant, local
from tests.support.reported import Event, event


class Report(NamedTuple):
    """`day`: when it happened; `late`: it comes between two attempts at sending."""

    day: date
    late: bool
    event: Event


class Reports:
    """What is still to come in; `late` rows come by themselves, after the others of their day."""

    def __init__(self, until: date) -> None:
        self.coming = sorted((item for item in _all() if item.day < until), key=lambda item: item.day)

    def take(self, before: date, late: bool = False) -> list[Event]:
        """What happened before that day and has not come in yet."""
        come = [item.day < before and (late or not item.late) for item in self.coming]
        taken = [item.event for item, now in zip(self.coming, come, strict=True) if now]
        self.coming = [item for item, now in zip(self.coming, come, strict=True) if not now]
        return taken


def _all() -> list[Report]:
    result, days = [], {}
    for row in accepted("records.csv"):
        name = row["record_id"]
        days[name] = local(instant(row["occurred_at"])).date()
        result.append(Report(days[name], crc32(name.encode()) % 5 == 0, event("record.reported", name, **row)))
    for row in accepted("withdrawals.csv"):
        name = row["record_id"]
        day = max(local(instant(row["withdrawn_at"])).date(), days[name] + timedelta(4))
        result.append(Report(day, False, event("withdrawal.reported", f"w-{name}", **row)))
    for row in accepted("findings.csv"):
        name, righted = row["finding_id"], row["rectified_on"]
        day = date.fromisoformat(row["found_on"])
        result.append(Report(day, False, event("finding.reported", name, **row | {"rectified_on": ""})))
        if righted:
            change = event("finding.rectified", f"r-{name}", finding_id=name, rectified_on=righted)
            result.append(Report(max(date.fromisoformat(righted), day + DAY), False, change))
    for row in accepted("sheets.csv"):
        reported = event("sheet.reported", row["sheet_id"], **row)
        result.append(Report(date.fromisoformat(row["assessed_on"]), False, reported))
    return result
