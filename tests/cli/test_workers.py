"""Several processes: one that dies is started again, one that breaks ends for itself, all stop together."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, pathlib, sys, time
from bot.cli.workers import REFUSED, supervise

folder = pathlib.Path(sys.argv[1])

def work(number):
    (folder / f"{number}-{os.getpid()}").touch()
    if sys.argv[2] == "refuses" and number == 1:
        return REFUSED
    if sys.argv[2] == "breaks":
        raise RuntimeError("canary +381607734951")
    if sys.argv[2] == "exits":
        sys.exit(7)
    while True:
        time.sleep(0.05)

code = supervise(2, work)
(folder / f"end-{os.getpid()}").touch()
sys.exit(code)
"""


class Crew:
    """A supervising process and what its workers left in a folder."""

    def __init__(self, folder: Path, way: str) -> None:
        self._folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), way],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )

    def started(self, number: int) -> list[int]:
        """Process ids of all workers with this number, dead ones too."""
        return [int(path.name.partition("-")[2]) for path in self._folder.glob(f"{number}-*")]

    def ends(self) -> int:
        """How many processes went on after supervising: never a worker."""
        return len(list(self._folder.glob("end-*")))

    def until(self, check: Callable[[], bool], patience: float = 20.0) -> None:
        end = time.monotonic() + patience
        while not check():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Callable[[str], Crew]]:
    made: list[Crew] = []

    def start(way: str) -> Crew:
        made.append(Crew(tmp_path, way))
        return made[-1]

    yield start
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_worker_that_dies_is_started_again_and_the_other_stays(crew: Callable[[str], Crew]) -> None:
    import os

    ours = crew("works")
    ours.until(lambda: len(ours.started(0)) == len(ours.started(1)) == 1)
    os.kill(ours.started(1)[0], signal.SIGKILL)

    ours.until(lambda: len(ours.started(1)) == 2)

    assert len(ours.started(0)) == 1
    assert ours.stop() == 0
    assert not any(alive(pid) for number in (0, 1) for pid in ours.started(number))


def test_a_stop_during_the_pause_before_a_restart_starts_nobody(crew: Callable[[str], Crew]) -> None:
    import os

    ours = crew("works")
    ours.until(lambda: len(ours.started(0)) == len(ours.started(1)) == 1)
    os.kill(ours.started(1)[0], signal.SIGKILL)
    time.sleep(0.2)

    assert ours.stop() == 0

    assert len(ours.started(1)) == 1
    assert not any(alive(pid) for number in (0, 1) for pid in ours.started(number))


def test_a_worker_that_refuses_to_start_stops_all(crew: Callable[[str], Crew]) -> None:
    ours = crew("refuses")

    assert ours.process.wait(20) == 1
    assert not any(alive(pid) for pid in ours.started(0))


@pytest.mark.parametrize("way", ["breaks", "exits"])
def test_a_worker_that_breaks_ends_for_itself_and_is_started_again(
    crew: Callable[[str], Crew], way: str
) -> None:
    ours = crew(way)
    ours.until(lambda: len(ours.started(0)) >= 2)

    assert ours.stop() == 0

    assert ours.ends() == 1
    assert ours.process.stderr is not None
    assert "381607734951" not in ours.process.stderr.read()


def test_a_stop_at_any_moment_of_the_start_stops_everybody(tmp_path: Path) -> None:
    for number, after in enumerate((0.0, 0.3, 0.6, 0.8, 1.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        ours = Crew(folder, "works")
        time.sleep(after)
        ours.stop()
        ours.process.communicate()

        assert not any(alive(pid) for each in (0, 1) for pid in ours.started(each))
