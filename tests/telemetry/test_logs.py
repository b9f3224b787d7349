"""Nobody identifiable in any log line."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.telemetry.events import EVENTS
from bot.telemetry.logs import (
    UndeclaredEventError,
    allow_declared,
    logger,
    place_of,
    report_task,
    set_up_logs,
)

CANARY = "+381601234567"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    hooks = sys.unraisablehook, threading.excepthook
    before = (
        sys.excepthook,
        logging.root.handlers,
        logging.root.level,
        logging.lastResort,
        logging.raiseExceptions,
    )
    stream = io.StringIO()
    set_up_logs("debug", stream)
    yield stream
    sys.unraisablehook, threading.excepthook = hooks
    sys.excepthook, logging.root.handlers, level, logging.lastResort, logging.raiseExceptions = before
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_a_declared_event_keeps_its_declared_keys(out: io.StringIO) -> None:
    logger().info("send.failed", channel="whatsapp", reason="throttled", retryable=True)

    assert json.loads(out.getvalue()) == {
        "channel": "whatsapp",
        "event": "send.failed",
        "level": "info",
        "reason": "throttled",
        "retryable": True,
    }


def test_an_undeclared_key_is_dropped_not_masked(out: io.StringIO) -> None:
    logger().info("send.failed", channel="whatsapp", text="I slept at the station")

    assert "text" not in json.loads(out.getvalue())
    assert "station" not in out.getvalue()


@pytest.mark.parametrize(
    "value", [CANARY, "381 60 123-45-67", 381601234567, "x" * 65, "číslo", ["a"], {"a": 1}, b"381"]
)
def test_a_value_that_could_name_a_person_is_dropped_even_under_a_declared_key(
    out: io.StringIO, value: object
) -> None:
    logger().info("send.failed", channel="telegram", reason=value)

    assert "reason" not in json.loads(out.getvalue())


def test_an_event_nobody_declared_is_refused() -> None:
    with pytest.raises(UndeclaredEventError):
        allow_declared(None, "info", {"event": "person.wrote"})


@pytest.mark.parametrize(
    "name",
    [
        "httpx",
        "telegram.ext.ExtBot",
        "twilio.http_client",
        "sqlalchemy.engine",
        "uvicorn.access",
        "some.new.library",
    ],
)
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.CRITICAL])
def test_what_a_library_says_never_reaches_the_log(out: io.StringIO, name: str, level: int) -> None:
    logging.getLogger(name).log(
        level, "POST https://api.telegram.org/bot123:TOKEN/sendMessage chat %s", CANARY
    )

    assert CANARY not in out.getvalue()
    assert "TOKEN" not in out.getvalue()


def test_a_warning_of_a_library_is_told_by_its_name_alone(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"slow answer for {CANARY}", stacklevel=1)

    assert CANARY not in out.getvalue()


def test_an_uncaught_exception_leaves_its_kind_and_place_but_not_its_words(out: io.StringIO) -> None:
    fault = ValueError(CANARY)
    sys.excepthook(ValueError, fault, None)

    assert json.loads(out.getvalue())["kind"] == "ValueError"
    assert CANARY not in out.getvalue()


def test_a_lost_exception_of_a_task_leaves_no_words(out: io.StringIO) -> None:
    report_task(None, {"message": f"Task for {CANARY}", "exception": KeyError(CANARY)})

    assert json.loads(out.getvalue())["kind"] == "KeyError"
    assert CANARY not in out.getvalue()


class Untidy:
    """Breaks where nobody can catch it."""

    def __del__(self) -> None:
        raise ValueError(CANARY)


def test_what_breaks_while_an_object_is_cleared_away_leaves_no_words(
    out: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    Untidy()

    assert json.loads(out.getvalue()) == {
        "event": "task.failed",
        "kind": "ValueError",
        "level": "error",
        "place": "outside",
    }
    assert CANARY not in out.getvalue() + "".join(capfd.readouterr())


def test_what_breaks_in_a_thread_leaves_no_words(out: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    def breaks() -> None:
        raise KeyError(CANARY)

    thread = threading.Thread(target=breaks, name=CANARY)
    thread.start()
    thread.join()

    assert json.loads(out.getvalue())["kind"] == "KeyError"
    assert CANARY not in out.getvalue() + "".join(capfd.readouterr())


def test_a_place_is_a_file_and_line_of_ours() -> None:
    with pytest.raises(UndeclaredEventError) as caught:
        allow_declared(None, "info", {"event": "nobody.declared"})

    assert place_of(caught.value).startswith("telemetry/logs.py:")


@given(
    st.sampled_from(sorted(EVENTS)),
    st.dictionaries(st.text(max_size=12), st.text() | st.integers() | st.binary(), max_size=6),
)
def test_whatever_is_logged_no_long_number_comes_out(event: str, fields: dict[str, object]) -> None:
    kept = allow_declared(None, "info", {**fields, "event": event})

    for key, value in kept.items():
        assert key in {"event", "level"} | EVENTS[event]
        assert not (isinstance(value, str) and sum(letter.isdigit() for letter in value) > 60)
        assert not (isinstance(value, int) and abs(value) > 999_999)
