"""What routes say of their queries, bodies and responses beside plain marshmallow schemas."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow
from marshmallow import fields

JSON = "application/json"


@dataclass(frozen=True)
class Media:
    """A body that is not a JSON object of a marshmallow schema: a file, text, or JSON of another shape.

    `schema` is JSON Schema; empty: any bytes."""

    type: str
    description: str
    schema: Mapping[str, Any] = dataclasses.field(default_factory=dict)


Body = type[marshmallow.Schema] | Media
Content = type[marshmallow.Schema] | Media | tuple[Media, ...] | None
Responses = Mapping[int, Content]
NO_CONTENT: Responses = {204: None}


class ClampedInteger(fields.Integer):
    """A whole number of a query, from 0; one above `most` counts as `most`."""

    def __init__(self, default: int, most: int, description: str = "") -> None:
        about = {"minimum": 0, "maximum": 10**18 - 1} | ({"description": description} if description else {})
        super().__init__(load_default=default, metadata=about)
        self.most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18):
            raise marshmallow.ValidationError("must be a whole number")
        return min(int(value), self.most)


class StrictBoolean(fields.Boolean):
    """true or false of JSON; marshmallow's own also takes 0, "no" and the like."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Positions(marshmallow.Schema):
    """What a write answers: the positions of its events, for the header X-Qihang-After of a read."""

    positions = fields.List(
        fields.String(), required=True, metadata={"description": "service/partition/position of each partition"}
    )


class ProblemDetails(marshmallow.Schema):
    """An error (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "urn:qihang: and the code"})
    title = fields.String(required=True)
    status = fields.Integer(required=True, strict=True)
    code = fields.String(required=True, metadata={"description": "for programs"})
    detail = fields.String(required=True, metadata={"description": "for people"})
    column = fields.String(metadata={"description": "the member, parameter or column at fault"})
    problems = fields.Raw(metadata={"description": "several faults: by member, or a list with lines"})

    class Meta:
        unknown = marshmallow.INCLUDE  # extension members are allowed


@functools.cache
def strict(schema: type[marshmallow.Schema]) -> marshmallow.Schema:
    """That schema, which refuses unknown members: one for all requests, since to make one copies every field."""
    return schema(unknown=marshmallow.RAISE)


def as_responses(response: "Content | Responses") -> Responses | None:
    """By status: one schema alone is that of 200."""
    if response is None or isinstance(response, Mapping):
        return response
    return {200: response}
