"""Scans files with clamd, by its command INSTREAM."""

import socket
import struct
from pathlib import Path
from typing import Final

from chassis.process.problems import Problem

PIECE: Final = 64 * 1024
SECONDS: Final = 60
REFUSE, TAKE = "refuse", "take"
_LENGTH: Final = struct.Struct(">I")


class ScannerAway(RuntimeError):
    """clamd gave no result."""


def scan(address: str, path: Path) -> str:
    """The name of the virus; empty if there is none.  `address`: `host:port`, or the path of its socket.  Raises
    ScannerAway."""
    try:
        with _connect(address) as connection, path.open("rb") as file:
            connection.sendall(b"zINSTREAM\0")
            while piece := file.read(PIECE):
                connection.sendall(_LENGTH.pack(len(piece)) + piece)
            connection.sendall(_LENGTH.pack(0))
            answer = connection.makefile("rb").read(4096).rstrip(b"\0\n").decode(errors="replace")
    except OSError as error:
        raise ScannerAway(str(error)) from None
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")[:100]
    raise ScannerAway(answer[:200] or "no answer")


def check(address: str, when_away: str, path: Path) -> None:
    """Problem 422 if it is infected; 503 if clamd is unavailable: no files are accepted then."""
    if not address:
        return
    try:
        virus = scan(address, path)
    except ScannerAway:
        if when_away == TAKE:
            return
        raise Problem(503, "scanner_away", "病毒检查暂时不可用，文件没有收下，请稍后再试。") from None
    if virus:
        raise Problem(422, "infected", f"文件中发现病毒（{virus}），没有收下。", column="file")


def _connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        return socket.create_connection((host.strip("[]"), int(port)), SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(SECONDS)
    connection.connect(address)
    return connection
