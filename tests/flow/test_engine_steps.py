"""Steps in their order: say, facts, pictures, set, match, call, go, end, next; numbering and pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flow.effects import Say
from bot.flow.engine import LOST, advance
from bot.flow.rehearsal import said
from bot.i18n.catalogue import Message
from bot.kernel.messages import InboundMessage
from tests.flow.stage import NOON, a_library, a_person, a_service

ORDER = """
flow: order
title: Order
start: all
remember: {mood: text, count_of: number}
steps:
  all:
    say:
      - |
        First.
      - |
        Second.
    fact: hours_72
    show: steps.png
    show text: A hand on a table.
    set:
      mood: "calm"
    next: ask
  ask:
    say: |
      You are {mood}. {count_of}
    choices:
      on: Go on -> end
"""


def test_the_first_message_of_all_offers_the_languages_in_their_own_names() -> None:
    person = a_person().says("hi")

    assert person.reads == "Hello."
    assert person.labels == ("English", "Srpski", "العربية")


def test_texts_facts_and_the_words_for_a_picture_come_in_this_order_as_ideas_of_their_own() -> None:
    person = a_person(a_library(ORDER)).at("order")

    texts = said(person.turn).texts
    assert texts[:2] == ("First.", "Second.")
    assert texts[2] == "You have 72 hours.\nChecked on 2026-11-01"
    assert texts[3] == "A hand on a table."
    assert texts[4] == "You are calm. "


def test_an_empty_slot_reads_as_nothing() -> None:
    person = a_person(a_library(ORDER)).at("order")

    assert "{" not in person.reads


FACTS = """
flow: facts
title: Facts
start: only
uses: [country]
steps:
  only:
    say: |
      What we know.
    fact: FACT
    choices:
      done: Done -> end
"""


@pytest.mark.parametrize("fact", ["lapsed", "unreviewed", "[hours_72, lapsed]"])
def test_a_fact_that_lapsed_or_was_not_reviewed_is_not_shown_and_a_person_is_offered(fact: str) -> None:
    person = a_person(a_library(FACTS.replace("FACT", fact))).at("facts")

    assert "An old sentence" not in person.reads
    assert "Nobody looked at this" not in person.reads
    assert "This part is being checked at the moment. A person can tell you more." in person.reads


def test_a_fact_disappears_the_day_after_its_last_day() -> None:
    library = a_library(FACTS.replace("FACT", "hours_72"))
    last_day = NOON.replace(year=2027, month=5, day=1)

    on_it = a_person(library, now=last_day).at("facts")
    after = a_person(library, now=last_day + timedelta(days=1)).at("facts")

    assert "You have 72 hours." in on_it.reads
    assert "You have 72 hours." not in after.reads


def test_a_slot_inside_a_fact_id_chooses_the_fact() -> None:
    library = a_library(FACTS.replace("FACT", "sos.{country}"))

    assert "Ambulance 194." in a_person(library).at("facts", country="rs").reads
    assert "being checked" in a_person(library).at("facts", country="pt").reads
    assert "being checked" in a_person(library).at("facts").reads


CALLS = """
flow: caller
title: Caller
start: go_and_see
steps:
  go_and_see:
    call: called
    next:
      - if: result == "bad"
        go: sorry
      - go: fine
  sorry:
    say: |
      I am sorry.
    choices:
      again: Again -> go_and_see
      leave: Elsewhere -> away
  fine:
    say: |
      Good.
    next: end
  away:
    go: elsewhere
---
flow: called
title: Called
start: ask
remember: {how: choice}
steps:
  ask:
    say: |
      How is it?
    ask: how
    choices:
      bad: Bad
      good: Good
    next:
      - if: how == "bad"
        go: bad
      - go: good
  bad:
    end: bad
  good:
    next: end
---
flow: elsewhere
title: Elsewhere
start: here
steps:
  here:
    say: |
      Here.
    choices:
      done: Done -> end
