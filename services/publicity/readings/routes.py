"""Routes of the three readings: appoint, read, pass or return."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from duties.publicity import STAGES
from services.publicity.readings import handlers
from services.publicity.readings.candidates import reader_candidates
from services.publicity.readings.open_readings import hand_over_readings, open_readings
from services.publicity.readings.proof_view import shown_proof
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import PassedReading, WriteResult
from services.registry import rights


class Reading(marshmallow.Schema):
    """One of the three readings: who read what, on which day; `reason`: it is returned."""

    subject = fields.String(required=True, validate=validate.OneOf(("article", "anthology")))
    subject_id = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    reader_id = fields.String(required=True)
    content = fields.String(load_default="")
    on = fields.String(load_default="")
    reason = fields.String(load_default="")


class Appointment(marshmallow.Schema):
    """The reader of an article or anthology at one of the three stages."""

    subject = fields.String(required=True, validate=validate.OneOf(("article", "anthology")))
    subject_id = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    reader_id = fields.String(required=True)


class ReaderCandidatesQuery(marshmallow.Schema):
    """The article or anthology; for callers who may ask anybody of the district also `unit_id` and `text` (a name, its
    pinyin or initials).  `also`: ids of people who are chosen already, separated by commas."""

    subject = fields.String(required=True, validate=validate.OneOf(("article", "anthology")))
    subject_id = fields.String(required=True)
    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    text = fields.String(load_default="", validate=validate.Length(0, 80))
    also = fields.String(load_default="", validate=validate.Length(0, 2000))


class ReaderCandidate(marshmallow.Schema):
    """A person who may be appointed; `stage`: at which they are already."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    stage = fields.String(required=True)


class ReaderCandidates(marshmallow.Schema):
    """Ordered by unit and id; `more`: there are others; `units`: to choose from, for callers who may ask anybody."""

    people = fields.List(fields.Nested(ReaderCandidate), required=True)
    more = fields.Boolean(required=True)
    units = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ShownPiece(marshmallow.Schema):
    """One work; a block: style (text, heading, picture), text, picture (data URL, empty: left out for size)."""

    title = fields.String(required=True)
    author = fields.String(required=True)
    blocks = fields.List(fields.List(fields.String()), required=True)


class ShownFilm(marshmallow.Schema):
    """The film of a video; `content` is its SHA-256, by which participation serves it."""

    content = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)


class ShownProof(marshmallow.Schema):
    """What will be shown, word for word.  `content`: what a reading confirms; `own_stage`: at which the caller reads;
    `next_stage`: the next reading, empty: none; `account`: of an article; `level`: of an anthology; `left_out`:
    pictures left out for size; `film`: of a video, which is part of `content`."""

    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    title = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    account = fields.String(required=True)
    level = fields.String(required=True)
    content = fields.String(required=True)
    own_stage = fields.String(required=True)
    next_stage = fields.String(required=True)
    readings = fields.List(fields.Nested(PassedReading), required=True)
    pieces = fields.List(fields.Nested(ShownPiece), required=True)
    left_out = fields.Integer(required=True, strict=True)
    film = fields.Nested(ShownFilm, required=True, allow_none=True)


class OpenReadingsWanted(marshmallow.Schema):
    """The unit and the person."""

    unit_id = fields.String(required=True)
    person_id = fields.String(required=True)


class OpenReading(marshmallow.Schema):
    """A reading that is not done yet; `kind`: a video is read as an article."""

    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("article", "anthology", "video")))
    stage = fields.String(required=True)
    title = fields.String(required=True)


class OpenReadings(marshmallow.Schema):
    """A person's open readings of one unit."""

    readings = fields.List(fields.Nested(OpenReading), required=True)


class ReadingsHandOver(OpenReadingsWanted):
    """The unit, and from whom to whom its open readings go."""

    successor_id = fields.String(required=True)


class StayingReading(OpenReading):
    """A reading that the successor may not do, and why."""

    code = fields.String(required=True)
    reason = fields.String(required=True)


class ReadingsHandedOver(WriteResult):
    """The readings that stay with the predecessor; all others went over."""

    stays = fields.List(fields.Nested(StayingReading), required=True)


class ReadingRoutes(PublicityRoutes):
    """Routes of the three readings."""

    @route("POST", "/api/readers", right=rights.APPOINT_READERS, body=Appointment, response=WriteResult,
           problems=(404,))  # fmt: skip
    def appoint_reader(self, request: RouteRequest) -> Any:
        """Appoint the reader of a stage: neither an author nor appointed by one."""
        return handlers.appoint_reader(self.publicity, request, **request.json)

    @route("GET", "/api/readers/candidates", right=rights.APPOINT_READERS, query=ReaderCandidatesQuery,
           response=ReaderCandidates, problems=(404,))  # fmt: skip
    def reader_candidates(self, request: RouteRequest) -> Any:
        """Whom the caller may appoint: people of its unit and of the caller's own, by name."""
        return reader_candidates(self.publicity, request, **request.query)

    @route("GET", "/api/proofs/<any(article,anthology):subject>/<subject_id>", right=rights.SEE_PROOF,
           response=ShownProof, problems=(409, 410))  # fmt: skip
    def proof(self, request: RouteRequest, subject: str, subject_id: str) -> Any:
        """What will be shown, to read on a page; its reader's request is recorded."""
        return shown_proof(self.publicity, request, subject, subject_id)

    @route("GET", "/api/readers/open", right=rights.APPOINT_READERS, query=OpenReadingsWanted, response=OpenReadings)
    def open_readings(self, request: RouteRequest) -> Any:
        """What a person is appointed to read of a unit and has not read."""
        return open_readings(self.publicity, request, **request.query)

    @route("POST", "/api/readers/hand-over", right=rights.APPOINT_READERS, body=ReadingsHandOver,
           response=ReadingsHandedOver)  # fmt: skip
    def hand_over_readings(self, request: RouteRequest) -> Any:
        """Appoint a successor for a person's open readings; those that the successor may not do stay."""
        return hand_over_readings(self.publicity, request, **request.json)

    @route("POST", "/api/readings", right=rights.READ, body=Reading, response=WriteResult, problems=(404,))
    def record_reading(self, request: RouteRequest) -> Any:
        """初审、复审 or 终审 of an article or anthology: pass it, or return it with a `reason`."""
        return handlers.record_reading(self.publicity, request, **request.json)
