"""A public event as a CloudEvent, equal whichever way it is read or sent."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.participation.subscribers.queries import PublicEvent

JSON = "application/json"
_UNESCAPED = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
"""The characters that need no escape in a header (CloudEvents, HTTP protocol binding 3.1.3.2)."""


def cloud_event(event: PublicEvent, district: str) -> dict[str, Any]:
    """The event in the JSON format of CloudEvents, as a dict."""
    return {**attributes_of(event, district), "data": event.data}


def attributes_of(event: PublicEvent, district: str) -> dict[str, str]:
    public, named = event.fact.type, event.data.get(event.fact.type.fields[0].name)
    return {
        "specversion": "1.0", "id": event.recorded.id, "source": f"/qihang/{district}/public",
        "type": public.wire, **({"subject": f"{public.subject}/{named}"} if named else {}),
        "time": event.recorded.recorded_at, "datacontenttype": JSON,
        "dataschema": f"urn:qihang:{public.wire}", "cursor": event.cursor,
    }  # fmt: skip


def binary_headers(attributes: Mapping[str, str]) -> dict[str, str]:
    """The headers of binary mode over HTTP; the data are the body."""
    shown = {name: value for name, value in attributes.items() if name != "datacontenttype"}
    return {"Content-Type": JSON} | {f"ce-{name}": quote(value, safe=_UNESCAPED) for name, value in shown.items()}


def text_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
