"""Outgoing channels: each sends a message and returns the outcome; none makes decisions or stores anything."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome
from services.notifications.digests.message_texts import MessageText


@dataclass(frozen=True)
class Message:
    """A message to one recipient; a repeated message has the same id."""

    message_id: str
    sent_at: str
    contact: Contact
    text: MessageText


class Channel(Protocol):
    """A channel.  `address`: the contact's address for this channel, empty if there is none; contacts with equal
    addresses are reached together.  `wait`: seconds until it may send again.  `to`: where it leads, without secrets."""

    @property
    def to(self) -> str: ...
    def address(self, contact: Contact) -> str: ...
    def wait(self, contact: Contact) -> float: ...
    def send(self, message: Message) -> Outcome: ...
    def close(self) -> None: ...
