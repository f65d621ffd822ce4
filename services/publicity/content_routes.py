"""The route that verifies content files against the log."""

from typing import Any

from chassis.http.compared_files import SHOWN, ComparedFiles, FilesQuery
from chassis.http.file_routes import FileRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from services.publicity.content_files import ContentFiles

INSIDE = ("service", "operator")


class ContentRoutes(FileRoutes):
    """Mixin of the service class."""

    content_files: ContentFiles
    store: Any

    @route("GET", "/api/verify/files", roles=INSIDE, query=FilesQuery, response=ComparedFiles, problems=(404,))
    def verify_files(self, request: RouteRequest) -> Any:
        """Verify the content files that a part of the log refers to: `partition`, `after`."""
        partition, after = request.query["partition"], request.query["after"]
        try:
            part = self.content_files.compare(partition, after)
        except KeyError:
            raise Problem(404, "unknown_partition", "there is no such partition") from None
        except PeerUnavailable as error:
            raise Problem(503, "source_away", f"participation does not answer: {error}; try again") from error
        orphans = self.content_files.orphans(0) if part.position >= part.head and partition == 0 else []
        return part._asdict() | {"orphans": orphans[:SHOWN], "orphan_count": len(orphans)}
