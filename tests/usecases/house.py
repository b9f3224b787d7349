"""A whole Fener in this process: real use cases over SQLite, memory that a restart loses, a clock that a test sets.

People write to it through `Person`; caseworkers work with keys of their own through `Caseworker`, by the same crypto
functions as `fener case`. Only the messenger is a fake: `Messenger` implements the Channel port.
"""

import asyncio
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text as sql

from bot.channels.simulator import lines
from bot.crypto.acknowledgement import sign_wishes_read
from bot.crypto.envelope import HeaderFields, Position, open_envelope, parse_envelope, seal
from bot.crypto.identity import certify_duty_key, make_duty_key, make_identity, sign_enrolment, state_duty
from bot.crypto.keyring import Keyring, Role, add_member, found, renew, root_fingerprint
from bot.crypto.keys import KeyRoom
from bot.crypto.mailbox import seal_note, sign_note
from bot.crypto.vault import SealedRoutes
from bot.flow.library import Library
from bot.handoff.summary import CaseMessage, CaseSummary, read_body
from bot.installation import Fener, SystemClock
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.ids import CaseId, KeyId
from bot.kernel.messages import ChannelName, InboundMessage, OutboundMessage
from bot.kernel.staff_address import StaffAddress
from bot.ports import CaseRow, Channel, Delivery, SessionStore, StaffRow
from bot.settings import Settings
from bot.storage.cases import SqlCaseDesk
from bot.storage.database import open_database
from bot.storage.memory import MemoryLocks, MemoryRateLimits, MemoryReplays, MemorySessions
from bot.storage.memory_stores import Memory
from bot.storage.routes import MemoryRoutes
from bot.usecases.enrol_caseworker import Application, Enrolled
from bot.usecases.send_reply import Reply, Sent
from bot.usecases.take_turn import Answer
from bot.wiring import assemble

DEMO = "rs-demo-lantern"
OTHER = "rs-demo-harbour"
"""An organisation that the server's demo root may not sign for: its lead founds a keyring that is pinned."""

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WORDS = "I slept at the station again"


_numbers = itertools.count(1)


