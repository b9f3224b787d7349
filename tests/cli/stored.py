"""An installation in a folder, with or without rows, for the operator's commands."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.crypto.epochs import epoch_number
from bot.crypto.keys import KeyRoom, ServerKeys
from bot.handoff.many_cases import Usual, alarm_due
from bot.installation import SystemClock
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.ports import Invite, StaffRow
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseQueue
from bot.storage.database import Database, open_database
from bot.storage.staff import SqlStaffRegister
from bot.usecases.row_integrity import signed
from tests.ports.examples import a_case, an_envelope

HOUR = int(SystemClock().now().timestamp() // 3600)


class Stored:
    """`folder/data` and `folder/keys`, which the settings of the test name."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.data, self.keys = folder / "data", folder / "keys"
        self.file = self.data / "fener.db"
        for name in [name for name in os.environ if name.startswith("FENER_")]:
            patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("FENER_DATA_DIR", str(self.data))
        patch.setenv("FENER_KEYS_DIR", str(self.keys))
        patch.setenv("FENER_LOG_LEVEL", "error")

    def open_keys(self) -> ServerKeys:
        """The server's keys, made at the first time."""
        return KeyRoom.open(self.keys, "file", SystemClock().now())

    def open_sealed_keys(self, passphrase: str) -> ServerKeys:
        """The server's keys under a passphrase, made at the first time."""
        return KeyRoom.open(self.keys, "passphrase", SystemClock().now(), passphrase=lambda: passphrase)

    def recorded(self) -> dict[int, bytes]:
        """The fingerprints of the epoch keys in force."""
        with sqlite3.connect(self.file) as connection:
            found = dict(connection.execute("SELECT number, fingerprint FROM epochs").fetchall())
        connection.close()
        return found

    def make_tables(self) -> None:
        """A database without rows."""

        async def nothing(database: Database) -> None:
            await database.ping()

        self.work(nothing)

    def change(self, statement: str) -> None:
        """What somebody who can write the file does."""
        with sqlite3.connect(self.file) as connection:
            connection.execute(statement)
        connection.close()

    def work(self, job: Callable[[Database], Awaitable[None]]) -> None:
        """Do something with the database, which is made at the first time."""

        async def done() -> None:
            database = await open_database(f"sqlite:///{self.file}", version="0.1.0")
            try:
                await job(database)
            finally:
                await database.close()

        asyncio.run(done())

    def open_case(self, *, ours: bool = True, hour: int = HOUR) -> None:
        """One more case, whose row carries this server's MAC, or another."""
        keys = self.open_keys()

        async def add(database: Database) -> None:
            case = a_case(opened_hour=hour, touched_hour=hour, epoch=epoch_number(SystemClock().now()))
            case = signed(keys, case) if ours else case
            await SqlCaseQueue(database, time.monotonic).open(
                case, an_envelope(case), [case.salt + case.id.encode()]
            )

        self.work(add)

    def write_audit(self, organisation: str, lines: int, *, hours_ago: int = 0) -> None:
        """Add lines to a chain."""

        async def add(database: Database) -> None:
            for _ in range(lines):
                entry = AuditEntry(organisation, AuditEvent.CASE_READ, "system")
                await SqlAuditTrail(database).append(entry, HOUR - hours_ago)

        self.work(add)

    def write_many_read(self, staff: StaffRow, cases: int, *, hours_ago: int = 0) -> None:
        """What a caseworker who works there, and opened so many cases within two hours, leaves behind."""

        async def add(database: Database) -> None:
            register, token = SqlStaffRegister(database), staff.id.encode()
            await register.invite(Invite(token, staff.organisation, staff.role, 1))
            await register.redeem(token, 0, staff)
            for number in range(cases):
                entry = AuditEntry(staff.organisation, AuditEvent.CASE_READ, staff.id, f"{number:032x}")
                hour = HOUR - hours_ago
                then = partial(alarm_due, entry, hour, usual=Usual())
                await SqlAuditTrail(database).append(entry, hour, then=then)

        self.work(add)
