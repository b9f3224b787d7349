"""Allow-list logging: an event name and declared keys; anything else is dropped, not masked.

Libraries log addresses and tokens by default (httpx the bot token in every URL, python-telegram-bot the chat id,
twilio the number, SQLAlchemy bound parameters), so of a library's record only its name and level are kept.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Final, TextIO, cast

import structlog

from bot.telemetry.events import EVENTS

_MAX_TEXT: Final = 64
_MAX_NUMBER: Final = 999_999  # longer runs of digits could be somebody's number
_LONG_DIGITS: Final = 7
_ALWAYS: Final = frozenset({"event", "level"})
_SILENT: Final = ("httpx", "httpcore", "telegram", "twilio", "uvicorn.access", "uvicorn.error", "asyncio")

Fields = MutableMapping[str, object]


class UndeclaredEventError(Exception):
    """A developer logged an event that telemetry.events does not declare."""


def allow_declared(_logger: object, _method: str, fields: Fields) -> Fields:
    """Keep the event, its level and its declared keys with harmless values; drop everything else.

    Raises UndeclaredEventError for an event nobody declared, so that a test finds it.
    """
    event = str(fields.get("event", ""))
    allowed = EVENTS.get(event)
    if allowed is None:
        raise UndeclaredEventError
    kept: Fields = {}
    for key, value in fields.items():
        if key in _ALWAYS or (key in allowed and _harmless(value)):
            kept[key] = value
    return kept


def _harmless(value: object) -> bool:
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int | float):
        return -_MAX_NUMBER <= value <= _MAX_NUMBER
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isascii():
        return False
    return longest_run_of_digits(value) < _LONG_DIGITS


def longest_run_of_digits(text: str) -> int:
    """How many digits stand in a row at most, separators of telephone numbers ignored."""
    longest = run = 0
    for letter in text:
        if letter.isdigit():
            run += 1
            longest = max(longest, run)
        elif letter not in " -./()":
            run = 0
    return longest


class _StandardError:
    """Standard error as it is when something is logged: whoever redirects it later is obeyed."""

    def write(self, text: str) -> int:
        """Write to it."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush it."""
        sys.stderr.flush()


class _NameOnly(logging.Handler):
    """Passes on that a library spoke, never what it said."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log library and level; the message may hold an address and is not looked at."""
        structlog.get_logger().warning(
            "library.spoke", library=record.name.partition(".")[0], kind=record.levelname.lower()
        )


def set_up_logs(level: str, out: TextIO | None = None) -> None:
    """Install the allow-list for the whole process: our events, libraries, uncaught exceptions."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            allow_declared,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(out or cast("TextIO", _StandardError())),
        cache_logger_on_first_use=False,
    )
    logging.root.handlers = [_NameOnly(level=logging.WARNING)]
    logging.root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.lastResort = None
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name in _SILENT:
        silent = logging.getLogger(name)
        silent.handlers = [logging.NullHandler()]
        silent.propagate = False
        silent.setLevel(logging.CRITICAL + 1)
    logging.raiseExceptions = False
    sys.excepthook = _report_crash
    sys.unraisablehook = _report_unraisable
    threading.excepthook = _report_thread


def place_of(fault: BaseException) -> str:
    """File and line of ours where an exception was raised, such as `usecases/take_turn.py:88`; no values."""
    place = "outside"
    trace = fault.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        if "/bot/" in name:
            place = f"{name.rpartition('/bot/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place[-_MAX_TEXT:]


def _report_crash(kind: type[BaseException], fault: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().error("task.failed", kind=kind.__name__, place=place_of(fault))


def _report_thread(lost: threading.ExceptHookArgs) -> None:
    _report_lost(lost.exc_type, lost.exc_value)


def _report_unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """What goes wrong where nobody can catch it: an object that is cleared away, a generator that is closed."""
    _report_lost(lost.exc_type, lost.exc_value)


def _report_lost(kind: type[BaseException], fault: BaseException | None) -> None:
    if issubclass(kind, SystemExit):
        return
    place = place_of(fault) if fault is not None else "outside"
    structlog.get_logger().error("task.failed", kind=kind.__name__, place=place)


def report_task(_loop: object, context: dict[str, object]) -> None:
    """Exception handler for an event loop: the kind and place of a lost exception, never its text."""
    fault = context.get("exception")
    kind = type(fault).__name__ if isinstance(fault, BaseException) else "unknown"
    place = place_of(fault) if isinstance(fault, BaseException) else "outside"
    structlog.get_logger().error("task.failed", kind=kind, place=place)


Log = structlog.typing.FilteringBoundLogger


def logger() -> Log:
    """The logger of the process."""
    log: Log = structlog.get_logger()
    return log
