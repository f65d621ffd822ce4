"""Structured logging: one JSON object per line on stderr, with service and correlation id.  Neither personal data nor
message bodies are logged."""

import logging
import sys
from typing import Any

import structlog


def configure(level: str) -> None:
    """Set up structlog and the standard logging; call it once per process, before anything logs.  `level`: DEBUG, INFO,
    WARNING or ERROR."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("nameko", "kombu", "amqp", "eventlet", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it logs each try: who asked says what came of it
    # the pool logs a broken connection with a traceback when it takes it back: whoever used it has logged it already
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
