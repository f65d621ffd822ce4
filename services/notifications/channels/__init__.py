"""The ways out of the system: each takes a letter and says what became of it; none decides, none keeps anything."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.domain.deliveries import Outcome
from services.notifications.domain.register import Contact
from services.notifications.letters import MessageText


@dataclass(frozen=True)
class Message:
    """What is sent to one recipient; the same message bears the same id when it is sent again."""

    message_id: str
    sent_at: str
    contact: Contact
    render_message: MessageText


class Channel(Protocol):
    """`reaches` says whether it can be used for a contact; `wait` how many seconds it must rest before it may send;
    `to` is where it leads, without what is secret."""

    @property
    def to(self) -> str: ...
    def reaches(self, contact: Contact) -> bool: ...
    def wait(self, contact: Contact) -> float: ...
    def send(self, message: Message) -> Outcome: ...
    def close(self) -> None: ...
