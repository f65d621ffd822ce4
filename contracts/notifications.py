"""Events of notifications: the calendar and contacts it was given, who was reminded of what, and how it was sent.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`recipient` is a post or a person, never a name: `person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT`,
`campaign-office`.  What a person has written is never in any of these.
"""

from chassis.events.definition import Event, event, meaning, personal


@event("notifications.calendar_imported", label="工作日历导入")
class CalendarImported(Event):
    """The year's rest days and 调休 working days were imported, in place of what was imported before
    for that year; days set by hand stay."""

    year: int = meaning("the calendar year")
    origin: str = meaning("where the calendar came from")
    days: tuple[tuple[str, ...], ...] = meaning("[day, `work` or `rest`, name] of days not as their weekday says")

    @property
    def stream(self) -> str:
        return f"calendar-{self.year:04}"


@event("notifications.calendar_day_set", label="工作日历改定")
class CalendarDaySet(Event):
    """The bureau set one day by hand: `work`, `rest`, or `usual`: as imported or as its weekday says."""

    day: str = meaning("the day that was set")
    kind: str = meaning("`work`, `rest`, or `usual`: as imported")
    name: str = meaning("what the day is called")

    @property
    def stream(self) -> str:
        return f"calendar-{self.day[:4]}"


@event("notifications.contact_registered", label="联系方式登记")
class ContactRegistered(Event):
    """How a recipient is reached was registered."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    name: str = personal("recipient", "the recipient's name")
    email: str = personal("recipient", "e-mail address")
    robot: str = personal("recipient", "key of a WeCom group robot")
    dingtalk: str = personal("recipient", "token of a DingTalk group robot", default="")
    dingtalk_secret: str = personal("recipient", "what a DingTalk group robot is signed with", default="")

    @property
    def stream(self) -> str:
        return f"contact-{self.recipient}"


@event("notifications.contact_removed", label="联系方式删除")
class ContactRemoved(Event):
    """The contact was removed; the key of what was registered is destroyed."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")

    @property
    def stream(self) -> str:
        return f"contact-{self.recipient}"


@event("notifications.preferences_set", label="提醒方式设置")
class PreferencesSet(Event):
    """A recipient chose how they are told; what is compulsory is sent all the same, and the inbox has everything."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT` or `head-UNIT`")
    channels: tuple[str, ...] = meaning("channels in the order in which they are tried, before the campaign's others")
    not_before: str = meaning("local time before which nothing is sent, `09:30`; empty: the campaign's")
    muted: tuple[str, ...] = meaning("stages of which no letter is sent")

    @property
    def stream(self) -> str:
        return f"preferences-{self.recipient}"


@event("notifications.digest_decided", label="汇总提醒确定")
class DigestDecided(Event):
    """The recipient is reminded of these items on that day, and finds them in the inbox of the console.  An item is
    [stage, topic, period, reference, unit_id, person_id, due, quantity, since, note];
    `person_id` is empty above the unit."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    unit_id: str = meaning("the unit in whose name; empty above units")
    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")
    items: tuple[tuple[str, ...], ...] = meaning(
        "[stage, what, period, ref, unit_id, person_id, due, many, since, note] of each; no person above the unit"
    )

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_started", label="提醒开始发送")
class DeliveryStarted(Event):
    """The digest is about to be sent by this channel."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    channel: str = meaning("email, wecom or dingtalk")
    attempt: int = meaning("number of the attempt, over all channels")
    message_id: str = meaning("Message-ID of the e-mail: the same for the same digest, whenever it is sent")
    items_left: tuple[tuple[str, ...], ...] = meaning(
        "the items that are left where some were met since they were decided; else empty", default=()
    )

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_succeeded", label="提醒已发送")
class DeliverySucceeded(Event):
    """The channel took the message."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    channel: str = meaning("email, wecom or dingtalk")
    attempt: int = meaning("number of the attempt, over all channels")

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_failed", label="提醒未发出")
class DeliveryFailed(Event):
    """The channel did not take the message."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    channel: str = meaning("email, wecom or dingtalk")
    attempt: int = meaning("number of the attempt, over all channels")
    code: str = meaning("why: of the channel, `unknown_...` where nobody can tell")
    detail: str = meaning("what the channel answered, for operators")
    again_at: str = meaning("when it is tried again, UTC; empty: not by this channel")
    fault: str = meaning("whose fault: `channel`, `recipient` or `letter`", default="recipient")

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_ended", label="提醒不再发送")
class DeliveryEnded(Event):
    """Nothing more is sent of this digest: `inbox_only` (no address), `given_up` (no channel took it), `met` (all of
    it was done before it was sent), `superseded` (its day ended; what is still owed comes with the next digest),
    `unknown` (nobody can tell whether it went)."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    code: str = meaning("`inbox_only`, `given_up`, `met`, `superseded` or `unknown`")

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_cancelled", label="提醒取消发送")
class DeliveryCancelled(Event):
    """Somebody decided that this digest is not sent; its items are not said again at their stage."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    reason: str = meaning("why, in words of whoever decided it")

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.delivery_reopened", label="提醒重发")
class DeliveryReopened(Event):
    """Somebody decided that this digest is sent (again): all channels have their turn anew."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT` or `campaign-office`")
    day: str = meaning("the day of the digest")
    reason: str = meaning("why, in words of whoever decided it")
    repeats: bool = meaning("whether it had been delivered, or may have been: the letter says so")

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@event("notifications.recipient_held", label="收件人暂缓发送")
class RecipientHeld(Event):
    """Nothing is sent to this recipient until they are released; their inbox goes on."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT`, `campaign-office` or `everybody`")
    reason: str = meaning("why, in words of whoever decided it")

    @property
    def stream(self) -> str:
        return f"hold-{self.recipient}"


@event("notifications.recipient_released", label="收件人恢复发送")
class RecipientReleased(Event):
    """What waits for this recipient is sent again."""

    recipient: str = meaning("`person-ID`, `clerk-UNIT`, `head-UNIT`, `office-UNIT`, `campaign-office` or `everybody`")
    reason: str = meaning("why, in words of whoever decided it")

    @property
    def stream(self) -> str:
        return f"hold-{self.recipient}"


@event("notifications.channel_opened", label="通道暂停")
class ChannelOpened(Event):
    """The channel takes no messages (its circuit breaker is open): nothing is sent by it until `probe_at`, when one
    message tries it (half-open)."""

    channel: str = meaning("email, wecom or dingtalk")
    code: str = meaning("what it answered, as in `delivery_failed`")
    detail: str = meaning("what it answered, for operators")
    failures: int = meaning("how many times in a row it was opened")
    probe_at: str = meaning("when one message tries it, UTC")

    @property
    def stream(self) -> str:
        return f"channel-{self.channel}"


@event("notifications.channel_closed", label="通道恢复")
class ChannelClosed(Event):
    """The channel takes messages again (its circuit breaker is closed)."""

    channel: str = meaning("email, wecom or dingtalk")

    @property
    def stream(self) -> str:
        return f"channel-{self.channel}"


@event("notifications.day_decided", label="当日提醒确定")
class DayDecided(Event):
    """Every digest of that day was decided."""

    day: str = meaning("the day")
    digests: int = meaning("how many digests")
    unknown_years: tuple[int, ...] = meaning("years that the calendar did not know")

    @property
    def stream(self) -> str:
        return f"day-{self.day}"
