"""The broker's limit: kombu takes messages, counts and acknowledges them, and does nothing else."""

import time

import kombu

from benchmarks import running

PREFETCH = 40


def main() -> None:
    order = running.order()
    with kombu.Connection(order["amqp"]) as connection:
        channel = connection.channel()
        channel.basic_qos(0, PREFETCH, False)
        depth = channel.queue_declare(queue=order["queue"], passive=True).message_count
        moments: list[float] = []

        def take(message: kombu.Message) -> None:
            channel.basic_ack(message.delivery_tag)
            moments.append(time.monotonic())

        channel.basic_consume(queue=order["queue"], callback=take)
        while len(moments) < depth:
            connection.drain_events(timeout=30)
    running.answer(events=order["events"] * (depth - 1) / depth, seconds=moments[-1] - moments[0])


if __name__ == "__main__":
    main()
