"""Whatever breaks, nobody can be seen in anything that comes out, the person hears an honest sentence, and nothing happens twice."""

import asyncio
import io
import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.channels.polling import Pace, poll
from bot.crypto.keys import KeyRoom
from bot.installation import _report_poll
from bot.kernel.errors import FenerError
from bot.telemetry.logs import logger, report_task
from tests.faults import breaking as b
from tests.faults.provider import (
    Provider,
    broken_json,
    hang_up,
    html,
    not_even_text,
    odd_json,
    telegram_error,
    twilio_error,
)
from tests.faults.scene import (
    BOT_SECRET,
    CHAT,
    LATER,
    NAME,
    NUMBER,
    QUERY,
    SIDS,
    WORDS,
    OnTelegram,
    OnWhatsApp,
    Sam,
    Scene,
)  # fmt: skip
from tests.faults.unruly_valkey import UnrulyValkey

Act = Callable[[Scene, Sam], Awaitable[str]]

SORRY = r"Please send that again"
DONE = r"is called: \w+ \w+"
ADDED = r"Added"
SILENCE = r"\A\Z"
"""Only where the messenger itself is away, or nothing was said to us: the same words come again, or a note waits."""

ANYTHING = r"\w\w"
GREETED = r"English"


@dataclass(frozen=True)
class Fault:
    """One row. `before`: how far the person is when `breaks` begins; `act`: what happens then; `heard`: what they hear.

    Afterwards all is mended, `then` happens, and `later` is heard. `cases` and `envelopes` are all there is in the end.
    """

    name: str
    on: type[Sam]
    before: str
    breaks: b.Breaks
    heard: str
    later: str
    cases: int
    envelopes: int
    act: Act
    then: Act


async def writes(_scene: Scene, sam: Sam) -> str:
    """The words that the case is made of."""
    return await sam.say(WORDS)


async def adds(_scene: Scene, sam: Sam) -> str:
    """More words for a case."""
    return await sam.say(LATER)


async def looks(_scene: Scene, sam: Sam) -> str:
    """A command of somebody with a case."""
    return await sam.say("menu")


async def greets(_scene: Scene, sam: Sam) -> str:
    return await sam.say("hi")


async def comes_again(_scene: Scene, sam: Sam) -> str:
    """What Telegram does with what was not acknowledged, and a person with what they were asked to repeat."""
    if isinstance(sam, OnTelegram):
        assert sam.status == 503
    return await sam.again()


def handing_over(
    name: str, breaks: b.Breaks, *, on: type[Sam] = OnWhatsApp, heard: str = SORRY, **other: object
) -> Fault:
    """Something breaks at the moment at which a case is committed and told."""
    row = {"later": DONE, "cases": 1, "envelopes": 1, "act": writes, "then": comes_again}
    return Fault(name, on, "consent", breaks, heard, **{**row, **other})  # type: ignore[arg-type]  # rows are short


def with_a_case(
    name: str, breaks: b.Breaks, *, on: type[Sam] = OnWhatsApp, heard: str = SORRY, **other: object
) -> Fault:
    """Something breaks while a case is open."""
    row = {"later": ADDED, "cases": 1, "envelopes": 2, "act": adds, "then": adds}
    return Fault(name, on, "case", breaks, heard, **{**row, **other})  # type: ignore[arg-type]  # rows are short


def at_first(
    name: str, act: Act, *, on: type[Sam], heard: str = SILENCE, breaks: b.Breaks = b.nothing, **other: object
) -> Fault:
    """Something odd comes from somebody we do not know."""
    row = {"later": GREETED, "cases": 0, "envelopes": 0, "act": act, "then": greets}
    return Fault(name, on, "", breaks, heard, **{**row, **other})  # type: ignore[arg-type]  # rows are short


# --- what happens ----------------------------------------------------------------------------------------


async def is_answered(scene: Scene, _sam: Sam) -> str:
    """A caseworker replies while the chat is live; the caseworker must never read that a kept reply failed."""
    before = len(scene.provider.said())
    sent = await scene.ana.reply((await scene.case()).id, "Come to the yellow door")
    heard = "\n".join(scene.provider.said()[before:])
    assert sent.delivered == bool(heard)
    return heard


async def erases(_scene: Scene, sam: Sam) -> str:
    await sam.say("erase")
    return await sam.say("1")


async def taps(scene: Scene, sam: Sam) -> str:
    assert isinstance(sam, OnTelegram)
    await sam.say("hi")
    found = re.findall(r'"callback_data": ?"([^"]+)"', str(scene.provider.calls[-1].fields["reply_markup"]))
    return await sam.tap(found[0])


