"""Doors of what is shown: anthologies, the three readings, videos; each parses, hands over, answers."""

import re
from typing import Any
from urllib.parse import quote

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from duties.publicity import STAGES
from services.publicity import queries, schemas
from services.publicity.admission import PEOPLE, STAFF, admit_for_unit, may_act_for_unit
from services.publicity.domain.anthologies import CompileAnthology, TakeDownAnthology
from services.publicity.domain.readings import PassReading, ReturnReading
from services.publicity.domain.videos import RecordVideo, WithdrawVideo
from services.publicity.house import House, answered, checked_id, line, moment_given
from services.publicity.showing import FILES, Showing
from services.publicity.words import problem

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Compile(marshmallow.Schema):
    """A unit's anthology; no works: all that are selected and agreed to."""

    unit_id = fields.String(required=True)
    semester = fields.String(required=True)
    level = fields.String(load_default="inside", validate=validate.OneOf(("inside", "unit", "district", "print")))
    title = fields.String(load_default="优秀成果汇编")
    works = fields.List(fields.String(), load_default=list, validate=validate.Length(0, 500))


class Reason(marshmallow.Schema):
    """Why."""

    reason = fields.String(required=True)


class Reading(marshmallow.Schema):
    """One of the three readings: who read what, on which day; `reason`: it is sent back."""

    subject = fields.String(required=True, validate=validate.OneOf(("article", "anthology")))
    subject_id = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    reader_id = fields.String(required=True)
    content = fields.String(load_default="")
    on = fields.String(load_default="")
    reason = fields.String(load_default="")


