"""Resources of xAPI that are not supported: documents about learners and courses, which are not stored here."""

from typing import Any, Final

from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from services.participation.xapi.routes import PLATFORMS, VERSIONS
from services.participation.xapi.statement_parameters import VERSION

KNOWN: Final = ("activities/state", "activities/profile", "agents/profile", "activities", "agents")


class OtherXapiRoutes:
    """Routes of the unsupported resources."""

    @route("GET", "/xapi/activities", roles=PLATFORMS, basic=True, response={}, problems=(501,))
    def xapi_activities(self, _: RouteRequest) -> Any:
        """501: not supported."""
        return _no_such_resource("activities")

    @route("GET", "/xapi/activities/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def read_activity_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about activities are not stored."""
        return _no_such_resource(f"activities/{document}")

    @route("PUT", "/xapi/activities/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def put_activity_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about activities are not stored."""
        return _no_such_resource(f"activities/{document}")

    @route("POST", "/xapi/activities/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def post_activity_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about activities are not stored."""
        return _no_such_resource(f"activities/{document}")

    @route("DELETE", "/xapi/activities/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def delete_activity_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about activities are not stored."""
        return _no_such_resource(f"activities/{document}")

    @route("GET", "/xapi/agents", roles=PLATFORMS, basic=True, response={}, problems=(501,))
    def xapi_agents(self, _: RouteRequest) -> Any:
        """501: not supported."""
        return _no_such_resource("agents")

    @route("GET", "/xapi/agents/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def read_agent_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about agents are not stored."""
        return _no_such_resource(f"agents/{document}")

    @route("PUT", "/xapi/agents/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def put_agent_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about agents are not stored."""
        return _no_such_resource(f"agents/{document}")

    @route("POST", "/xapi/agents/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def post_agent_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about agents are not stored."""
        return _no_such_resource(f"agents/{document}")

    @route("DELETE", "/xapi/agents/<document>", roles=PLATFORMS, basic=True, response={}, problems=(404, 501))
    def delete_agent_document(self, _: RouteRequest, document: str) -> Any:
        """501: documents about agents are not stored."""
        return _no_such_resource(f"agents/{document}")


def _no_such_resource(resource: str) -> Response:
    """Not 404 for a resource of xAPI: that would mean that the document may be created."""
    if resource in KNOWN:
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
