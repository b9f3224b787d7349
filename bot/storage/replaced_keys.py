"""Earlier weekly keys of caseworkers in the database, as keyed digests: a copy of it does not say which key was whose."""

from collections.abc import Sequence

from sqlalchemy import select, update

from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import ReplacedKey
from bot.ports import StaffRow
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.rows import staff_of, values
from bot.storage.tables import replaced_keys, staff


class SqlReplacedKeys:
    """Digests by caseworker; `SqlRetention.expire_access` deletes them in time."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def keep(self, key: ReplacedKey) -> None:
        """Remember one; a digest that is there already stays as it is."""
        async with self._database.writing() as connection:
            await connection.execute(insert_if_free(connection, replaced_keys).values(values(key)))

    @storage_errors
    async def of(self, staff: CaseworkerId) -> frozenset[bytes]:
        """The digests of this caseworker's earlier keys."""
        query = select(replaced_keys.c.digest).where(replaced_keys.c.staff == staff)
        async with self._database.reading() as connection:
            return frozenset(await connection.scalars(query))

    @storage_errors
    async def leavers(self) -> Sequence[StaffRow]:
        """Those who left and of whom keys are still remembered, by id."""
        remembered = staff.c.id.in_(select(replaced_keys.c.staff))
        query = select(staff).where(staff.c.active.is_(False), remembered).order_by(staff.c.id)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [staff_of(row) for row in found]

    @storage_errors
    async def shorten(self, staff: CaseworkerId, until_hour: int) -> None:
        """Remember this caseworker's keys no longer than this hour."""
        longer = (replaced_keys.c.staff == staff, replaced_keys.c.until_hour > until_hour)
        async with self._database.writing() as connection:
            await connection.execute(update(replaced_keys).where(*longer).values(until_hour=until_hour))