async def polls(scene: Scene, sam: Sam) -> str:
    """One round of long polling, with the real loop."""
    assert isinstance(sam, OnTelegram)
    telegram, inbox = scene.fener.telegram, scene.fener.inbox
    assert telegram is not None
    assert inbox is not None
    scene.provider.waiting = [sam.update(text=WORDS)]
    stop = asyncio.Event()
    told: list[str] = []

    def report(event: str, mend: str) -> None:
        _report_poll(event, mend)
        told.append(event)
        stop.set()

    try:
        async with asyncio.timeout(20):
            await poll(
                telegram, inbox.take, stop, report=report, give_up=inbox.apologise, pace=Pace(long_poll=0.01)
            )
    except FenerError as fault:
        print(f"fener: {fault.mend}", file=sys.stderr)
        told.append(fault.code)
    scene.provider.waiting = []
    assert told
    return ""


async def registers(scene: Scene, _sam: Sam) -> str:
    """The webhook is registered at start."""
    assert scene.fener.telegram is not None
    with pytest.raises(FenerError) as caught:
        await scene.fener._register_webhook(scene.fener.telegram)
    print(
        repr(caught.value),
        caught.value.mend,
        caught.value.__context__,
        caught.value.__cause__,
        file=sys.stderr,
    )
    return ""


async def is_purged(scene: Scene, _sam: Sam) -> str:
    """The hourly job deletes at Twilio what is older than an hour."""
    scene.provider.listed = [
        {
            "sid": SIDS[0],
            "from": f"whatsapp:{NUMBER}",
            "to": "whatsapp:+14155238886",
            "body": WORDS,
            "status": "received",
        }
    ]
    await scene.fener._purge_provider()
    return ""


def telegram_gets(body: Callable[[OnTelegram], bytes]) -> Act:
    async def act(_scene: Scene, sam: Sam) -> str:
        assert isinstance(sam, OnTelegram)
        return await sam.post(body(sam))

    return act


def whatsapp_gets(body: bytes, *signed: tuple[str, str]) -> Act:
    async def act(_scene: Scene, sam: Sam) -> str:
        assert isinstance(sam, OnWhatsApp)
        return await sam.post(body, list(signed))

    return act


def cancelled_after(steps: int) -> Act:
    """The client goes away in the middle."""

    async def act(_scene: Scene, sam: Sam) -> str:
        task = asyncio.create_task(sam.say(WORDS))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return ""

    return act


async def opens_keys_without_their_passphrase(scene: Scene, _sam: Sam) -> str:
    """After a reboot, with nobody there to type it, and with the wrong words."""
    folder = scene.folder / "sealed"
    KeyRoom.open(
        folder, "passphrase", scene.clock.now(), passphrase=lambda: "six words that nobody else knows"
    )
    for given in (None, f"wrong words {NUMBER} {WORDS}"):
        with pytest.raises(FenerError) as caught:
            KeyRoom.open(folder, "passphrase", scene.clock.now(), passphrase=lambda given=given: given)  # type: ignore[misc]  # a default
        print(repr(caught.value), caught.value.mend, file=sys.stderr)
    return ""


async def a_stranger_asks_for_sos(scene: Scene, _sam: Sam) -> str:
    stranger = OnTelegram(scene)
    await stranger.say("hi")
    return await stranger.say("sos")


MANY = b"&".join(
    b"From=whatsapp%%3A%%2B381607734951&X%d=%s" % (at, NAME.encode().hex().encode()) for at in range(200)
)
WHO = f'"id":{CHAT},"type":"private"'

