"""Events that every service may append to its own log: what operators did with quarantine, refused reactions, recovery
from a backup."""

from chassis.events.definition import Event, event, meaning


@event("operations.quarantine_retried", label="异常件重新处理")
class QuarantineRetried(Event):
    """An operator retried a quarantined message and it was handled."""

    entry: int = meaning("number of the quarantined message")
    code: str = meaning("why it was quarantined")

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.quarantine_edited", label="异常件修改后处理")
class QuarantineEdited(Event):
    """An operator edited a quarantined intake message and it was taken in."""

    entry: int = meaning("number of the quarantined message")
    before: str = meaning("of the body before, HMAC-SHA256 under the store's secret")
    after: str = meaning("of the body after")

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.quarantine_discarded", label="异常件放弃")
class QuarantineDiscarded(Event):
    """An operator gave a quarantined message up, for this reason."""

    entry: int = meaning("number of the quarantined message")
    code: str = meaning("why it was quarantined")
    reason: str = meaning("why, in the operator's words")

    @property
    def stream(self) -> str:
        return f"quarantine-{self.entry}"


@event("operations.reaction_refused", label="后续处理未接收")
class ReactionRefused(Event):
    """The rules refused what a handler of another service's event wanted to append."""

    cause: str = meaning("id of the other service's event")
    reaction: str = meaning("name of the handler")
    code: str = meaning("why it was refused")
    detail: str = meaning("more for operators")

    @property
    def stream(self) -> str:
        return f"reaction-{self.cause}"


@event("operations.restored_from_backup", label="从备份恢复后重新起头")
class RestoredFromBackup(Event):
    """The store came back from a backup: what follows here is not what was lost after the backup."""

    before: str = meaning("the epoch of the backup")
    epoch: str = meaning("the epoch from this event on")

    @property
    def stream(self) -> str:
        return f"epoch-{self.epoch}"


@event("operations.replayed_from_source", label="从共同之处重新接收")
class ReplayedFromSource(Event):
    """A source lost events after `position` that were applied here: they were removed, and its log is read again from
    there."""

    source: str = meaning("the service that lost events")
    partition: int = meaning("partition of the source's log")
    position: int = meaning("the last position that both still have")
    forgotten: int = meaning("how many of its events were removed here")

    @property
    def stream(self) -> str:
        return f"hearing-{self.source}-{self.partition}"
