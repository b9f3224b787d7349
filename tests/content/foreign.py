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
  rs-lantern: {queues: [general, housing], places: [RS], languages: [en], serves: [adults]}
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
