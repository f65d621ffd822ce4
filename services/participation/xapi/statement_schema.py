"""The schema of a statement, and the description of its errors."""

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields, validate, validates_schema

from services.participation.xapi.domain import data_types
from services.participation.xapi.domain.statements import VOIDED
from services.participation.xapi.part_schemas import (
    Activity,
    Agent,
    ByType,
    Extensions,
    Flag,
    Group,
    Iri,
    LanguageMap,
    Nested,
    Number,
    StatementRef,
    Strict,
    Text,
    Uuid,
    Verb,
)

_ACTIVITY = Activity()
_ACTORS = {"Agent": Agent, "Group": Group}
_ON_ACTIVITIES = ("revision", "platform")
_OF_VERSION_2 = ("contextAgents", "contextGroups")
_VERSION = r"(1\.0(\.[0-9]+)?|2\.0(\.[0-9]+)?)\Z"


class Score(Strict):
    """A score."""

    scaled = Number(validate=validate.Range(-1, 1))
    raw = Number()
    min = Number()
    max = Number()

    @validates_schema
    def _in_order(self, data: Any, **_: Any) -> None:
        low, raw, high = (data.get(name) for name in ("min", "raw", "max"))
        if low is not None and high is not None and low >= high:
            raise ValidationError("min is not below max")
        if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
            raise ValidationError("raw is not between min and max")


class Result(Strict):
    """A result."""

    score = Nested(Score)
    success = Flag()
    completion = Flag()
    response = Text()
    duration = Text(data_types.is_duration, "a duration of ISO 8601")
    extensions = Extensions()


class Activities(fields.Field[Any]):
    """One activity, or several."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                raise ValidationError("not an activity")
            if errors := _ACTIVITY.validate(item):
                raise ValidationError(errors)
        return value


class ContextActivities(Strict):
    """The activities in a context."""

    parent = Activities()
    grouping = Activities()
    category = Activities()
    other = Activities()


class ContextAgent(Strict):
    """An agent in a context (version 2)."""

    objectType = Text(required=True, validate=validate.Equal("contextAgent"))  # noqa: N815
    agent = Nested(Agent, required=True)
    relevantTypes = fields.List(Iri(), validate=validate.Length(min=1))  # noqa: N815


class ContextGroup(Strict):
    """A group in a context (version 2)."""

    objectType = Text(required=True, validate=validate.Equal("contextGroup"))  # noqa: N815
    group = Nested(Group, required=True)
    relevantTypes = fields.List(Iri(), validate=validate.Length(min=1))  # noqa: N815


class Context(Strict):
    """A context."""

    registration = Uuid()
    instructor = ByType(_ACTORS, "Agent")
    team = ByType({"Group": Group}, "")
    contextActivities = Nested(ContextActivities)  # noqa: N815
    contextAgents = fields.List(Nested(ContextAgent))  # noqa: N815
    contextGroups = fields.List(Nested(ContextGroup))  # noqa: N815
    revision = Text()
    platform = Text()
    language = Text(data_types.is_language, "a language tag")
    statement = Nested(StatementRef)
    extensions = Extensions()


class Attachment(Strict):
    """An attached file."""

    usageType = Iri(required=True)  # noqa: N815
    display = LanguageMap(required=True)
    description = LanguageMap()
    contentType = Text(data_types.is_media_type, "a media type", required=True)  # noqa: N815
    length = fields.Integer(strict=True, required=True, validate=validate.Range(0))
    sha2 = Text(data_types.is_sha2, "a SHA-2", required=True)
    fileUrl = Iri()  # noqa: N815


class _Assertion(Strict):
    actor = ByType(_ACTORS, "Agent", required=True)
    verb = Nested(Verb, required=True)
    result = Nested(Result)
    context = Nested(Context)
    timestamp = Text(data_types.is_instant, "an instant of ISO 8601")
    attachments = fields.List(Nested(Attachment))

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _on_activities(self, _: Any, original: Any, **__: Any) -> None:
        done_with, context = original.get("object"), original.get("context")
        kind = done_with.get("objectType", "Activity") if isinstance(done_with, dict) else "Activity"
        given = [name for name in _ON_ACTIVITIES if name in context] if isinstance(context, dict) else []
        if given and kind != "Activity":
            raise ValidationError({"context": {given[0]: ["only where the object is an activity"]}})


class SubStatement(_Assertion):
    """A statement within a statement."""

    objectType = Text(required=True, validate=validate.Equal("SubStatement"))  # noqa: N815
    object = ByType(
        {"Activity": Activity, **_ACTORS, "StatementRef": StatementRef}, "Activity", required=True
    )  # fmt: skip


class Statement(_Assertion):
    """Who did what with what."""

    id = Uuid()
    object = ByType(
        {"Activity": Activity, **_ACTORS, "StatementRef": StatementRef, "SubStatement": SubStatement},
        "Activity", required=True,
    )  # fmt: skip
    stored = Text(data_types.is_instant, "an instant of ISO 8601")
    authority = ByType(_ACTORS, "Agent")
    version = Text(validate=validate.Regexp(_VERSION))

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _voids_a_statement(self, _: Any, original: Any, **__: Any) -> None:
        verb, target = original.get("verb"), original.get("object")
        names_one = isinstance(target, dict) and target.get("objectType") == "StatementRef"
        if isinstance(verb, dict) and verb.get("id") == VOIDED and not names_one:
            raise ValidationError({"object": {"objectType": ["what voids names a StatementRef"]}})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _authority_of_two(self, _: Any, original: Any, **__: Any) -> None:
        authority = original.get("authority")
        if isinstance(authority, dict) and authority.get("objectType") == "Group":
            members = authority.get("member")
            if not isinstance(members, list) or len(members) != 2 or any(name in authority for name in ("mbox",)):
                raise ValidationError({"authority": {"member": ["a group as authority has two members"]}})


_STATEMENT = Statement()


def fault_of(statement: Any, version: str) -> str:
    """Why it is no valid statement of that version of xAPI (`1.0`, `2.0`), with the path; empty if it is valid."""
    if not isinstance(statement, dict):
        return "a statement is a JSON object"
    try:
        errors = _STATEMENT.validate(statement)
    except ValidationError as error:
        errors = error.messages_dict
    return _first_message(errors, "") if errors else _of_version(statement, version)


def _of_version(statement: Mapping[str, Any], version: str) -> str:
    """Empty if nothing in it is of a later version."""
    if version != "1.0":
        return ""
    parts = (statement, statement["object"])
    contexts = [part["context"] for part in parts if isinstance(part.get("context"), dict)]
    later = [name for context in contexts for name in _OF_VERSION_2 if name in context]
    return f"context.{later[0]}: of version 2.0" if later else ""


def _first_message(errors: Any, at: str) -> str:
    """The first of marshmallow's messages."""
    if isinstance(errors, dict):
        name, inside = next(iter(errors.items()))
        step = "" if name == marshmallow.exceptions.SCHEMA else str(name)[:80]
        return _first_message(inside, f"{at}.{step}" if at and step else at or step)
    if isinstance(errors, list) and errors and not isinstance(errors[0], str):
        return _first_message(errors[0], at)
    message = errors[0] if isinstance(errors, list) and errors else str(errors)
    return f"{at}: {message}" if at else str(message)
