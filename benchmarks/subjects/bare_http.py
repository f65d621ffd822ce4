"""The limit of HTTP: a nameko service that reads a body and answers, until its stdin ends."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from eventlet import tpool  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.web.handlers import http  # noqa: E402
from werkzeug.wrappers import Request  # noqa: E402


class Bare:
    """Knows no store and no token."""

    name = "bare"

    @http("POST", "/bare")
    def take(self, request: Request) -> str:
        return f"{len(request.get_data())}"


def main() -> None:
    container = ServiceContainer(Bare, {"WEB_SERVER_ADDRESS": f"127.0.0.1:{sys.argv[1]}"})
    container.start()
    tpool.execute(sys.stdin.read)
    container.stop()


if __name__ == "__main__":
    main()
