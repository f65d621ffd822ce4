"""The channels out of the system: each sends a message and returns its outcome; none decides, none keeps anything."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome
from services.notifications.digests.message_texts import MessageText


@dataclass(frozen=True)
class Message:
    """What is sent to one recipient; a repeated message has the same id."""

    message_id: str
    sent_at: str
    contact: Contact
    text: MessageText


class Channel(Protocol):
    """`address` is how it reaches a contact, empty where it cannot: who has the same is the same; `wait` how many
    seconds it must rest before it may send; `to` is where it leads, without what is secret."""

    @property
    def to(self) -> str: ...
    def address(self, contact: Contact) -> str: ...
    def wait(self, contact: Contact) -> float: ...
    def send(self, message: Message) -> Outcome: ...
    def close(self) -> None: ...
