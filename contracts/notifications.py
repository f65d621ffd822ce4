"""What notifications says happened: the calendar and contacts it was given, who was told what, and how it was sent.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`recipient` is a post or a person, never a name: `person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT`,
`campaign-office`.  What a person has thought or written is never in any of these.
"""

from chassis.events.definition import Event, event, personal


@event("notifications.calendar_imported")
class CalendarImported(Event):
    """The year's rest days and 调休 working days: [day, `work` or `rest`, name] of every day that is not as its
    weekday says.  Replaces what was imported before for that year; days set by hand stay."""

    year: int
    origin: str
    days: tuple[tuple[str, ...], ...]

    @property
    def stream(self) -> str:
        return f"calendar-{self.year:04}"


@event("notifications.calendar_day_set")
class CalendarDaySet(Event):
    """The bureau set one day by hand: `work`, `rest`, or `usual`: as imported or as its weekday says."""

    day: str
    kind: str
    name: str

    @property
    def stream(self) -> str:
        return f"calendar-{self.day[:4]}"


@event("notifications.contact_registered")
class ContactRegistered(Event):
    """How a recipient is reached.  `robot` is the key of a WeCom group robot."""

    recipient: str
    name: str = personal("recipient")
    email: str = personal("recipient")
    robot: str = personal("recipient")

    @property
    def stream(self) -> str:
        return f"contact-{self.recipient}"


@event("notifications.contact_removed")
class ContactRemoved(Event):
    """Nobody is reached there any more; the key of what was registered is destroyed."""

    recipient: str

    @property
    def stream(self) -> str:
        return f"contact-{self.recipient}"


@event("notifications.digest_decided")
class DigestDecided(Event):
    """The recipient is told these items on that day, and stands in their box with it.  An item is
    [stage, what, period, ref, unit_id, person_id, due, many, since, note] (services.notifications.domain.items);
    `person_id` is empty above the unit."""

    recipient: str
    day: str
    unit_id: str
    campaign: str
    campaign_version: int
    items: tuple[tuple[str, ...], ...]

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_started")
class DeliveryStarted(Event):
    """The digest is about to be sent by this channel; `attempt` counts over all channels.  `told` are the items that
    are left where some were met since they were decided, else empty."""

    recipient: str
    day: str
    channel: str
    attempt: int
    message_id: str
    told: tuple[tuple[str, ...], ...] = ()

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_made")
class DeliveryMade(Event):
    """The channel took the message."""

    recipient: str
    day: str
    channel: str
    attempt: int

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_failed")
class DeliveryFailed(Event):
    """The channel did not take the message; `again_at` is when it is tried again, empty: not by this channel."""

    recipient: str
    day: str
    channel: str
    attempt: int
    code: str
    detail: str
    again_at: str

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_ended")
class DeliveryEnded(Event):
    """Nothing more is sent of this digest: `box_only` (no address), `given_up` (no channel took it), `met` (everything
    that it would have said was met before it was sent)."""

    recipient: str
    day: str
    code: str

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.day_decided")
class DayDecided(Event):
    """Everything that the recipients are told on that day was decided."""

    day: str
    digests: int
    unknown_years: tuple[int, ...]

    @property
    def stream(self) -> str:
        return f"day-{self.day}"
