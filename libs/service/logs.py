"""Structured logs: one JSON object a line, no personal data, no floods."""

import json
import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

from libs.service.text import escaped

QUIET_SECONDS = 60.0
"""A library's same complaint is written once in this time; Kafka being away is one complaint."""
PRIVATE = frozenset({"password", "token", "cookie", "code", "username", "display_name", "address"})
"""Keys whose values never reach a log."""


class OncePerMinute(logging.Filter):
    """Lets one record of a kind through in ``QUIET_SECONDS``, and counts the others into it."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, str(record.msg))
        written, silent = self._seen.get(kind, (float("-inf"), 0))
        if time.monotonic() - written < QUIET_SECONDS:
            self._seen[kind] = (written, silent + 1)
            return False
        self._seen[kind] = (time.monotonic(), 0)
        if silent:
            record.msg = f"{record.getMessage()} ({silent} more like this not written)"
            record.args = ()
        return True


def without_private(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop the values of private keys."""
    for key in PRIVATE & event.keys():
        event[key] = "withheld"
    return event


def harmless(event: object, **options: Any) -> str:
    """``event`` as JSON in which everything is escaped that could forge a line on a terminal."""
    return escaped(json.dumps(event, ensure_ascii=False, **options))


def configure(service: str, site: str | None = None) -> None:
    """Send every log line of the process to standard error as JSON, with its service and site."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_private,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(harmless),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    _calm_libraries()
    structlog.contextvars.bind_contextvars(
        service=service, **({"site": site} if site is not None else {})
    )


def _calm_libraries() -> None:
    for name in ("aiokafka", "aiokafka.conn", "aiokafka.client", "aiokafka.cluster"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_LibrariesOncePerMinute())
    for name in ("alembic", "uvicorn.access", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True


class _LibrariesOncePerMinute(OncePerMinute):
    def filter(self, record: logging.LogRecord) -> bool:
        return not record.name.startswith("aiokafka") or super().filter(record)
