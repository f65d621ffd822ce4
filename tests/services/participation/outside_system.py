"""An outside system as a test sees it: registered with some rights, reporting by HTTP or by the broker."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from chassis.intake.cloudevents import BATCH, Receipt
from chassis.messaging.consumer import Delivery
from chassis.process.tokens import Actor
from chassis.store.schema import publishers
from services.participation.publishers.handlers import checked_rights
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

NUMBERS = itertools.count()


def two_schools(folder: Path) -> Replica:
    """Two schools with a teacher each, P1 in S1 and P2 in S2, entered by the operator."""
    replica = cluster.make_replica(folder, "")
    cluster.campaign(replica)
    for number, unit_id in enumerate(("S1", "S2"), 1):
        replica.submit("unit", unit_id=unit_id, name=unit_id, kind="school", opened_on="2010-09-01")
        replica.submit("membership", person_id=f"P{number}", name="许悦", role="teacher", unit_id=unit_id,
                       from_="2020-09-01")  # fmt: skip
    return replica


class OutsideSystem:
    """A registered publisher; it reports by HTTP unless it is asked to use the broker."""

    def __init__(self, replica: Replica, name: str, **rights: Any) -> None:
        self.replica, self.name = replica, name
        given = {"types": ["qihang.*"], "units": [], "sources": [], "unnamed": False} | rights
        replica.service.publishers.add_publisher(name, checked_rights(name, given), OPERATOR, "")
        generation = next(row.generation for row in replica.rows(publishers) if row.name == name)
        self.actor = Actor("participation", name, frozenset({"publisher"}), generation=generation)

    def submit(self, *events: dict[str, Any]) -> list[Receipt]:
        body = json.dumps(list(events)).encode()
        receipts, _ = self.replica.service.intake.submit_reports(body, BATCH, self.actor, "")
        return list(receipts)

    def report(self, kind: str, /, source: str = "", **data: str) -> str:
        return outcome(self.submit(self.event(kind, source, **data))[0])

    def event(self, kind: str, source: str = "", /, **data: str) -> dict[str, Any]:
        cells = {column.rstrip("_"): cell for column, cell in data.items()}
        return {"specversion": "1.0", "id": f"e{next(NUMBERS)}", "source": source or f"/{self.name}",
                "type": f"qihang.{kind}.v1", "data": cells}  # fmt: skip


def outcome(receipt: Receipt) -> str:
    why = f" {receipt.column} {receipt.code}" if receipt.outcome == "refused" else ""
    return f"{receipt.outcome}{why}"


def attendance(record_id: str, person_id: str = "P1", **more: str) -> dict[str, str]:
    return {"record_id": record_id, "record": "attendance", "person_id": person_id, "title": "集中学习",
            "occurred_at": "2022-12-01T09:00:00", **more}  # fmt: skip


def delivered(replica: Replica, event: dict[str, Any], user: str | None) -> None:
    """A message at the broker's exchange; the broker has checked `user`."""
    properties = {"content_type": "application/cloudevents+json"} | ({"user_id": user} if user else {})
    replica.service.intake.consume_deliveries(
        [Delivery(json.dumps(event).encode(), properties, "", False, lambda: None)]
    )
