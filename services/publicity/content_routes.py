"""The route that compares content files with the log."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from services.publicity.content_files import SHOWN, ContentFiles

INSIDE = ("service", "operator")


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


class ContentRoutes:
    """Mixed into the service class."""

    content_files: ContentFiles
    store: Any

    @route("GET", "/api/verify/files", roles=INSIDE, query=FilesQuery, response=ComparedFiles, problems=(404,))
    def verify_files(self, request: RouteRequest) -> Any:
        """Compare the content files that a part of the log names: `partition`, `after`."""
        partition, after = request.query["partition"], request.query["after"]
        try:
            part = self.content_files.compare(partition, after)
        except KeyError:
            raise Problem(404, "unknown_partition", "there is no such partition") from None
        except PeerUnavailable as error:
            raise Problem(503, "source_away", f"participation does not answer: {error}; try again") from error
        orphans = self.content_files.orphans(0) if part.position >= part.head and partition == 0 else []
        return part._asdict() | {"orphans": orphans[:SHOWN], "orphan_count": len(orphans)}
