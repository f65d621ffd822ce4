"""The schemas of statements and their parts.  They only validate: a statement is stored as it was sent."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

import marshmallow
from marshmallow import RAISE, ValidationError, fields, validate, validates_schema

from services.participation.xapi.domain import data_types

INTERACTIONS = ("true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert",
                "numeric", "other")  # fmt: skip
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_COMPONENTS = ("choices", "scale", "source", "target", "steps")


class Strict(marshmallow.Schema):
    """An object with only these members, and at least one."""

    class Meta:
        unknown = RAISE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _not_empty(self, _: Any, original: Any, **__: Any) -> None:
        if original == {}:
            raise ValidationError("an empty object")


class Text(fields.Field[Any]):
    """A string; `form` checks its format."""

    def __init__(self, form: Callable[[str], bool] | None = None, what: str = "", **more: Any) -> None:
        super().__init__(**more)
        self._form, self._what = form, what

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not a string")
        if self._form is not None and not self._form(value):
            raise ValidationError(f"not {self._what}")
        return value


class Iri(Text):
    """An IRI with its scheme."""

    def __init__(self, **more: Any) -> None:
        super().__init__(data_types.is_iri, "an IRI with a scheme", **more)


class Uuid(Text):
    """A UUID in its form of 36 characters."""

    def __init__(self, **more: Any) -> None:
        super().__init__(data_types.is_uuid, "a UUID", **more)


class Number(fields.Field[Any]):
    """A JSON number, not a text or boolean."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("not a number")
        return value


class Flag(fields.Field[Any]):
    """true or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not a boolean")
        return value


class LanguageMap(fields.Field[Any]):
    """Texts by their languages."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, dict) or not value:
            raise ValidationError("not a language map")
        for language, text in value.items():
            if not data_types.is_language(language):
                raise ValidationError(f"not a language tag: {language[:40]}")
            if not isinstance(text, str):
                raise ValidationError("not a string")
        return value


class Extensions(fields.Field[Any]):
    """Any values, by IRI."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        for key in value:
            if not data_types.is_iri(key):
                raise ValidationError(f"not an IRI: {key[:80]}")
        return value


class Nested(fields.Field[Any]):
    """An object of that schema."""

    def __init__(self, schema: Callable[[], marshmallow.Schema], **more: Any) -> None:
        super().__init__(**more)
        self._schema = schema

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return _held_to(self._schema, value)


class ByType(fields.Field[Any]):
    """An object whose `objectType` selects its schema; without one `default`, if given."""

    def __init__(self, kinds: Mapping[str, Callable[[], marshmallow.Schema]], default: str, **more: Any) -> None:
        super().__init__(**more)
        self._kinds, self._default = kinds, default

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        kind = value.get("objectType", self._default)
        if not isinstance(kind, str) or kind not in self._kinds:
            raise ValidationError({"objectType": [f"not one of {', '.join(self._kinds)}"]})
        return _held_to(self._kinds[kind], value)


@cache
def _schema_of(schema: Callable[[], marshmallow.Schema]) -> marshmallow.Schema:
    """Cached: creating a schema takes longer than validating with it."""
    return schema()


def _held_to(schema: Callable[[], marshmallow.Schema], value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValidationError("not an object")
    if errors := _schema_of(schema).validate(value):
        raise ValidationError(errors)
    return value


class Account(Strict):
    """An account on a system."""

    homePage = Iri(required=True)  # noqa: N815 - as xAPI spells it
    name = Text(required=True, validate=validate.Length(min=1))


class _IdentifiedParty(Strict):
    name = Text()
    mbox = Text(data_types.is_mailbox, "mailto: and one address")
    mbox_sha1sum = Text(data_types.is_sha1, "a SHA-1 of 40 hexadecimal digits")
    openid = Iri()
    account = Nested(Account)
    fewest: ClassVar[int] = 1

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _one_identifier(self, _: Any, original: Any, **__: Any) -> None:
        given = [name for name in IDENTIFIERS if name in original]
        fewest = 0 if original.get("objectType") == "Group" and "member" in original else self.fewest
        if not fewest <= len(given) <= 1:
            raise ValidationError(f"exactly one of {', '.join(IDENTIFIERS)}")


class Agent(_IdentifiedParty):
    """A person or system."""

    objectType = Text(validate=validate.Equal("Agent"))  # noqa: N815


class Group(_IdentifiedParty):
    """Several agents: with an identifier of its own, or the list of members."""

    objectType = Text(required=True, validate=validate.Equal("Group"))  # noqa: N815
    member = fields.List(Nested(Agent), validate=validate.Length(min=1))


class Verb(Strict):
    """What was done."""

    id = Iri(required=True)
    display = LanguageMap()


class Component(Strict):
    """A choice, a step, a point on a scale."""

    id = Text(required=True, validate=validate.Length(min=1))
    description = LanguageMap()


class Components(fields.List[Any]):
    """Components with ids of their own."""

    def __init__(self, **more: Any) -> None:
        super().__init__(Nested(Component), **more)

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> Any:
        result: list[Any] = super()._deserialize(value, *rest, **more) or []
        names = [item["id"] for item in result]
        if len(set(names)) < len(names):
            raise ValidationError("an id twice")
        return result


class Definition(Strict):
    """The description of an activity."""

    name = LanguageMap()
    description = LanguageMap()
    type = Iri()
    moreInfo = Iri()  # noqa: N815
    extensions = Extensions()
    interactionType = Text(validate=validate.OneOf(INTERACTIONS))  # noqa: N815
    correctResponsesPattern = fields.List(Text())  # noqa: N815
    choices = Components()
    scale = Components()
    source = Components()
    target = Components()
    steps = Components()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _interaction(self, _: Any, original: Any, **__: Any) -> None:
        parts = [name for name in ("correctResponsesPattern", *_COMPONENTS) if name in original]
        if parts and "interactionType" not in original:
            raise ValidationError(f"{parts[0]} without interactionType")


class Activity(Strict):
    """What something was done with."""

    objectType = Text(validate=validate.Equal("Activity"))  # noqa: N815
    id = Iri(required=True)
    definition = Nested(Definition)


class StatementRef(Strict):
    """A reference to another statement by id."""

    objectType = Text(required=True, validate=validate.Equal("StatementRef"))  # noqa: N815
    id = Uuid(required=True)
