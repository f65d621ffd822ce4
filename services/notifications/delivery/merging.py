"""Groups recipients that get one message a day: several posts of one person with one address, and the person."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from services.notifications.rules.escalation import recipient_level

Groups: TypeAlias = dict[str, list[str]]
"""By recipient, everybody who shares their message, including themselves, ordered by name."""


def groups_by_address(addressed: Iterable[tuple[str, str]]) -> Groups:
    """Groups from (recipient, address) pairs.  Two persons never share a message, even with equal addresses: each gets
    their own, and the posts at that address share one."""
    recipients: dict[str, list[str]] = defaultdict(list)
    for recipient, address in addressed:
        if address:
            recipients[address].append(recipient)
    groups: Groups = {}
    for same in recipients.values():
        people = [recipient for recipient in same if recipient_level(recipient) == "person"]
        together = same if len(people) < 2 else [recipient for recipient in same if recipient not in people]
        if len(together) > 1:
            groups |= dict.fromkeys(together, sorted(together))
    return groups
