"""What stands above a printed page: of which district it is, and the day on which it was printed."""

import time
from datetime import datetime

from console.components import components
from console.local_times import ZONE


def print_head(title: str) -> str:
    """District, page and day."""
    settings = components().settings
    day = f"{datetime.fromtimestamp(time.time(), ZONE):%Y-%m-%d}"
    return f"{settings.district_name or settings.district} · {title} · {day}"
