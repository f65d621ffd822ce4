"""Which reports nobody can be answered about, and what stands in quarantine of them."""

import json
from collections.abc import Sequence

from chassis.intake.cloudevents import Receipt, Report
from chassis.messaging.quarantine import Entry


def is_answerable(report: Report, publisher: str) -> bool:
    """Whether a receipt can say what it is for, and somebody would get it."""
    return report.named and (bool(publisher) or report.fault is None)


def entry_of(report: Report, publisher: str, refusal: Receipt | None = None) -> Entry:
    column, code, detail = report.fault or ("", "bad_event", "")
    if refusal is not None:
        column, code, detail = refusal.column, refusal.code, refusal.message
    body = json.dumps(report.raw, ensure_ascii=True).encode()
    return Entry("intake", code, body, f"{column}: {detail}", publisher=publisher, source=report.source,
                 type=report.type)  # fmt: skip


def unanswerable_refusals(reports: Sequence[Report], receipts: Sequence[Receipt], publisher: str) -> list[Entry]:
    """What was refused of messages that name no publisher, or none that is registered: only an operator sees it."""
    pairs = zip(reports, receipts, strict=True)
    return [entry_of(report, publisher, receipt) for report, receipt in pairs if receipt.outcome == "refused"]
