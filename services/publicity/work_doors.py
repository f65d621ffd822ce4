"""Doors of works: nominate with consent, withdraw, assign readers, mark, select; each parses, hands over, answers."""

from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.publicity import queries, schemas
from services.publicity.admission import PEOPLE, STAFF, admit, admit_author, admit_for_unit, is_person, may_act_for_unit
from services.publicity.domain.revising import ReturnWork
from services.publicity.domain.works import (
    AssignReader,
    DeselectWork,
    GiveConsent,
    MarkWork,
    NominateWork,
    SelectWork,
    WithdrawConsent,
)
from services.publicity.house import House, answered, checked_id, line, moment_given
from services.publicity.press.manuscript import loaded, without_names
from services.publicity.press.taking import LARGEST_FILE
from services.publicity.words import problem

_LEVELS = fields.List(fields.String(), load_default=list, validate=validate.Length(0, 10))


class Levels(marshmallow.Schema):
    """Uses of a work: inside, unit, district, print; none: all."""

    levels = _LEVELS


class Readers(marshmallow.Schema):
    """Who is to review."""

    readers = fields.List(fields.String(), required=True, validate=validate.Length(1, 9))


class Marks(marshmallow.Schema):
    """A reader's sheet: an item of the rubric -> a decimal text."""

    reader_id = fields.String(required=True)
    marks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Choice(marshmallow.Schema):
    """Selecting by the unit or the district; `at` (ISO 8601) when it was decided."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    at = fields.String(load_default="")


class Undoing(marshmallow.Schema):
    """Why a choice is undone."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    reason = fields.String(required=True)


class Returning(marshmallow.Schema):
    """Why a work goes back to its author; `reader_id`: as a reader of it, else as its unit."""

    reason = fields.String(required=True)
    reader_id = fields.String(load_default="")


