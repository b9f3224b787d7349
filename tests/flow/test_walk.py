"""The bounded walk sees every place, and finds each promise that is broken on purpose."""

from dataclasses import replace

from bot.flow.definition import Branch, Choice, Entry, Step, Text
from bot.flow.library import Library
from bot.flow.walk import walk_all
from bot.kernel.problems import Mark
from tests.flow.stage import HOUSING, NOON, a_library, a_service

MARK = Mark("flows/x.yaml", 1, 1)


def with_step(library: Library, flow: str, step: Step) -> Library:
    found = library.flows[flow]
    changed = replace(found, steps={**found.steps, step.name: step})
    return replace(library, flows={**library.flows, flow: changed}, prepared=[])


def without(library: Library, entry: Entry) -> Library:
    entries: dict[Entry, str] = dict(library.entries)
    del entries[entry]
    return replace(library, entries=entries, prepared=[])


def promises(library: Library) -> set[str]:
    return {fault.promise for fault in walk_all(library, now=NOON).faults}


def test_a_sound_library_keeps_every_promise_in_every_place() -> None:
    walk = walk_all(a_library(services=[a_service("alpha"), a_service("beta"), a_service("gamma")]), now=NOON)

    assert [str(fault) for fault in walk.faults] == []
    assert walk.complete
    assert walk.places > 20


def test_every_language_with_texts_is_walked() -> None:
    one = walk_all(a_library(), now=NOON, languages=["en"])
    two = walk_all(a_library(), now=NOON, languages=["en", "ar"])

    assert two.places == 2 * one.places


def test_a_step_that_leads_nowhere_is_found_with_the_way_there() -> None:
    library = a_library()
    broken = with_step(
        library, "housing", replace(library.flows["housing"].steps["ask_city"], next=(Branch("gone", MARK),))
    )

    faults = [
        fault for fault in walk_all(broken, now=NOON).faults if fault.promise == "the engine finds no way on"
    ]

    assert faults
    assert all(fault.path[-1] in ("'Belgrade'", "rs-beograd") for fault in faults)


def test_a_circle_without_a_question_is_found() -> None:
    library = a_library()
    broken = with_step(library, "housing", Step("ask_urgency", MARK, next=(Branch("ask_urgency", MARK),)))

    assert "the engine finds no way on" in promises(broken)


def test_a_step_that_says_nothing_is_found() -> None:
    library = a_library()
    choice = Choice("on", Text("sos/numbers/choices.on", "On", MARK), MARK, go="end")
    silent = Step("ask_urgency", MARK, choices=(choice,))

    assert "nothing is said" in promises(with_step(library, "housing", silent))


def test_a_library_without_emergency_numbers_is_found() -> None:
    library = a_library()

    assert "sos does not show the numbers" in promises(without(library, "sos"))


def test_a_library_in_which_erase_does_not_ask_is_found() -> None:
    library = a_library()

    assert "erase does not ask" in promises(without(library, "erase"))


def test_a_library_in_which_no_person_is_near_is_found() -> None:
    library = a_library()
    choice = Choice("on", Text("human/ask/choices.on", "On", MARK), MARK, go="ask")
    endless = Step("ask", MARK, say=(Text("human/ask/say", "Again.", MARK),), choices=(choice,))

    assert "no person within 3 answers" in promises(with_step(library, "human", endless))


def test_a_walk_stops_at_its_bound_and_says_so() -> None:
    walk = walk_all(a_library(HOUSING), now=NOON, most=3)

    assert not walk.complete
    assert walk.places == 3
