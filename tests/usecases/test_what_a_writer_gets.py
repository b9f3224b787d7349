"""Somebody who writes any column of the database: nothing forged is shown, nothing is read, nobody is left in silence."""

from dataclasses import dataclass
from typing import Final

import pytest
from sqlalchemy import LargeBinary

from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.storage import tables
from tests.usecases.house import WORDS, Caseworker, House, Person, designation_in

BED: Final = "We have a bed for you"
OTHERS: Final = "Come to the office at nine"
GATE: Final = "Is now a good time?"
UNPROVEN: Final = "A note could not be checked. So it is not shown."
SPOILT: Final = "Something kept for you was changed, so it is not used."
NONE: Final = "There is no note."


@dataclass
class Scene:
    """Two people with a case and a waiting reply each, after a restart; the writer goes for the first."""

    house: House
    ana: Caseworker
    sam: Person
    case: str
    kim: Person

    async def change(self, table: str, column: str, value: str) -> None:
        key = "id" if table == "cases" else '"case"'
        await self.house.write(f'UPDATE {table} SET "{column}" = {value} WHERE {key} = :case', case=self.case)

    async def listen(self, person: Person) -> str:
        """All that somebody hears who comes back and looks for a note."""
        before = len(person.heard)
        for text in ("hello?", "note"):
            await person.say(text)
            if GATE in person.heard[-1]:
                await person.choose("Read")
        return "\n".join((*person.heard[before:], self.house.messenger.heard))


@pytest.fixture
async def scene(house: House) -> Scene:
    ana = await house.caseworker("Ana")
    sam, kim = house.person(), house.person("88234")
    await sam.hand_over()
    case = (await house.case()).id
    await kim.hand_over("Somebody else's words")
    await house.restart()
    for row in await house.rows("cases"):
        text = BED if row["id"] == case else OTHERS
        assert not (await ana.reply(str(row["id"]), text)).delivered
    return Scene(house, ana, sam, case, kim)


# --- one column at a time -------------------------------------------------------------------------------

OTHER_VALUES: Final = {
    "organisation": "'rs-demo-harbour'",
    "queue": "queue || 'x'",
    "need": "need || 'x'",
    "urgency": "CASE urgency WHEN 'now' THEN 'soon' ELSE 'now' END",
    "language": "'fr'",
    "status": "CASE status WHEN 'claimed' THEN 'waiting' ELSE 'claimed' END",
    "designation": "designation || 'x'",
    "closed_hour": "opened_hour",
    "claimed_by": "'ffffffffffffffffffffffffffffffff'",
    "signer": "'0000000000000000'",
    "delivered_hour": "hour",
    "id": "'ffffffffffffffffffffffffffffffff'",
    "case": "(SELECT id FROM cases WHERE id != :case)",
}
"""What a writer may put in a column; other numbers are counted up, and bytes emptied, blanked, or the neighbour's."""

NOT_THE_WORDS: Final = {"id", "hour", "delivered_hour"}
"""What a note's row may say wrongly while the words stay the organisation's: its name, and when it goes."""

BOUND_BY_KEYS: Final = {("cases", "id")}
"""What the database itself refuses: notes and envelopes hang on it."""


def forgeries(table: str) -> list[tuple[str, str]]:
    """Each column of a table with all that somebody may put there."""
    found = []
    for column in tables.metadata.tables[table].columns:
        if (table, column.name) in BOUND_BY_KEYS:
            continue
        values = [OTHER_VALUES.get(column.name, f"{column.name} + 1")]
        if isinstance(column.type, LargeBinary):
            name = column.name
            theirs = f"(SELECT other.{name} FROM {table} other WHERE other.id != {table}.id)"
            values = [f"zeroblob(length({name}))", "zeroblob(0)", theirs]
        found += [(column.name, value) for value in values]
    return found


@pytest.mark.parametrize(("column", "value"), forgeries("cases"))
async def test_a_case_row_changed_in_any_column_brings_nothing_and_the_person_hears_that(
    scene: Scene, column: str, value: str
) -> None:
    if column == "pseudonym":  # no two open cases have one name
        await scene.house.write(
            "UPDATE cases SET closed_hour = opened_hour WHERE id != :case", case=scene.case
        )
    await scene.change("cases", column, value)

    heard = await scene.listen(scene.sam)

    for words in ("writes:", BED, OTHERS, "Added"):
        assert words not in heard
    assert (NONE if column == "pseudonym" else SPOILT) in heard
    staff = scene.house.fener.staff
    for forbidden in (staff.read, staff.claim, staff.close):
        with pytest.raises(RefusedError, match="no such case"):
            await forbidden(scene.ana.row, CaseId(scene.case))


