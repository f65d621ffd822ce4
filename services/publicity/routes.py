"""What the routes of all features have: the context that they hand to handlers and queries."""

from typing import Any

from chassis.process.clock import Clock
from services.publicity.context import PublicityContext


class PublicityRoutes:
    """Mixed into the service class by the routes of each feature."""

    clock: Clock
    publicity: PublicityContext
    publisher: Any
