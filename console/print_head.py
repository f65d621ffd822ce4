"""What stands above a printed page: of which district it is, and the day on which it was printed."""

import time
from datetime import datetime

from console.account_pages import ZONE
from console.components import components


def print_head(title: str) -> str:
    """District, page and day."""
    return f"{components().settings.district} · {title} · {datetime.fromtimestamp(time.time(), ZONE):%Y-%m-%d}"
