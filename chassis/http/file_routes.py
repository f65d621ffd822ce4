"""Routes that compare all files that a service's log refers to with the log, in the background."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.compared_files import FileProblem
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.file_verification import FileVerification

OPERATOR = ("operator",)


class VerifiedFiles(marshmallow.Schema):
    """Progress or result of the comparison of files: `position` of `head`.  `broken`: missing or changed files, the
    first of them in `problems`; `erased`: files that nobody can read any more; `orphans`: files that no event refers
    to."""

    state = fields.String(required=True, validate=validate.OneOf(("idle", "running", "done", "failed")))
    seconds = fields.String(required=True)
    detail = fields.String(required=True)
    ended_at = fields.String(required=True)
    checked = fields.Integer(required=True, strict=True)
    erased = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)
    head = fields.Integer(required=True, strict=True)
    broken = fields.Integer(required=True, strict=True)
    orphans = fields.Integer(required=True, strict=True)
    problems = fields.List(fields.Nested(FileProblem), required=True)


class FileRoutes:
    """Mixin for service classes whose log refers to files."""

    file_verification: FileVerification

    @route("POST", "/api/verify/files", roles=OPERATOR, response={202: VerifiedFiles})
    def begin_file_verification(self, _: RouteRequest) -> Any:
        """Start comparing all files with the log, in the background."""
        self.file_verification.begin()
        return 202, self.file_verification.progress.as_json()

    @route("GET", "/api/verify/files/progress", roles=OPERATOR, response=VerifiedFiles)
    def verified_files(self, _: RouteRequest) -> Any:
        """Progress or result of the comparison of files: what is missing or differs from the log."""
        return self.file_verification.progress.as_json()
