"""The canonical form of an article's address on an official account, whoever shared it."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from services.publicity.domain.links import checked_link
from services.publicity.domain.refusals import Refused

PLATFORM: Final = "mp.weixin.qq.com"
_SHORT: Final = re.compile(r"/s/[A-Za-z0-9_-]{1,64}")
_IDENTITY: Final = {"__biz": r"[A-Za-z0-9+/]{4,64}={0,2}", "mid": r"[0-9]{1,20}", "idx": r"[0-9]{1,2}",
                    "sn": r"[A-Za-z0-9]{1,64}"}  # fmt: skip
"""The query parameters that identify the article; the others tell who shared it and where."""


def article_link(text: str, hosts: Collection[str]) -> str:
    """The address in canonical form.  `hosts`: further sites accepted by the campaign's file.  The platform's short and
    long forms of one article cannot be recognised as equal.  Raises Refused."""
    parts = urlsplit(checked_link(text))
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        raise Refused("bad_link", "link") from None
    if host != PLATFORM:
        if host not in hosts:
            raise Refused("foreign_link", "link", host)
        return urlunsplit(("https", parts.netloc.rpartition("@")[2].lower(), parts.path, parts.query, ""))
    if port not in (None, 80, 443):
        raise Refused("bad_link", "link")
    if _SHORT.fullmatch(parts.path.rstrip("/")):
        return f"https://{PLATFORM}{parts.path.rstrip('/')}"
    given = parse_qs(parts.query)
    named = {name: given.get(name, [""])[0].replace(" ", "+") for name in _IDENTITY}
    if parts.path.rstrip("/") != "/s" or not all(re.fullmatch(_IDENTITY[name], named[name]) for name in named):
        raise Refused("bad_link", "link")
    return f"https://{PLATFORM}/s?{urlencode(named, safe='=+/')}"


def canonical_link(text: str) -> str:
    """The canonical form of an address that the platform gave; unchanged if it has another form."""
    try:
        return article_link(text, ())
    except Refused:
        return text
