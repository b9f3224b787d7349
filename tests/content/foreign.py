"""A content folder of other people: the housing example of docs/reference/flow-language.md with the least around it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bot.content.folders import load_library
from bot.flow.library import Library
from bot.kernel.problems import Problem

TODAY = date(2026, 11, 21)

HOUSING = """\
flow: housing                 # equals the file name; dots make families: asylum.procedure.rs
title: Find a safe place      # for admins; never sent
start: ask_city
sensitive: true               # the engine asks permission first
uses: [country]               # answers shared between flows (declared in flows/shared.yaml)
remember:                     # allow-list: what is not named here is not kept
  city: place
  urgency: choice
  note: sealed text           # goes into the handoff only
steps:
  ask_city:
    say: |
      Which city are you in? You can skip this.
    ask: city
    try again: |
      I did not find that place. Another spelling?
    tries: 2
    give up: ask_urgency
    choices:
      skip: Skip -> ask_urgency
    next: ask_urgency
  ask_urgency:
    say: |
      When do you need a place?
    ask: urgency
    choices:
      tonight: Tonight -> safety
      later:
        label: Later
        go: results
        words: [not now, next week]
  safety:
    call: safety.check
    next:
      - if: result == "in_danger"
        go: person
      - go: results
  results:
    match: shelter
    near: city
    show: 3
    say: |
      I found {count} places.
    if none: person
    choices:
      more: Show more -> results
      human: Talk to a person -> person
      done: Done -> end
  person:
    say: |
      Tell the caseworker in your own words. It is locked before it is stored.
    ask: note
    handoff: housing
    urgency: now
    share: [city, urgency, note]
    if declined: results
    if closed: leave_message
    next: end
  leave_message:
    say: |
      Nobody is on duty now. Your message is locked and waits for them. Write to me any time to collect the answer.
    next: end
"""

SAFETY_CHECK = """\
flow: safety.check
title: Is the person safe
start: ask
steps:
  ask:
    say: |
      Are you safe right now?
    choices:
      safe: Yes -> safe
      danger: No -> danger
  safe:
    end: safe
  danger:
    end: in_danger
"""

EVERY = """\
flow: every
title: Everything   # not sent
start: hello
entry: one minute
high stakes: true
sensitive: yes
safety critical: true
approval: two people
uses: [country, interpreter]
remember:
  alone: yes no
  age: number
  group: age group
  when: date
  town: place
  tongue: language
  wish: need
  words: text
  secret: sealed text
  call_back: phone
  way: choice
facts:
  water_rs:
    text: |
      Water is free.
    source: A page, https://example.org/water
    checked on: 2026-11-01
    checked by: editor-a
    expires on: 2027-05-01
    state: sourced
steps:
  hello:
    moved from: [greeting, old/hello]
    note: A short greeting
    say:
      - Hello there.
      - |
        Second message: with a colon, a # and {country}.
    fact: [water_rs, "water_{country}"]
    show: breathe.png
    show text: A hand.
    set:
      way: "slow"
      alone: not country
    next: alone
  alone:
    say: "Are you alone?"
    ask: alone
    next:
      - if: alone == "yes" and not (interpreter in ["yes", "no"] or way != 'slow')
        go: age
      - go: end
  age:
    say: How many years?
    ask: age
    try again: |
      A number please.
    tries: 3
    choices:
      skip: Rather not say -> group
    next: group
    remind after: 10 minutes
    forget after: 30 minutes
  group:
    say: Which group?
    ask: group
    choices:
      adult: 18 or older -> when
      younger: Younger
      skip: Rather not say
    next: when
  when:
    say: Since when?
    ask: when
    next: town
  town:
    say: Where?
    ask: town
    next: tongue
  tongue:
    say: Which language?
    ask: tongue
    next: wish
  wish:
    say: What do you need?
    ask: wish
    choices:
      human: A person -> person
    next: way
  way:
    say: How?
    ask: way
    choices:
      slow: Slow -> words
      fast:
        label: Fast -> and loud
        go: words
        words: [quick, hurry]
        if: age >= 18
      human: A person -> person
    also accept:
      slow: [slowly, take time]
  words:
    say: Search words?
    ask: words
    choices:
      human: A person -> person
      skip: Skip
    next: look
  look:
    match: shelter
    near: RS
    for: [lgbtiq]
    languages: [tongue, en, fa]
    text: words
    safety: [sogiesc_trained]
    without: [state]
    show: 2
    say: I found {count} places for {words}.
    if none: none
    choices:
      more: More -> look
      human: A person -> person
      end: Done -> end
  none:
    say: Nothing now.
    call: safety.check
    next:
      - if: result == "in_danger"
        go: person
      - go: end
  person:
    say: Write.
    ask: secret
    handoff: general
    urgency: soon
    share: [secret, words, wish, alone, country, interpreter, age, group]
    if declined: none
    if closed: call
    next: call
  call:
    say: A number to call?
    ask: call_back
    safety critical: true
    give up: end
    next: which
  which:
    say: Was something wrong at a place that you saw here?
    report: service
    if none: whom
    next: whom
  whom:
    say: Which group must not hear of it?
    avoid: organisation
    if none: real
    next: real
  real:
    tell: code words
    say: Ask for these words.
    next: end
