"""The rule for addresses of something public."""

import re
from typing import Final

from services.publicity.domain.refusals import Refused

LONGEST: Final = 1000
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?(\?[!-~]*)?")


def checked_link(text: str) -> str:
    """An http or https address of printable ASCII, as the platform gives it.  Raises Refused."""
    if len(text) > LONGEST or not _ADDRESS.fullmatch(text):
        raise Refused("bad_link", "link")
    return text
