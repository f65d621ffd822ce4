"""What operators do and what went wrong, as events that every service may append to its own log."""

from chassis.events.definition import Event, event


@event("operations.quarantine_retried")
class QuarantineRetried(Event):
    """An operator had a quarantined message tried again and it went through."""

    entry: int
    code: str

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.quarantine_edited")
class QuarantineEdited(Event):
    """An operator changed a quarantined intake body (SHA-256 before and after) and it was taken in."""

    entry: int
    before: str
    after: str

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.quarantine_discarded")
class QuarantineDiscarded(Event):
    """An operator gave a quarantined message up, for this reason."""

    entry: int
    code: str
    reason: str

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.reaction_refused")
class ReactionRefused(Event):
    """The rules refused what should have followed from another service's event (`cause` is its id)."""

    cause: str
    reaction: str
    code: str
    detail: str

    @property
    def stream(self) -> str:
        return f"reaction-{self.cause}"


@event("operations.restored_from_backup")
class RestoredFromBackup(Event):
    """The store came back from a backup: what this log says after this is another past than the one that was lost."""

    before: str
    epoch: str

    @property
    def stream(self) -> str:
        return f"epoch-{self.epoch}"


@event("operations.replayed_from_source")
class ReplayedFromSource(Event):
    """A source lost what was heard of it after `position`: so many events were forgotten, it is heard from there."""

    source: str
    partition: int
    position: int
    forgotten: int

    @property
    def stream(self) -> str:
        return f"hearing-{self.source}-{self.partition}"
