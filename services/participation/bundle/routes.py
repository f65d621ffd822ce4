"""Routes of bundles: order one, see how far it is, take it."""

from typing import Any, Final

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from chassis.runtime.extensions import every
from services.participation.bundle.handlers import Bundles
from services.participation.evidence.sealed_files import read_plain
from services.registry import rights

_ZIP: Final = Media("application/zip", "the bundle")


class BundleOrder(marshmallow.Schema):
    """Whose bundle, of which semester."""

    unit_id = fields.String(required=True, validate=validate.Length(1, 200))
    semester = fields.String(required=True, validate=validate.Length(1, 40))


class BundleState(marshmallow.Schema):
    """How far a bundle is; it is kept for a week."""

    bundle_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("queued", "ready", "failed")))


class BundleRoutes:
    """Mixed into the service class."""

    bundles: Bundles

    @every(seconds=60.0, name="making_bundles", wakeup=lambda service: service.bundles.wakeup)
    def make_bundles(self) -> None:
        """What was ordered."""
        self.bundles.make_all()

    @route("POST", "/api/bundles", right=rights.MAKE_BUNDLE, body=BundleOrder, response={201: BundleState},
           problems=(404,))  # fmt: skip
    def order_bundle(self, request: RouteRequest) -> Any:
        """Have a unit's evidence of a semester made into one zip, in the background."""
        unit_id, semester = request.json["unit_id"], request.json["semester"]
        bundle_id = self.bundles.begin(unit_id, semester, request.actor, request.correlation)
        return 201, {"bundle_id": bundle_id, "state": "queued"}

    @route("GET", "/api/bundles/<bundle_id>", right=rights.MAKE_BUNDLE, response=BundleState)
    def show_bundle(self, request: RouteRequest, bundle_id: str) -> Any:
        """How far a bundle is."""
        return {"bundle_id": bundle_id, "state": self.bundles.state(bundle_id, request.actor)}

    @route("GET", "/api/bundles/<bundle_id>/file", right=rights.MAKE_BUNDLE, response=_ZIP, problems=(409,))
    def bundle_file(self, request: RouteRequest, bundle_id: str) -> Any:
        """The bundle."""
        path = self.bundles.file(bundle_id, request.actor)
        size = path.stat().st_size
        headers = {"Content-Disposition": f'attachment; filename="{bundle_id}.zip"', "Content-Length": str(size)}
        return Response(read_plain(path, 0, size), 200, headers, content_type="application/zip")
