"""Routes of bundles: order, progress, download."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from chassis.runtime.extensions import every
from chassis.store.database import Store
from services.participation.bundle.handlers import Bundles
from services.participation.evidence.sealed_files import read_plain
from services.participation.registry.identity import local_day
from services.registry import rights

_ZIP: Final = Media("application/zip", "the bundle")


class BundleOrder(marshmallow.Schema):
    """The unit and the semester."""

    unit_id = fields.String(required=True, validate=validate.Length(1, 200))
    semester = fields.String(required=True, validate=validate.Length(1, 40))


class BundleState(marshmallow.Schema):
    """The state of a bundle; it is kept for a week."""

    bundle_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("queued", "ready", "failed")))


class BundleQuery(marshmallow.Schema):
    """The unit and semester; without a unit only the options are answered."""

    unit_id = fields.String(load_default="", validate=validate.Length(max=200))
    semester = fields.String(load_default="", validate=validate.Length(max=40))


class BundleUnit(marshmallow.Schema):
    """A unit whose bundle the caller may order."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)


class BundleSemester(marshmallow.Schema):
    """A semester that has begun, with its first and last day."""

    semester = fields.String(required=True)
    from_ = fields.String(required=True, data_key="from", attribute="from")
    to = fields.String(required=True)


class BundlePart(marshmallow.Schema):
    """What a bundle would contain of one task."""

    kind = fields.String(required=True)
    duty = fields.String(required=True, metadata={"description": "the task's title"})
    records = fields.Integer(required=True)
    with_files = fields.Integer(required=True, metadata={"description": "records that a file is put to"})
    files = fields.Integer(required=True, metadata={"description": "without private ones"})
    bytes = fields.Integer(required=True)


class KeptBundle(BundleState):
    """A kept bundle; `bytes`: of the zip, 0 before it is completed."""

    semester = fields.String(required=True)
    ordered_at = fields.String(required=True)
    actor = fields.String(required=True)
    bytes = fields.Integer(required=True)


class BundleOverview(marshmallow.Schema):
    """The options; what the unit's bundle of the semester would contain; its bundles, latest first."""

    units = fields.List(fields.Nested(BundleUnit), required=True)
    semesters = fields.List(fields.Nested(BundleSemester), required=True)
    semester = fields.String(required=True, metadata={"description": "the one shown; empty: there is none"})
    contents = fields.List(fields.Nested(BundlePart), required=True)
    bundles = fields.List(fields.Nested(KeptBundle), required=True)


class InspectionQuery(marshmallow.Schema):
    """The semester (empty: the newest), and one unit or all that the caller inspects."""

    unit_id = fields.String(load_default="", validate=validate.Length(max=200))
    semester = fields.String(load_default="", validate=validate.Length(max=40))


class InspectedUnit(marshmallow.Schema):
    """A unit of the caller's post as inspector; `until`: the first day after its end, empty: no end."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    until = fields.String(required=True)
    records = fields.Integer(required=True)
    with_files = fields.Integer(required=True)
    files = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    bundles = fields.List(fields.Nested(KeptBundle), required=True, metadata={"description": "the last one, if any"})


class Inspection(marshmallow.Schema):
    """What an inspector sees."""

    semesters = fields.List(fields.Nested(BundleSemester), required=True)
    semester = fields.String(required=True)
    today = fields.String(required=True)
    units = fields.List(fields.Nested(InspectedUnit), required=True)


class BundleRoutes:
    """Mixin of the service class."""

    bundles: Bundles
    store: Store
    clock: Callable[[], datetime]

    @every(seconds=60.0, name="making_bundles", wakeup=lambda service: service.bundles.wakeup)
    def make_bundles(self) -> None:
        """Make the ordered bundles."""
        self.bundles.make_all()

    @route("GET", "/api/bundles", right=rights.MAKE_BUNDLE, query=BundleQuery, response=BundleOverview,
           problems=(404,))  # fmt: skip
    def show_bundles(self, request: RouteRequest) -> Any:
        """What a unit's bundle of a semester would contain, and the kept bundles of the unit."""
        with self.store.reading() as connection:
            today = local_day(connection, self.clock())
        asked = request.query
        return self.bundles.overview(asked["unit_id"], asked["semester"], request.actor, today)

    @route("GET", "/api/inspection", right=rights.INSPECT, query=InspectionQuery, response=Inspection,
           problems=(404,))  # fmt: skip
    def inspection(self, request: RouteRequest) -> Any:
        """The units that the caller inspects, until when, and the records and bundles of each."""
        with self.store.reading() as connection:
            today = local_day(connection, self.clock())
        asked = request.query
        return self.bundles.inspection(asked["unit_id"], asked["semester"], request.actor, today)

    @route("POST", "/api/bundles", right=rights.MAKE_BUNDLE, body=BundleOrder, response={201: BundleState},
           problems=(404,))  # fmt: skip
    def order_bundle(self, request: RouteRequest) -> Any:
        """Order a zip of a unit's evidence of a semester, made in the background."""
        unit_id, semester = request.json["unit_id"], request.json["semester"]
        bundle_id = self.bundles.begin(unit_id, semester, request.actor, request.correlation)
        return 201, {"bundle_id": bundle_id, "state": "queued"}

    @route("GET", "/api/bundles/<bundle_id>", right=rights.MAKE_BUNDLE, response=BundleState)
    def show_bundle(self, request: RouteRequest, bundle_id: str) -> Any:
        """The state of a bundle."""
        return {"bundle_id": bundle_id, "state": self.bundles.state(bundle_id, request.actor)}

    @route("GET", "/api/bundles/<bundle_id>/file", right=rights.MAKE_BUNDLE, response=_ZIP, problems=(409,))
    def bundle_file(self, request: RouteRequest, bundle_id: str) -> Any:
        """Download the bundle."""
        path, name = self.bundles.file(bundle_id, request.actor)
        size = path.stat().st_size
        named = f"attachment; filename=\"{bundle_id}.zip\"; filename*=UTF-8''{quote(name, safe='')}"
        headers = {"Content-Disposition": named, "Content-Length": str(size)}
        return Response(read_plain(path, 0, size), 200, headers, content_type="application/zip")
