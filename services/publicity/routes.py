"""What the routes of all features have: the context that they hand to handlers and queries."""

from typing import Any

from services.publicity.context import PublicityContext


class PublicityRoutes:
    """Mixed into the service class by the routes of each feature."""

    runtime: Any
    publicity: PublicityContext
    publisher: Any
