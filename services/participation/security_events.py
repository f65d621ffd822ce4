"""Which of participation's events, with which fields, appear in the security log; no secrets, no names."""

from typing import Final

from chassis.store.security_events import Members

_RIGHTS = ("name", "types", "units", "sources", "unnamed")
_POST = ("unit_id", "post", "person_id", "since", "until")
SECURITY_MEMBERS: Final[Members] = {
    "participation.publisher_registered": _RIGHTS,
    "participation.publisher_changed": _RIGHTS,
    "participation.publisher_rotated": ("name",),
    "participation.publisher_removed": ("name", "dropped"),
    "participation.subscription_added": ("name", "types", "units", "personal"),
    "participation.subscription_changed": ("name", "types", "units", "personal"),
    "participation.subscription_rotated": ("name",),
    "participation.subscription_revoked": ("name",),
    "participation.subscription_delivery_set": ("name", "way", "address"),
    "participation.subscription_delivery_changed": ("name", "act", "detail"),
    "participation.import_started": ("import_id",),
    "participation.import_finished": ("import_id",),
    "participation.import_stopped": ("import_id", "reason"),
    "participation.post_assigned": _POST,
    "participation.post_corrected": (*_POST, "voided", "columns"),
    "participation.person_erased": ("person_id",),
}
