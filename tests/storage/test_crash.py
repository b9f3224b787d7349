"""`kill -9` at any moment loses nothing that was acknowledged and leaves nothing half done."""

import subprocess
import sys
import time
from pathlib import Path

from bot.storage.cases import SqlCaseQueue
from bot.storage.database import open_database
from bot.storage.retention import SqlRetention

OPENS_CASES = """
import asyncio, sys, time
from bot.storage.cases import SqlCaseQueue
from bot.storage.database import open_database
from tests.ports.examples import a_case, an_envelope

async def main():
    queue = SqlCaseQueue(await open_database(sys.argv[1]), time.monotonic)
    while True:
        case = a_case()
        await queue.open(case, an_envelope(case, sealed=bytes(20_000)), [case.id.encode()])
        print(case.id, flush=True)

asyncio.run(main())
"""
ROOT = Path(__file__).parents[2]


def acknowledged_before_kill(url: str, count: int) -> list[str]:
    """Ids of the cases that a process acknowledged before it was killed in the middle of its work."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPENS_CASES, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(count)]
    process.kill()
    told += process.stdout.read().split()
    process.stdout.close()
    process.wait()
    return [case for case in told if len(case) == 32]


async def test_what_was_acknowledged_survives_a_kill_and_nothing_is_half_done(database_url: str) -> None:
    acknowledged = acknowledged_before_kill(database_url, 25)
    assert len(acknowledged) >= 25

    database = await open_database(database_url)
    queue = SqlCaseQueue(database, time.monotonic)

    found = [await queue.seen([case.encode()]) for case in acknowledged]
    assert [row.id for row in found if row is not None] == acknowledged
    report = await SqlRetention(database).report()
    assert len(acknowledged) <= report["cases"] <= len(acknowledged) + 1
    assert report["cases"] == report["envelopes"] == report["seen"]
    assert await queue.any_open()
    await database.close()
