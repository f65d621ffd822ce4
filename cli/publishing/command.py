"""`qihang publish`: checks the file, sends it by HTTP or AMQP, and ends well when every event has a receipt."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from cli import screen
from cli.doors import connect
from cli.failure import Failure
from cli.publishing import by_http
from cli.publishing.lines import Event, batches, read_events
from cli.publishing.tally import Tally

LOOK_EVERY = 0.1
LINGER = 2.0  # seconds of quiet in which a waiting event may still be decided before the counts are shown


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
        from cli.publishing.by_amqp import open_connection  # slow to load, for those who use it

        open_connection(amqp)  # a wrong address is said before the file is read
    tally = Tally()
    with screen.progress() as bars:
        _check(file, tally, bars)
        if amqp:
            _by_amqp(file, amqp, tally, timeout, quiet, bars)
        else:
            bar = bars.add_task("发送", total=tally.lines, note="")
            by_http.send_all(
                connect(),
                batches(read_events(file)),
                tally,
                timeout,
                lambda n: bars.advance(bar, n),
            )
    repeated = tally.lines - tally.events
    screen.say(f"{tally.lines} 行，{tally.events} 件" + (f"（{repeated} 行是重复的）" if repeated else ""))
    screen.say(tally.shown())
    if tally.missing:
        raise Failure(f"{tally.missing} 件没有得到回执，再次执行会以原编号重发")


def _check(file: Path, tally: Tally, bars: Progress) -> None:
    bar = bars.add_task("检查", total=file.stat().st_size, note="")
    for event in read_events(file, lambda n: bars.advance(bar, n)):
        tally.expect(event.key)
    if not tally.lines:
        raise Failure(f"{file} 里没有事件")


def _by_amqp(file: Path, url: str, tally: Tally, timeout: float, quiet: float, bars: Progress) -> None:
    from cli.publishing.by_amqp import Sender
    from cli.publishing.receipts import Receipts

    sending = bars.add_task("发送", total=tally.lines, note="")
    receiving = bars.add_task("回执", total=tally.events, note="")
    with Receipts(url, tally) as receipts, Sender(url, timeout) as sender:
        receipts.wait_until_listening(timeout)

        def look() -> None:
            receipts.check()
            bars.update(receiving, completed=tally.events - tally.missing)

        def send(events: Iterator[Event]) -> None:
            sender.send_all(batches(events), lambda n: bars.advance(sending, n), look)

        send(read_events(file))
        seen, heard = tally.seen, time.monotonic()
        resend_at = heard + quiet
        while tally.missing or tally.waiting:
            look()
            now = time.monotonic()
            if tally.seen != seen:
                seen, heard, resend_at = tally.seen, now, now + quiet
            if now - heard >= (timeout if tally.missing else min(LINGER, timeout)):
                return
            if tally.missing and now >= resend_at:
                send(event for event in read_events(file) if tally.lacks(event.key))
                quiet *= 2
                resend_at = time.monotonic() + quiet
            time.sleep(LOOK_EVERY)
