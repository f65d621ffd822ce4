"""Section 3 of scoring.md once more, from the page alone: naive, slow, on dates and the file's raw data."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_instances import Facts, InstanceOracle


class CreditOracle(InstanceOracle):
    """Rows may bear `recorded` and `withdrawn`: those that are unknown at `known` do not exist (None: now)."""

    def __init__(self, facts: Facts, known: int | None = None) -> None:
        super().__init__(facts)
        self.known = 10**18 if known is None else known
        self.filed: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in sorted(facts.records, key=lambda r: (r["instant"], r["record_id"])):
            for key in ("unit_id", "person_id"):
                self.filed[row["record"], key, row[key]].append(row)

    def exists_now(self, row: dict[str, Any]) -> bool:
        withdrawn = row.get("withdrawn")
        return bool(row.get("recorded", 0) <= self.known and (withdrawn is None or withdrawn > self.known))

    def belongs(self, duty: dict[str, Any], record: dict[str, Any]) -> str | None:
        if record["period"]:
            return record["period"] if self.exists(duty["every"], record["period"]) else None
        if duty["every"] == "once":
            return "once"
        for name in self.names(duty["every"]):
            days = self.all_days(duty["every"], name)
            assert days is not None
            if days[0] <= record["day"] <= days[1]:
                return name
        return None

    def reported_by(self, duty: dict[str, Any], record: dict[str, Any], day: date) -> bool:
        """Whether the record was recorded no more than `report_days` after that day."""
        allowed = duty.get("report_days", self.c["defaults"].get("report_days"))
        if allowed is None or record.get("reported") is None:
            return True
        return bool(record["reported"] <= day + timedelta(days=allowed))

    def counted(self, instance: dict[str, Any], as_of: date) -> list[tuple[dict[str, Any], bool]]:
        """The counted records in their order, each with whether it is on time."""
        duty = instance["duty"]
        key, subject = ("person_id", instance["person"]) if instance["person"] else ("unit_id", instance["unit"])
        filed = self.filed[duty["record"], key, subject]
        own = [record for record in filed if record["day"] <= as_of and self.exists_now(record)]
        result = []
        for place, record in enumerate(own):
            if self.belongs(duty, record) != instance["period"] or record["day"] > instance["limit"]:
                continue
            if not self.reported_by(duty, record, instance["limit"]):
                continue
            if duty.get("evidence") == "required" and not record["evidence"]:
                continue
            same = [r for r in own[:place] if r["content"] and r["content"].lower() == record["content"].lower()]
            if duty.get("distinct") == "content" and same:
                continue
            on_time = record["day"] <= instance["due"] and self.reported_by(duty, record, instance["due"])
            result.append((record, on_time))
        return result[: duty["count"]]

    def with_work(self, instance: dict[str, Any], as_of: date) -> dict[str, Any]:
        """The instance and what is counted for it as of that day."""
        work = self.counted(instance, as_of)
        on_time = sum(in_time for _, in_time in work)
        late = self.setting(instance["duty"], "late_credit")
        credit = (on_time + late * (len(work) - on_time)) / Fraction(instance["duty"]["count"])
        return {**instance, "work": work, "on_time": on_time, "credit": credit}

    def instances(self, duty: dict[str, Any], first: date, last: date, as_of: date) -> list[dict[str, Any]]:
        """Those that a window of these days asks for: due by `as_of`, and in it as windows see the due day."""
        result = []
        for name in self.names(duty["every"]):
            for instance in self.owners(duty, name):
                due = max(instance["due"], self.starts)
                place = instance["last"] if duty.get("counts_in") == "period" else due
                if first <= place <= last and due <= as_of:
                    result.append(self.with_work(instance, as_of))
        return result
