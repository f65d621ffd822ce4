"""What the routes of all features share."""

from typing import Any

from chassis.process.clock import Clock
from services.publicity.context import PublicityContext


class PublicityRoutes:
    """Base class of each feature's routes: the context for handlers and queries."""

    clock: Clock
    publicity: PublicityContext
    publisher: Any
