"""The address of an article on an official account, in one form whoever shared it."""

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
"""What of a long address names the article; the rest tells who shared it, and where."""


def article_link(text: str, hosts: Collection[str]) -> str:
    """The address of an article on an official account in its canonical form.  `hosts`: others that are taken, by the
    campaign file.  Two forms of the platform, short and long, cannot be known to be the same article.  Refused."""
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
    """The same of what the platform itself gave; as it is where it has another form."""
    try:
        return article_link(text, ())
    except Refused:
        return text
