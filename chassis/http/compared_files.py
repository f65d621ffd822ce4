"""What a service answers that compares a part of the files that its log names with the log."""

from typing import Any, Final, NamedTuple

import marshmallow
from marshmallow import fields, validate

SHOWN: Final = 50
"""Files that no event names, in one answer."""


class FilesQuery(marshmallow.Schema):
    """Which part of the log."""

    partition = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1023))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**62))


class FileProblem(marshmallow.Schema):
    """A file that is not as the event at `position` says."""

    position = fields.Integer(required=True)
    stream = fields.String(required=True)
    file = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("missing", "changed")))


class ComparedFiles(marshmallow.Schema):
    """`erased`: files under a key that was destroyed, which nobody can read.  `orphans`: files that no event names, at
    the end of the log only; the first 50 of `orphan_count`."""

    checked = fields.Integer(required=True)
    erased = fields.Integer(required=True)
    position = fields.Integer(required=True)
    head = fields.Integer(required=True)
    problems = fields.List(fields.Nested(FileProblem), required=True)
    orphans = fields.List(fields.String(), required=True)
    orphan_count = fields.Integer(required=True)


class FilesPart(NamedTuple):
    """What a part of the log says of the files; `problems` names the event and file, `erased`: of nobody's key left."""

    checked: int
    erased: int
    position: int
    head: int
    problems: list[dict[str, Any]]
