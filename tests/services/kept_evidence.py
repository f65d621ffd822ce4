"""A file of S1 that is put to its record E1, and a bundle of S1, as the tests of rights ask for them."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from chassis.events.definition import Event
from contracts.evidence import EvidenceAttached, EvidenceReceived
from contracts.participation import RecordSubmitted

EVIDENCE_FILE = b"%PDF-1.7\n%%EOF\n"
EVIDENCE = hashlib.sha256(EVIDENCE_FILE).hexdigest()
BUNDLE = "20221205-0123456789abcdef"


def of_evidence() -> list[Event]:
    moment = ("2022-12-01", "2022-12-01T01:00:00.000000Z")
    record = RecordSubmitted("E1", "study_session", "S1", "", *moment, "", "", "", "xue-lun-shu", 1, "d", title="学习")
    return [record, EvidenceReceived(EVIDENCE, "S1", "", False, "a.pdf", "application/pdf", 15, EVIDENCE),
            EvidenceAttached(EVIDENCE, "E1", "S1", "")]  # fmt: skip


def order_bundle(data: Path) -> None:
    folder = data / "participation" / "bundles" / BUNDLE
    folder.mkdir(parents=True)
    order = {"unit_id": "S1", "semester": "2022-autumn", "actor": "operator:operator", "correlation": ""}
    (folder / "order.json").write_text(json.dumps(order))


def sent_headers(headers: dict[str, str], unit_id: str = "S1") -> dict[str, str]:
    """`{S1}` is the unit's id in base64, as tus sends it."""
    coded = base64.b64encode(unit_id.encode()).decode()
    return {name: value.replace("{S1}", coded) for name, value in headers.items()}