FAULTS = [
    # --- the database
    handing_over("the database is gone", b.fails_with(ConnectionRefusedError(f"no route for {NUMBER}"))),
    handing_over("the database is locked", b.locked),
    handing_over("the disk is full", b.every_connection(lambda each: each.execute("PRAGMA max_page_count = 1"), "PRAGMA max_page_count = 1000000")),
    handing_over("the disk is full, as the driver says it", b.fails_with(sqlite3.OperationalError(f"database or disk is full: {NUMBER}"))),
    handing_over("the database is read-only", b.every_connection(lambda each: each.execute("PRAGMA query_only = ON"), "PRAGMA query_only = OFF")),
    handing_over("the database file is damaged", b.fails_with(sqlite3.DatabaseError(f"malformed page: {NUMBER} {WORDS}"))),
    handing_over("an insert fails in the middle", b.sql("CREATE TRIGGER broken BEFORE INSERT ON envelopes BEGIN SELECT RAISE(ABORT, 'full'); END", "DROP TRIGGER broken")),
    handing_over("a table is gone", b.sql("ALTER TABLE envelopes RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO envelopes")),
    handing_over("the database is gone, on Telegram", b.fails_with(ConnectionResetError(f"{CHAT}")), on=OnTelegram, heard=SILENCE),
    with_a_case("the database is gone while a case is open", b.fails_with(TimeoutError(NUMBER))),
    with_a_case("a row's code does not fit", b.sql("UPDATE cases SET mac = x'00'"), act=looks, then=looks, heard=ANYTHING, later=ANYTHING, envelopes=1),
    with_a_case("a row's gate is garbage", b.sql("UPDATE cases SET gate = randomblob(90)"), act=looks, then=looks, heard=ANYTHING, later=ANYTHING, envelopes=1),
    with_a_case("the keyring is garbage", b.sql("UPDATE keyrings SET entry = randomblob(200)"), act=looks, then=looks, heard=ANYTHING, later=ANYTHING, envelopes=1),
    # --- Valkey
    handing_over("Valkey hangs up", b.valkey(lambda _data: None)),
    handing_over("Valkey never answers", b.valkey(lambda _data: b"")),
    handing_over("Valkey repeats what it was asked", b.valkey(lambda data: b"-ERR " + data.replace(b"\r\n", b" ") + b"\r\n")),
    handing_over("Valkey answers garbage", b.valkey(lambda data: b"\x00\xff!" + data[::-1] + b"\r\n")),
    handing_over("Valkey is full", b.valkey(lambda _data: b"-OOM command not allowed when used memory > 'maxmemory'\r\n" * 4)),
    handing_over("Valkey hangs up, on Telegram", b.valkey(lambda _data: None), on=OnTelegram, heard=SILENCE),
    # --- Telegram refuses what we send
    *(
        handing_over(f"Telegram answers a message with {name}", b.api("sendMessage", fault), on=OnTelegram, heard=SILENCE)
        for name, fault in {
            "401": telegram_error(401, "Unauthorized"),
            "404": telegram_error(404, "Not Found"),
            "409": telegram_error(409, "Conflict"),
            "429": telegram_error(429, "Too Many Requests", retry_after=30),
            "500": telegram_error(500, "Internal Server Error"),
            "502 in HTML": html(502),
            "a reset": hang_up,
            "broken JSON": broken_json,
            "JSON of another shape": odd_json,
            "bytes that are no text": not_even_text,
        }.items()
    ),
    handing_over("Telegram never answers a message", b.api_hangs("sendMessage"), on=OnTelegram, heard=SILENCE),
    handing_over("Telegram refuses one message", b.api("sendMessage", b.once(telegram_error(400, "Bad Request: can't parse"))), on=OnTelegram, then=adds, later=ADDED, envelopes=2),
    handing_over("the person blocked us", b.api("sendMessage", telegram_error(403, "Forbidden: bot was blocked")), on=OnTelegram, heard=SILENCE, then=greets, later=ANYTHING, envelopes=2),
    *(
        at_first(f"Telegram answers a tap with {name}", taps, on=OnTelegram, breaks=b.api("answerCallbackQuery", fault), heard=ANYTHING, later=ANYTHING)
        for name, fault in {"400": telegram_error(400, "Bad Request: query is too old"), "500": telegram_error(500), "a reset": hang_up, "HTML": html(200)}.items()
    ),
    *(
        with_a_case(f"Telegram answers an erasing with {name}", b.api("deleteMessages", fault), on=OnTelegram, act=erases, heard=ANYTHING, then=greets, later=GREETED, cases=0, envelopes=0)
        for name, fault in {"400": telegram_error(400, "Bad Request: message can't be deleted"), "401": telegram_error(401), "500": telegram_error(500), "a reset": hang_up}.items()
    ),
    *(
        at_first(f"Telegram answers polling with {name}", polls, on=OnTelegram, breaks=b.api("getUpdates", fault))
        for name, fault in {"401": telegram_error(401), "409": telegram_error(409, "Conflict"), "500 in HTML": html(500), "broken JSON": broken_json}.items()
    ),
    at_first("Telegram refuses the webhook", registers, on=OnTelegram, breaks=b.api("setWebhook", telegram_error(400, "Bad Request: bad webhook"))),
    # --- Twilio refuses what we send
    *(
        with_a_case(f"Twilio answers a reply with {name}", b.api("Messages.json", fault), act=is_answered, heard=SILENCE, later=r"good time|yellow door", envelopes=envelopes)
        for name, fault, envelopes in (
            ("400", twilio_error(400, 21211), 2),
            ("401", twilio_error(401, 20003), 2),
            ("403", twilio_error(403, 20403), 2),
            ("404", twilio_error(404, 20404), 2),
            ("409", twilio_error(409, 20409), 2),
            ("429", twilio_error(429, 20429), 2),
            ("500", twilio_error(500, 20500), 2),
            ("502 in HTML", html(502), 2),
            ("a reset", hang_up, 2),
            ("broken JSON", broken_json, 2),
            ("bytes that are no text", not_even_text, 2),
        )
    ),
    with_a_case("Twilio never answers a reply", b.api_hangs("Messages.json"), act=is_answered, heard=SILENCE, later=r"good time|yellow door"),
    *(
        at_first(f"Twilio answers the purge with {name}", is_purged, on=OnWhatsApp, breaks=b.api(what, fault))
        for name, what, fault in (
            ("500", "GET Messages.json", twilio_error(500, 20500)),
            ("HTML", "GET Messages.json", html(200)),
            ("401", "GET Messages.json", twilio_error(401, 20003)),
            ("a refusal to delete", "Message.json", twilio_error(409, 20009)),
            ("nothing to delete", "Message.json", twilio_error(404, 20404)),
            ("a reset", "Message.json", hang_up),
        )
    ),
    # --- malformed messages
    at_first("an update with unknown fields", telegram_gets(lambda sam: _json(sam.update(text="hi", sender_phone=NUMBER, contact_of={"phone": NUMBER}))), on=OnTelegram, heard=GREETED, later=ANYTHING),
    at_first("an update with wrong types", telegram_gets(lambda _sam: f'{{"update_id":"{CHAT}","message":{{"chat":[{{{WHO}}}],"text":{{"{NUMBER}":1}}}}}}'.encode()), on=OnTelegram),
    at_first("an update that is a text", telegram_gets(lambda _sam: f'"{NUMBER} {NAME}"'.encode()), on=OnTelegram),
    at_first("a huge update", telegram_gets(lambda sam: _json(sam.update(text=f"{NUMBER} " * 9000))), on=OnTelegram),
    at_first("a deep update", telegram_gets(lambda _sam: b'{"update_id":1,"message":' * 5000 + NUMBER.encode()), on=OnTelegram),
    at_first("an update that is no UTF-8", telegram_gets(lambda _sam: b'{"update_id":7,"message":{"chat":{' + WHO.encode() + b'},"text":"\xff\xfe ' + NUMBER.encode() + b'"}}'), on=OnTelegram),
    at_first("an update that names two chats", telegram_gets(lambda _sam: f'{{"update_id":8,"message":{{"chat":{{"id":1,{WHO}}},"text":"hi","text":"{NUMBER}"}}}}'.encode()), on=OnTelegram, heard=ANYTHING, later=ANYTHING),
    at_first("an update with numbers that no integer holds", telegram_gets(lambda _sam: b'{"update_id":' + b"9" * 5000 + b',"message":{"chat":{"id":1e999}}}'), on=OnTelegram),
    at_first("a form that names two senders", whatsapp_gets(f"From=whatsapp%3A%2B381607734951&From=whatsapp%3A%2B381600000000&Body=hi&MessageSid={SIDS[1]}".encode(), ("From", f"whatsapp:{NUMBER}"), ("Body", "hi"), ("MessageSid", SIDS[1])), on=OnWhatsApp),
    at_first("a form of too many fields", whatsapp_gets(MANY, ("From", f"whatsapp:{NUMBER}")), on=OnWhatsApp),
    at_first("a form that is no UTF-8", whatsapp_gets(f"From=whatsapp%3A%2B381607734951&Body=%FF%FE+{quote(NAME)}%00&MessageSid={SIDS[2]}".encode() + b"\xff\xfe", ("From", f"whatsapp:{NUMBER}")), on=OnWhatsApp),
    at_first("a huge form", whatsapp_gets(b"Body=" + NUMBER.encode() * 9000, ("Body", NUMBER * 9000)), on=OnWhatsApp),
    at_first("a form without a sender", whatsapp_gets(f"WaId={NUMBER[1:]}&Body=hi".encode(), ("WaId", NUMBER[1:]), ("Body", "hi")), on=OnWhatsApp),
    # --- faults of ours
    handing_over("a matcher fails", b.content("crisis", "find"), heard=r"topics", later=r"topics", cases=0, envelopes=0),
    handing_over("a text cannot be rendered", b.content("catalogue", "ui", only="engine/")),
    handing_over("a text cannot be rendered, on Telegram", b.content("catalogue", "ui", only="engine/"), on=OnTelegram, heard=SILENCE),
    handing_over("there is no memory for Argon2", b.out_of_memory),
    handing_over("there is no memory for Argon2, on Telegram", b.out_of_memory, on=OnTelegram, heard=SILENCE),
    with_a_case("there is no memory for a stranger's Argon2", b.out_of_memory, act=a_stranger_asks_for_sos, heard=r"192"),
    *(
        handing_over(f"the client goes away after {steps} steps", b.nothing, act=cancelled_after(steps), heard=SILENCE)
        for steps in (3, 25, 120)
    ),
    at_first("the keys are locked", opens_keys_without_their_passphrase, on=OnWhatsApp),
    handing_over("the clock jumps forty days ahead", b.clock(days=40), heard=ANYTHING, then=greets, later=ANYTHING, cases=0, envelopes=0),
    handing_over("the clock jumps back two days", b.clock(days=-2), heard=ANYTHING, then=greets, later=ANYTHING, cases=0, envelopes=0),
]  # fmt: skip


