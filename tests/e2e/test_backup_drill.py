"""The restore drill: a backup with the keys is the installation again; without them it opens nothing and names nobody."""

import shutil
import sqlite3
from pathlib import Path

from tests.doubles.twilio import TwilioDouble
from tests.e2e.canaries import leaks
from tests.e2e.installation import Installation, on_whatsapp
from tests.e2e.test_story import WORDS, hand_over, number_of

NUMBER = "+381607734951"
NAME = "Zvezdana Canarić"
ANSWER = "There is a bed for you on Friday"


async def waiting_answer(twilio: TwilioDouble, fener: Installation) -> str:
    """A case whose answer waits, because the machine fell over before the person could hear it; its two words."""
    await fener.enrol()
    designation = await hand_over(twilio.person(NUMBER, name=NAME))
    await fener.restart()
    await fener.case("reply", designation, ANSWER)
    return designation


async def backed_up(fener: Installation) -> Path:
    """A backup of the running server."""
    backup = fener.folder / "backups" / "fener.db"
    backup.parent.mkdir()
    code, said, fault = await fener.fener("backup", str(backup))
    assert code == 0, fault
    assert "holds no keys" in said
    return backup


async def test_a_backup_put_back_with_the_keys_answers_the_person_as_if_nothing_had_happened(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        designation = await waiting_answer(twilio, fener)
        backup = await backed_up(fener)
        await fener.kill()
        shutil.rmtree(tmp_path / "data")

        code, _, fault = await fener.fener("restore", str(backup))
        assert code == 0, fault
        await fener.start()

        opened = await fener.opened(designation)
        assert opened["summary"]["note"] == WORDS
        sam = twilio.person(NUMBER)
        await sam.say("hello?")
        await sam.say(number_of("Read", sam.heard[-1]))
        assert ANSWER in sam.heard[-1]


async def test_a_backup_without_the_keys_opens_nothing_and_names_nobody(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await waiting_answer(twilio, fener)
        backup = await backed_up(fener)
        await fener.kill()

        canaries = [NUMBER, NAME, "Zvezdana", WORDS, ANSWER]
        assert leaks([backup.parent], canaries) == []

        thief = on_whatsapp(twilio, a_folder(tmp_path / "thief"))
        (thief.folder / "data").mkdir()
        shutil.copy(backup, thief.folder / "data" / "fener.db")
        code, _, fault = await thief.fener("serve", "--port", str(thief.port))
        assert code == 1
        assert "The keys are not the ones this database was made with" in fault

        with sqlite3.connect(thief.folder / "data" / "fener.db") as connection:
            connection.execute("DELETE FROM meta WHERE name = 'installation'")  # a thief does not stop there
            connection.execute("DELETE FROM epochs")
        connection.close()
        async with thief:
            sam = twilio.person(NUMBER)
            await sam.say("hello?")
            assert "waiting" not in sam.heard[-1]
            assert (
                "Is now a good time?" not in sam.heard[-1]
            )  # with the number in hand, nothing is found or opened
            assert "English" in sam.heard[-1]
            code, _, fault = await thief.fener("db", "check")
            assert (code, "1 of 1 case rows were not written by this server" in fault) == (1, True)
        assert leaks([thief.folder / "data", thief.folder / "keys"], canaries) == []


def a_folder(path: Path) -> Path:
    path.mkdir()
    return path
