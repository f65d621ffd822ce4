"""Which of notifications' events stand in the security log, and which of their members: no free text."""

from typing import Final

from chassis.store.security_events import Members

SECURITY_MEMBERS: Final[Members] = {
    "notifications.delivery_cancelled": ("recipient", "day"),
    "notifications.delivery_reopened": ("recipient", "day", "repeats"),
    "notifications.recipient_held": ("recipient",),
    "notifications.recipient_released": ("recipient",),
}
