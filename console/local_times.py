"""Instants as pages show them, and as forms give them: where the campaign is, to the minute."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_minute(text: str) -> str:
    """Of an instant; what a form gave bears no offset and is local already, and what is no instant stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment.astimezone(ZONE) if moment.tzinfo else moment:%Y-%m-%d %H:%M}"


def local_day(text: str) -> str:
    return local_minute(text)[:10]


def is_local_time(text: str) -> bool:
    """Of a form's datetime-local."""
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
