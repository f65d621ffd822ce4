"""Sends batches to the intake by HTTP; a batch whose answer was lost is sent again with the same ids."""

from collections.abc import Callable, Iterator

from cli.api_client import ApiClient, Problem
from cli.failure import Failure
from cli.publishing.event_file import Batch
from cli.publishing.tally import Tally

BATCH_TYPE = "application/cloudevents-batch+json"


def send_all(
    client: ApiClient,
    batches: Iterator[Batch],
    tally: Tally,
    patience: float,
    sent: Callable[[int], None],
) -> None:
    """Sends one batch after the other, so that the order of the file is the order of arrival."""
    for batch in batches:
        body = batch.body
        try:
            answer = client.call(
                "POST",
                "participation",
                "/api/intake",
                body=lambda body=body: body,
                content_type=BATCH_TYPE,
                patience=patience,
            )
        except Problem as problem:
            raise Failure(f"{batch.lines}没有被接收：{problem}") from None
        for receipt in answer.get("receipts") or ():
            tally.take(receipt)
        if lacking := next((event for event in batch.events if tally.lacks(event.key)), None):
            raise Failure(f"第 {lacking.line} 行没有得到回执")
        sent(len(batch.events))
