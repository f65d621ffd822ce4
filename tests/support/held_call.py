"""A call to a simulated platform that is held open, so that a test can kill whoever made it."""

import threading


class HeldCall:
    """`reached` is set when the call has come; it is answered once `released` is set."""

    def __init__(self) -> None:
        self.reached, self.released = threading.Event(), threading.Event()

    def wait_for_release(self) -> None:
        self.reached.set()
        self.released.wait(120)
