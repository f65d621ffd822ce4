"""Which events of notifications, with which fields, appear in the security log; never free text."""

from typing import Final

from chassis.store.security_events import Members

SECURITY_MEMBERS: Final[Members] = {
    "notifications.delivery_cancelled": ("recipient", "day"),
    "notifications.delivery_reopened": ("recipient", "day", "repeats"),
    "notifications.recipient_held": ("recipient",),
    "notifications.recipient_released": ("recipient",),
}
