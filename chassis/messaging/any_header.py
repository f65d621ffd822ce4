"""Message headers that cannot be read must not stop whoever consumes the message."""

from typing import Any

import amqp.serialization


def tolerate_any_header() -> None:
    """Hole 3, deeper: a header table nested past the recursion limit would raise while the frame is read, for every
    consumer that ever gets the message.  Headers that cannot be read are none."""
    original = amqp.serialization.GenericContent.inbound_header

    def inbound_header(self: Any, buffer: bytes, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except Exception as error:  # no I/O here, so also OSError is the message's: a date past the end of time
            self.properties = {"unreadable": repr(error)[:200]}
            if not self.body_size:
                self.ready = True
            return offset + 12

    amqp.serialization.GenericContent.inbound_header = inbound_header
