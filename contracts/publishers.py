"""Events of the outside systems that may report: what each may, since when, by whom it was decided; no secrets."""

from chassis.events.definition import Event, event, meaning

_TYPES = "the event types that it may report, `*` for any letters"
_UNITS = "ids of the units whose rows it may report; `all`: of every unit"
_SOURCES = "the sources that are its own; one that ends in `*` is all that begin so"
_UNNAMED = "whether its messages may come without the broker's `user_id`"


@event("participation.publisher_registered", label="接入系统登记")
class PublisherRegistered(Event):
    """An outside system may report from now on."""

    name: str = meaning("the publisher")
    types: tuple[str, ...] = meaning(_TYPES)
    units: tuple[str, ...] = meaning(_UNITS)
    sources: tuple[str, ...] = meaning(_SOURCES)
    unnamed: bool = meaning(_UNNAMED)

    @property
    def stream(self) -> str:
        return f"publisher-{self.name}"


@event("participation.publisher_changed", label="接入系统变更")
class PublisherChanged(Event):
    """What an outside system may report is another from now on, whole; what it reported before stays."""

    name: str = meaning("the publisher")
    types: tuple[str, ...] = meaning(_TYPES)
    units: tuple[str, ...] = meaning(_UNITS)
    sources: tuple[str, ...] = meaning(_SOURCES)
    unnamed: bool = meaning(_UNNAMED)

    @property
    def stream(self) -> str:
        return f"publisher-{self.name}"


@event("participation.publisher_rotated", label="接入系统更换密钥")
class PublisherRotated(Event):
    """An outside system got a new token and password; the old ones ended."""

    name: str = meaning("the publisher")

    @property
    def stream(self) -> str:
        return f"publisher-{self.name}"


@event("participation.publisher_removed", label="接入系统注销")
class PublisherRemoved(Event):
    """An outside system reports no more; what it reported and still waited was dropped."""

    name: str = meaning("the publisher")
    dropped: int = meaning("how many of its reports waited")

    @property
    def stream(self) -> str:
        return f"publisher-{self.name}"
