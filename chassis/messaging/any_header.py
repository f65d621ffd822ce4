"""A patch of py-amqp: a message with undecodable headers is delivered without them, instead of ending the
connection."""

from typing import Any

import amqp.serialization


def tolerate_any_header() -> None:
    """Replace py-amqp's header decoder for this process.  A header table nested past the recursion limit raises while
    the frame is read, for every consumer that the message is ever delivered to (docs/architecture.md, hole 3).  Such
    headers are replaced by `{"unreadable": reason}`."""
    original = amqp.serialization.GenericContent.inbound_header

    def inbound_header(self: Any, buffer: bytes, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except Exception as error:  # no I/O here: even an OSError comes from the content, such as an out-of-range date
            self.properties = {"unreadable": repr(error)[:200]}
            if not self.body_size:
                self.ready = True
            return offset + 12

    amqp.serialization.GenericContent.inbound_header = inbound_header
