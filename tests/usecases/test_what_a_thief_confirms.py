"""Promise 2, to the letter: what a stolen database, and a stolen database with its keys, say about 1,000 numbers.

The database alone confirms none. With the keys, each guess costs one memory-hard hash, and exactly those numbers are
confirmed that have an open case now. The hash is cheap here; what it costs in earnest: tests/crypto/test_pseudonym.py.
"""

import hashlib
import hmac
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bot.crypto.derive import derive
from bot.crypto.epochs import EpochKey
from bot.crypto.keys import KeyRoom, ServerKeys
from bot.crypto.pseudonym import Cost, Fingerprinter, SessionNames
from bot.crypto.suites import SealingKey
from bot.flow.effects import OpenCase as Wanted
from bot.kernel.address import Address
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.tables import metadata
from bot.usecases.open_case import OpenCase
from tests.usecases.house import DEMO, OTHER, Caseworker, House

CHEAP = Cost(memory=8, iterations=1)
CANDIDATES = tuple(f"+3816000{number:05}" for number in range(1000))
OPEN = (CANDIDATES[7], CANDIDATES[500], CANDIDATES[999])
CLOSED, ERASED = CANDIDATES[123], CANDIDATES[321]
NAMES = {DEMO: "Lantern Demo Centre", OTHER: "Harbour Demo Association"}


class CountedHashes(Fingerprinter):
    """The real fingerprint at a low price, counted."""

    def __init__(self, salt: bytes) -> None:
        super().__init__(salt, cost=CHEAP)
        self.made = 0

    def guess(self, number: str) -> bytes:
        """The fingerprint of one suspected number."""
        address = Address("whatsapp", number)
        who = SessionNames(b"t" * 32).of(address)
        if self.known(who) is None:
            self.made += 1
        return self.compute(who, address)


@pytest.fixture
async def lead(house: House) -> Caseworker:
    ana = await house.founded()
    await house.caseworker("Bo")
    return ana


async def opened(house: House, number: str, organisation: str = DEMO) -> str:
    """An open case of this number, by the real use case; its id."""
    fener = house.fener
    opening = OpenCase(
        keys=fener.keys,
        queue=SqlCaseQueue(fener.database, house.clock.monotonic),
        staffing=fener.staffing,
        turn_keys=fener.turn_keys,
        audit=SqlAuditTrail(fener.database),
        clock=house.clock,
    )
    wanted = Wanted(
        organisation=organisation,
        queue="general",
        urgency="soon",
        language="en",
        need="legal",
        designation=f"amber heron {number[-3:]}",
        consent=f"I agree that {NAMES[organisation]} reads this.",
    )
    fingerprint = CountedHashes(fener.keys.salt).guess(number)
    return (await opening(wanted, fingerprint=fingerprint, messages=[f"{organisation} {number}"])).id


async def a_town(house: House, lead: Caseworker) -> None:
    """Three people with an open case, one of them in the other organisation; one whose case is over; one who erased."""
    await opened(house, OPEN[0])
    await opened(house, OPEN[1], OTHER)
    await opened(house, OPEN[2])
    await house.fener.staff.close(lead.row, await opened(house, CLOSED, OTHER))  # type: ignore[arg-type]  # an id as the table holds it
    await SqlCaseDesk(house.fener.database).erase(DEMO, await opened(house, ERASED))  # type: ignore[arg-type]  # the same


async def stolen(house: House) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    return {name: await house.rows(name) for name in metadata.tables}


def values(database: Mapping[str, Iterable[Mapping[str, object]]]) -> set[bytes]:
    """Everything that stands in any column, as bytes."""
    found = (value for rows in database.values() for row in rows for value in row.values())
    return {each if isinstance(each, bytes) else str(each).encode() for each in found if each is not None}


def spellings(number: str) -> Iterator[bytes]:
    for text in (number, number[1:], f"whatsapp:{number}", f"whatsapp\0{number}", f"whatsapp|{number}"):
        yield text.encode()


def without_keys(number: str, secrets: Sequence[bytes]) -> Iterator[bytes]:
    """What somebody with all our code, and all values of the database for keys and salts, can make of a number."""
    for text in spellings(number):
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            digest = hashlib.new(name, text).digest()
            yield from (digest, digest[:16], digest.hex().encode())
        for secret in secrets:
            keyed = hmac.digest(secret, text, "sha256")
            yield from (keyed, keyed[:16], SealingKey.from_secret(keyed).public)


async def test_the_database_alone_confirms_none_of_a_thousand_numbers(house: House, lead: Caseworker) -> None:
    await a_town(house, lead)
    assert await confirmed_without(house) == []


async def test_the_thief_of_these_tests_finds_a_careless_column(house: House, lead: Caseworker) -> None:
    await a_town(house, lead)
    salt = next(bytes(row["salt"]) for row in await house.rows("cases") if row["salt"])  # type: ignore[call-overload]  # a column of bytes
    careless = hmac.digest(salt, OPEN[1].encode(), "sha256")
    await house.write("UPDATE cases SET gate = :gate", gate=careless)

    assert await confirmed_without(house) == [OPEN[1]]


