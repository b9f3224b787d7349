"""However many processes and machines turn an epoch over at once, one of them makes its key and nobody uses another."""

import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bot.crypto.epochs import EPOCH
from bot.crypto.keys import KeyRoom
from bot.crypto.keystore import Custody
from bot.kernel.errors import FenerError
from bot.storage.database import open_database
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.usecases.turn_keys import TurnKeys

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROCESSES = 2
PASSPHRASE = "six words only for this test"
ROOT = Path(__file__).parents[2]


class At:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def turn_over(
    url: str, folder: str, custody: Custody, start: Barrier, answers: "multiprocessing.Queue[str]"
) -> None:
    """One process: opens the keys of this month, waits for all others, then turns over to the next."""
    answers.put(asyncio.run(turned(url, Path(folder), custody, start.wait)))


async def turned(url: str, folder: Path, custody: Custody, ready: Callable[[], object] = int) -> str:
    """The keys of the next month as this folder comes to use them, or the code of why it does not."""
    keys = KeyRoom.open(folder, custody, NOW, passphrase=lambda: PASSPHRASE)
    database = await open_database(url, version="test")
    turning = TurnKeys(keys=keys, ledger=SqlEpochLedger(database), clock=At(NOW + EPOCH))
    ready()
    try:
        await turning()
        return " ".join(key.secret.hex() for key in keys.epochs(NOW + EPOCH).accepted)
    except FenerError as fault:
        return fault.code
    finally:
        await database.close()


def race(url: str, folders: Sequence[Path], custody: Custody) -> list[str]:
    """What each process found, one for each folder."""
    here = multiprocessing.get_context("spawn")
    start = here.Barrier(len(folders))
    answers: multiprocessing.Queue[str] = here.Queue()
    racers = [
        here.Process(target=turn_over, args=(url, os.fspath(folder), custody, start, answers))
        for folder in folders
    ]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0] * len(racers)
    return found


async def prepared(url: str, folder: Path, custody: Custody) -> None:
    """An installation of this month whose key is in force."""
    keys = KeyRoom.open(folder, custody, NOW, passphrase=lambda: PASSPHRASE)
    database = await open_database(url, version="test")
    await TurnKeys(keys=keys, ledger=SqlEpochLedger(database), clock=At(NOW))()
    await database.close()


@pytest.mark.parametrize("custody", ["file", "passphrase"])
def test_processes_that_race_for_the_next_key_agree_on_one(
    tmp_path: Path, sqlite_url: str, custody: Custody
) -> None:
    folder = tmp_path / "keys"
    asyncio.run(prepared(sqlite_url, folder, custody))

    [accepted] = set(race(sqlite_url, [folder] * PROCESSES, custody))

    assert len(set(accepted.split())) == 2  # this epoch's key and the one before, as everybody has them
    later = KeyRoom.open(folder, custody, NOW + EPOCH, passphrase=lambda: PASSPHRASE).epochs(NOW + EPOCH)
    assert " ".join(key.secret.hex() for key in later.accepted) == accepted


def test_machines_with_a_keys_folder_each_never_use_two_keys_for_one_epoch(
    tmp_path: Path, database_url: str
) -> None:
    folders = [tmp_path / f"keys{number}" for number in range(PROCESSES)]
    asyncio.run(prepared(database_url, folders[0], "file"))
    for copy in folders[1:]:
        shutil.copytree(folders[0], copy)

    found = race(database_url, folders, "file")

    assert sorted(each == "keys.behind" for each in found) == [False, True]
    names = [{path.name for path in folder.glob("epoch-*.key")} for folder in folders]
    assert sorted(map(len, names)) == [1, 2]  # the other made none: this month's key is all it holds


DIES = """
import asyncio, os, sys
from pathlib import Path
from bot.crypto.keys import KeyRoom
from bot.storage.database import open_database
from bot.storage.epoch_ledger import SqlEpochLedger
from tests.storage.test_epoch_makers import EPOCH, NOW

async def main():
    keys = KeyRoom.open(Path(sys.argv[2]), "file", NOW)
    ledger = SqlEpochLedger(await open_database(sys.argv[1]))
    async with ledger.deciding():
        made = keys.prepare(NOW + EPOCH, await ledger.recorded())
        for number in made.made:
            await ledger.record(number, made.in_force[number])
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""


def test_a_maker_that_is_killed_before_it_is_done_keeps_nobody_from_making_the_key(
    tmp_path: Path, database_url: str
) -> None:
    dead, alive = tmp_path / "dead", tmp_path / "alive"
    asyncio.run(prepared(database_url, dead, "file"))
    shutil.copytree(dead, alive)
    died = subprocess.run(
        [sys.executable, "-c", DIES, database_url, str(dead)], check=False, cwd=ROOT, timeout=60
    )
    assert died.returncode == -9
    assert len(list(dead.glob("epoch-*.key"))) == 2  # it had made one, which nothing was named under

    found = asyncio.run(turned(database_url, alive, "file"))
    assert len(found.split()) == 2
    assert asyncio.run(turned(database_url, dead, "file")) == "keys.behind"  # and its own is not used now
