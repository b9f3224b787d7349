"""What one guess at a number costs: the memory-hard fingerprint beside a plain keyed hash. `python -m bench.fingerprint`.

Milliseconds of processor time and MiB of memory of each, in turn in the same run, and what that means for who stole
database and keys: core-years for every number of a country (10^9 candidates) and of the world (10^10).
Beside it, how long the event loop stands still while a fingerprint is made in its thread.
"""

import asyncio
import hmac
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from bot.crypto.pseudonym import FULL, Cost, fingerprint
from bot.kernel.address import Address

SALT: Final = b"s" * 32
ROUNDS: Final = 15
HASHES: Final = 20_000
COUNTRY: Final = 10**9
WORLD: Final = 10**10
YEAR: Final = 365.25 * 24 * 3600
SMALL: Final = Cost(memory=8, iterations=1)


def milliseconds_of_a_fingerprint() -> list[float]:
    """Processor time of each of `ROUNDS` fingerprints of different numbers."""
    taken = []
    for number in range(ROUNDS):
        began = time.process_time()
        fingerprint(Address("whatsapp", f"+38160{number:07}"), SALT)
        taken.append((time.process_time() - began) * 1000)
    return taken


def milliseconds_of_a_keyed_hash() -> float:
    """Processor time of one HMAC-SHA256 of a number."""
    began = time.process_time()
    for number in range(HASHES):
        hmac.digest(SALT, b"whatsapp\0+38160%07d" % number, "sha256")
    return (time.process_time() - began) * 1000 / HASHES


def mebibytes(words: str) -> float:
    """How far the memory of a process of its own grows while it makes one fingerprint, at this cost or a tiny one."""
    code = f"from bench.fingerprint import peak; peak({words!r})"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(told.stdout)


def peak(words: str) -> None:
    """Print the peak of this process after one fingerprint, in MiB."""
    fingerprint(Address("whatsapp", "+38160123456"), SALT, FULL if words == "full" else SMALL)
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")))


async def longest_standstill() -> float:
    """The longest that the event loop did not run while a fingerprint was made beside it, in milliseconds."""
    making = asyncio.create_task(asyncio.to_thread(fingerprint, Address("whatsapp", "+38160123456"), SALT))
    longest, last = 0.0, time.perf_counter()
    while not making.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await making
    return longest * 1000


def main() -> int:
    """Print the table."""
    slow = milliseconds_of_a_fingerprint()
    fast = milliseconds_of_a_keyed_hash()
    memory = mebibytes("full") - mebibytes("small")
    middle = statistics.median(slow)
    print(f"fingerprint (Argon2id, {FULL.memory // 1024} MiB, {FULL.iterations} pass): "
          f"{middle:.0f} ms (best {min(slow):.0f}, worst {max(slow):.0f}), {memory:.0f} MiB")  # fmt: skip
    print(
        f"keyed hash (HMAC-SHA256):              {fast:.4f} ms, no memory: {middle / fast:,.0f} times cheaper"
    )
    for name, each in (("fingerprint", middle), ("keyed hash", fast)):
        country, world = (many * each / 1000 / YEAR for many in (COUNTRY, WORLD))
        print(f"{name}: all numbers of a country {country:.3g} core-years, of the world {world:.3g}")
    print(f"event loop stands still at most {asyncio.run(longest_standstill()):.1f} ms meanwhile")
    return 0


if __name__ == "__main__":
    sys.exit(main())
