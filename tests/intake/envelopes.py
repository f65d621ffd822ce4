"""Good bodies in bad envelopes: compression, headers, properties, routing, and HTTP that no client would write."""
# ruff: noqa: E501 - a table: one kind a line

from __future__ import annotations

import gzip
import json
import zlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.intake.kinds import (
    ACCEPTED,
    APPLIED,
    BATCH,
    SINGLE,
    Hung,
    Kind,
    Outcome,
    Problem,
    Quarantined,
    Refused,
    body,
    event,
)

MIB = 1024 * 1024
COMPRESSED = Quarantined("compressed")
END_OF_TIME = datetime(1999, 9, 9, 9, 9, 9)  # noqa: DTZ001 - sent as 8 bytes of 0x7f, which no datetime can be
UNREADABLE = Quarantined("bad_content_type")  # a header block that cannot be read has no content type either


def nested(depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for _ in range(depth):
        result = {"a": result}
    return result


def nested_lists(depth: int) -> list[Any]:
    result: list[Any] = []
    for _ in range(depth):
        result = [result]
    return result


def by_amqp(name: str, outcome: Outcome, content: bytes | None = None, **more: Any) -> Kind:
    return Kind(name, content or body(event(name)), amqp=outcome, event=name, **more)


def headed(name: str, headers: dict[str, Any], outcome: Outcome = ACCEPTED, **more: Any) -> Kind:
    return by_amqp(name, outcome, properties={"application_headers": headers}, **more)


def nobody(name: str, outcome: Outcome, item: Any) -> Kind:
    content = json.dumps([item] if isinstance(item, float) else item, ensure_ascii=False).encode()
    return Kind(name, content, amqp=outcome, event=name, properties={"user_id": None}, stands_as=item,
                content_type=BATCH if isinstance(item, float) else SINGLE)  # fmt: skip


def described(name: str, outcome: Outcome = ACCEPTED, content: bytes | None = None, **properties: Any) -> Kind:
    return by_amqp(name, outcome, content, properties=properties)


BY_AMQP: list[Kind] = [
    headed("compression that kombu knows", {"compression": "application/x-gzip"}, COMPRESSED,
           content=gzip.compress(body(event("gz")), mtime=1)),
    headed("a zlib bomb that kombu would inflate", {"compression": "zlib"}, COMPRESSED, content=zlib.compress(b" " * 20 * MIB)),
    headed("a compression that nobody knows", {"compression": "application/x-never"}, COMPRESSED),
    headed("compression as a number", {"compression": 5}, COMPRESSED),
    described("content encoding gzip", COMPRESSED, content_encoding="gzip"),
    described("content encoding UTF-16", COMPRESSED, body(event("enc16")).decode().encode("utf-16"),
              content_encoding="utf-16"),
    described("content encoding of quadratic cost", COMPRESSED, b"a" * MIB, content_encoding="punycode"),
    described("content encoding that is no text", COMPRESSED, content_encoding="zip"),
    described("content encoding with a NUL", COMPRESSED, content_encoding="utf-8\0"),
    headed("call_id_stack as a number", {"call_id_stack": 5}),
    headed("nameko.call_id_stack as a number", {"nameko.call_id_stack": 5}),
    headed("nameko.call_id_stack of numbers", {"nameko.call_id_stack": [1, 2]}),
    headed("nameko headers of an operator", {"nameko.auth": "operator", "nameko.user_id": "operator"}),
    headed("x-death as a number", {"x-death": 5}),
    headed("x-death forged", {"x-death": [{"queue": "qihang.participation.intake", "count": 10**9, "reason": "expired"}]}),
    headed("a forged first death", {"x-first-death-queue": "qihang.assessment.participation.0"}),
    headed("x-delivery-count forged", {"x-delivery-count": 10**12}),
    headed("1,000 headers", {f"h{n}": n for n in range(1000)}),
    headed("a header of 100,000 characters", {"big": "x" * 100_000}),
    headed("header tables 100 deep", nested(100)),
    headed("header tables 1,200 deep", nested(1200), UNREADABLE),
    headed("header tables 10,000 deep", nested(10_000), UNREADABLE),
    headed("header lists 5,000 deep", {"a": nested_lists(5000)}, UNREADABLE),
    headed("odd header values", {"d": Decimal("1.5"), "t": datetime(1970, 1, 1), "f": 1.5, "b": True, "n": None}),  # noqa: DTZ001
    headed("a header named by a NUL", {"\0": "\0"}),
    described("a timestamp past the end of time", timestamp=2**63 - 1),
    headed("a header's timestamp past the end of time", {"t": END_OF_TIME}, UNREADABLE),
    nobody("no user-id, good", APPLIED, event("no user-id, good", source="nobody")),
    nobody("no user-id, refused", Quarantined("bad_kind"), event("nobody", {
        "unit_id": "U-nobody", "name": "校", "kind": "castle", "opened_on": "2010-09-01"}, source="nobody")),
    nobody("no user-id, no event", Quarantined("bad_event"), 2.5),
    nobody("no user-id, somebody's source", Quarantined("not_your_source"), event("n-stolen", source="neighbour")),
    nobody("no user-id, nobody's source", Quarantined("not_your_source"), event("n-new", source="new")),
    described("another's user-id", Refused(406), user_id="neighbour"),
    described("an empty user-id", Refused(406), user_id=""),
    described("an expiration that is no number", Refused(406), expiration="soon"),
    described("a minute to live", expiration="60000"),
    described("priority 255", priority=255),
    described("transient", delivery_mode=1),
    described("reply_to a stranger", Refused(406), reply_to="amq.rabbitmq.reply-to"),
    described("reply_to a service's queue", reply_to="qihang.events", correlation_id="x" * 255),
    described("every other property", message_id="m" * 255, type="t", app_id="a", cluster_id="c"),
    by_amqp("a content type with a NUL", UNREADABLE, content_type="application/\0json"),
    by_amqp("a content type with a lone surrogate", UNREADABLE, content_type="application/\ud800"),
    by_amqp("an empty routing key", ACCEPTED, key=""),
    by_amqp("a routing key of 255", ACCEPTED, key="k" * 255),
    by_amqp("a routing key of wildcards", ACCEPTED, key="*.#.*"),
    by_amqp("a service's routing key", ACCEPTED, key="participation.0"),
    by_amqp("a routing key with a NUL", ACCEPTED, key="a\0b"),
]  # fmt: skip


def by_http(name: str, outcome: Outcome, content: bytes | None = None, **headers: str) -> Kind:
    return Kind(name, content or body(event(name)), http=outcome, event=name,
                headers={key.replace("_", "-"): value for key, value in headers.items()})  # fmt: skip


def raw(name: str, outcome: Outcome, head: bytes, content: bytes = b"") -> Kind:
    """A request written by hand; `%TOKEN%` becomes the publisher's token."""
    return Kind(name, content, http=outcome, event=name, raw=head.replace(b"\n", b"\r\n") + b"\r\n" + content)


POST = f"POST /api/intake HTTP/1.1\nHost: x\nAuthorization: Bearer %TOKEN%\nContent-Type: {SINGLE}\n".encode()


def chunked(content: bytes, size: int = 16) -> bytes:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def lengths(*given: bytes) -> bytes:
    return POST + b"".join(b"Content-Length: " + item + b"\n" for item in given)


BY_HTTP: list[Kind] = [
    by_http("HTTP gzip", Problem(415, "compressed"), gzip.compress(body(event("hgz"))), Content_Encoding="gzip"),
    by_http("HTTP deflate", Problem(415, "compressed"), zlib.compress(body(event("hz"))), Content_Encoding="deflate"),
    by_http("HTTP gzip bomb", Problem(415, "compressed"), gzip.compress(b"[" * 8 * MIB), Content_Encoding="GZIP"),
    by_http("HTTP encoding unknown", Problem(415, "compressed"), Content_Encoding="br, gzip"),
    by_http("HTTP encoding identity", ACCEPTED, Content_Encoding="identity"),
    by_http("HTTP nameko headers", ACCEPTED, X_Nameko_Call_Id_Stack="5", call_id_stack="[1,2]", Correlation_Id="5"),
    by_http("HTTP forwarded as root", ACCEPTED, X_Forwarded_User="operator", X_Remote_User="operator"),
    by_http("HTTP correlation of 10,000", Hung(400), X_Correlation_Id="c" * 10_000),
    by_http("HTTP correlation with quotes", ACCEPTED, X_Correlation_Id='"}\' or 1=1'),
    by_http("HTTP after nonsense", Problem(400, "bad_position"), X_Qihang_After="nonsense"),
    by_http("HTTP after 5,000 digits", Problem(400, "bad_position"), X_Qihang_After="participation/0/" + "9" * 5000),
    by_http("HTTP after a partition past 64 bits", Problem(400, "bad_position"), X_Qihang_After=f"participation/{2**70}/1"),
    by_http("HTTP after a position past 64 bits", Problem(400, "bad_position"), X_Qihang_After=f"participation/0/{2**70}"),
    by_http("HTTP after below zero", Problem(400, "bad_position"), X_Qihang_After="participation/0/-1"),
    raw("HTTP chunked without a length", ACCEPTED, POST + b"Transfer-Encoding: chunked\n",
        chunked(body(event("HTTP chunked without a length")))),
    raw("HTTP chunked past the limit", Problem(413, "too_large"), POST + b"Transfer-Encoding: chunked\n",
        chunked(b" " * (MIB + 2), MIB)),
    raw("HTTP chunks of nonsense", Problem(400, "truncated"), POST + b"Transfer-Encoding: chunked\n", b"zz\r\nhello\r\n0\r\n\r\n"),
    raw("HTTP chunks cut off", Problem(400, "truncated"), POST + b"Transfer-Encoding: chunked\n", b"ff\r\nhello"),
    raw("HTTP length of nonsense", Hung(400), lengths(b"many"), body(event("n"))),
    raw("HTTP length below zero", Hung(400), lengths(b"-5"), body(event("n"))),
    raw("HTTP length past the limit", Problem(413, "too_large"), lengths(b"10485760")),
    raw("HTTP length past 64 bits", Problem(413, "too_large"), lengths(b"9" * 30)),
    raw("HTTP body cut off", Problem(400, "truncated"), lengths(b"1000"), body(event("n"))),
    raw("HTTP no length", Problem(400, "bad_json"), POST),
    raw("HTTP GET with a body", Problem(405, "http_error"), lengths(b"2").replace(b"POST", b"GET"), b"{}"),
    raw("HTTP DELETE", Problem(405, "http_error"), lengths(b"0").replace(b"POST", b"DELETE")),
    raw("HTTP method unknown", Problem(405, "http_error"), lengths(b"0").replace(b"POST", b"BREW")),
    raw("HTTP path unknown", Problem(404, "http_error"), lengths(b"0").replace(b"/api/intake", b"/api/outtake")),
    raw("HTTP path climbing", Problem(404, "http_error"), lengths(b"0").replace(b"/api/intake", b"/api/../../etc/passwd")),
    raw("HTTP path with a NUL", Problem(404, "http_error"), lengths(b"0").replace(b"/api/intake", b"/api/%00")),
    raw("HTTP path of 10,000", Hung(414), lengths(b"0").replace(b"/api/intake", b"/" + b"a" * 10_000)),
    raw("HTTP header of 100,000", Hung(400), POST + b"X-Big: " + b"x" * 100_000 + b"\n"),
    raw("HTTP 2,000 headers", Hung(431), POST + b"".join(b"X-%d: %s\n" % (n, b"y" * 40) for n in range(2000))),
    raw("HTTP header without a colon", Hung(400), POST + b"nonsense\n" + b"Content-Length: 0\n"),
    raw("HTTP not HTTP", Hung(0), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"),
    raw("HTTP 0.9", Hung(0), b"GET\n"),
    raw("HTTP 9.9", Hung(0), lengths(b"0").replace(b"HTTP/1.1", b"HTTP/9.9")),
    raw("HTTP nothing at all", Hung(0), b""),
]  # fmt: skip

TOKENS: dict[str, tuple[int, str]] = {
    "none": (401, "no_token"), "basic": (401, "bad_token"),
    "basic of another name": (401, "bad_token"), "basic that is no base64": (401, "no_token"), "garbage": (401, "bad_token"), "three dots": (401, "bad_token"),
    "not base64": (401, "bad_token"), "header nested past the recursion limit": (401, "bad_token"),
    "header that is a list": (401, "bad_token"), "kid a list": (401, "bad_token"), "no kid": (401, "unknown_issuer"),
    "unknown kid": (401, "unknown_issuer"), "kid that climbs": (401, "unknown_issuer"), "alg none": (401, "bad_token"),
    "HS256 under the public key": (401, "bad_token"), "signed by a stranger": (401, "bad_token"),
    "claims changed": (401, "bad_token"), "expired": (401, "token_expired"), "exp past the end of time": (401, "bad_token"),
    "no exp": (401, "bad_token"), "another district": (401, "token_of_another_district"), "no audience": (401, "bad_token"),
    "issuer is not the kid": (401, "bad_token"), "operator by a publisher's key": (401, "role_not_of_this_issuer"),
    "roles as text": (401, "bad_token"), "a number as name": (401, "bad_token"), "a name with a NUL": (401, "bad_token"),
    "an old generation": (401, "token_revoked"), "no generation": (401, "token_revoked"),
    "a generation of 4,000 digits": (401, "token_revoked"), "a generation as text": (401, "bad_token"),
    "a publisher that is none": (401, "token_revoked"),
    "a service's role": (403, "not_allowed"), "a leader's role": (403, "not_allowed"), "no role": (403, "not_allowed"),
}  # fmt: skip
ENVELOPES = [*BY_AMQP, *BY_HTTP]
