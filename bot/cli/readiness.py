"""What `fener doctor` asks of the installation: settings, content, stores, keys, the people behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.cli.host import Finding, Level
from bot.cli.stores import database_file, keys_that_are_there, opened_database
from bot.content.folders import Content
from bot.crypto.epochs import epoch_number, epoch_start
from bot.crypto.keys import ServerKeys
from bot.directory.hours import duty_hours
from bot.directory.model import Organisation, Service
from bot.directory.vetting import lapses_within, may_be_offered
from bot.handoff.routing import Staffing
from bot.installation import SystemClock
from bot.kernel.errors import FenerError, StartError, StorageError
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.storage.inspection import SqlInspection
from bot.storage.keyrings import SqlKeyrings
from bot.storage.memory_stores import open_memory
from bot.storage.staff import SqlStaffRegister
from bot.usecases.check_staffing import CheckStaffing

SOON: Final = 30  # days in which a lapse is worth a warning

_SERVED: Final = frozenset({"sourced", "reviewed"})


# --- settings ------------------------------------------------------------------------------------------


def check_settings(settings: Settings) -> Iterator[Finding]:
    """The public URL, and a demo where real people write."""
    if settings.public_url is None:
        yield Finding("public URL", "ok", "not set: no provider calls this machine")
    elif settings.public_url.startswith("https://"):
        yield Finding("public URL", "ok", "https")
    else:
        mend = "put a proxy with a certificate in front, and set FENER_PUBLIC_URL to its https URL"
        level: Level = "fail" if settings.real_channel else "warn"
        yield Finding("public URL", level, "it is http: what people write travels in the open", mend)
    if settings.marks_test:
        mend = "leave FENER_DEMO out once an organisation is staffed and services are vetted"
        yield Finding("demo", "warn", "made-up services are offered on a real channel, marked TEST", mend)
    elif settings.offers_demo:
        yield Finding("demo", "ok", "on, and no real channel is set")
    else:
        yield Finding("demo", "ok", "off")


def check_bell(settings: Settings) -> Iterator[Finding]:
    """Which ways of ringing caseworkers are on. Nothing is sent."""
    on = ["mail"] if settings.smtp_host is not None else []
    on += ["the bot for staff"] if settings.staff_telegram_token is not None else []
    if on:
        yield Finding("bell", "ok", f"caseworkers can be rung by {' and '.join(on)}, and by the open console")
        return
    said = "caseworkers are rung by the open console only"
    mend = "set FENER_SMTP_HOST or FENER_STAFF_TELEGRAM_TOKEN: docs/how-to/ring-caseworkers.md"
    yield Finding(
        "bell", "warn" if settings.real_channel else "ok", said, mend if settings.real_channel else ""
    )


# --- content -------------------------------------------------------------------------------------------


def check_content(content: Content, settings: Settings, today: date) -> Iterator[Finding]:
    """Faults, what may be offered today, and what lapses soon."""
    errors = sum(problem.severity == "error" for problem in content.problems)
    if errors:
        yield Finding(
            "content", "fail", f"{_counted(errors, 'error')}: the server will not start", "run 'fener check'"
        )
    else:
        yield Finding("content", "ok", f"no errors, {_counted(len(content.problems), 'warning')}")
    yield _vetted(content, settings, today)
    soon = [
        vetting for _, service in _services(content) if lapses_within(vetting := service.vetting, today, SOON)
    ]
    if soon:
        told = f"{_counted(len(soon), 'vetting')} will lapse within {SOON} days"
        yield Finding("vetting", "warn", told, "run 'fener directory due' and vet again")
    yield _facts(content, today)


def zones_of(content: Content) -> set[str]:
    """Every time zone that opening or duty hours name."""
    network = content.directory.network
    hours = [service.hours for _, service in _services(content)]
    hours += [network.duty, *(member.duty for member in network.members)]
    return {each.zone for each in hours if each is not None}


def _services(content: Content) -> Iterator[tuple[Organisation, Service]]:
    for organisation in content.directory.organisations.values():
        for service in organisation.services:
            yield organisation, service


def _vetted(content: Content, settings: Settings, today: date) -> Finding:
    services = list(_services(content))
    vetted = sum(may_be_offered(organisation, service, today) for organisation, service in services)
    if vetted:
        return Finding("services", "ok", f"{vetted} of {len(services)} may be offered today")
    needed = settings.real_channel and not settings.offers_demo
    return Finding(
        "services",
        "fail" if needed else "warn",
        f"none of {len(services)} real ones may be offered today"
        if services
        else "there is no service in the directory",
        "vet services by two people ('fener directory due' lists them)",
    )


def _facts(content: Content, today: date) -> Finding:
    served = [fact for fact in content.flows.facts if fact.state in _SERVED]
    lapsed = sum(fact.expires_on < today for fact in served)
    soon = sum(today <= fact.expires_on <= today + timedelta(days=SOON) for fact in served)
    if lapsed or soon:
        said = f"{lapsed} lapsed and are not told any more, {soon} will within {SOON} days"
        return Finding(
            "facts", "warn", said, "check their sources again (docs/how-to/keep-a-fact-current.md)"
        )
    return Finding("facts", "ok", f"{len(served)} hold for {SOON} days and more")


# --- stores and keys -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Installed:
    """What could be opened: keys None where not; findings of what was looked at."""

    keys: ServerKeys | None
    findings: tuple[Finding, ...]


def check_keys(settings: Settings, clock: SystemClock) -> Installed:
    """Whether the keys open. Asks for the passphrase where custody wants one."""
    try:
        keys = keys_that_are_there(settings, clock)
    except StartError as fault:
        level: Level = "warn" if fault.code == "keys.locked" else "fail"
        return Installed(
            None, (Finding("keys", level, f"the keys do not open ({fault.code})", _mend(fault)),)
        )
    if keys is None:
        return Installed(None, (Finding("keys", "warn", "there are none yet", "the first start makes them"),))
    try:
        ends = keys.epochs(clock.now()).current.reachable_until
    except StorageError:
        said = "they open; the key of this epoch is not here"
        mend = "the next start makes it, unless another machine has: see below"
        return Installed(keys, (Finding("keys", "warn", said, mend),))
    return Installed(
        keys, (Finding("keys", "ok", f"they open; cases of today can be answered until {ends:%Y-%m-%d}"),)
    )


async def check_stores(
    settings: Settings, content: Content, keys: ServerKeys | None, clock: SystemClock
) -> Sequence[Finding]:
    """Database, memory, and who can receive a case."""
    found = [await _memory(settings, keys)]
    file = database_file(settings)
    if file is not None and not file.exists():
        return [*found, Finding("database", "warn", "there is none yet", "the first start makes it")]
    try:
        async with opened_database(settings) as database:
            inspection = SqlInspection(database)
            state, made_with = await inspection.state(), await inspection.installation()
            found.append(Finding("database", "ok", f"reachable, tables at revision {state.revision}"))
            if keys is not None and made_with not in {None, keys.installation}:
                said = "the keys are not the ones this database was made with"
                found.append(Finding("keys", "fail", said, "set FENER_KEYS_DIR to the right ones"))
            elif keys is not None:
                found += epoch_findings(keys, await SqlEpochLedger(database).recorded(), clock.now())
            found += await _people(settings, content, database, keys, clock)
    except FenerError as fault:
        found.append(Finding("database", "fail", f"it does not open ({fault.code})", _mend(fault)))
    return found


def epoch_findings(keys: ServerKeys, recorded: Mapping[int, bytes], now: datetime) -> Iterator[Finding]:
    """What keys in force this folder lacks, where machines have a folder each: one that counts now, or the next."""
    for number in keys.lacking(now, recorded):
        mend = keys.mend(number).rstrip(".")
        if number <= epoch_number(now):
            said = (
                f"the key in force of epoch {number} is not here: no case is opened or found on this machine"
            )
            yield Finding("keys", "fail", said, mend)
        else:
            day = epoch_start(number)
            said = (
                f"another machine made the key of the epoch that begins on {day:%Y-%m-%d}, and it is not here"
            )
            yield Finding("keys", "warn", said, mend)


async def _memory(settings: Settings, keys: ServerKeys | None) -> Finding:
    if settings.memory_url == "memory://":
        return Finding("memory store", "ok", "in the server's own process")
    if keys is None:
        return Finding("memory store", "warn", "not looked at, because the keys did not open", "see above")
    try:
        memory = await open_memory(settings.memory_url, keys)
    except FenerError as fault:
        return Finding("memory store", "fail", f"Valkey is not usable ({fault.code})", _mend(fault))
    await memory.close()
    return Finding("memory store", "ok", "Valkey answers and writes nothing down")


async def _people(
    settings: Settings, content: Content, database: Database, keys: ServerKeys | None, clock: SystemClock
) -> Sequence[Finding]:
    """Organisations with a caseworker who can open a case, and whether one is on duty now."""
    if keys is None:
        said = "not looked at, because the keys did not open"
        return [Finding("organisations", "warn", said, "see above")]
    staffing = CheckStaffing(
        keyrings=SqlKeyrings(database),
        register=SqlStaffRegister(database),
        roots=settings.keyrings,
        heads=keys.heads,
        hours=duty_hours(content.directory.network),
        clock=clock,
    )
    fictitious = {org.id for org in content.directory.organisations.values() if org.demo}
    staffed = [each for each in await staffing.now() if each.keys and each.organisation not in fictitious]
    return list(staffed_findings(settings, staffed))


def staffed_findings(settings: Settings, staffed: Sequence[Staffing]) -> Iterator[Finding]:
    """What it means that these real organisations can receive a case now."""
    if not staffed:
        needed = settings.real_channel and not settings.offers_demo
        said = "no real organisation has a caseworker who can open a case"
        mend = "enrol one: docs/how-to/enrol-an-organisation.md"
        yield Finding("organisations", "fail" if needed else "warn", said, mend)
        return
    for each in staffed:
        said = f"{each.organisation}: {_counted(each.keys, 'caseworker')} can open a case, {each.on_duty} on duty"
        if not each.on_duty:
            mend = "ask them to go on duty ('fener duty on', or the console)"
            yield Finding("organisations", "warn", said, mend)
        elif each.keys == 1:
            mend = "enrol a second caseworker: one can fall ill, or lose a key"
            yield Finding("organisations", "warn", said, mend)
        else:
            yield Finding("organisations", "ok", said)
    for name in sorted(set(settings.keyrings) - {each.organisation for each in staffed}):
        said = f"{name} is pinned in fener.toml, but nobody there can open a case"
        yield Finding("organisations", "warn", said, "enrol caseworkers there, or check the fingerprint")


def _mend(fault: FenerError) -> str:
    return fault.mend.rstrip(".") or fault.code


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