def _json(update: object) -> bytes:
    import json

    return json.dumps(update).encode()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nobody_is_seen_nobody_is_left_without_a_word_and_nothing_happens_twice(
    fault: Fault, scene: Scene, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    if "Valkey" in fault.name:
        scene.unruly = UnrulyValkey(request.getfixturevalue("valkey_url"), scene.outputs.valkey)
        scene.valkey = await scene.unruly.start()
        await scene.restart()
    sam = fault.on(scene)
    if fault.before == "consent":
        await sam.consent()
    elif fault.before == "case":
        await sam.hand_over()

    async with fault.breaks(scene):
        heard = await fault.act(scene, sam)
    assert re.search(fault.heard, heard), heard
    later = await fault.then(scene, sam)
    assert re.search(fault.later, later), later
    if fault.breaks is not b.nothing or fault.cases:
        assert (len(await scene.rows("cases")), await scene.envelopes()) == (fault.cases, fault.envelopes)

    if scene.valkey:
        scene.valkey = ""
        await scene.unruly.stop()
    scene.outputs.printed += capfd.readouterr()
    assert scene.outputs.leaks() == []


def test_there_are_forty_faults_and_no_two_are_the_same() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40


# --- the scan would find it ------------------------------------------------------------------------------


async def prints(scene: Scene) -> None:
    print(f"answering {NUMBER[4:]}", file=sys.stderr)


async def logs_it(scene: Scene) -> None:
    scene.outputs.logs.write(f'{{"chat": {CHAT}}}\n')


async def stores_it(scene: Scene) -> None:
    await scene.write("INSERT INTO meta VALUES ('last', :who)", who=NAME.encode("utf-16-le"))


async def answers_it(scene: Scene) -> None:
    scene.outputs.answers.append(BOT_SECRET.encode().hex().encode())


async def shares_it(scene: Scene) -> None:
    scene.outputs.valkey.append(b"*3\r\n$3\r\nSET\r\n$4\r\nlast\r\n$12\r\n" + WORDS.encode())


async def lets_a_library_say_it(scene: Scene) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: print(context))
    loop.call_exception_handler({"message": f"lost: {QUERY}"})
    loop.set_exception_handler(report_task)


@pytest.mark.parametrize(
    "planted", [prints, logs_it, stores_it, answers_it, shares_it, lets_a_library_say_it]
)
async def test_a_planted_leak_is_found_in_every_output(
    planted: Callable[[Scene], Awaitable[None]], scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    sam = OnTelegram(scene)
    await sam.say("hi")
    assert scene.outputs.leaks() == []

    await planted(scene)

    scene.outputs.printed += capfd.readouterr()
    assert scene.outputs.leaks()


def test_the_log_of_these_tests_is_the_one_of_the_server(logs: io.StringIO, tmp_path: Path) -> None:
    logger().warning("send.failed", channel="telegram", reason="telegram.gone", words=WORDS, retryable=False)

    assert "telegram.gone" in logs.getvalue()
    assert WORDS not in logs.getvalue()
    assert isinstance(Provider(), Provider)
    assert tmp_path.exists()
