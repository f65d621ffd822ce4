"""The command `qihang-client`: add, send, status, reconcile, again."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from qihang_client.errors import QihangError, Unavailable
from qihang_client.outbox import REFUSED, WAITING, Outbox
from qihang_client.patience import Patience
from qihang_client.reconciling import reconcile
from qihang_client.reports import Row, given_cells
from qihang_client.sending import HttpSender
from qihang_client.service import Service
from qihang_client.settings import BadSettings, Settings, read_settings

DONE, REFUSALS, WRONG, NO_ANSWER = 0, 1, 2, 3
STATES = {"new": "未发送", "sent": "已发送未回执", "waiting": "待关联", "accepted": "已接收", "unchanged": "无变化",
          "refused": "未接收", "cancelled": "已撤销"}  # fmt: skip
LATER_RECEIPTS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0: everything was answered and nothing refused; 1: something was refused; 2: the settings are wrong, or Qihang
    lets nobody in; 3: no answer, what was not answered stays in the outbox."""
    given = _parser().parse_args(arguments)
    try:
        settings = read_settings(Path(given.config))
        outbox = Outbox(settings.outbox, settings.source)
        try:
            return int(given.run(settings, outbox, given))
        finally:
            outbox.close()
    except Unavailable as error:
        _print_line(f"没有得到应答，未答复的留在发件箱里：{error}")
        return NO_ANSWER
    except (QihangError, OSError, sqlite3.Error) as error:
        _print_line(str(error))
        return WRONG


def _parser() -> argparse.ArgumentParser:
    about = "把本系统的数据报送到启航：先入发件箱，再发送到每件都有回执"
    parser = argparse.ArgumentParser(prog="qihang-client", description=about)
    parser.add_argument("--config", default="qihang-client.ini", help="配置文件（默认 qihang-client.ini）")
    commands = parser.add_subparsers(required=True, metavar="add|send|status|reconcile|again")
    add = commands.add_parser("add", help="把文件里的行放入发件箱")
    add.add_argument("file", help='JSON，一行一件：{"type": "record.reported", "data": {...}, "id": "..."}')
    add.set_defaults(run=_add)
    send = commands.add_parser("send", help="发送没有回执的，并取回待关联的结果")
    send.add_argument("--follow", type=float, default=0, metavar="秒", help="不结束，每隔这么多秒再看一次发件箱")
    send.add_argument("--patience", type=float, default=600, metavar="秒", help="没有应答时最多再试多久（默认 600）")
    send.set_defaults(run=_send)
    status = commands.add_parser("status", help="各种结果的件数，未接收和待关联的原因")
    status.add_argument("--limit", type=int, default=20, help="最多列出几件（默认 20）")
    status.set_defaults(run=_status)
    compare = commands.add_parser("reconcile", help="与启航已有的对账，缺少的放入发件箱")
    compare.add_argument("file", help="本系统应有的全部行，格式同 add")
    compare.set_defaults(run=_reconcile)
    again = commands.add_parser("again", help="未接收的再发送一次")
    again.add_argument("ids", nargs="*", help="事件编号，不写则全部")
    again.add_argument("--code", default="", help="只限这个代码的")
    again.set_defaults(run=_send_again)
    return parser


def _add(_: Settings, outbox: Outbox, given: argparse.Namespace) -> int:
    _print_line(f"{outbox.add_all(_rows(Path(given.file)))} 件，发件箱里没有回执的有 {outbox.unanswered()} 件")
    return DONE


def _send(settings: Settings, outbox: Outbox, given: argparse.Namespace) -> int:
    patience = Patience(given.patience)
    while True:
        try:
            _send_all(settings, outbox, patience)
        except (
            Unavailable,
            sqlite3.OperationalError,
        ) as error:  # the latter: the disk is full, or another writes for long
            if not given.follow:
                raise
            _print_line(f"没有得到应答，稍后再试：{error}")
        if not given.follow:
            return _status(settings, outbox, argparse.Namespace(limit=20))
        time.sleep(given.follow)


def _send_all(settings: Settings, outbox: Outbox, patience: Patience) -> None:
    """By AMQP where the settings name a broker; what waited is told by HTTP where there is an address."""
    if settings.amqp:
        from qihang_client.amqp import AmqpSender

        sender = AmqpSender(outbox, settings.amqp, settings.amqp_password, settings.amqp_ca, patience)
        sender.send()
        if not settings.address and outbox.entries(WAITING, limit=1):
            sender.receive(LATER_RECEIPTS)
    if settings.address:
        by_http = HttpSender(outbox, _service(settings), patience)
        if not settings.amqp:
            by_http.send()
        by_http.fetch()


def _status(_: Settings, outbox: Outbox, given: argparse.Namespace) -> int:
    counts = outbox.counts()
    _print_line("，".join(f"{STATES[state]} {counts[state]}" for state in STATES if state in counts) or "发件箱是空的")
    for entry in outbox.entries(REFUSED, WAITING, limit=given.limit):
        place = " ".join(filter(None, (entry.column, entry.code)))
        _print_line(f"{STATES[entry.state]} {entry.id}（{entry.type}）{place}：{entry.message}")
    return REFUSALS if counts.get(REFUSED) else DONE


def _reconcile(settings: Settings, outbox: Outbox, given: argparse.Namespace) -> int:
    compared = Patience(60).until_answered(lambda: reconcile(_service(settings), outbox, list(_rows(Path(given.file)))))
    _print_line(f"相同 {compared.same}，缺少 {len(compared.missing)}（已放入发件箱），待关联 {len(compared.waiting)}，"
         f"多出 {len(compared.extra)}，已更正 {len(compared.corrected)}，内容不同 {len(compared.other)}")  # fmt: skip
    for word, rows in (("缺少", compared.missing), ("多出", compared.extra), ("内容不同", compared.other)):
        for kind, row_id in rows[:20]:
            _print_line(f"{word} {kind} {row_id}")
    return DONE if compared.is_equal else REFUSALS


def _send_again(_: Settings, outbox: Outbox, given: argparse.Namespace) -> int:
    _print_line(f"{outbox.send_again(*given.ids, code=given.code)} 件将再发送")
    return DONE


def _service(settings: Settings) -> Service:
    if not (settings.address and settings.token):
        raise BadSettings("配置里要有 address 和 token_file")
    return Service(settings.address, settings.token, settings.ca)


def _rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
                yield Row(row["type"], given_cells(row["type"], row["data"]), row.get("id", ""))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadSettings(f"{path} 第 {number} 行：{_what_is_wrong(error)}") from None


def _what_is_wrong(error: Exception) -> str:
    return "不是 UTF-8 文字，请另存为 UTF-8" if isinstance(error, UnicodeDecodeError) else repr(error)


def _print_line(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
