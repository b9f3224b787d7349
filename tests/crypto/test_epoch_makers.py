"""However many processes turn an epoch over at once, one of them makes its key and all of them use that one."""

import multiprocessing
import os
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bot.crypto.epochs import EPOCH
from bot.crypto.keys import KeyRoom
from bot.crypto.keystore import Custody

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROCESSES = 4
PASSPHRASE = "six words only for this test"


def turn_over(folder: str, custody: Custody, start: Barrier, answers: "multiprocessing.Queue[str]") -> None:
    """One process: opens the keys of this month, waits for all others, then asks for those of the next."""
    keys = KeyRoom.open(Path(folder), custody, NOW, passphrase=lambda: PASSPHRASE)
    start.wait()
    epochs = keys.epochs(NOW + EPOCH)
    answers.put(" ".join(key.secret.hex() for key in epochs.accepted))


@pytest.mark.parametrize("custody", ["file", "passphrase"])
def test_processes_that_race_for_the_next_key_agree_on_one(tmp_path: Path, custody: Custody) -> None:
    folder = tmp_path / "keys"
    KeyRoom.open(folder, custody, NOW, passphrase=lambda: PASSPHRASE)
    here = multiprocessing.get_context("spawn")
    start = here.Barrier(PROCESSES)
    answers: multiprocessing.Queue[str] = here.Queue()
    racers = [
        here.Process(target=turn_over, args=(os.fspath(folder), custody, start, answers))
        for _ in range(PROCESSES)
    ]
    for racer in racers:
        racer.start()

    found = {answers.get(timeout=60) for _ in racers}

    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0] * PROCESSES
    [accepted] = found
    assert len(set(accepted.split())) == 2  # this epoch's key and the one before, as everybody has them
    later = KeyRoom.open(folder, custody, NOW + EPOCH, passphrase=lambda: PASSPHRASE).epochs(NOW + EPOCH)
    assert " ".join(key.secret.hex() for key in later.accepted) == accepted
