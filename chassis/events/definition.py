"""What an event is: a frozen dataclass with a wire name, a version and a schema; never how it is stored or sent."""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from operator import itemgetter
from typing import Any, ClassVar, dataclass_transform

from chassis.events.canonical_json import canonical

PERSONAL = "personal"
MEANING = "meaning"


class Event:
    """Base of all events.  Subclasses are made by `@event`; their fields are text, integers, booleans,
    tuples of these, or mappings that canonical JSON can hold.  Text that is not given is empty."""

    wire: ClassVar[str]
    version: ClassVar[int]
    label: ClassVar[str]  # what people call it, Chinese

    @property
    def stream(self) -> str:
        """The stream that the event belongs to, such as `record-R0001`."""
        raise NotImplementedError

    @property
    def occurred(self) -> str:
        """When the fact happened (UTC instant of canonical.instant), or empty: when it was recorded."""
        return ""


def meaning(text: str, *, default: Any = MISSING) -> Any:
    """A field and what it means: the text of docs/events.md and of the JSON Schema's description."""
    return field(default=default, metadata={MEANING: text})


def personal(subject: str, text: str = "", *, default: Any = MISSING) -> Any:
    """A field that is kept only under the key of the subject named by another field of the same event."""
    return field(default=default, metadata={MEANING: text, PERSONAL: subject})


class Registry:
    """All events known to a process, by wire name: old versions too, each with an upcaster to the next."""

    def __init__(self) -> None:
        self.classes: dict[str, type[Event]] = {}
        self._upcasters: dict[type[Event], Callable[[Any], Event]] = {}
        self._readers: dict[str, Callable[[dict[str, Any]], Event]] = {}

    def add(self, cls: type[Event]) -> None:
        if self.classes.setdefault(cls.wire, cls) is not cls:
            raise TypeError(f"two classes for {cls.wire}")
        self._readers[cls.wire] = _reader(cls)

    def add_upcaster(self, old: type[Event], up: Callable[[Any], Event]) -> None:
        self._upcasters[old] = up

    def read(self, wire: str, data: dict[str, Any]) -> Event:
        """The event of that wire name, upcast to its newest version.  UnknownEvent, BadEvent."""
        reader = self._readers.get(wire)
        if reader is None:
            raise UnknownEvent(wire)
        return self.upcast(reader(data))

    def upcast(self, result: Event) -> Event:
        """The event, upcast to its newest version."""
        while (up := self._upcasters.get(type(result))) is not None:
            result = up(result)
        return result


class UnknownEvent(LookupError):
    """No class for that wire name in this process."""


class BadEvent(ValueError):
    """The data does not have the shape of its wire name."""


REGISTRY = Registry()


@dataclass_transform(frozen_default=True, kw_only_default=False, field_specifiers=(field, meaning, personal))
def event(name: str, version: int = 1, label: str = "") -> Callable[[type], Any]:
    """Class decorator: `@event("participation.record_submitted", label="填报记录")` makes a frozen dataclass, known by
    its wire name."""

    def make(cls: type) -> Any:
        result: Any = dataclass(frozen=True)(cls)
        result.wire = f"{name}.v{version}"
        result.version = version
        result.label = label
        REGISTRY.add(result)
        return result

    return make


def upcasts(old: type[Event]) -> Callable[[Callable[[Any], Event]], Callable[[Any], Event]]:
    """Decorator: how an event of an older version is read as one of the next version."""

    def register(up: Callable[[Any], Event]) -> Callable[[Any], Event]:
        REGISTRY.add_upcaster(old, up)
        return up

    return register


def data_of(occurrence: Event) -> dict[str, Any]:
    """The fields as plain data, in the form that `Registry.read` takes back."""
    return {name: _plain(value) for name, value in vars(occurrence).items()}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def text_of(occurrence: Event) -> str:
    """The fields as canonical JSON text.  NotCanonical."""
    return canonical(vars(occurrence))


def with_fields(occurrence: Event, changed: dict[str, Any]) -> Event:
    """The event with other values in these fields (dataclasses.replace, at a tenth of its cost)."""
    result = object.__new__(type(occurrence))
    vars(result).update(vars(occurrence) | changed)
    return result


def personal_fields(cls: type[Event]) -> tuple[tuple[str, str], ...]:
    """(field, field that names its subject) of every personal field."""
    return tuple((f.name, f.metadata[PERSONAL]) for f in fields(cls) if PERSONAL in f.metadata)  # type: ignore[arg-type]


def _reader(cls: type[Event]) -> Callable[[dict[str, Any]], Event]:
    """Reads data of this class.  Unknown fields are ignored: a newer producer may add some."""
    hints = typing.get_type_hints(cls)
    checks = [(f.name, _check(hints[f.name]), is_optional(f)) for f in fields(cls)]  # type: ignore[arg-type]

    def read(data: dict[str, Any]) -> Event:
        if not isinstance(data, dict):
            raise BadEvent(f"{cls.wire}: data is not an object")
        given = {}
        for name, check, optional in checks:
            if name in data:
                given[name] = check(name, data[name])
            elif not optional:
                raise BadEvent(f"{cls.wire}: {name} is missing")
        return cls(**given)

    return _fast_reader(cls, hints, read)


def _fast_reader(cls: type[Event], hints: Mapping[str, Any], careful: Callable[[dict[str, Any]], Event]
           ) -> Callable[[dict[str, Any]], Event]:  # fmt: skip
    """Nearly every event is texts and numbers, all present.  One comparison of their types shows it, and the fields are
    filled in past the frozen dataclass's __init__, at a fifth of the cost; anything else is read field by field."""
    names = tuple(f.name for f in fields(cls))  # type: ignore[arg-type]
    kinds = tuple(hints[name] for name in names)
    if len(names) < 2 or not set(kinds) <= {str, int, bool}:
        return careful
    pick = itemgetter(*names)

    def read(data: dict[str, Any]) -> Event:
        try:
            values = pick(data)
        except (KeyError, TypeError):
            return careful(data)
        if tuple(map(type, values)) != kinds:
            return careful(data)
        result = object.__new__(cls)
        vars(result).update(zip(names, values, strict=True))
        return result

    return read


_Check = Callable[[str, Any], Any]


def is_optional(f: Field[Any]) -> bool:
    return f.default is not MISSING or f.default_factory is not MISSING


def _check(hint: Any) -> _Check:
    """A checker for one field: it answers the value in the dataclass's form, or raises BadEvent."""
    if hint in (str, int, bool):
        return _scalar(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _sequence(_check(args[0]))
    if hint is dict or origin in (dict, Mapping) or origin is types.MappingProxyType:
        return _scalar(dict)
    raise TypeError(f"an event field cannot be {hint!r}")


def _scalar(kind: type) -> _Check:
    def check(name: str, value: Any) -> Any:
        if type(value) is not kind:
            raise BadEvent(f"{name} is not {kind.__name__}")
        return value

    return check


def _sequence(item: _Check) -> _Check:
    def check(name: str, value: Any) -> Any:
        if type(value) is not list:
            raise BadEvent(f"{name} is not a list")
        return tuple(item(name, entry) for entry in value)

    return check