@pytest.mark.parametrize(("column", "value"), forgeries("notes"))
async def test_a_reply_changed_in_any_column_is_never_shown_as_the_organisations_words(
    scene: Scene, column: str, value: str
) -> None:
    if column == "case":  # no two replies of a case have one number
        await scene.house.write('UPDATE notes SET sequence = 7 WHERE "case" != :case', case=scene.case)
    await scene.change("notes", column, value)

    heard = await scene.listen(scene.sam)

    assert OTHERS not in heard
    if column in NOT_THE_WORDS:
        assert BED in heard
        return
    assert BED not in heard
    assert "writes:" not in heard
    assert (NONE if column == "case" else UNPROVEN) in heard
    if column == "case":
        assert UNPROVEN in await scene.listen(scene.kim)


# --- whole rows -----------------------------------------------------------------------------------------


async def test_two_replies_that_changed_places_are_shown_to_nobody(scene: Scene) -> None:
    one, other = await scene.house.rows("notes")
    for place, words in ((one, other), (other, one)):
        await scene.house.write(
            "UPDATE notes SET sealed = :sealed, signature = :signature WHERE id = :id",
            id=place["id"],
            sealed=words["sealed"],
            signature=words["signature"],
        )

    for person in (scene.sam, scene.kim):
        heard = await scene.listen(person)
        assert UNPROVEN in heard
        assert BED not in heard
        assert OTHERS not in heard


async def test_a_reply_that_was_read_and_put_back_under_another_number_is_not_shown_again(
    scene: Scene,
) -> None:
    [row] = [each for each in await scene.house.rows("notes") if each["case"] == scene.case]
    assert BED in await scene.listen(scene.sam)
    await scene.sam.say("thank you")
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    await scene.house.write(f"INSERT INTO notes ({names}) VALUES ({places})", **{**row, "sequence": 2})
    await scene.house.restart()

    heard = await scene.listen(scene.sam)

    assert BED not in heard
    assert UNPROVEN in heard


async def test_a_reply_that_was_deleted_is_not_made_up_for(scene: Scene) -> None:
    await scene.house.write('DELETE FROM notes WHERE "case" = :case', case=scene.case)

    heard = await scene.listen(scene.sam)

    assert NONE in heard
    assert "writes:" not in heard


async def test_whose_case_was_deleted_meets_no_fault_and_can_ask_anew(scene: Scene) -> None:
    await scene.house.write("DELETE FROM cases WHERE id = :case", case=scene.case)

    assert NONE in await scene.listen(scene.sam)
    await scene.house.restart()

    assert await scene.sam.hand_over()


async def test_an_earlier_row_of_the_same_case_lets_no_reply_through_twice_or_wrongly(scene: Scene) -> None:
    [before] = [each for each in await scene.house.rows("cases") if each["id"] == scene.case]
    await scene.ana.reply(scene.case, "A second answer")
    fields = ", ".join(f'"{name}" = :{name}' for name in before)
    await scene.house.write(f"UPDATE cases SET {fields} WHERE id = :id", **before)

    heard = await scene.listen(scene.sam)

    assert heard.count(BED) == 1
    assert OTHERS not in heard


# --- what the person can still do -----------------------------------------------------------------------


async def test_who_was_told_can_hand_over_anew_and_is_told_once(scene: Scene) -> None:
    await scene.change("cases", "urgency", "'now'")

    assert SPOILT in await scene.sam.say("hello?")
    before = len(scene.sam.heard)
    await scene.house.restart()
    designation = await scene.sam.hand_over("Once more, from the beginning")

    assert SPOILT not in "\n".join(scene.sam.heard[before:])
    rows = await scene.house.rows("cases")
    [anew] = [row for row in rows if row["designation"] == designation]
    summary, _ = await scene.ana.read(str(anew["id"]))
    assert summary.note == "Once more, from the beginning"


async def test_in_discreet_mode_a_spoilt_case_is_silent_until_note_and_hinders_no_new_one(
    house: House,
) -> None:
    await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await house.restart()
    await house.write("UPDATE cases SET urgency = 'now'")

    for text in ("hello?", "menu", "help"):
        assert SPOILT not in await sam.say(text)
    assert SPOILT in await sam.say("note")
    await house.restart()

    assert await sam.hand_over()


async def test_a_spoilt_case_hinders_no_new_one_before_anybody_asked_for_a_note(house: House) -> None:
    await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await house.restart()
    await house.write("UPDATE cases SET touched_hour = touched_hour + 1")

    await sam.consent()

    assert designation_in(await sam.say(WORDS))


@pytest.mark.parametrize("word", ["0", "lavender"])
async def test_nothing_of_it_is_said_over_a_chat_that_was_left_or_hidden(house: House, word: str) -> None:
    await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    await sam.say("safe word")
    await sam.say("lavender")
    await house.write("UPDATE cases SET urgency = 'now'")

    assert SPOILT not in await sam.say(word)


# --- the table is whole ---------------------------------------------------------------------------------


def test_every_column_of_a_case_and_a_reply_is_tried() -> None:
    for table in ("cases", "notes"):
        tried = {column for column, _ in forgeries(table)} | {
            column for named, column in BOUND_BY_KEYS if named == table
        }
        assert tried == {column.name for column in tables.metadata.tables[table].columns}
