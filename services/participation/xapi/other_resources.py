"""Resources of xAPI that there are not: documents about learners and courses, which nobody keeps here."""

from typing import Any, Final

from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT
from chassis.process.problems import Problem
from services.participation.xapi.asked import VERSION
from services.participation.xapi.routes import PLATFORMS, VERSIONS

KNOWN: Final = ("activities/state", "activities/profile", "agents/profile", "activities", "agents")


class OtherXapiRoutes:
    """Each is answered as what it is: none of ours."""

    @route("GET", "/xapi/<path:resource>", roles=PLATFORMS, basic=True, response=NO_CONTENT, problems=(404, 501))
    def read_other_resource(self, _: RouteRequest, resource: str) -> Any:
        """No documents of State and Profiles, no Agents, no Activities: 501."""
        return _none(resource)

    @route("PUT", "/xapi/<path:resource>", roles=PLATFORMS, basic=True, response=NO_CONTENT, problems=(404, 501))
    def put_other_resource(self, _: RouteRequest, resource: str) -> Any:
        """The same: nothing is kept."""
        return _none(resource)

    @route("POST", "/xapi/<path:resource>", roles=PLATFORMS, basic=True, response=NO_CONTENT, problems=(404, 501))
    def post_other_resource(self, _: RouteRequest, resource: str) -> Any:
        """The same: nothing is kept."""
        return _none(resource)

    @route("DELETE", "/xapi/<path:resource>", roles=PLATFORMS, basic=True, response=NO_CONTENT, problems=(404, 501))
    def delete_other_resource(self, _: RouteRequest, resource: str) -> Any:
        """The same: there is nothing to delete."""
        return _none(resource)


def _none(resource: str) -> Response:
    """Not 404 where xAPI knows the resource: that says of a document that it may be put."""
    if resource.strip("/") in KNOWN:
        detail = (
            f"{resource}: documents about learners and courses are not kept here, this is a receiver of statements; "
            "a course that needs them has an LRS of its own, which forwards its statements (docs/xapi.md)"
        )
        problem = Problem(501, "no_such_resource", detail)
    else:
        problem = Problem(404, "not_found", "no such resource of xAPI")
    response = problem.response()
    response.headers[VERSION] = VERSIONS[0]
    return response