class Video(marshmallow.Schema):
    """A video on an official account; `at` (ISO 8601): when it ran."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    at = fields.String(load_default="")


class ShowingDoors:
    """Mixed into the service class."""

    runtime: Any

    @property
    def house(self) -> House:
        return self.runtime.house

    @route("POST", "/api/anthologies", roles=STAFF, body=Compile, response={201: schemas.Compiled}, problems=(410,))
    def compile(self, request: RouteRequest) -> Any:
        """Compile a unit's anthology of a semester as .docx, .html and .pdf."""
        given = request.json
        unit_id, semester, level = given["unit_id"], given["semester"], given["level"]
        admit_for_unit(request.actor, unit_id)
        title = line(given["title"], "title", 60)
        anthology_id = checked_id(f"{unit_id}.{semester}", "unit_id")
        result = Showing(self.house).anthology(unit_id, semester, level, title, given["works"])
        with self.house.desk(request.actor, request.correlation) as desk:
            desk.anthology(CompileAnthology(anthology_id, unit_id, semester, level, title, desk.shown(result["works"]),
                                            result["content"], result["size"], desk.now))  # fmt: skip
            held = desk.state(f"anthology-{anthology_id}").known
            return 201, answered(desk, request, anthology_id=anthology_id, edition=held.edition, works=result["works"],
                                 content=result["content"])  # fmt: skip

    @route(
        "GET",
        "/api/anthologies",
        roles=(*STAFF, "leader"),
        query=schemas.AnthologiesQuery,
        response=schemas.Anthologies,
    )
    def anthologies(self, request: RouteRequest) -> Any:
        """Anthologies: `unit_id`, `semester`."""
        with self.house.look() as connection:
            result = queries.anthology_rows(connection, **request.query)
            seen = [
                item
                for item in result
                if "leader" in request.actor.roles or may_act_for_unit(request.actor, item["unit_id"])
            ]
            return {"anthologies": [without_people(item) | {"unit": queries.unit_name(connection, item["unit_id"])}
                                    for item in seen]}  # fmt: skip

    @route(
        "GET",
        "/api/anthologies/<anthology_id>/<any(docx,html,pdf):ending>",
        roles=STAFF,
        response=schemas.FILE,
        problems=(409, 410, 422),
    )
    def anthology_file(self, request: RouteRequest, anthology_id: str, ending: str) -> Any:
        """One file of an anthology: docx, html or pdf."""
        with self.house.look() as connection:
            result = queries.anthology_rows(connection, anthology_id=anthology_id)
            unit = queries.unit_name(connection, result[0]["unit_id"]) if result else ""
        if not result or ending not in FILES:
            raise problem("unknown_anthology", "anthology_id")
        row = result[0]
        admit_for_unit(request.actor, row["unit_id"])
        if row["outdated"] or row["taken_down_at"]:
            raise problem("not_in_force", "anthology_id")
        name = quote(f"{row['title']}-{unit}-{row['semester']}.{ending}")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "X-Content-Type-Options": "nosniff"}
        return Response(Showing(self.house).file(row, ending), content_type=FILES[ending], headers=headers)

    @route("POST", "/api/anthologies/<anthology_id>/take-down", roles=STAFF, body=Reason, response=schemas.Written)
    def take_down_anthology(self, request: RouteRequest, anthology_id: str) -> Any:
        """Hand an anthology out no more, and undo its deed."""
        with self.house.desk(request.actor, request.correlation) as desk:
            admit_for_unit(request.actor, desk.state(f"anthology-{anthology_id}").known.unit_id)
            desk.anthology(TakeDownAnthology(anthology_id, line(request.json["reason"], "reason"), desk.now))
            return answered(desk, request)

    @route("POST", "/api/readings", roles=PEOPLE, body=Reading, response=schemas.Written, problems=(404,))
    def read(self, request: RouteRequest) -> Any:
        """初审、复审 or 终审 of an article or anthology: passed, or with a `reason` sent back."""
        given = request.json
        subject, name, reader_id = given["subject"], given["subject_id"], given["reader_id"]
        with self.house.desk(request.actor, request.correlation) as desk:
            known = desk.state(f"{subject}-{name}").known
            if not ("person" in request.actor.roles and request.actor.name == reader_id):
                admit_for_unit(request.actor, known.unit_id)
            on = given["on"] or desk.today
            if not _DAY.fullmatch(on) or on > desk.today:
                raise problem("bad_value", "on", "on")
            serves = bool(queries.units_of(desk.connection, reader_id, on))
            if given["reason"]:
                command: PassReading | ReturnReading = ReturnReading(
                    subject, name, given["stage"], reader_id, line(given["reason"], "reason"), on, serves
                )
            else:
                content = given["content"] or known.content
                command = PassReading(subject, name, given["stage"], reader_id, content, on, serves)
            (desk.article if subject == "article" else desk.anthology)(command)
            return answered(desk, request)

    @route("POST", "/api/videos", roles=STAFF, body=Video, response={201: schemas.Written})
    def record_video(self, request: RouteRequest) -> Any:
        """Record that a learning video ran on an official account."""
        given = request.json
        admit_for_unit(request.actor, given["unit_id"])
        checked_id(given["video_id"], "video_id")
        title = line(given["title"], "title")
        with self.house.desk(request.actor, request.correlation) as desk:
            if not queries.unit_name(desk.connection, given["unit_id"]):
                raise problem("bad_value", "unit_id", "unit_id")
            at = moment_given(desk, given["at"])
            desk.video(RecordVideo(given["video_id"], given["unit_id"], title, given["link"], at))
            return 201, answered(desk, request)

    @route("POST", "/api/videos/<video_id>/withdraw", roles=STAFF, body=Reason, response=schemas.Written)
    def withdraw_video(self, request: RouteRequest, video_id: str) -> Any:
        """Take the entry of a video back, and undo its deed."""
        with self.house.desk(request.actor, request.correlation) as desk:
            published = desk.state(f"video-{video_id}").published
            if published is None:
                raise problem("unknown_video", "video_id")
            admit_for_unit(request.actor, published.unit_id)
            desk.video(WithdrawVideo(video_id, line(request.json["reason"], "reason"), desk.now))
            return answered(desk, request)

    @route("GET", "/api/videos", roles=(*STAFF, "leader"), query=schemas.UnitQuery, response=schemas.Videos)
    def videos(self, request: RouteRequest) -> Any:
        """Videos of a unit (`unit_id`)."""
        with self.house.look() as connection:
            result = queries.video_rows(connection, request.query["unit_id"])
        seen = [
            item
            for item in result
            if "leader" in request.actor.roles or may_act_for_unit(request.actor, item["unit_id"])
        ]
        return {"videos": seen}


def without_people(row: dict[str, Any]) -> dict[str, Any]:
    """A row of what is shown, without the ids of its authors."""
    kept = {name: value for name, value in row.items() if name != "authors"}
    return kept | {"works": [item for item in row["works"].split(";") if item]}
