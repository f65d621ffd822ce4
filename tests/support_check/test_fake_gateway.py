"""The fake of the console's gateway takes as many connections at once as a page makes."""

import contextlib
import socket

from tests.support.fake_gateway import FakeGateway


def test_connections_that_come_at_once_wait_for_their_turn_and_none_is_dropped() -> None:
    gateway = FakeGateway()
    gateway._server.shutdown()  # it listens and accepts nothing
    with contextlib.ExitStack() as stack:
        stack.callback(gateway._server.server_close)
        for _ in range(20):
            stack.enter_context(socket.create_connection(gateway._server.server_address[:2], timeout=0.9))