"""


def test_a_called_flow_comes_back_with_the_word_it_ended_with() -> None:
    person = a_person(a_library(CALLS)).at("caller").picks("bad")

    assert person.reads == "I am sorry."


def test_a_called_flow_that_ends_with_nothing_leaves_no_result() -> None:
    person = a_person(a_library(CALLS)).at("caller").picks("bad", "again", "good")

    assert "Good." in person.reads


def test_go_leaves_for_good_and_the_end_is_the_menu_offer() -> None:
    person = a_person(a_library(CALLS)).at("caller").picks("bad", "leave")

    assert person.place == "elsewhere/here"
    person.picks("done")
    assert person.place == "end"
    assert person.reads == "Is there anything else?"
    assert person.names == ("menu", "person")
    assert person.picks("menu").place == "menu/need"


def test_answers_belong_to_the_flow_and_are_empty_again_the_next_time() -> None:
    person = a_person(a_library(CALLS)).at("caller").picks("bad", "again")

    assert person.slot("how") is None


LONG = """
flow: long
title: Long
start: pick
remember: {kind: choice}
steps:
  pick:
    say: |
      Which one?
    ask: kind
    choices:
%s
    next: told
  told:
    say: |
      You said {kind}.
    choices:
      done: Done -> end
"""


def a_long_list(count: int) -> str:
    return LONG % "\n".join(f"      c{number}: Choice number {number}" for number in range(1, count + 1))


def test_choices_are_numbered_from_one_in_the_order_of_the_file() -> None:
    person = a_person(a_library(a_long_list(8))).at("long")

    assert [(option.number, option.label) for option in said(person.turn).options] == [
        (number, f"Choice number {number}") for number in range(1, 9)
    ]


def test_of_a_longer_list_at_most_eight_options_are_shown_and_the_rest_is_under_more() -> None:
    person = a_person(a_library(a_long_list(17))).at("long")
    seen: list[str] = []
    for _ in range(3):
        assert len(person.labels) <= 8
        assert person.labels[-1] == "More"
        seen += person.labels[:-1]
        person.picks("=more")

    assert seen == [f"Choice number {number}" for number in range(1, 18)]
    assert person.labels[0] == "Choice number 1"


def test_a_number_means_what_stands_under_it_on_the_page_shown() -> None:
    person = a_person(a_library(a_long_list(17))).at("long").says("8", "2")

    assert person.reads == "You said Choice number 9."


def test_a_choice_of_another_page_can_still_be_typed() -> None:
    person = a_person(a_library(a_long_list(17))).at("long").says("choice number 15")

    assert person.reads == "You said Choice number 15."


def test_back_on_a_later_page_returns_to_the_page_before() -> None:
    person = a_person(a_library(a_long_list(17))).at("long").says("8", "*")

    assert person.labels[0] == "Choice number 1"


CONDITIONS = """
flow: conditions
title: Conditions
start: ask
remember: {age: number}
steps:
  ask:
    say: |
      How old are you?
    ask: age
    next: offer
  offer:
    say: |
      What now?
    choices:
      school:
        label: School
        go: end
        if: age < 18
      work: Work -> end
      other: Other -> end
"""


def test_a_choice_with_a_condition_is_only_there_when_it_holds_and_the_rest_moves_up() -> None:
    library = a_library(CONDITIONS)

    assert a_person(library).at("conditions").says("17").labels == ("School", "Work", "Other")
    grown = a_person(library).at("conditions").says("30")
    assert grown.labels == ("Work", "Other")
    assert grown.says("school").place == "conditions/offer"


def test_a_circle_without_a_question_ends_at_the_menu_and_not_in_silence() -> None:
    library = a_library(CALLS)
    flow = library.flows["elsewhere"]
    step = flow.steps["here"]
    circle = replace(
        step,
        say=(),
        choices=(),
        next=(replace(library.flows["caller"].steps["fine"].next[0], target="here"),),
    )
    broken = replace(flow, steps={"here": circle})
    library = replace(library, flows={**library.flows, "elsewhere": broken}, prepared=[])
    person = a_person(library).at("caller").picks("bad")
    situation = person.rehearsal.situation()

    turn = advance(library, person.session, InboundMessage("simulator", "1", "2"), situation)

    assert LOST in turn.trace
    assert said(turn).options
    assert turn.session is not None
    assert turn.session.frames[-1].flow == "menu"


SHELTERS = """
flow: shelters
title: Shelters
start: found
uses: [country]
steps:
  found:
    match: shelter
    near: country
    show: 2
    say: |
      I found {count} places.
    if none: nothing
    choices:
      more: Show more -> found
      done: Done -> end
  nothing:
    say: |
      I have none.
    choices:
      done: Done -> end
