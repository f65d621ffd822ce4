"""Words that are also names (`ordinary_words.txt`), which are blacked out only where they are used as names
(docs/decisions/0113).

Also words whose last character is a surname (提高, 责任): a title after them does not make a name."""

from pathlib import Path


def _words() -> tuple[frozenset[str], frozenset[str]]:
    """Names, and words that occur before a title."""
    text = Path(__file__).with_name("ordinary_words.txt").read_text("utf-8")
    names, _, before_titles = text.partition("# before a title")
    lines = (line for line in names.splitlines() if not line.startswith("#"))
    return frozenset(" ".join(lines).split()), frozenset(before_titles.split())


ORDINARY, BEFORE_A_TITLE = _words()
