"""Routes by which all files that a log names are compared with it in the background."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.compared_files import FileProblem
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.file_verification import FileVerification

OPERATOR = ("operator",)


class VerifiedFiles(marshmallow.Schema):
    """How far the comparison of files is, or the last one was: `position` of `head`.  `broken`: missing or changed, the
    first of them in `problems`; `erased`: nobody can read them any more; `orphans`: no event names them."""

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
    """Mixed into the service classes whose log names files."""

    file_verification: FileVerification

    @route("POST", "/api/verify/files", roles=OPERATOR, response={202: VerifiedFiles})
    def begin_file_verification(self, _: RouteRequest) -> Any:
        """Begin to compare all files with the log, in the background."""
        self.file_verification.begin()
        return 202, self.file_verification.progress.as_json()

    @route("GET", "/api/verify/files/progress", roles=OPERATOR, response=VerifiedFiles)
    def verified_files(self, _: RouteRequest) -> Any:
        """How far that is, or the last one was, and what is not as the log says."""
        return self.file_verification.progress.as_json()
