"""Not a word, number, name or id of anybody reaches standard output, a log line, an exception or a file."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.crypto.pseudonym import Fingerprinter
from bot.kernel.address import Address
from bot.kernel.errors import SendError, StorageError
from bot.kernel.ids import Pseudonym
from bot.kernel.messages import OutboundMessage
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


FIRST_MESSAGES = (
    *("hi", "1", "1", "hello?", "menu", "1", "back", "help", "sos", "language", "1", "lavenderr", "slow"),
    *(
        "erase",
        "2",
        "note",
        "Are you there?",
        "3",
        "*",
        "one minute",
        "safe word",
        "skip",
        "menu",
        "verify",
        "1",
        "0",
        "hi again",
    ),
    *("1", "1", "erase", "1", "hi"),
)
"""What somebody may try who holds a telephone: every command but the one for a person, a guessed word, erasing."""


@pytest.mark.parametrize("chosen", ["Only when", "Ask for a check word"])
async def test_nobody_learns_from_any_answer_whether_an_address_is_known(
    house: House, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    """Byte for byte the same for a stranger and for somebody quiet about an open case, until they ask for a person.

    And on the same path: one fingerprint each, at the same message, and no way back to either. A third person's case
    stays open throughout: whether anybody at all has one decides whether a fingerprint is needed.
    """
    ana = await house.caseworker("Ana")
    sam, stranger = house.person("88000"), house.person("88001")
    await sam.hand_over()
    case = (await house.case()).id
    await house.person("88002").hand_over()
    await sam.choose("How answers arrive")
    await sam.choose(chosen)
    await sam.say(CHECK)
    await house.fener.staff.claim(ana.row, case)
    await house.restart()
    costs: list[Pseudonym] = []
    compute = Fingerprinter.compute

    def counted(self: Fingerprinter, who: Pseudonym, address: Address) -> bytes:
        costs.append(who)
        return compute(self, who, address)

    monkeypatch.setattr(Fingerprinter, "compute", counted)
    for number, text in enumerate(FIRST_MESSAGES):
        before = len(costs)
        known = await sam.take(sam.delivery(text))
        cost_known = len(costs) - before
        unknown = await stranger.take(stranger.delivery(text))
        cost_unknown = len(costs) - before - cost_known

        assert sam.heard[-1] == stranger.heard[-1], (number, text)
        assert known.message is not None
        assert unknown.message is not None
        assert looks(known.message) == looks(unknown.message)
        if text != "1" or "Done." not in sam.heard[-1]:
            assert cost_known == cost_unknown, (number, text)
        assert not await house.route(case)
    assert "If a request of yours waited" in "".join(sam.heard)
    [row] = [row for row in await house.rows("cases") if row["id"] == case]
    assert row["pseudonym"] is None  # and yet it was forgotten


async def test_a_waiting_answer_does_not_show_where_silence_was_chosen(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam, stranger = house.person("88000"), house.person("88001")
    await sam.hand_over()
    case = (await house.case()).id
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await house.restart()
    await ana.reply(case, REPLY)
    for text in ("hi", "1", "1", "menu", "sos", "help", "erase", "2", "hello?", "0", "hi"):
        assert await sam.say(text) == await stranger.say(text), text

    assert "There is a note." in await sam.say("note")  # they asked
    assert "There is no note." in await stranger.say("note")


def looks(message: OutboundMessage) -> tuple[object, ...]:
    """Everything that arrives, but the random marks of buttons."""
    options = [(each.number, each.label) for each in message.options]
    footer = [(each.number, each.label) for each in message.footer]
    return message.texts, options, footer, message.language, message.from_case, message.separate


async def test_what_is_planted_is_found(house: House) -> None:
    """The search above finds what it looks for."""
    await house.write(
        "INSERT INTO invites (token_hash, organisation, role, expires_at) VALUES (:t, :n, 'lead', 1)",
        t=b"x",
        n=NUMBER,
    )

    assert leaks([house.folder], [NUMBER])
