"""Bodies that cannot be read as a whole: broken, of another encoding, compressed, gigantic, too deep, ambiguous."""
# ruff: noqa: E501 - a table: one kind a line

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import zlib

from tests.intake.kinds import ACCEPTED, BATCH, UNIT, Kind, Problem, body, event, unreadable

GOOD = body(event("never-read"))
MIB = 1024 * 1024


def with_(fragment: str) -> bytes:
    """A good event with this JSON text as a further member."""
    return GOOD[:-1] + b',"x":' + fragment.encode() + b"}"


def padded(size: int, filler: bytes = b" ") -> bytes:
    return GOOD + filler * (size - len(GOOD))


BOMB = gzip.compress(b"[" * 8 * MIB, 9)

BODIES: list[Kind] = [
    unreadable("empty body", b"", "bad_json"),
    unreadable("only spaces", b" \r\n\t ", "bad_json"),
    unreadable("only a NUL", b"\0", "bad_json"),
    unreadable("truncated JSON", GOOD[:-7], "bad_json"),
    unreadable("truncated inside a UTF-8 character", GOOD[: GOOD.index("校".encode()) + 1], "not_utf8"),
    unreadable("two JSON values", GOOD + GOOD, "bad_json"),
    unreadable("trailing comma", GOOD[:-1] + b",}", "bad_json"),
    unreadable("single quotes", GOOD.replace(b'"', b"'"), "bad_json"),
    unreadable("comments", b"/* hello */" + GOOD, "bad_json"),
    unreadable("an unescaped line break in a string", GOOD.replace(b"school", b"sch\nool"), "bad_json"),
    unreadable("a bad escape", GOOD.replace(b"school", b"sch\\qool"), "bad_json"),
    unreadable("GB18030", GOOD.decode().replace("学校", "第一中学").encode("gb18030"), "not_utf8"),
    unreadable("UTF-16 with its mark", json.dumps(event("u16")).encode("utf-16"), "not_utf8"),
    unreadable("UTF-16 without a mark", json.dumps(event("u16le")).encode("utf-16-le"), "bad_json"),
    unreadable("UTF-32", json.dumps(event("u32")).encode("utf-32-be"), "bad_json"),
    unreadable("Latin-1", GOOD.replace("学校".encode(), "école".encode("latin-1")), "not_utf8"),
    Kind("a byte order mark", b"\xef\xbb\xbf" + body(event("bom")), ACCEPTED, ACCEPTED, event="bom"),
    unreadable("two byte order marks", b"\xef\xbb\xbf" * 2 + body(event("bom2")), "bad_json"),
    unreadable("overlong UTF-8", GOOD.replace(b"school", b"sch\xc0\xafool"), "not_utf8"),
    unreadable("surrogates as UTF-8 bytes", GOOD.replace(b"school", b"\xed\xa0\x80"), "not_utf8"),
    unreadable("random bytes", bytes(range(255, 0, -1)), "not_utf8"),
    unreadable("gzip without saying so", gzip.compress(GOOD, mtime=0), "not_utf8"),
    unreadable("zlib without saying so", zlib.compress(GOOD), "not_utf8"),
    unreadable("bzip2 without saying so", bz2.compress(GOOD), "not_utf8"),
    unreadable("lzma without saying so", lzma.compress(GOOD), "not_utf8"),
    unreadable("a gzip bomb without saying so", BOMB, "not_utf8"),
    unreadable("1 MiB and a byte", padded(MIB + 1), "too_large", 413),
    unreadable("10 MiB", padded(10 * MIB, b"\t"), "too_large", 413),
    unreadable("100,000 arrays deep", b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    unreadable("100,000 objects deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
    unreadable("100,000 brackets never closed", b"[" * 100_001, "too_deep"),
    unreadable("40 deep in data", with_("[" * 40 + "]" * 40), "too_deep"),
    unreadable("a key twice", with_('1,"id":"other"'), "bad_json"),
    unreadable("a key twice, once escaped", with_('1,"\\u0069d":"other"'), "bad_json"),
    unreadable("a key twice in data", GOOD.replace(b'"kind"', b'"name": "x", "kind"'), "bad_json"),
    unreadable("NaN", with_("NaN"), "bad_json"),
    unreadable("Infinity", with_("Infinity"), "bad_json"),
    unreadable("-Infinity", with_("-Infinity"), "bad_json"),
    unreadable("1e400", with_("1e400"), "bad_json"),
    unreadable("-1e400", with_("-1e400"), "bad_json"),
    unreadable("an integer past 64 bits", with_(str(2**63)), "bad_json"),
    unreadable("an integer of 5,000 digits", with_("9" * 5000), "bad_json"),
    unreadable("a fraction of 100,000 digits", with_("0." + "1" * 100_000), "bad_json"),
    unreadable("an exponent of 1,000 digits", with_("1e" + "9" * 1000), "bad_json"),
    unreadable("hexadecimal", with_("0x10"), "bad_json"),
    unreadable("a leading zero", with_("007"), "bad_json"),
    unreadable("a leading plus", with_("+1"), "bad_json"),
    unreadable("a number alone", b"5", "bad_event"),
    unreadable("a string alone", b'"hello"', "bad_event"),
    unreadable("null alone", b"null", "bad_event"),
    unreadable("plain JSON that is no event", b"5 ", "bad_event", content_type="application/json"),
    unreadable("an array said to be one event", b"[" + GOOD + b"]", "bad_event"),
    unreadable("an object said to be a batch", GOOD + b" ", "bad_event", content_type=BATCH),
    unreadable("a batch of 1,001", body(*[event(f"m{n}") for n in range(1001)]), "too_many", 413, content_type=BATCH),
    unreadable("a batch of 100,000 nulls", b"[" + b"null," * 99_999 + b"null]", "too_many", 413, content_type=BATCH),
    unreadable("a pickle", pickle.dumps({"a": 1}), "bad_content_type", 415, content_type="application/x-python-serialize"),
    unreadable("pickle bytes said to be JSON", pickle.dumps({"b": 1}), "not_utf8"),
    unreadable("YAML", b"!!python/object/apply:os.system [exit]", "bad_content_type", 415,
               content_type="application/x-yaml"),
    unreadable("msgpack", b"\x81\xa1a\x01", "bad_content_type", 415, content_type="application/x-msgpack"),
    unreadable("plain text", b"hello", "bad_content_type", 415, content_type="text/plain"),
    Kind("no content type", body(event("no-type")), Problem(415, "bad_content_type"), ACCEPTED, None, "no-type"),
    Kind("an empty content type", body(event("empty-type")), Problem(415, "bad_content_type"), ACCEPTED, "",
         "empty-type"),
    unreadable("a content type of 200 characters", GOOD + b"     ", "bad_content_type", 415,
               content_type="application/cloudevents+json" + "x" * 170),
    unreadable("CloudEvents in another format", b"<event/>", "bad_content_type", 415,
               content_type="application/cloudevents+xml"),
    unreadable("a form", b"id=1&type=" + UNIT.encode(), "bad_content_type", 415,
               content_type="application/x-www-form-urlencoded"),
]  # fmt: skip
