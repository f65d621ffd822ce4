"""The data types of xAPI: IRIs, UUIDs, languages, instants, durations, mail addresses.  Pure."""

import re
from datetime import datetime
from fractions import Fraction
from typing import Final

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_MAILBOX: Final = re.compile(r"mailto:[^@\s<>\"]+@[^@\s<>\"]+")
_SHA1: Final = re.compile(r"[0-9A-Fa-f]{40}")
_SHA2: Final = re.compile(r"[0-9A-Fa-f]+")
_SHA2_DIGITS: Final = frozenset({56, 64, 96, 128})
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;\s*[\w!#$&^.+-]+=(\"[^\"]*\"|[^\s;\"]+))*")
_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{3,8}|en-gb-oed",
    re.IGNORECASE,
)
_OF_MOODLE: Final = re.compile(r"[a-z]{2,3}_[a-z_]{2,}", re.IGNORECASE)
_INSTANT: Final = re.compile(
    r"\d{4}(?:-\d{2}-\d{2}|\d{4})T\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?"
)
_UNKNOWN_OFFSET: Final = re.compile(r"-00(?::?00)?$")
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_DURATION: Final = re.compile(
    rf"P(?:(?P<weeks>{_NUMBER})W|(?=.)(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=\d)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?)"
)
_SECONDS: Final = {"weeks": 604_800, "years": 31_536_000, "months": 2_592_000, "days": 86_400, "hours": 3600,
                   "minutes": 60, "seconds": 1}  # fmt: skip


def is_iri(text: str) -> bool:
    return _IRI.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def is_mailbox(text: str) -> bool:
    """Whether it is `mailto:` and one address."""
    return _MAILBOX.fullmatch(text) is not None


def is_sha1(text: str) -> bool:
    return _SHA1.fullmatch(text) is not None


def is_sha2(text: str) -> bool:
    return len(text) in _SHA2_DIGITS and _SHA2.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    return _MEDIA_TYPE.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """A tag of RFC 5646; also `zh_cn`, the form that Moodle sends."""
    return _LANGUAGE.fullmatch(text) is not None or _OF_MOODLE.fullmatch(text) is not None


def is_instant(text: str) -> bool:
    """Date and time of ISO 8601; an offset of minus zero is invalid."""
    return moment_of(text) is not None


def moment_of(text: str) -> datetime | None:
    """None if it is no instant."""
    if not _INSTANT.fullmatch(text) or _UNKNOWN_OFFSET.search(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None


def is_duration(text: str) -> bool:
    return seconds_of(text) is not None


def seconds_of(text: str) -> Fraction | None:
    """The seconds of an ISO 8601 duration, with a month of 30 days and a year of 365; None if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith("T"):
        return None
    given = {name: value for name, value in match.groupdict().items() if value is not None}
    total = (Fraction(value.replace(",", ".")) * _SECONDS[name] for name, value in given.items())
    return sum(total, Fraction(0)) if given else None
