"""Events of subscriptions: which outside systems may read our facts, which of them, and since when."""

from chassis.events.definition import Event, event, meaning

_TYPES = "the public event types that it reads, `*` for any letters"
_UNITS = "ids of the units of which it reads; `all`: of every unit"
_PERSONAL = "whether it reads who persons are, their names and titles"


class _OfSubscription(Event):
    name: str

    @property
    def stream(self) -> str:
        return f"subscription-{self.name}"


@event("participation.subscription_added", label="订阅登记")
class SubscriptionAdded(_OfSubscription):
    """An outside system may read public events from now on."""

    name: str = meaning("the subscription")
    types: tuple[str, ...] = meaning(_TYPES)
    units: tuple[str, ...] = meaning(_UNITS)
    personal: bool = meaning(_PERSONAL)
    salt: str = meaning("what its pseudonyms are made with")
    token_number: int = meaning("the number of its token; no other is honoured")
    expires_at: str = meaning("when that token ends")


@event("participation.subscription_changed", label="订阅变更")
class SubscriptionChanged(_OfSubscription):
    """What it may read is another from now on, whole; its position stays."""

    name: str = meaning("the subscription")
    types: tuple[str, ...] = meaning(_TYPES)
    units: tuple[str, ...] = meaning(_UNITS)
    personal: bool = meaning(_PERSONAL)


@event("participation.subscription_rotated", label="订阅更换密钥")
class SubscriptionRotated(_OfSubscription):
    """It got a new token; the old one ended."""

    name: str = meaning("the subscription")
    token_number: int = meaning("the number of its token; no other is honoured")
    expires_at: str = meaning("when that token ends")


@event("participation.subscription_revoked", label="订阅撤销")
class SubscriptionRevoked(_OfSubscription):
    """It reads no more; its token ended."""

    name: str = meaning("the subscription")


@event("participation.subscription_delivery_set", label="订阅推送设定")
class SubscriptionDeliverySet(_OfSubscription):
    """It is sent its events from now on, or elsewhere than before."""

    name: str = meaning("the subscription")
    way: str = meaning("`webhook` or `amqp`")
    address: str = meaning("where they go: an address without its query, or the name of a queue")


@event("participation.subscription_delivery_changed", label="订阅推送变更")
class SubscriptionDeliveryChanged(_OfSubscription):
    """An operator intervened in what it is sent."""

    name: str = meaning("the subscription")
    act: str = meaning("paused, resumed, replayed, secret_rotated, retried, skipped or removed")
    detail: str = meaning("the cursor to begin with, or how many events; may be empty")
