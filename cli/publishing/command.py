"""`qihang publish`: checks the file, sends it by HTTP or AMQP, and exits 0 when every event has a receipt."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from cli import output
from cli.api_client import connect
from cli.failure import Failure
from cli.publishing import http_sender
from cli.publishing.event_file import Event, batches, read_events
from cli.publishing.tally import Tally

POLL_SECONDS = 0.1
QUIET_SECONDS = 5.0  # seconds of quiet in which a waiting event may still be decided before the counts are shown


def publish(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.jsonl", exists=True, dir_okay=False, help="CloudEvents，一行一件"),
    ],
    amqp: Annotated[
        str | None,
        typer.Option("--amqp", metavar="URL", help="经消息服务发送，如 amqp://用户:密码@主机/虚拟主机"),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0, help="没有任何进展时最多等待的秒数")] = 120,
    quiet: Annotated[float, typer.Option(min=0.1, help="多少秒没有回执就重发缺的（每次加倍，仅 --amqp）")] = 5,
) -> None:
    """像接入系统一样发送事件并等待接收回执；没有回执的会以原编号再发，每件都有回执即为 0。"""
    if amqp:
        from cli.publishing.amqp_sender import open_connection  # slow to load, for those who use it

        open_connection(amqp)  # a wrong address is said before the file is read
    tally = Tally()
    with output.progress() as bars:
        _check(file, tally, bars)
        if amqp:
            _by_amqp(file, amqp, tally, timeout, quiet, bars)
        else:
            bar = bars.add_task("发送", total=tally.lines, note="")
            http_sender.send_all(
                connect(),
                batches(read_events(file)),
                tally,
                timeout,
                lambda n: bars.advance(bar, n),
            )
    repeated = tally.lines - tally.events
    output.print_line(f"{tally.lines} 行，{tally.events} 件" + (f"（{repeated} 行是重复的）" if repeated else ""))
    output.print_line(tally.shown())
    if tally.missing:
        raise Failure(f"{tally.missing} 件没有得到回执，再次执行会以原编号重发")


def _check(file: Path, tally: Tally, bars: Progress) -> None:
    bar = bars.add_task("检查", total=file.stat().st_size, note="")
    for event in read_events(file, lambda n: bars.advance(bar, n)):
        tally.expect(event.key)
    if not tally.lines:
        raise Failure(f"{file} 里没有事件")


def _by_amqp(file: Path, url: str, tally: Tally, timeout: float, quiet: float, bars: Progress) -> None:
    from cli.publishing.amqp_sender import Sender
    from cli.publishing.receipt_consumer import ReceiptConsumer

    sending = bars.add_task("发送", total=tally.lines, note="")
    receiving = bars.add_task("回执", total=tally.events, note="")
    with ReceiptConsumer(url, tally) as receipts, Sender(url, timeout) as sender:
        receipts.wait_until_ready(timeout)

        def poll() -> None:
            receipts.check()
            bars.update(receiving, completed=tally.events - tally.missing)

        def send(events: Iterator[Event]) -> None:
            sender.send_all(batches(events), lambda n: bars.advance(sending, n), poll)

        send(read_events(file))
        receipts_seen, last_receipt = tally.receipts, time.monotonic()
        resend_at = last_receipt + quiet
        while tally.missing or tally.waiting:
            poll()
            now = time.monotonic()
            if tally.receipts != receipts_seen:
                receipts_seen, last_receipt, resend_at = tally.receipts, now, now + quiet
            if now - last_receipt >= (timeout if tally.missing else min(QUIET_SECONDS, timeout)):
                return
            if tally.missing and now >= resend_at:
                send(event for event in read_events(file) if tally.lacks(event.key))
                quiet *= 2
                resend_at = time.monotonic() + quiet
            time.sleep(POLL_SECONDS)
