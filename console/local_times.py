"""Instants as pages show them, and as forms give them: where the campaign is, to the minute."""

from datetime import datetime

from console.account_pages import ZONE


def local_minute(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M}"


def local_day(utc: str) -> str:
    return local_minute(utc)[:10]


def is_local_time(text: str) -> bool:
    """Of a form's datetime-local."""
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
