"""Up to which day a user has seen the messages of each inbox: what is newer is unread.  Nobody else sees it, and when
something was read is not kept (domain.md: no reading times)."""

import sqlalchemy as sa

from console.store.database import Store
from console.store.tables import inboxes_read


def last_seen(store: Store, account_id: str) -> dict[str, str]:
    """The day of the newest message that was shown, by inbox."""
    query = sa.select(inboxes_read).where(inboxes_read.c.account_id == account_id)
    with store.reading() as connection:
        return {row.recipient: row.day for row in connection.execute(query)}


def mark_seen(store: Store, account_id: str, recipient: str, day: str) -> None:
    """Nothing where it is so already."""
    if last_seen(store, account_id).get(recipient, "") >= day:
        return
    same = sa.and_(inboxes_read.c.account_id == account_id, inboxes_read.c.recipient == recipient)
    with store.writing() as connection:
        connection.execute(sa.delete(inboxes_read).where(same))
        values = {"account_id": account_id, "recipient": recipient, "day": day}
        connection.execute(sa.insert(inboxes_read).values(**values))
