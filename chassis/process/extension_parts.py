"""Which parts an extension declares, told to nameko at once (docs/decisions/0305).

nameko asks every extension for all of its members to find those that are extensions, three times for each of the
hundreds of routes of a service: two thirds of what it takes to bind a service."""

import inspect
from typing import Any

from nameko.extensions import Extension


class DeclaredParts:
    """First among the bases of an extension: of its attributes it names those that are extensions of their own."""

    _parts: tuple[str, ...] = ()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls._parts = tuple(name for name, value in inspect.getmembers_static(cls) if isinstance(value, Extension))

    def __dir__(self) -> tuple[str, ...]:
        return self._parts
