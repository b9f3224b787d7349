"""Which server's keys a database belongs to, so that an empty or wrong keys folder is noticed before it does harm."""

from typing import Final

from sqlalchemy import select

from bot.kernel.errors import StartError
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.tables import meta

_NAME: Final = "installation"


@storage_errors
async def check_installation(database: Database, installation: str) -> None:
    """Remember on the first start whose database this is; refuse other keys afterwards.

    With other keys nobody's case could be found again and every row would look forged. Raises StartError.
    """
    async with database.writing() as connection:
        await connection.execute(insert_if_free(connection, meta), {"name": _NAME, "value": installation})
        written = await connection.scalar(select(meta.c.value).where(meta.c.name == _NAME))
    if written != installation:
        raise StartError(
            "keys.other",
            "The keys are not the ones this database was made with: put the right FENER_KEYS_DIR back, "
            "or start with an empty FENER_DATA_DIR.",
        )
