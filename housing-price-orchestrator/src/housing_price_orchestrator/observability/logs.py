"""Log lines: JSON for machines, readable text on a terminal; our own and uvicorn's in the same form."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from housing_price_orchestrator.observability.log_queue import QueuedHandler
from housing_price_orchestrator.observability.request_context import current_request
from housing_price_orchestrator.settings import LogSettings


def configure_logging(settings: LogSettings, environment: str) -> None:
    """Send every log line of the process to standard error, in one form."""
    as_text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
    ]
    if not as_text:
        shared.append(_Constant("environment", environment))
    renderers: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if as_text
        else [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = QueuedHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    # A line for each call, several for each start, and advice about WebSockets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


class _Constant:
    def __init__(self, key: str, value: str) -> None:
        self._key, self._value = key, value

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event[self._key] = self._value
        return event


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if request_id := current_request.get().request_id:
        event.setdefault("request_id", request_id)
    return event