async def confirmed_without(house: House) -> list[str]:
    """The candidates of whom anything stands in the stolen database that can be made without our keys."""
    database = await stolen(house)
    there = values(database)
    secrets = [bytes(row["salt"]) for row in database["cases"] if row["salt"]]  # type: ignore[call-overload]  # a column of bytes
    secrets += [str(row["value"]).encode() for row in database["meta"]]
    return [number for number in CANDIDATES if any(guess in there for guess in without_keys(number, secrets))]


async def test_our_own_code_with_any_other_keys_confirms_none_of_a_thousand_numbers(
    house: House, lead: Caseworker
) -> None:
    await a_town(house, lead)
    there = values(await stolen(house))
    keys = KeyRoom.open(house.folder / "thief", "file", house.clock.now())

    assert await confirmed_with(house, keys, CountedHashes(keys.salt)) == ()
    # Nor when they know the installation's salt: what is missing is the epoch's key.
    assert await confirmed_with(house, keys, CountedHashes(house.fener.keys.salt)) == ()
    assert house.fener.keys.salt not in there
    assert not any(key.secret in there for key in house.fener.keys.epochs(house.clock.now()).accepted)


async def confirmed_with(house: House, keys: ServerKeys, hashes: CountedHashes) -> tuple[str, ...]:
    """The candidates whose pseudonym is in the stolen table, by every organisation and every key there is."""
    names = {row["pseudonym"] for row in await house.rows("cases")} - {None}
    accepted = keys.epochs(house.clock.now()).accepted

    def known(number: str) -> bool:
        guess = hashes.guess(number)
        return any(
            key.case_pseudonym(organisation, guess) in names
            for key, organisation in itertools.product(accepted, NAMES)
        )

    return tuple(number for number in CANDIDATES if known(number))


async def test_database_and_keys_confirm_exactly_the_open_cases_at_one_hash_a_guess(
    house: House, lead: Caseworker
) -> None:
    await a_town(house, lead)
    hashes = CountedHashes(house.fener.keys.salt)

    assert await confirmed_with(house, house.fener.keys, hashes) == OPEN

    assert hashes.made == len(CANDIDATES)


async def test_without_the_hash_the_keys_confirm_nothing_there_is_no_cheaper_way(
    house: House, lead: Caseworker
) -> None:
    await a_town(house, lead)
    keys = house.fener.keys
    there = values(await stolen(house))
    salts = [bytes(row["salt"]) for row in await house.rows("cases") if row["salt"]]  # type: ignore[call-overload]  # a column of bytes
    secrets = [keys.salt, keys.row_key, *(key.secret for key in keys.epochs(house.clock.now()).accepted)]

    def shortcuts(number: str) -> Iterator[bytes]:
        yield from without_keys(number, secrets)
        for text, key in itertools.product(spellings(number), keys.epochs(house.clock.now()).accepted):
            cheap = hashlib.sha256(text).digest()
            yield from (key.case_pseudonym(organisation, cheap) for organisation in NAMES)
            yield from (key.case_pseudonym(organisation, text) for organisation in NAMES)
            yield from (key.mailbox(salt, text).public for salt in salts)
            yield derive(key.secret, "case-pseudonym", text)

    assert [number for number in OPEN if any(guess in there for guess in shortcuts(number))] == []


async def test_two_organisations_rows_of_one_person_are_joined_by_nothing(
    house: House, lead: Caseworker
) -> None:
    assert lead.organisation == OTHER
    for organisation in (DEMO, OTHER):
        await opened(house, CANDIDATES[1], organisation)
        house.clock.move(hours=1)
    one, other = await house.rows("cases")

    shared = {name for name in one if one[name] == other[name]}

    assert shared.isdisjoint({"id", "pseudonym", "salt", "mailbox_public", "gate", "mac"})


async def test_when_an_epochs_key_is_destroyed_nobody_of_that_time_is_confirmed_any_more(
    house: House, lead: Caseworker
) -> None:
    await a_town(house, lead)
    copy = await house.rows("cases")  # a database stolen then, with the keys of later
    key = house.fener.keys.epochs(house.clock.now()).current
    house.clock.move(days=61)
    await house.fener.purge()

    keys = house.fener.keys
    assert keys.epochs(house.clock.now()).get(key.number) is None
    names = {row["pseudonym"] for row in copy}
    guesses = [CountedHashes(keys.salt).guess(number) for number in OPEN]
    left = keys.epochs(house.clock.now()).accepted
    assert not any(
        each.case_pseudonym(organisation, guess) in names
        for each, organisation, guess in itertools.product(left, NAMES, guesses)
    )
    again = EpochKey(key.number, key.secret)  # the control: with the key of that time they are
    assert sum(again.case_pseudonym(org, guess) in names for org in NAMES for guess in guesses) == len(OPEN)
    assert await confirmed_with(house, keys, CountedHashes(keys.salt)) == ()


def test_the_cheap_hash_of_these_tests_is_the_real_one_at_another_price() -> None:
    salt = b"s" * 32
    expected = Argon2id(
        salt=salt, length=32, iterations=1, lanes=1, memory_cost=8, ad=b"fener/v1/fingerprint"
    ).derive(b"whatsapp\x00+381600000007")

    assert CountedHashes(salt).guess(CANDIDATES[7]) == expected
