"""What a terminal would act upon, spelled out; loads nothing, since every start of a service comes through here."""

import re

# What would move a terminal's cursor, set its title, or turn the reading direction; a line break only where asked.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def escape_controls(text: str) -> str:
    """The text with what a terminal would act upon spelled out, as `\\x1b`."""
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