"""


def test_services_come_as_cards_after_the_text_and_coming_back_shows_the_next_ones() -> None:
    library = a_library(SHELTERS, services=[a_service(name) for name in ("alpha", "beta", "gamma")])
    person = a_person(library).at("shelters", country="RS")
    texts = said(person.turn).texts

    assert texts[0] == "I found 3 places."
    assert len(texts) == 3
    person.picks("more")
    later = said(person.turn).texts
    assert len(later) == 2
    assert later[1] not in texts
    person.picks("more")
    assert "That was all I found." in person.reads


def test_the_question_again_shows_the_same_services_and_not_the_next() -> None:
    library = a_library(SHELTERS, services=[a_service(name) for name in ("alpha", "beta", "gamma")])
    person = a_person(library).at("shelters", country="RS")
    before = said(person.turn).texts

    person.says("help")

    assert said(person.turn).texts[1:] == before


def test_when_no_service_fits_the_step_for_none_is_taken() -> None:
    person = a_person(a_library(SHELTERS)).at("shelters")

    assert person.turn.trace == ("shelters/found.empty", "shelters/nothing")


def test_without_a_step_for_none_it_is_said_and_the_choices_stay() -> None:
    person = a_person(a_library(SHELTERS.replace("    if none: nothing\n", ""))).at("shelters")

    assert "I found nothing for this at the moment." in person.reads
    assert person.names == ("more", "done")


def test_fictitious_services_are_left_out_unless_the_situation_allows_them() -> None:
    demo = replace(a_service("alpha"), demo=True)
    library = a_library(SHELTERS, services=[demo])
    person = a_person(library)
    person.rehearsal.demo = False

    assert person.at("shelters").turn.trace == ("shelters/found.empty", "shelters/nothing")


CAREFUL = """
flow: careful
title: Careful
start: say
safety critical: true
steps:
  say:
    say: |
      Call 112.
    choices:
      done: Done -> end
"""


@pytest.mark.parametrize("fuzzy", [False, True])
def test_a_text_that_safety_depends_on_is_not_served_before_review_but_in_english_with_a_person(
    *, fuzzy: bool
) -> None:
    draft = Message("careful/say/say", "Zovite 112.", fuzzy=fuzzy, unreviewed=not fuzzy)
    drafted = {"sr": {"careful/say/say": draft}}
    person = a_person(a_library(CAREFUL, translations=drafted)).at("careful", language="sr")

    texts = said(person.turn).texts
    assert texts[1] == "Call 112."
    assert texts[0] == "This text is not checked in your language yet. So here it is in English."
    assert texts[2] == "A person can help you, also with an interpreter."


def test_a_reviewed_translation_is_served_alone() -> None:
    reviewed = {
        "sr": {
            "careful/say/say": Message("careful/say/say", "Zovite 112."),
            "careful/say/choices.done": Message("careful/say/choices.done", "Gotovo"),
        }
    }
    person = a_person(a_library(CAREFUL, translations=reviewed)).at("careful", language="sr")

    assert said(person.turn).texts == ("Zovite 112.",)
    assert person.labels == ("Gotovo",)


def test_a_message_in_a_right_to_left_language_says_so() -> None:
    person = a_person(a_library()).at("housing", language="ar")

    assert (said(person.turn).language, said(person.turn).direction) == ("ar", "rtl")


def test_every_message_has_a_person_and_the_way_out_under_it() -> None:
    person = a_person().says("hi")

    for name in ("en", "sleep", "skip", "tonight", "yes"):
        assert [option.number for option in said(person.turn).footer] == [9, 0]
        person.picks(name)


def test_a_turn_says_at_most_one_message_and_says_it_last() -> None:
    person = a_person().says("hi").picks("en", "person", "yes").says("I need help with a letter")

    kinds = [type(effect) for effect in person.turn.effects]
    assert kinds.count(Say) == 1
    assert kinds[-1] is Say
