"""Slips with sign-in names and one-time passwords, as a page to print and cut.

`cli/slips.py` makes the same as a file; a test holds the words of both together, since neither imports the other."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request

from console.accounts import IssuedCode

ZONE = ZoneInfo("Asia/Shanghai")


def slips_page(issued: Iterable[IssuedCode], names: Mapping[str, str], unit: str, back: str, left: int = 0) -> str:
    """One slip for each; the passwords stand nowhere else.  `left`: how many persons have no account yet."""
    address = request.url_root.rstrip("/")
    slips = [
        {"name": names.get(each.account_id) or each.sign_in_name, "unit": unit, "sign_in_name": each.sign_in_name,
         "code": each.code, "until": _day(each.expires_at)}
        for each in issued
    ]  # fmt: skip
    return render_template("slips.html", slips=slips, address=address, back=back, left=left)


def _day(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, ZONE)
    return f"{day:%Y} 年 {day.month} 月 {day.day} 日"
