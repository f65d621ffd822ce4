"""Who gets one letter a day together: several posts of one person that share an address, and the person themselves."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from services.notifications.rules.escalation import recipient_level

Groups: TypeAlias = dict[str, list[str]]
"""By recipient, everybody who shares their letter, themselves included, in the order of their names."""


def groups_by_address(addressed: Iterable[tuple[str, str]]) -> Groups:
    """`addressed`: (recipient, address).  Two persons are never one, whatever their addresses say: where several share
    one, each gets a letter of their own, and the posts there get one together."""
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
