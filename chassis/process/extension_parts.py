"""Which parts an extension declares, told to nameko at once (docs/decisions/0305).

nameko asks every extension for all of its members to find those that are extensions, three times for each of the
hundreds of routes of a service: two thirds of what it takes to bind a service."""

import functools
import inspect

from nameko.extensions import Extension


class DeclaredParts:
    """First among the bases of an extension: of its attributes it names those that are extensions of their own."""

    def __dir__(self) -> list[str]:
        return _parts(type(self))


@functools.cache
def _parts(kind: type) -> list[str]:
    return [name for name, value in inspect.getmembers_static(kind) if isinstance(value, Extension)]
