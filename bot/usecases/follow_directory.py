"""The directory as it stands now: the released files, and what was vetted, suspended, flagged and changed since.

A turn never waits for files or an index: what changed is laid over the release in some hundredths of a second. It is at most
two seconds old. A ledger that cannot be believed means that nothing is offered; people are then led to a human.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.directory.ledger import Event
from bot.directory.matching import Directory
from bot.directory.model import Organisation, Service
from bot.directory.standing import Standing, stand
from bot.kernel.errors import RefusedError, StorageError
from bot.ports import Clock
from bot.telemetry.logs import logger, place_of
from bot.usecases.keep_ledger import KeepLedger, Record

FRESH: Final = timedelta(seconds=1)
"""How old a look may be before another one begins beside the turns."""

BEARABLE: Final = timedelta(seconds=2)
"""How old it may be at all: then a turn waits for the next one."""


Release = Callable[[], Directory]
"""The directory of the release in force."""


@dataclass(frozen=True, slots=True)
class Current:
    """The directory at one moment. `standings` are of services that something happened to; `whole`: all was believed."""

    directory: Directory
    standings: Mapping[str, Standing] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    whole: bool = True

    def standing(self, organisation: str, service: Service) -> Standing:
        """How one of the directory's services stands."""
        return self.standings.get(f"{organisation}/{service.id}") or Standing(service)


def find(directory: Directory, name: str) -> tuple[Organisation, Service] | None:
    """An organisation and one of its services by `organisation/service`."""
    organisation, _, wanted = name.partition("/")
    found = directory.organisations.get(organisation)
    for service in found.services if found else ():
        if found and service.id == wanted:
            return found, service
    return None


def laid_over(release: Directory, record: Record) -> Current:
    """The release with what happened since."""
    events: dict[str, list[Event]] = {}
    for event in record.events:
        events.setdefault(event.service, []).append(event)
    standings: dict[str, Standing] = {}
    for organisation in release.organisations.values():
        for service in organisation.services:
            name = f"{organisation.id}/{service.id}"
            if name in events:
                standings[name] = stand(
                    service, events[name], country=organisation.country, proven=record.proven
                )
    if not standings:
        return Current(release, {}, record)
    flagged = [name for name, one in standings.items() if one.flags]
    changed = {name: one.service for name, one in standings.items()}
    return Current(release.as_it_stands(changed, flagged), standings, record)


class FollowDirectory:
    """Answers what the directory is now."""

    def __init__(self, *, release: Release, ledger: KeepLedger, clock: Clock) -> None:
        """Take the release in force and the ledger."""
        self._ask = release
        self._ledger = ledger
        self._clock = clock
        self._current: Current | None = None
        self._release: Directory | None = None
        self._looked: datetime | None = None
        self._looking: asyncio.Task[None] | None = None

    async def now(self) -> Directory:
        """The directory, at most two seconds old."""
        return (await self.current()).directory

    async def current(self) -> Current:
        """The directory with how each service came to stand as it does, at most two seconds old."""
        age = self._age()
        if age is None or age >= BEARABLE:
            await asyncio.shield(self._looking or self._begin())
        elif age >= FRESH and self._looking is None:
            self._begin()
        assert self._current is not None
        return self._current

    async def look(self) -> Current:
        """The directory at this moment: after a deed, and before one."""
        if self._looking is not None:
            await asyncio.shield(self._looking)
        await asyncio.shield(self._begin())
        assert self._current is not None
        return self._current

    def _age(self) -> timedelta | None:
        """How long ago we looked; None when there is nothing to go by: never, another release, a clock set back."""
        if self._looked is None or self._release is not self._ask():
            return None
        age = self._clock.now() - self._looked
        return age if age >= timedelta() else None

    def _begin(self) -> asyncio.Task[None]:
        """Look in a task of its own: a turn that is given up leaves it to the others."""
        self._looking = asyncio.create_task(self._look())
        self._looking.add_done_callback(_report)
        return self._looking

    async def _look(self) -> None:
        try:
            await self._refresh()
        finally:
            self._looking = None

    async def _refresh(self) -> None:
        present, release = self._clock.now(), self._ask()
        before = self._current if self._release is release else None
        known = before.record if before is not None and before.whole else None
        try:
            record = await self._ledger.read(known)
        except RefusedError:
            if before is None or before.whole:
                logger().error("directory.broken")
                before = None
            self._current = before or Current(release.emptied(), whole=False)
        except (
            StorageError
        ):  # as before until the database is back; before the first look nobody vouches for anything
            self._current = before or Current(release.emptied(), whole=False)
        else:
            if before is None or not before.whole or record is not before.record:
                self._current = laid_over(release, record)
        self._release, self._looked = release, present


def _report(looking: asyncio.Task[None]) -> None:
    """Say what went wrong in a look: perhaps no turn waited for it."""
    if not looking.cancelled() and (fault := looking.exception()) is not None:
        logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
