"""Several processes behind one socket: forked after loading, started again when one dies, stopped together."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bot.telemetry.logs import logger, place_of

REFUSED: Final = 3
"""Exit code of a worker that cannot start as configured: it said why, and the others would say the same."""

_RESTART_PAUSE: Final = 1.0  # seconds
_STOPS: Final = (signal.SIGTERM, signal.SIGINT)


def supervise(count: int, work: Callable[[int], int]) -> int:
    """Run `work(number)` in `count` processes until told to stop; 0, or 1 when they could not start."""
    crew = _Crew(work)
    for each in _STOPS:
        signal.signal(each, crew.stop)
    for number in range(count):
        crew.start(number)
    return crew.watch()


class _Crew:
    """The running workers by process id."""

    def __init__(self, work: Callable[[int], int]) -> None:
        self._work = work
        self._numbers: dict[int, int] = {}
        self._stopping = False
        self._refused = False

    def start(self, number: int) -> None:
        """Fork one worker. A stop that is asked for meanwhile reaches it too, and never its siblings through it."""
        held = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            if self._stopping:  # we may have been told until now
                return
            pid = os.fork()
            if pid == 0:
                for each in _STOPS:
                    signal.signal(each, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, held)
                os._exit(self._outcome(number))
            self._numbers[pid] = number
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def _outcome(self, number: int) -> int:
        """The worker's exit code, whatever happens: it never goes on with what only the first process may do."""
        try:
            return self._work(number)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        except BaseException as fault:  # noqa: BLE001  # nothing above may catch it in this process
            logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            return 1

    def stop(self, _signal: int = signal.SIGTERM, _frame: object = None) -> None:
        """Ask all to stop."""
        self._stopping = True
        for pid in tuple(self._numbers):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def watch(self) -> int:
        """Wait for all, and start again who died."""
        while self._numbers:
            pid, status = os.wait()
            number = self._numbers.pop(pid, None)
            if number is None or self._stopping:
                continue
            if os.waitstatus_to_exitcode(status) == REFUSED:
                self._refused = True
                self.stop()
                continue
            time.sleep(_RESTART_PAUSE)
            self.start(number)
        return 1 if self._refused else 0
