"""Invitations, enrolled caseworkers and their open consoles in the database. No token is stored, only its SHA-256."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import delete, func, select, update

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import StaffSession
from bot.ports import Invite, StaffRow
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.rows import invite_of, staff_of, values
from bot.storage.tables import invites, staff_sessions, ways
from bot.storage.tables import staff as caseworkers

_SESSION_HASH: Final = 32  # bytes; what stands for a used challenge is longer


class SqlStaffRegister:
    """Invitations and enrolled caseworkers."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def invite(self, invite: Invite) -> None:
        """Keep an invitation."""
        async with self._database.writing() as connection:
            await connection.execute(invites.insert().values(values(invite)))

    @storage_errors
    async def redeem(self, token_hash: bytes, now: int, staff: StaffRow) -> Invite | None:
        """Use an invitation once and enrol `staff` with its organisation and role; None if it is not valid.

        Raises ConflictError (`staff.enrolled`) when the id or the identity key is enrolled; the invitation stays.
        """
        use = (
            delete(invites)
            .where(invites.c.token_hash == token_hash, invites.c.expires_at > now)
            .returning(*invites.c)
        )
        async with self._database.writing() as connection:
            found = (await connection.execute(use)).mappings().first()
            if found is None:
                return None
            invite = invite_of(found)
            enrolled = replace(staff, organisation=invite.organisation, role=invite.role)
            added = await connection.execute(insert_if_free(connection, caseworkers).values(values(enrolled)))
            if added.rowcount == 0:
                raise ConflictError("staff.enrolled", "This key is enrolled already: make a new one.")
        return invite

    @storage_errors
    async def peek(self, token_hash: bytes, now: int) -> Invite | None:
        """The invitation, unused, while it is valid."""
        query = select(invites).where(invites.c.token_hash == token_hash, invites.c.expires_at > now)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().first()
        return None if found is None else invite_of(found)

    @storage_errors
    async def of(self, organisation: str) -> Sequence[StaffRow]:
        """Active caseworkers of the organisation, by id."""
        query = (
            select(caseworkers)
            .where(caseworkers.c.organisation == organisation, caseworkers.c.active.is_(True))
            .order_by(caseworkers.c.id)
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [staff_of(row) for row in found]

    @storage_errors
    async def write(self, staff: StaffRow) -> None:
        """Replace a row: new duty key, duty statement, inactive; who is inactive is rung in no way any more.

        Organisation and identity key stay as enrolled: ConflictError (`staff.unknown`) when they differ.
        """
        same = (
            caseworkers.c.id == staff.id,
            caseworkers.c.organisation == staff.organisation,
            caseworkers.c.identity_kid == staff.identity_kid,
            caseworkers.c.identity_public == staff.identity_public,
        )
        async with self._database.writing() as connection:
            done = await connection.execute(update(caseworkers).where(*same).values(values(staff)))
            if done.rowcount != 1:
                raise ConflictError("staff.unknown", "No such caseworker in this organisation: enrol again.")
            if not staff.active:
                await connection.execute(delete(ways).where(ways.c.staff == staff.id))


class SqlStaffSessions:
    """Who is signed in to the console."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def open(self, session: StaffSession) -> None:
        """Keep a session; raises ConflictError when the caseworker is unknown or the token is taken."""
        async with self._database.writing() as connection:
            await connection.execute(staff_sessions.insert().values(values(session)))

    @storage_errors
    async def find(self, token_hash: bytes, now: int) -> StaffRow | None:
        """Whose session this is, while it lasts and the caseworker is active."""
        query = (
            select(caseworkers)
            .join(staff_sessions)
            .where(
                staff_sessions.c.token_hash == token_hash,
                staff_sessions.c.expires_at > now,
                caseworkers.c.active.is_(True),
            )
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().first()
        return None if found is None else staff_of(found)

    @storage_errors
    async def close(self, token_hash: bytes) -> None:
        """End it at once."""
        async with self._database.writing() as connection:
            await connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash))

    @storage_errors
    async def prolong(self, token_hash: bytes, expires_at: int) -> None:
        """Move its end."""
        session = staff_sessions.c.token_hash == token_hash
        async with self._database.writing() as connection:
            await connection.execute(update(staff_sessions).where(session).values(expires_at=expires_at))

    @storage_errors
    async def close_all(self, staff: CaseworkerId) -> None:
        """End every session of this caseworker; what is kept of used challenges stays."""
        theirs = (
            staff_sessions.c.staff == staff,
            func.length(staff_sessions.c.token_hash) == _SESSION_HASH,
        )
        async with self._database.writing() as connection:
            await connection.execute(delete(staff_sessions).where(*theirs))
