"""Several processes behind one socket: forked after loading, started again when one dies, stopped together."""

import os
import signal
import time
from collections.abc import Callable
from typing import Final

REFUSED: Final = 3
"""Exit code of a worker that cannot start as configured: it said why, and the others would say the same."""

_RESTART_PAUSE: Final = 1.0  # seconds


def supervise(count: int, work: Callable[[int], int]) -> int:
    """Run `work(number)` in `count` processes until told to stop; 0, or 1 when they could not start."""
    crew = _Crew(work)
    signal.signal(signal.SIGTERM, crew.stop)
    signal.signal(signal.SIGINT, crew.stop)
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
        """Fork one worker."""
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os._exit(self._work(number))
        self._numbers[pid] = number

    def stop(self, _signal: int = signal.SIGTERM, _frame: object = None) -> None:
        """Ask all to stop."""
        self._stopping = True
        for pid in self._numbers:
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
            if not self._stopping:  # we may have been told meanwhile
                self.start(number)
        return 1 if self._refused else 0
