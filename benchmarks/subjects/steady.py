"""An outside system that sends one report a message at a steady rate; answers when (monotonic) each was sent."""

import itertools
import json
import time

import amqp.basic_message
import kombu

from benchmarks import district_rows, running
from chassis.intake import cloudevents
from chassis.messaging import broker


def main() -> None:
    order = running.order()
    rows = district_rows.reports(order["first"], order["events"], people=order["people"], units=order["units"])
    sent: dict[str, float] = {}
    with kombu.Connection(order["amqp"]) as connection:
        channel = connection.channel()
        began = time.monotonic()
        for due, row in zip(itertools.count(began, 1 / order["rate"]), rows, strict=False):
            time.sleep(max(0.0, due - time.monotonic()))
            message = amqp.basic_message.Message(
                json.dumps(row).encode(), content_type=cloudevents.SINGLE, delivery_mode=2, user_id=order["user"]
            )
            sent[row["id"]] = time.monotonic()
            channel.basic_publish(message, exchange=broker.INTAKE, routing_key="records")
    running.answer(sent=sent)


if __name__ == "__main__":
    main()
