"""Marshmallow schemas of events' data, from which contracts are generated and checked.  Services do not import it."""

import typing
from dataclasses import Field, fields
from typing import Any

import marshmallow

from chassis.events.definition import MEANING, PERSONAL, Event, is_optional


def schema_of(cls: type[Event]) -> type[marshmallow.Schema]:
    """The marshmallow schema of the data of an event class."""
    hints = typing.get_type_hints(cls)
    result: dict[str, Any] = {}
    for f in fields(cls):  # type: ignore[arg-type]
        result[f.name] = _marshmallow(hints[f.name], not is_optional(f), description_of(f))
    return type(f"{cls.__name__}V{cls.version}", (marshmallow.Schema,), result)


def description_of(f: Field[Any]) -> str:
    """The field's meaning, and whether its value is ciphertext."""
    text: str = f.metadata.get(MEANING, "")
    if PERSONAL in f.metadata:
        text = f"{text}; ciphertext under the key of `{f.metadata[PERSONAL]}`".removeprefix("; ")
    return text


def _marshmallow(hint: Any, required: bool, description: str) -> marshmallow.fields.Field[Any]:
    about: dict[str, Any] = {"required": required, "metadata": {"description": description} if description else {}}
    if hint is str:
        return marshmallow.fields.String(**about)
    if hint is int:
        return marshmallow.fields.Integer(strict=True, **about)
    if hint is bool:
        return marshmallow.fields.Boolean(**about)
    if typing.get_origin(hint) is tuple:
        return marshmallow.fields.List(_marshmallow(typing.get_args(hint)[0], True, ""), **about)
    return marshmallow.fields.Dict(**about)
