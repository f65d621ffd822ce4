"""Query and response of the routes that compare a service's files with a part of the log that refers to them."""

from typing import Any, Final, NamedTuple

import marshmallow
from marshmallow import fields, validate

SHOWN: Final = 50
"""The most orphans listed in one response."""


class FilesQuery(marshmallow.Schema):
    """The part of the log to compare."""

    partition = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1023))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**62))


class FileProblem(marshmallow.Schema):
    """A file that is missing or differs from what the event at `position` says."""

    position = fields.Integer(required=True)
    stream = fields.String(required=True)
    file = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("missing", "changed")))


class ComparedFiles(marshmallow.Schema):
    """The result for a part of the log.  `erased`: files whose key was destroyed, so that nobody can read them.
    `orphans`: files that no event refers to, reported at the end of the log only; the first 50 of `orphan_count`."""

    checked = fields.Integer(required=True)
    erased = fields.Integer(required=True)
    position = fields.Integer(required=True)
    head = fields.Integer(required=True)
    problems = fields.List(fields.Nested(FileProblem), required=True)
    orphans = fields.List(fields.String(), required=True)
    orphan_count = fields.Integer(required=True)


class FilesPart(NamedTuple):
    """The result for a part of the log.  `problems`: event and file of each that is missing or changed; `erased`: the
    number of files whose key was destroyed."""

    checked: int
    erased: int
    position: int
    head: int
    problems: list[dict[str, Any]]
