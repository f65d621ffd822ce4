"""Messages that cannot be parsed, or whose sender cannot be answered: the quarantine entry, and the receipt if
possible."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from chassis.intake.cloudevents import BadBody, Receipt, Report, receipt_of_fault, unreadable_message
from chassis.messaging.consumer import Delivery
from chassis.messaging.quarantine import Entry
from chassis.process.text import escape_line

_LONGEST_NAME = 255


class Unreadable(NamedTuple):
    """A body, or one event of a body, that cannot be parsed."""

    entry: Entry
    receipt: Receipt


def is_answerable(report: Report, publisher: str) -> bool:
    """Whether a receipt can say what it is about, and has a recipient."""
    return report.named and (bool(publisher) or report.fault is None)


def unreadable_body(error: BadBody, delivery: Delivery, publisher: str) -> Unreadable:
    message = unreadable_message(error.code, error.excerpt, error.line, error.position)
    content_type = escape_line(str(delivery.properties.get("content_type", "")))
    entry = Entry("intake", error.code, delivery.body, message, publisher=publisher, type=content_type)
    place = {**error.place, **_message_identity(delivery)}
    return Unreadable(entry, Receipt("", "", "refused", "", error.code, message, place))


def unreadable_report(report: Report, delivery: Delivery, publisher: str) -> Unreadable:
    receipt = receipt_of_fault(report)
    answered = replace(receipt, place={**receipt.place, **_message_identity(delivery)})
    return Unreadable(entry_of(report, publisher, receipt), answered)


def entry_of(report: Report, publisher: str, refusal: Receipt) -> Entry:
    body = json.dumps(report.raw, ensure_ascii=True).encode()
    detail = f"{refusal.column}: {refusal.message}"
    return Entry("intake", refusal.code, body, detail, publisher=publisher, source=report.source, type=report.type)


def unanswerable_refusals(reports: Sequence[Report], receipts: Sequence[Receipt], publisher: str) -> list[Entry]:
    """Refused reports of messages without a registered publisher: only an operator sees them."""
    pairs = zip(reports, receipts, strict=True)
    return [entry_of(report, publisher, receipt) for report, receipt in pairs if receipt.outcome == "refused"]


def _message_identity(delivery: Delivery) -> dict[str, Any]:
    """How the sender can recognise the message: its `message_id`, and the body's size."""
    given = delivery.properties.get("message_id")
    name = escape_line(given[:_LONGEST_NAME]) if isinstance(given, str) else ""
    return {"bytes": len(delivery.body)} | ({"message_id": name} if name else {})
