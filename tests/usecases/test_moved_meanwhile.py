"""What was under way on the old phone when a return code took the case elsewhere changes nothing of it there."""

from collections.abc import Awaitable, Callable

import pytest

from bot.crypto.gate import Gate
from bot.crypto.pseudonym import FULL, Fingerprinter, fingerprint
from bot.kernel.address import Address
from bot.kernel.errors import ConflictError
from bot.kernel.ids import Pseudonym
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.return_codes import SqlReturnCodes
from bot.usecases.extend_case import ExtendCase
from bot.usecases.move_case import MoveCase
from bot.usecases.recognise_person import Known, Recognised
from tests.usecases.house import Caseworker, House, Person
from tests.usecases.test_people_without_a_case import recogniser
from tests.usecases.test_return_code import code_of


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def sam(house: House, ana: Caseworker) -> Person:  # somebody must be on duty
    person = house.person()
    await person.hand_over()
    return person


def extending(house: House) -> ExtendCase:
    database = house.fener.database
    return ExtendCase(
        keys=house.fener.keys,
        queue=SqlCaseQueue(database, house.clock.monotonic),
        desk=SqlCaseDesk(database),
        codes=SqlReturnCodes(database),
        staffing=house.fener.staffing,
        follow=house.fener.staff.claim._follow,
        audit=SqlAuditTrail(database),
        clock=house.clock,
    )


async def known_as_now(house: House, person: Person) -> Known:
    """What a turn of this person knows when it begins."""
    recognise = recogniser(house, Fingerprinter(house.fener.keys.salt))
    [known] = (await recognise([(Pseudonym("old"), Address("telegram", person.address))], live=True)).cases
    return known


STALE: dict[str, Callable[[ExtendCase, Known], Awaitable[object]]] = {
    "a gate": lambda extend, known: extend.set_gate(known, Gate()),
    "words": lambda extend, known: extend.add(known, "It is me", message="m"),
    "urgency": lambda extend, known: extend.change_urgency(known, "soon"),
    "taking it back": lambda extend, known: extend.cancel(known, message="m"),
    "erasing": lambda extend, known: extend.erase(known.row),
}


@pytest.mark.parametrize("what", STALE)
async def test_nothing_from_the_old_phone_reaches_a_case_that_just_moved(
    house: House, sam: Person, what: str
) -> None:
    code = await code_of(sam)
    known = await known_as_now(house, sam)
    await house.person("whatsapp:+381600000001", channel="whatsapp").say(code)
    moved = [await house.rows(table) for table in ("cases", "envelopes")]

    with pytest.raises(ConflictError):
        await STALE[what](extending(house), known)

    assert [await house.rows(table) for table in ("cases", "envelopes")] == moved


async def test_the_way_back_to_the_old_phone_is_gone_with_the_move_itself_whatever_happens_to_the_turn(
    house: House, sam: Person
) -> None:
    code = await code_of(sam)
    case = (await house.case()).id
    assert await house.route(case)
    move = MoveCase(
        keys=house.fener.keys,
        codes=SqlReturnCodes(house.fener.database),
        recognise=recogniser(house, Fingerprinter(house.fener.keys.salt)),
        extend_case=extending(house),
        routes=house.fener.memory.routes,
        clock=house.clock,
    )

    async def new_phone() -> bytes:
        return fingerprint(Address("telegram", "2"), house.fener.keys.salt, FULL)

    moved = await move(code, fingerprint=new_phone, message="m", here=Recognised())

    assert isinstance(moved, Known)
    assert not await house.route(case)