"""

MENU = """\
flow: menu
title: Menu
entry: menu
start: top
steps:
  top:
    say: |
      What do you need?
    choices:
      place: A place to sleep -> place
      person: A person -> person
  place:
    go: housing
  person:
    go: person
"""

PERSON = """\
flow: person
title: A person
entry: person
start: note
remember:
  note: sealed text
steps:
  note:
    say: |
      Write what a caseworker should know.
    ask: note
    handoff: general
    share: [note]
    next: end
"""

SHARED = """\
remember:
  country: place
  interpreter: text
"""

TAXONOMY = """\
needs:
  shelter:
    label: {en: A place to sleep}
"""

NETWORK = """\
organisations:
  rs-lantern: {queues: [general, housing], places: [RS], languages: [en], serves: [adults], limits_short: {en: We must act when a child is in danger.}}
queues:
  general: {}
  housing: {needs: [shelter]}
"""

LANTERN = """\
organisation: rs-lantern
name: {en: Lantern Demo Centre}
country: RS
kind: ngo
demo: true
services:
  - service: beds
    status: active
    name: {en: Beds for a week}
    needs: [shelter]
    languages: [{code: en, by: staff}]
    areas: [RS]
    vetting: {state: vetted, by: [vetter-a, vetter-b], on: 2026-11-01, expires: 2027-05-01}
"""


def entry(name: str, text: str = "Hello.") -> str:
    """The least flow behind an entry."""
    word = name.replace(" ", "_")
    return f"flow: {word}\ntitle: {name}\nentry: {name}\nstart: hello\nsteps:\n  hello:\n    say: |\n      {text}\n    next: end\n"


FILES: Mapping[str, str] = {
    "flows/housing.yaml": HOUSING,
    "flows/safety.check.yaml": SAFETY_CHECK,
    "flows/menu.yaml": MENU,
    "flows/person.yaml": PERSON,
    "flows/shared.yaml": SHARED,
    **{f"flows/{name}.yaml": entry(name) for name in ("start", "sos", "erase", "language", "crisis")},
    "directory/taxonomy.yaml": TAXONOMY,
    "directory/network.yaml": NETWORK,
    "directory/rs/rs-lantern.yaml": LANTERN,
}


def write(root: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """Write the folder under `root`; `changes` replaces files, None leaves one out."""
    for path, text in {**FILES, **(changes or {})}.items():
        if text is None:
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def load(
    root: Path, changes: Mapping[str, str | None] | None = None, *, today: date = TODAY
) -> tuple[Library | None, list[Problem]]:
    """What the folder with `changes` loads as."""
    return load_library(write(root, changes), today=today)


def errors(problems: list[Problem]) -> list[tuple[str, str]]:
    """Code and place of each error."""
    return [(one.code, str(one.mark)) for one in problems if one.severity == "error"]
