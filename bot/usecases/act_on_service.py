"""What every deed about a service has in common: looked at as it stands now, written down with its audit line, followed at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.directory.ledger import LONGEST_NAME, LONGEST_WORDS, Event, Json, Kind, said
from bot.directory.model import Service
from bot.directory.standing import Standing, stand
from bot.directory.vetting import vetter_key
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.ports import Clock
from bot.usecases.follow_directory import FollowDirectory, Release, find
from bot.usecases.keep_ledger import KeepLedger, Record

SHORTEST_WORDS: Final = 3
"""Characters of evidence, of a reason, of a source."""


@dataclass(frozen=True, slots=True)
class Vetter:
    """Who does something. `staff` and `organisation` are empty on the command line, where the operator types a name."""

    name: str
    staff: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A service at the moment of a deed: as it stands, as its file says, who acts, and when."""

    name: str
    standing: Standing
    file: Service
    country: str
    who: Vetter
    now: datetime

    @property
    def service(self) -> Service:
        """The service as it stands."""
        return self.standing.service

    @property
    def organisation(self) -> str:
        """Whose service it is."""
        return self.name.partition("/")[0]

    def event(
        self,
        kind: Kind,
        *,
        words: str = "",
        checklist: tuple[str, ...] = (),
        expires: date | None = None,
        field: str = "",
        value: Json = None,
        source: str = "",
        of: int = -1,
    ) -> Event:
        """What is written down of the deed, bound to what the file says about it."""
        return Event(
            kind=kind,
            service=self.name,
            hour=whole_hour(self.now),
            by=self.who.name.strip(),
            staff=self.who.staff,
            words=words,
            checklist=checklist,
            expires=expires,
            field=field,
            value=value,
            source=source,
            base=said(self.file, field or "vetting"),
            of=of,
        )


class ActOnService:
    """Writes deeds into the ledger. `Vetter` may do what they ask for: whoever calls has looked at their role."""

    def __init__(
        self, *, release: Release, ledger: KeepLedger, directory: FollowDirectory, clock: Clock
    ) -> None:
        """Take the release, the ledger, and what follows it."""
        self._release = release
        self._ledger = ledger
        self._directory = directory
        self._clock = clock

    async def __call__(
        self, name: str, who: Vetter, what: AuditEvent, decide: Callable[[Scene], Event]
    ) -> Standing:
        """Decide on the service as it stands, write it down, and answer with how it stands then.

        Raises RefusedError: `service.unknown`, `vetter.name`, `ledger.broken`, and what `decide` raises. StorageError.
        """
        if not vetter_key(who.name) or len(who.name.strip()) > LONGEST_NAME:
            raise RefusedError("vetter.name", f"Give a name of at most {LONGEST_NAME} characters.")
        found = find(self._release(), name)
        if found is None:
            raise RefusedError("service.unknown", "There is no such service in the directory.")
        (organisation, file), now = found, self._clock.now()

        def standing(record: Record) -> Standing:
            events = [event for event in record.events if event.service == name]
            return stand(file, events, country=organisation.country, proven=record.proven)

        def event(record: Record) -> Event:
            return decide(Scene(name, standing(record), file, organisation.country, who, now))

        _, after = await self._ledger.write(event, audit=self._audit(name, who, what))
        await self._directory.look()
        return standing(after)

    def _audit(self, name: str, who: Vetter, what: AuditEvent) -> AuditEntry | None:
        """Into the chain of whoever did it; the operator's deeds into that of the service's organisation, if it has one."""
        organisation = who.organisation or name.partition("/")[0]
        members = {member.organisation for member in self._release().network.members}
        return AuditEntry(organisation, what, who.staff or "operator") if organisation in members else None


def reasonable(words: str, code: str) -> str:
    """Evidence, a reason or a source: some words, and not too many. Raises RefusedError `code`."""
    words = " ".join(words.split())
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise RefusedError(code, f"Say it in {SHORTEST_WORDS} to {LONGEST_WORDS} characters.")
    return words


def check_not_own(name: str, who: Vetter) -> None:
    """Nobody vouches for the organisation they work for. Raises RefusedError `vetting.own`."""
    if who.organisation == name.partition("/")[0]:
        raise RefusedError("vetting.own", "You work there: somebody of another organisation has to do this.")