class HandClock(SystemClock):
    """A clock that only a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def move(self, **units: float) -> None:
        self._now += timedelta(**units)


@dataclass
class Messenger:
    """Sends to nobody: keeps what was sent, or fails as it is told."""

    sent: list[OutboundMessage] = field(default_factory=list)
    fault: SendError | None = None
    deleted: list[int] = field(default_factory=list)
    keeps: int = 0
    """How many messages it will not delete."""

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        assert address.reveal()
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)
        return (len(self.sent),)

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:
        assert address.reveal()
        if self.fault is not None:
            raise self.fault
        gone = message_ids[: len(message_ids) - self.keeps]
        self.deleted += gone
        return len(gone)

    @property
    def heard(self) -> str:
        """Everything that came by itself."""
        return "\n".join("\n".join(message.texts) for message in self.sent)


@dataclass
class Pager:
    """Rings nobody: keeps whom it was told to ring, or fails or hangs as it is told."""

    rung: list[str] = field(default_factory=list)
    fault: Exception | None = None
    hangs: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def ring(self, where: StaffAddress) -> None:
        if self.fault is not None:
            raise self.fault
        if self.hangs:
            await asyncio.Event().wait()
        self.rung.append(where.unveil())
        self.woken.set()

    def heard(self) -> list[str]:
        """Who was rung since this was asked last."""
        heard, self.rung = sorted(self.rung), []
        return heard


async def _nothing() -> None:
    return None


def _with_real(library: Library, organisation: str) -> Library:
    """The library with one organisation that is not fictitious: only a lead of its own signs its people in."""
    organisations = dict(library.directory.organisations)
    organisations[organisation] = replace(organisations[organisation], demo=False)
    return replace(library, directory=replace(library.directory, organisations=organisations))


class House:
    """The installation. `restart` is a power cut: what was in memory is gone."""

    def __init__(self, folder: Path, library: Library, *, founds_other: bool = True) -> None:
        self.folder = folder
        self.keys_dir = folder / "keys"
        self.library = _with_real(library, OTHER) if founds_other else library
        self.clock = HandClock()
        self.pinned: dict[str, str] = {}
        self.messenger = Messenger()
        self.pager, self.mail = Pager(), Pager()
        self.fener: Fener
        self.lead: Caseworker

    async def start(self, sessions: SessionStore | None = None) -> None:
        settings = Settings(data_dir=self.folder, keys_dir=self.keys_dir, demo=True, keyrings=self.pinned)
        keys = KeyRoom.open(settings.keys_path, "file", self.clock.now(), demo=True)
        monotonic = self.clock.monotonic
        memory = Memory(
            sessions=sessions or MemorySessions(monotonic),
            replays=MemoryReplays(monotonic),
            locks=MemoryLocks(),
            limits=MemoryRateLimits(monotonic),
            routes=MemoryRoutes(SealedRoutes(keys.memory_key), monotonic),
            ping=_nothing,
            close=_nothing,
        )
        database = await open_database(f"sqlite:///{self.folder / 'fener.db'}", version="test")
        channels: dict[ChannelName, Channel] = {"telegram": self.messenger, "whatsapp": self.messenger}
        self.fener = assemble(
            settings,
            self.library,
            keys=keys,
            database=database,
            memory=memory,
            clock=self.clock,
            others=channels,
            other_bells={"telegram": self.pager, "email": self.mail},
        )

    async def restart(self, sessions: SessionStore | None = None) -> None:
        await self.fener.close()
        await self.start(sessions)

    async def close(self) -> None:
        await self.fener.close()

    def person(
        self, address: str = "77123", *, channel: ChannelName = "telegram", also: str = ""
    ) -> "Person":
        return Person(self, address, channel, also)

    async def caseworker(
        self, alias: str = "Ana", *, organisation: str = DEMO, role: str = "lead", on_duty: bool = True
    ) -> "Caseworker":
        """Enrolled with a link; of the demo organisation a member at once."""
        worker = await self.applicant(alias, organisation=organisation, role=role)
        if on_duty:
            await worker.go_on_duty()
        return worker

    async def applicant(self, alias: str, *, organisation: str = DEMO, role: str = "lead") -> "Caseworker":
        link = await self.fener.staff.invite(organisation, role, console="http://localhost/console/")
        worker = Caseworker(self, organisation, alias)
        await worker.enrol(link.partition("#enrol=")[2])
        return worker

    async def founded(self, organisation: str = OTHER) -> "Caseworker":
        """The lead of a real organisation, its keyring founded and pinned."""
        self.lead = lead = await self.applicant("Lead", organisation=organisation)
        root = await lead.found()
        self.pinned[organisation] = root
        await self.restart()
        await lead.go_on_duty()
        return lead

    async def rows(self, table: str) -> list[dict[str, object]]:
        async with self.fener.database.reading() as connection:
            found_ = await connection.execute(sql(f"SELECT * FROM {table}"))  # the test names its table
            return [dict(row) for row in found_.mappings()]

    async def write(self, statement: str, **values: object) -> None:
        """What somebody with write access to the database does."""
        async with self.fener.database.writing() as connection:
            await connection.execute(sql(statement), values)

    async def case(self) -> CaseRow:
        """The one open case of the demo organisation."""
        [row] = await SqlCaseDesk(self.fener.database).waiting(DEMO)
        return row

    async def route(self, case: str) -> bool:
        return await self.fener.memory.routes.find(CaseId(case)) is not None


class Person:
    """Somebody who writes. `heard` are the answers as a terminal would show them."""

    def __init__(self, house: House, address: str, channel: ChannelName, also: str = "") -> None:
        self._house = house
        self._channel = channel
        self.address = address
        self.also = also
        self.heard: list[str] = []

    def delivery(self, text: str) -> Delivery:
        message = InboundMessage(self._channel, f"SM{next(_numbers):032x}", text=text)
        also = (Address(self._channel, self.also),) if self.also else ()
        return Delivery(Address(self._channel, self.address), message, also)

    async def take(self, delivery: Delivery) -> Answer:
        answer = await self._house.fener.turns(delivery)
        self.heard.append("\n".join(lines(answer.message)) if answer.message is not None else "")
        return answer

    async def say(self, text: str) -> str:
        """Write, and read the answer."""
        await self.take(self.delivery(text))
        return self.heard[-1]

    async def choose(self, label: str) -> str:
        """Answer with the number that stands before a label."""
        return await self.say(number_of(label, self.heard[-1]))

    async def consent(self) -> None:
        """From "hi" to the place where the next message is sealed and sent."""
        for text in ("hi", "1", "1", "9"):
            await self.say(text)
        await self.agree()

    async def consent_from_person(self) -> None:
        """The same for somebody who has a complaint and wants somebody else."""
        for text in ("hi", "1", "1", "9"):
            await self.say(text)
        await self.choose("Talk to a person")
        await self.agree()

    async def agree(self) -> None:
        """To the lawyers, from where a person was asked for."""
        await self.choose("Papers or a lawyer")
        assert "Lantern Demo Centre" in self.heard[-1]
        await self.choose("Yes")

    async def hand_over(self, words: str = WORDS) -> str:
        """From "hi" to a queued case; its two words."""
        await self.consent()
        return designation_in(await self.say(words))


def number_of(label: str, text: str) -> str:
    """The number to type for an option."""
    found_ = re.search(rf"^\s*(\d+) {re.escape(label)}", text, re.MULTILINE)
    assert found_, f"no option {label!r} in:\n{text}"
    return found_[1]


def designation_in(text: str) -> str:
    found_ = re.search(r"is called: (\w+ \w+)", text)
    assert found_, text
    return found_[1]


class Caseworker:
    """Somebody who answers, with keys that the server never sees."""

    def __init__(self, house: House, organisation: str, alias: str) -> None:
        self._house = house
        self.organisation = organisation
        self.alias = alias
        self.identity = make_identity()
        self.duty = make_duty_key()
        self.enrolled: Enrolled

    @property
    def row(self) -> StaffRow:
        return self.enrolled.staff

    async def fresh_row(self) -> StaffRow:
        rows = await self._house.fener.staff.register.of(self.organisation)
        return next(row for row in rows if row.id == self.row.id)

    def certificate(self) -> bytes:
        return certify_duty_key(
            self.identity, self.duty, organisation=self.organisation, now=self._house.clock.now()
        )

    def application(self, token: str) -> Application:
        return Application(
            token=token,
            alias=self.alias,
            identity_public=self.identity.public,
            duty_certificate=self.certificate(),
            proof=sign_enrolment(self.identity, token),
        )

    async def enrol(self, token: str) -> None:
        self.enrolled = await self._house.fener.staff.enrol(self.application(token))

    async def found(self) -> str:
        """Found the organisation's keyring; the root to pin."""
        house = self._house
        entry = found(
            self.identity,
            organisation=self.organisation,
            name="Harbour Demo Association",
            server_public=house.fener.keys.signing.public,
            alias=self.alias,
            now=house.clock.now(),
        )
        root = await house.fener.staff.sign_keyring(self.row, entry, expected=0)
        assert root == root_fingerprint(self.identity.public)
        return root

    async def admit(self, colleague: "Caseworker", role: Role = Role.CASEWORKER) -> None:
        """Sign a colleague into the keyring."""
        house = self._house
        entries = list(await house.fener.staff.keyrings.entries(self.organisation))
        entry = add_member(
            entries,
            self.identity,
            public=colleague.identity.public,
            role=role,
            alias=colleague.alias,
            now=house.clock.now(),
        )
        await house.fener.staff.sign_keyring(self.row, entry, expected=len(entries))

    async def go_on_duty(self, hours: int = 16) -> None:
        house = self._house
        now = house.clock.now()
        statement = state_duty(
            self.identity, organisation=self.organisation, now=now, until=now + timedelta(hours=hours)
        )
        await house.fener.staff.duty.on(await self.fresh_row(), statement)

    async def work_again(self) -> None:
        """After days away: a new week's certificate, and on duty."""
        house = self._house
        await house.fener.staff.duty.renew_key(await self.fresh_row(), self.certificate())
        entries = list(await house.fener.staff.keyrings.entries(self.organisation))
        entry = renew(entries, self.identity, now=house.clock.now())
        await house.fener.staff.sign_keyring(self.row, entry, expected=len(entries))
        await self.go_on_duty()

    async def keyring(self) -> Keyring:
        team = await self._house.fener.staffing.team(self.organisation)
        assert team is not None
        return team.keyring

    async def read(self, case: str) -> tuple[CaseSummary, list[CaseMessage]]:
        """The case, opened with this caseworker's own key."""
        keyring = await self.keyring()
        _, envelopes = await self._house.fener.staff.read(self.row, CaseId(case))
        bodies = []
        for envelope in envelopes:
            parsed = parse_envelope(envelope.sealed)
            opened = open_envelope(
                envelope.sealed,
                self.duty.kid,
                self.duty,
                expected=Position(case, self.organisation, envelope.sequence, parsed.header.dir),
                signers=keyring.signers(parsed.header.dir),
                left=keyring.left(parsed.recipients),
            )
            bodies.append(read_body(opened.body))
        summary = bodies[0]
        assert isinstance(summary, CaseSummary)
        return summary, [body for body in bodies[1:] if isinstance(body, CaseMessage)]

    async def mailbox(self, case: str) -> bytes:
        """The key to seal to, from inside the sealed messages only."""
        summary, messages = await self.read(case)
        return next(
            (m.mailbox_public for m in reversed(messages) if m.mailbox_public), summary.mailbox_public
        )

    async def written(self, case: str, text: str, *, mailbox: bytes = b"", sequence: int = 0) -> Reply:
        """A reply as this caseworker's machine makes it."""
        house = self._house
        row, _ = await house.fener.staff.read(self.row, CaseId(case))
        sequence = sequence or row.note_sequence + 1
        body = CaseMessage("reply", text, house.clock.now()).to_bytes()
        place = {"case": case, "organisation": self.organisation}
        sealed = seal_note(mailbox or await self.mailbox(case), body, sequence=sequence, **place)
        header = HeaderFields(case, self.organisation, sequence, "out", row.epoch)
        keyring = await self.keyring()
        copy = seal(body, [m.duty for m in keyring.members if m.duty is not None], header, self.identity)
        signature = sign_note(self.identity, sealed, sequence=sequence, **place)
        read = sign_wishes_read(self.identity, **place)
        return Reply(sequence, sealed, signature, copy, wishes_read=read)

    async def decline(self, case: str, words: str = "Declined: No capacity now") -> CaseRow:
        """Say that the organisation cannot take it, as `fener case decline` does."""
        house = self._house
        row, _ = await house.fener.staff.read(self.row, CaseId(case))
        summary, _ = await self.read(case)
        sequence = row.note_sequence + 1
        told = CaseMessage("declined", "", house.clock.now(), excluded=summary.excluded)
        place = {"case": case, "organisation": self.organisation}
        sealed = seal_note(await self.mailbox(case), told.to_bytes(), sequence=sequence, **place)
        header = HeaderFields(case, self.organisation, sequence, "out", row.epoch)
        members = (await self.keyring()).members
        able = [member.duty for member in members if member.duty is not None]
        copy = seal(replace(told, text=words).to_bytes(), able, header, self.identity)
        signature = sign_note(self.identity, sealed, sequence=sequence, **place)
        return await house.fener.staff.decline(
            self.row, CaseId(case), Reply(sequence, sealed, signature, copy)
        )

    async def reply(self, case: str, text: str) -> Sent:
        """Answer as `fener case reply` does."""
        return await self._house.fener.staff.reply(self.row, CaseId(case), await self.written(case, text))

    @property
    def kid(self) -> KeyId:
        return self.identity.kid
