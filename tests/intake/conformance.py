"""The cases of cloudevents/conformance that apply, by their names there: its HTTP feature, and its cases of the JSON
format.  Each says how it differs from the smallest event.  (What is left out: Kafka, Protobuf and XML.)"""

from __future__ import annotations

from typing import Any

ABSENT: Any = object()
MINIMAL = {"specversion": "1.0", "id": "minimal", "type": "io.cloudevents.test", "source": "https://cloudevents.io"}


def differing(changes: dict[str, Any]) -> dict[str, Any]:
    """The smallest event with these changes."""
    return {name: value for name, value in {**MINIMAL, **changes}.items() if value is not ABSENT}


ALL_CORE = {"datacontenttype": "text/plain", "dataschema": "https://cloudevents.io/dataschema", "subject": "tests",
            "time": "2018-04-05T17:31:00Z"}  # fmt: skip
EXTENSIONS = {"extinteger": 10, "extboolean": True, "extstring": "text", "exturi": "https://cloudevents.io",
              "exturiref": "//authority/path", "exttimestamp": "2023-03-31T15:12:00Z", "extbinary": "TWE="}  # fmt: skip

VALID_EVENTS: dict[str, dict[str, Any]] = {
    "validMinimal": {},
    "validMinimalWithNullForOptional": dict.fromkeys(ALL_CORE),
    "validAllCoreAttributes": ALL_CORE,
    "validMinimalWithTimeUtc": {"time": "2018-04-05T17:31:00Z"},
    "validMinimalWithTimeToNanosecondsUtc": {"time": "2018-04-05T17:31:00.000000000Z"},
    "validMinimalWithTimeUsingPositiveOffset": {"time": "2018-04-05T18:31:00+01:00"},
    "validMinimalWithTimeUsingNegativeOffset": {"time": "2018-04-05T16:31:00-01:00"},
    "validRelativeSource": {"source": "#fragment"},
    "validSimpleTextData": {"datacontenttype": "text/plain", "data": "Simple text"},
    "validAllExtensionTypes": EXTENSIONS,
}
INVALID_EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "invalidNoSpecVersion": ("specversion", {"specversion": ABSENT}),
    "invalidNoId": ("id", {"id": ABSENT}),
    "invalidNoType": ("type", {"type": ABSENT}),
    "invalidNoSource": ("source", {"source": ABSENT}),
    "invalidTimeGarbage": ("time", {"time": "lunchtime"}),
    "invalidTimeToMinute": ("time", {"time": "2018-04-05T18:31Z"}),
    "invalidTimeOffsetX": ("time", {"time": "2018-04-05T18:31:00X"}),
    "invalidTimeOffsetOutOfRange": ("time", {"time": "2018-04-05T18:31:00+25:00"}),
    "invalidTimeOffsetNonInteger": ("time", {"time": "2018-04-05T18:31:00+xx:00"}),
    "invalidTimeOffsetHourOnly": ("time", {"time": "2018-04-05T18:31:00+05"}),
    "invalidEmptyId": ("id", {"id": ""}),
    "invalidEmptyType": ("type", {"type": ""}),
    "invalidEmptySource": ("source", {"source": ""}),
    "invalidEmptySpecVersion": ("specversion", {"specversion": ""}),
    "invalidUnknownSpecVersion": ("specversion", {"specversion": "0.9"}),
    "invalidNonRfc2046DataContentType": ("datacontenttype", {"datacontenttype": "xyz"}),
    "invalidEmptyDataContentType": ("datacontenttype", {"datacontenttype": ""}),
    "invalidEmptyDataSchema": ("dataschema", {"dataschema": ""}),
    "invalidEmptySubject": ("subject", {"subject": ""}),
    "invalidNumericId": ("id", {"id": 25}),
    "invalidObjectId": ("id", {"id": {"xyz": "abc"}}),
    "invalidCapitalizedExtension": ("MyExtension", {"MyExtension": "bad"}),
    "invalidPunctuatedExtension": ("my.extension", {"my.extension": "bad"}),
    "invalidNonIntegerExtensionValue": ("my.extension", {"my.extension": 1.5}),
    "invalidBothDataAndDataBase64": ("data", {"data": "text", "data_base64": "eyAieHl6IjogMTIzIH0="}),
}
"""Each with the member at fault."""
VALID_BATCHES: dict[str, list[dict[str, Any]]] = {
    "validBatchEmpty": [],
    "validBatchMinimal": [{}],
    "validBatchMinimal2": [{}, {}],
    "validBatchMinimalAndAllCore": [{}, ALL_CORE],
    "validBatchMinimalAndAllExtensionTypes": [{}, EXTENSIONS],
}
INVALID_BATCHES: dict[str, list[Any]] = {
    "invalidBatchMixedSpecVersions": [differing({}), differing({"specversion": "0.9"})],
    "invalidBatchContainingInvalidCloudEvent": [differing({"id": ABSENT})],
    "invalidBatchContainingNonObject": ["not an object", differing({})],
}
SOME_EVENT = {"specversion": "1.0", "type": "com.example.someevent", "time": "2018-04-05T03:56:24Z",
              "id": "1234-1234-1234", "source": "/mycontext/subcontext"}  # fmt: skip
SOME_DATA = {"message": "Hello World!"}
BINARY_CONTENT_TYPES = ("application/json", "application/json; charset=utf-8")
STRUCTURED_CONTENT_TYPES = ("application/cloudevents+json", "application/cloudevents+json; charset=utf-8")
