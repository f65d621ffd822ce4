"""Schema parts for queries, bodies and responses that marshmallow does not have."""

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
    """A body that no marshmallow schema describes: a file, text, or JSON of another shape.

    `schema` is JSON Schema; empty: any bytes."""

    type: str
    description: str
    schema: Mapping[str, Any] = dataclasses.field(default_factory=dict)


Body = type[marshmallow.Schema] | Media
Content = type[marshmallow.Schema] | Media | tuple[Media, ...] | None
Responses = Mapping[int, Content]
NO_CONTENT: Responses = {204: None}


class ClampedInteger(fields.Integer):
    """A whole number from 0 in a query; larger numbers are reduced to `most`."""

    def __init__(self, default: int, most: int, description: str = "") -> None:
        about = {"minimum": 0, "maximum": 10**18 - 1} | ({"description": description} if description else {})
        super().__init__(load_default=default, metadata=about)
        self.most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18):
            raise marshmallow.ValidationError("must be a whole number")
        return min(int(value), self.most)


class StrictBoolean(fields.Boolean):
    """JSON true or false; marshmallow's own field also accepts 0, "no" and the like."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Positions(marshmallow.Schema):
    """Response of a write: the positions of its events, for the header X-Qihang-After of a later read."""

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
        unknown = marshmallow.INCLUDE  # extension members are allowed (RFC 9457, 3.2)


@functools.cache
def strict(schema: type[marshmallow.Schema]) -> marshmallow.Schema:
    """An instance of the schema that rejects unknown members; shared by all requests, since creating one copies every
    field."""
    return schema(unknown=marshmallow.RAISE)


def as_responses(response: "Content | Responses") -> Responses | None:
    """Responses by status; a single schema is that of 200."""
    if response is None or isinstance(response, Mapping):
        return response
    return {200: response}
