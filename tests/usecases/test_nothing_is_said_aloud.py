"""Not a word, number, name or id of anybody reaches standard output, a log line, an exception or a file."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.kernel.errors import SendError, StorageError
from bot.storage.memory import MemorySessions
from bot.telemetry.logs import set_up_logs
from tests.e2e.canaries import leaks
from tests.usecases.faults import FlakySessions, nobody_can_write
from tests.usecases.house import House

NUMBER, SCOPED = "+381607734951", "RS.90281734655102948371"
WORDS, REPLY, CHECK = "Zvezdana slept at the station", "We have a bed at Canary street", "lavenderword"
CANARIES = (NUMBER, NUMBER[1:], SCOPED, SCOPED[3:], WORDS, REPLY, CHECK, "Zvezdana", "Canary")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at level debug, with the allow-list in force; afterwards as it was before."""
    root = logging.root
    before = (root.handlers[:], root.level, logging.lastResort, logging.raiseExceptions)
    out = io.StringIO()
    set_up_logs("debug", out)
    yield out
    root.handlers[:], logging.lastResort, logging.raiseExceptions = before[0], before[2], before[3]
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def a_whole_life(house: House) -> list[str]:
    """A person in every trouble; the texts of the exceptions met on the way, with their causes."""
    ana = await house.caseworker("Ana")
    flaky = FlakySessions(MemorySessions(house.clock.monotonic))
    await house.restart(sessions=flaky)
    sam = house.person(NUMBER, channel="whatsapp")
    both = house.person(SCOPED, channel="whatsapp", also=NUMBER)
    faults: list[BaseException] = []
    await sam.consent()
    with nobody_can_write(house), pytest.raises(StorageError) as lost:
        await sam.say(WORDS)
    faults.append(lost.value)
    await sam.say(WORDS)
    case = (await house.case()).id
    house.messenger.fault = SendError("gone", gone=True)
    await ana.reply(case, REPLY)
    await both.say("hello?")
    await both.choose("Read")
    await both.say("How answers arrive")
    flaky.fails = True
    with pytest.raises(StorageError) as unsaved:
        await both.say(WORDS)
    faults.append(unsaved.value)
    flaky.fails = False
    await both.say("safe word")
    await both.say(CHECK)
    for _ in range(45):
        await both.say(WORDS)
    await house.restart()
    house.clock.move(minutes=2)
    await both.say(WORDS)
    await both.say("erase")
    return [text for fault in faults for text in told(fault)]


def told(fault: BaseException | None) -> Iterator[str]:
    while fault is not None:
        yield f"{fault!r} {fault} {fault.args}"
        fault = fault.__cause__ or fault.__context__


async def test_through_every_trouble_nobody_is_named_in_output_log_exception_or_file(
    house: House, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    exceptions = await a_whole_life(house)
    out, errors = capfd.readouterr()

    for canary in CANARIES:
        assert canary not in out + errors + log.getvalue()
        assert not any(canary in text for text in exceptions)
    assert leaks([house.folder], list(CANARIES)) == []


async def test_what_is_planted_is_found(house: House) -> None:
    """The search above finds what it looks for."""
    await house.write(
        "INSERT INTO invites (token_hash, organisation, role, expires_at) VALUES (:t, :n, 'lead', 1)",
        t=b"x",
        n=NUMBER,
    )

    assert leaks([house.folder], [NUMBER])