class WorkDoors:
    """Mixed into the service class."""

    runtime: Any

    @property
    def house(self) -> House:
        return self.runtime.house

    @route(
        "PUT",
        "/api/works/<work_id>",
        roles=PEOPLE,
        largest=LARGEST_FILE,
        body=schemas.WORK_FILE,
        query=schemas.NominateQuery,
        headers=schemas.TITLE_HEADER,
        response={201: schemas.Nominated},
        problems=(410,),
    )
    def nominate(self, request: RouteRequest, work_id: str) -> Any:
        """Nominate a work, or hand in a returned one again: the body is its file; author_id, unit_id, levels in the
        query, the title (percent-encoded) in X-Qihang-Title."""
        author_id, unit_id = request.query["author_id"], request.query["unit_id"]
        admit_author(request.actor, author_id, unit_id)
        checked_id(work_id, "work_id")
        title = line(unquote(request.http_request.headers.get("X-Qihang-Title", "")), "title")
        levels = tuple(item for item in request.query["levels"].split(",") if item)
        by, how = ("author", "self") if is_person(request.actor, author_id) else ("unit", "paper")
        key = self.house.key_of(author_id)
        kind, address = self.house.take(author_id, request.body)
        with self.house.desk(request.actor, request.correlation) as desk:
            desk.transaction.keys.use_external_key(author_id, key)
            semester = request.query["semester"] or desk.semester(desk.today)
            if semester not in {item.id for item in desk.rules.semesters}:
                raise problem("no_semester", "semester", semester)
            desk.work(NominateWork(work_id, author_id, unit_id, semester, kind, address, len(request.body), title,
                                   desk.today, by, levels, how, desk.units_of(author_id)))  # fmt: skip
            return 201, answered(desk, request, work_id=work_id, kind=kind, content=address)

    @route("GET", "/api/works", roles=PEOPLE, query=schemas.WorksQuery, response=schemas.Works, problems=(410, 422))
    def works(self, request: RouteRequest) -> Any:
        """Works with consent, reviews and selection: `unit_id`, `semester`; a person's own, or to review."""
        chosen = {name: value for name, value in request.query.items() if value}
        with self.house.look() as connection:
            result = queries.work_rows(connection, self.runtime.store, **chosen)
            mine = [item for item in result if may_act_for_unit(request.actor, item["unit_id"])
                    or is_person(request.actor, item["author_id"])]  # fmt: skip
            if is_person(request.actor, chosen.get("reader_id", "")):
                return {"works": [_for_reader(item) for item in result]}
            names = self.house.names(connection, {item["author_id"] for item in mine})
        titles = self.house.opened({item["work_id"]: (item["author_id"], item["title"]) for item in mine})
        reasons = self.house.opened({item["work_id"]: (item["author_id"], item["returned"]["reason"])
                                     for item in mine if item["returned"]})  # fmt: skip
        for item in mine:
            if item["returned"]:
                item["returned"]["reason"] = reasons[item["work_id"]]
        return {"works": [item | {"title": titles[item["work_id"]], "author": names.get(item["author_id"], "")}
                          for item in mine]}  # fmt: skip

    @route(
        "GET",
        "/api/works/<work_id>/text",
        roles=PEOPLE,
        query=schemas.TextQuery,
        response=schemas.WorkText,
        problems=(410, 422),
    )
    def text(self, request: RouteRequest, work_id: str) -> Any:
        """A work's text: for its author and unit as it is, for its readers (`reader_id`) without names."""
        with self.house.look() as connection:
            result = queries.work_rows(connection, self.runtime.store, work_id=work_id)
            if not result:
                raise problem("unknown_work", "work_id")
            work = result[0]
            author_id, reader_id = work["author_id"], request.query["reader_id"]
            assigned = reader_id in {review["reader_id"] for review in work["reviews"]}
            as_reader = assigned and (is_person(request.actor, reader_id) or "operator" in request.actor.roles)
            admit(as_reader or is_person(request.actor, author_id) or may_act_for_unit(request.actor, work["unit_id"]))
            blocks = loaded(self.house.vault.fetch([author_id], work["content"]))
            title = self.house.opened({"title": (author_id, work["title"])})["title"]
            if as_reader:
                name = self.house.names(connection, [author_id]).get(author_id, "")
                hidden = [name, author_id, queries.unit_name(connection, work["unit_id"])]
                blocks = without_names(blocks, hidden)
                return {"work_id": work_id, "kind": work["kind"],
                        "blocks": [[b.style, b.text, b.picture] for b in blocks]}  # fmt: skip
        return {"work_id": work_id, "kind": work["kind"], "title": title,
                "blocks": [[b.style, b.text, b.picture] for b in blocks]}  # fmt: skip

    @route("POST", "/api/works/<work_id>/consent", roles=PEOPLE, body=Levels, response=schemas.Written)
    def consent(self, request: RouteRequest, work_id: str) -> Any:
        """Agree to more uses of a work."""
        with self.house.desk(request.actor, request.correlation) as desk:
            known = desk.state(f"work-{work_id}").known
            admit_author(request.actor, known.author_id, known.unit_id)
            how = "self" if is_person(request.actor, known.author_id) else "paper"
            desk.work(GiveConsent(work_id, tuple(request.json["levels"]), desk.today, how))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/withdraw", roles=PEOPLE, body=Levels, response=schemas.Written)
    def withdraw(self, request: RouteRequest, work_id: str) -> Any:
        """Take consent back: nothing new appears, what is open is stopped, taken down or marked."""
        with self.house.desk(request.actor, request.correlation) as desk:
            known = desk.state(f"work-{work_id}").known
            admit_author(request.actor, known.author_id, known.unit_id)
            desk.work(WithdrawConsent(work_id, tuple(request.json["levels"]), desk.today))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/readers", roles=("operator",), body=Readers, response=schemas.Written)
    def assign(self, request: RouteRequest, work_id: str) -> Any:
        """Ask people who are not of the author's unit to review a work."""
        with self.house.desk(request.actor, request.correlation) as desk:
            author_units = desk.units_of(desk.state(f"work-{work_id}").known.author_id)
            for reader_id in request.json["readers"]:
                desk.work(AssignReader(work_id, desk.reader(reader_id), author_units, desk.today))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/marks", roles=("operator", "person"), body=Marks, response=schemas.Written)
    def mark(self, request: RouteRequest, work_id: str) -> Any:
        """A reader's marks on the campaign's rubric."""
        reader_id = request.json["reader_id"]
        admit("operator" in request.actor.roles or is_person(request.actor, reader_id))
        marks = {name: _points(name, text) for name, text in request.json["marks"].items()}
        with self.house.desk(request.actor, request.correlation) as desk:
            author_units = desk.units_of(desk.state(f"work-{work_id}").known.author_id)
            desk.work(MarkWork(work_id, desk.reader(reader_id), author_units, marks, desk.today))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/return", roles=PEOPLE, body=Returning, response=schemas.Written)
    def send_back(self, request: RouteRequest, work_id: str) -> Any:
        """Ask the author to revise a work that is not selected yet: as a reader of it, or as its unit."""
        reader_id, reason = request.json["reader_id"], line(request.json["reason"], "reason", 500)
        with self.house.look() as connection:
            result = queries.work_rows(connection, self.runtime.store, work_id=work_id)
        if not result:
            raise problem("unknown_work", "work_id")
        author_id = result[0]["author_id"]
        as_reader = "operator" in request.actor.roles or is_person(request.actor, reader_id)
        admit(as_reader if reader_id else may_act_for_unit(request.actor, result[0]["unit_id"]))
        key = self.house.key_of(author_id)  # the reason is about a person's text: it is sealed like its title
        with self.house.desk(request.actor, request.correlation) as desk:
            desk.transaction.keys.use_external_key(author_id, key)
            reader = desk.reader(reader_id) if reader_id else None
            desk.work(ReturnWork(work_id, reader, desk.units_of(author_id), reason, desk.today))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/select", roles=STAFF, body=Choice, response=schemas.Written)
    def select(self, request: RouteRequest, work_id: str) -> Any:
        """Choose a work whose reviews reached the pass mark."""
        with self.house.desk(request.actor, request.correlation) as desk:
            self._admit_choice(request, desk.state(f"work-{work_id}").known.unit_id, request.json["level"])
            desk.work(SelectWork(work_id, request.json["level"], moment_given(desk, request.json["at"])))
            return answered(desk, request)

    @route("POST", "/api/works/<work_id>/deselect", roles=STAFF, body=Undoing, response=schemas.Written)
    def deselect(self, request: RouteRequest, work_id: str) -> Any:
        """Undo a choice."""
        with self.house.desk(request.actor, request.correlation) as desk:
            self._admit_choice(request, desk.state(f"work-{work_id}").known.unit_id, request.json["level"])
            desk.work(DeselectWork(work_id, request.json["level"], line(request.json["reason"], "reason"), desk.now))
            return answered(desk, request)

    def _admit_choice(self, request: RouteRequest, unit_id: str, level: str) -> None:
        if level == "district":
            admit("operator" in request.actor.roles)
        admit_for_unit(request.actor, unit_id)


def _points(name: str, text: str) -> Fraction:
    whole, _, rest = text.partition(".")
    if len(text) > 12 or not (whole + rest).isdecimal() or not text.isascii() or not whole:
        raise problem("bad_mark", "marks", name)
    return Fraction(text)


def _for_reader(work: dict[str, Any]) -> dict[str, Any]:
    """What a reader may know of a work: not whose it is, not how others marked it."""
    return {name: work[name] for name in ("work_id", "kind", "semester", "size")}
